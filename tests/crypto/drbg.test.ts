// The generator as a value. SP 800-90A, 10.2.1; a published answer of CTR_DRBG with AES-256 and no derivation function.

import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { condense, draw, drbg, instantiate, stir } from '../../src/crypto/drbg.ts'
import { type Bytes, concat, EMPTY, equal, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'

describe('CTR_DRBG, AES-256', () => {
  it('gives the second 64 octets that the NIST validation suite has for its first seed', () => {
    const seed = fromHex(
      'df5d73faa468649edda33b5cca79b0b05600419ccb7a879ddfec9db32ee494e5531b51de16a30f769262474c73bec010',
    )
    const [, after] = draw(instantiate(seed), 64)
    expect(toHex(draw(after, 64)[0])).toBe(
      'd1c07cd95af8a7f11012c84ce48bb8cb87189e99d40fccb1771c619bdf82ab2280b1dc2f2581f39164f7ac0c510494b3a43c41b7db17514c87b107ae793e01c5',
    )
  })

  it('is a value: the same state gives the same octets, and drawing changes it', () => {
    const state = drbg(utf8('seed'))
    const before = toHex(state.key) + toHex(state.v)
    const [a, next] = draw(state, 40)
    expect(equal(draw(state, 40)[0], a)).toBe(true)
    expect(toHex(state.key) + toHex(state.v)).toBe(before)
    expect(equal(draw(next, 40)[0], a)).toBe(false)
    // Each draw ends with an update, so that two short draws are not one long one.
    const [b, second] = draw(state, 20)
    expect(equal(concat(b, draw(second, 20)[0]), a)).toBe(false)
    expect(equal(b, a.slice(0, 20))).toBe(true)
  })

  it('the counter carries over all its octets', () => {
    const key = new Uint8Array(32).fill(1)
    const v = new Uint8Array(16).fill(255)
    const [bytes] = draw({ key, v }, 32)
    const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
    const one = new Uint8Array(16)
    one[15] = 1
    expect(toHex(bytes)).toBe(ecb.update(concat(new Uint8Array(16), one) as Uint8Array).toString('hex'))
  })

  it('what is stirred in matters', () => {
    const state = drbg(EMPTY)
    const first = (b: Bytes): string => toHex(draw(stir(state, b), 8)[0])
    expect(new Set([first(EMPTY), first(utf8('a')), first(utf8('b')), toHex(draw(state, 8)[0])]).size).toBe(4)
  })
})

/** The chains of block ciphers again, on node's AES: c0, c1, c2 over zero padded blocks. */
function chains(input: Bytes): string {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i)
  const aes = (b: Uint8Array) => createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(b)
  const xor = (a: Uint8Array, b: Uint8Array) => a.map((x, i) => x ^ (b[i] as number))
  const c = [0, 1, 2].map(i => Uint8Array.from({ length: 16 }, (_, k) => (k === 3 ? i : 0)))
  const step = (block: Uint8Array) => {
    let t = new Uint8Array(16)
    for (let i = 0; i < 3; i++) {
      t = xor(xor(t, c[i] as Uint8Array), block) as Uint8Array<ArrayBuffer>
      c[i] = Uint8Array.from(aes(t))
    }
  }
  step(new Uint8Array(16))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(input.length, 0)
  head.writeUInt32BE(48, 4)
  c[0]?.set(head)
  const text = Buffer.concat([Buffer.alloc(4), raw(input), Buffer.from([0x80])])
  const padded = Buffer.concat([text, Buffer.alloc((16 - (text.length % 16)) % 16)])
  for (let at = 0; at < padded.length; at += 16) step(padded.subarray(at, at + 16))
  return Buffer.concat(c).toString('hex')
}

describe('condensing a seed to 48 octets', () => {
  it.each([0, 1, 11, 12, 27, 28, 122, 200])('%i octets', n => {
    const input = Uint8Array.from({ length: n }, (_, i) => (31 * i + n) & 255)
    expect(toHex(condense(input))).toBe(chains(input))
  })
})
