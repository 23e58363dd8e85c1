// The control channel of swtpm without sockets: requests and answers of every code. The answers to compare with are those
// of swtpm 0.7.1.

import { describe, expect, it } from 'vitest'
import { blobAnswer, bufferSizeAnswer, infoAnswer, nextControlRequest } from '../../src/backend/swtpm.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { ByteQueue } from '../../src/lib/queue.ts'

const hex = (s: string) => fromHex(s.replaceAll(' ', ''))

/** Nothing comes out until the last byte is there. */
function request(s: string) {
  const all = hex(s)
  const q = new ByteQueue()
  for (let i = 0; i < all.length; i++) {
    expect(nextControlRequest(q), `after ${i} bytes`).toBeUndefined()
    q.push(all.slice(i, i + 1))
  }
  const r = nextControlRequest(q)
  expect(q.length).toBe(0)
  return r
}

describe('control channel', () => {
  it.each([
    ['GET_CAPABILITY', '00000001', { kind: 'answer', bytes: hex('00000000 0000efff') }],
    ['INIT', '00000002 00000000', { kind: 'init', deleteVolatile: false }],
    ['INIT without the volatile state', '00000002 00000001', { kind: 'init', deleteVolatile: true }],
    ['SHUTDOWN', '00000003', { kind: 'stop', answer: hex('00000000') }],
    ['GET_TPMESTABLISHED', '00000004', { kind: 'get-established' }],
    ['SET_LOCALITY', '00000005 03', { kind: 'set-locality', locality: 3 }],
    ['HASH_START', '00000006', { kind: 'hash-start' }],
    ['HASH_DATA', '00000007 00000003 616263', { kind: 'hash-data', bytes: hex('616263') }],
    ['HASH_END', '00000008', { kind: 'hash-end' }],
    ['CANCEL_TPM_CMD', '00000009', { kind: 'cancel' }],
    ['STORE_VOLATILE', '0000000a', { kind: 'store-volatile' }],
    ['RESET_TPMESTABLISHED', '0000000b 04', { kind: 'reset-established', locality: 4 }],
    ['GET_STATEBLOB', '0000000c 00000001 00000002 00000100', { kind: 'get-blob', type: 2, offset: 256 }],
    [
      'SET_STATEBLOB',
      '0000000d 00000000 00000001 00000002 beef',
      { kind: 'set-blob', flags: 0, type: 1, bytes: hex('beef') },
    ],
    ['STOP', '0000000e', { kind: 'stop-tpm' }],
    ['GET_CONFIG', '0000000f', { kind: 'answer', bytes: hex('00000000 00000000') }],
    ['SET_DATAFD', '00000010', { kind: 'answer', bytes: hex('0000001f') }],
    ['SET_BUFFERSIZE', '00000011 00000bb8', { kind: 'buffer-size', size: 3000 }],
    ['GET_INFO', '00000012 0000000000000003 0000000a 00000000', { kind: 'info', flags: 3, offset: 10 }],
    ['an unknown code', '00000063', { kind: 'answer', bytes: hex('0000000a') }],
  ])('%s', (_, sent, wanted) => {
    expect(request(sent)).toEqual(wanted)
  })

  it('refuses a blob that nobody has', () => {
    const q = new ByteQueue()
    q.push(hex('0000000d 00000000 00000001 ffffffff'))
    expect(nextControlRequest(q)).toMatchObject({ kind: 'close', answer: hex('00000011') })
  })

  it('answers with lengths', () => {
    expect(toHex(blobAnswer(0, hex('010203'), 1))).toBe('000000000000000000000003000000020203')
    expect(toHex(blobAnswer(0, hex('010203'), 3))).toBe('00000000000000000000000300000000')
    expect(toHex(bufferSizeAnswer(4096, 2808, 4096))).toBe('000000000000100000000af800001000')
    expect(toHex(infoAnswer('{}', 0))).toBe('0000000000000003000000037b7d00')
    expect(toHex(infoAnswer('{}', 2))).toBe('00000000000000030000000100')
    expect(toHex(infoAnswer('{}', 3))).toBe('00000003')
  })
})
