// The simulator protocol without sockets: both ports, every code, whole and in pieces.

import { describe, expect, it } from 'vitest'
import {
  frameResponse,
  nextCommand,
  nextCommandRequest,
  nextPlatformRequest,
  noPower,
} from '../../src/backend/mssim.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { ByteQueue } from '../../src/lib/queue.ts'

const GET_RANDOM = '80010000000c0000017b0008'
const hex = (s: string) => fromHex(s.replaceAll(' ', ''))
const queueOf = (s: string): ByteQueue => {
  const q = new ByteQueue()
  q.push(hex(s))
  return q
}
const command = (s: string, limit = 4096) => nextCommandRequest(queueOf(s), limit)
const SIZES = { command: 0x12, response: 0x34 }
const platform = (s: string) => nextPlatformRequest(queueOf(s), SIZES, [])

/** Nothing comes out until the last byte is there, and then exactly this. */
function inPieces<T>(s: string, next: (q: ByteQueue) => T | undefined): T | undefined {
  const all = hex(s)
  const q = new ByteQueue()
  for (let i = 0; i < all.length - 1; i++) {
    q.push(all.slice(i, i + 1))
    expect(next(q), `after ${i + 1} bytes`).toBeUndefined()
  }
  q.push(all.slice(-1))
  const request = next(q)
  expect(q.length).toBe(0)
  return request
}

describe('command port', () => {
  it('takes a command with its locality', () => {
    const sent = { kind: 'command', bytes: hex(GET_RANDOM), locality: 3, framed: true }
    expect(inPieces(`00000008 03 0000000c ${GET_RANDOM}`, q => nextCommandRequest(q, 4096))).toEqual(sent)
    expect(inPieces(`00000008 03 0000000c ${GET_RANDOM}`, q => nextCommand(q, 4096))).toEqual(sent)
  })

  it('takes a bare command', () => {
    const sent = { kind: 'command', bytes: hex(GET_RANDOM), locality: undefined, framed: false }
    expect(inPieces(GET_RANDOM, q => nextCommandRequest(q, 4096))).toEqual(sent)
    expect(inPieces(GET_RANDOM, q => nextCommand(q, 4096))).toEqual(sent)
  })

  it('takes two commands that came together one after the other', () => {
    const q = queueOf(`${GET_RANDOM}00000008 00 0000000c ${GET_RANDOM}`)
    expect(nextCommand(q, 4096)).toMatchObject({ framed: false })
    expect(nextCommand(q, 4096)).toMatchObject({ framed: true, locality: 0 })
    expect(nextCommand(q, 4096)).toBeUndefined()
  })

  it.each([
    ['hash start', '00000005', { kind: 'hash-start' }],
    ['hash data', '00000006 00000003 616263', { kind: 'hash-data', bytes: hex('616263') }],
    ['no hash data', '00000006 00000000', { kind: 'hash-data', bytes: hex('') }],
    ['hash end', '00000007', { kind: 'hash-end' }],
    ['handshake', '0000000f 00000001', { kind: 'answer', bytes: hex('00000001 0000000d 00000000') }],
    ['an alternative result', '00000010 00000000', { kind: 'answer', bytes: hex('00000000') }],
    ['the end of a session', '00000014', { kind: 'close' }],
    ['stop', '00000015', { kind: 'stop' }],
  ])('%s', (_, sent, wanted) => {
    expect(command(sent)).toMatchObject(wanted)
  })

  it.each([
    ['handshake', '0000000f 00000001'],
    ['hash data', '00000006 00000003 616263'],
  ])('waits for all of %s', (_, sent) => {
    expect(inPieces(sent, q => nextCommandRequest(q, 4096))).toBeDefined()
  })

  it.each([
    ['a handshake of version 0', '0000000f 00000000', 'version 0'],
    ['an unknown code', '00000063', 'unknown code 99'],
    ['a code of the platform port', '00000001', 'unknown code 1'],
    ['a command longer than the buffer', '00000008 00 00001001', '4097 bytes'],
    ['a locality that is none', `00000008 05 0000000c ${GET_RANDOM}`, 'locality 5'],
    ['hash data longer than the buffer', '00000006 00001001', '4097 bytes'],
  ])('closes the connection without an answer: %s', (_, sent, why) => {
    const request = command(sent)
    expect(request).toMatchObject({ kind: 'close', why: expect.stringContaining(why) })
    expect(request).not.toHaveProperty('answer')
  })

  it.each([
    ['too short', '8001 00000009'],
    ['too long', '8001 00001001 0000017b'],
    ['endless', '8002 ffffffff 0000017b'],
  ])('answers a bare command whose length is %s with TPM_RC_COMMAND_SIZE, the last answer', (_, sent) => {
    const wanted = { kind: 'close', answer: hex('80010000000a00000142') }
    expect(command(sent)).toMatchObject(wanted)
    expect(nextCommand(queueOf(sent), 4096)).toMatchObject(wanted)
  })

  it('frames a response with its length and the acknowledgement', () => {
    expect(toHex(frameResponse(hex('80010000000a00000000')))).toBe('0000000a80010000000a0000000000000000')
    expect(toHex(noPower(true))).toBe('0000000000000000')
    expect(toHex(noPower(false))).toBe('80010000000a00000101')
  })
})

describe('platform port', () => {
  it.each([
    ['power on', 1, { kind: 'power-on' }],
    ['power off', 2, { kind: 'power-off' }],
    ['physical presence on', 3, { kind: 'presence-on' }],
    ['physical presence off', 4, { kind: 'presence-off' }],
    ['cancel on', 9, { kind: 'cancel-on' }],
    ['cancel off', 10, { kind: 'cancel-off' }],
    ['NV on', 11, { kind: 'nv-on' }],
    ['NV off', 12, { kind: 'nv-off' }],
    ['key cache on', 13, { kind: 'answer', bytes: hex('00000000') }],
    ['key cache off', 14, { kind: 'answer', bytes: hex('00000000') }],
    ['reset', 17, { kind: 'reset' }],
    ['restart', 18, { kind: 'reset' }],
    ['the end of a session', 20, { kind: 'close' }],
    ['stop', 21, { kind: 'stop' }],
    ['sizes', 25, { kind: 'answer', bytes: hex('00000008 00000012 00000034 00000000') }],
    ['test failure mode', 30, { kind: 'fail-self-test' }],
    ['an unknown code', 5, { kind: 'close', answer: hex('00000001') }],
  ])('%s', (_, code, wanted) => {
    expect(platform(code.toString(16).padStart(8, '0'))).toEqual(expect.objectContaining(wanted))
  })

  it('says which countdown timers have signaled', () => {
    const acts = [{ signaled: false }, { signaled: true }]
    for (const [handle, signaled] of [
      ['40000110', '00000000'],
      ['40000111', '00000001'],
      ['40000112', '00000000'],
    ]) {
      const answer = inPieces(`0000001a ${handle}`, q => nextPlatformRequest(q, SIZES, acts))
      expect(answer).toEqual({ kind: 'answer', bytes: hex(`${signaled} 00000000`) })
    }
  })
})
