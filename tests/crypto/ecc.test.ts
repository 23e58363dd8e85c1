// Elliptic curves against node:crypto. FIPS 186-5; SP 800-186.

import { createECDH, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dhkemDecapsulate, dhkemEncapsulate, isDhkem } from '../../src/crypto/dhkem.ts'
import {
  ecdsaSign,
  ecdsaVerify,
  eccMultiply,
  eccOrderSize,
  eccPrivate,
  eccPublic,
  eccSize,
  isOnCurve,
  type Point,
  uncompressed,
} from '../../src/crypto/ecc.ts'
import { hash } from '../../src/crypto/hash.ts'
import { type Bytes, concat, EMPTY, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'

const CURVES = [
  ['P-256', 0x0003, 'prime256v1', 0x000b, 'sha256', 32],
  ['P-384', 0x0004, 'secp384r1', 0x000c, 'sha384', 48],
] as const

const random = (n: number, seed: number): Bytes => Uint8Array.from({ length: n }, (_, i) => (seed * 97 + i * 131) & 255)
const b64 = (b: Bytes): string => Buffer.from(raw(b)).toString('base64url')

describe.each(CURVES)('%s', (crv, curve, openssl, alg, hashName, size) => {
  const d = eccPrivate(curve, random(size + 8, 1))
  const key = eccPublic(curve, d) as Point
  const jwk = { kty: 'EC', crv, x: b64(key.x), y: b64(key.y) }
  const message = utf8('message')

  it('public keys are those of node:crypto', () => {
    const ecdh = createECDH(openssl)
    ecdh.setPrivateKey(raw(d))
    expect([eccSize(curve), eccOrderSize(curve)]).toEqual([size, size])
    expect(toHex(uncompressed(curve, key))).toBe(ecdh.getPublicKey('hex'))
    expect(isOnCurve(curve, key)).toBe(true)
  })

  it('node:crypto accepts our signatures, each with its entropy, and none over another message', () => {
    const publicKey = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
    const made = [0, 1, 2].map(i => {
      const { r, s } = ecdsaSign(curve, d, hash(alg, message), random(32, i))
      expect(verify(hashName, raw(message), publicKey, concat(r, s) as Uint8Array)).toBe(true)
      expect(verify(hashName, raw(utf8('massage')), publicKey, concat(r, s) as Uint8Array)).toBe(false)
      return toHex(r)
    })
    expect(new Set(made).size).toBe(3)
  })

  it('we accept the signatures of node:crypto, high s and leading zeros included, and nothing changed', () => {
    const privateKey = createPrivateKey({ key: { ...jwk, d: b64(d) }, format: 'jwk' })
    const digest = hash(alg, message)
    for (let i = 0; i < 8; i++) {
      const both = sign(hashName, raw(message), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      const r: Bytes = both.subarray(0, size)
      const s: Bytes = both.subarray(size)
      expect(ecdsaVerify(curve, key, digest, r, s)).toBe(true)
      expect(ecdsaVerify(curve, key, digest, concat(Uint8Array.of(0), r), s)).toBe(true)
      expect(ecdsaVerify(curve, key, hash(alg, EMPTY), r, s)).toBe(false)
      expect(ecdsaVerify(curve, key, digest, s, r)).toBe(false)
      expect(ecdsaVerify(curve, { x: key.y, y: key.x }, digest, r, s)).toBe(false)
    }
    expect(ecdsaVerify(curve, key, digest, EMPTY, EMPTY)).toBe(false)
    expect(ecdsaVerify(curve, key, digest, random(size + 1, 3), random(size, 4))).toBe(false)
  })

  it.each([
    ['sha1', 0x0004],
    ['sha512', 0x000d],
  ] as const)('signs and verifies what %s makes, shorter or longer than the order', (name, other) => {
    const privateKey = createPrivateKey({ key: { ...jwk, d: b64(d) }, format: 'jwk' })
    const publicKey = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
    const theirs: Bytes = sign(name, raw(message), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    expect(ecdsaVerify(curve, key, hash(other, message), theirs.slice(0, size), theirs.slice(size))).toBe(true)
    const { r, s } = ecdsaSign(curve, d, hash(other, message), random(32, 5))
    expect(verify(name, raw(message), publicKey, concat(r, s) as Uint8Array)).toBe(true)
  })

  it('the shared point is that of ECDH', () => {
    const other = createECDH(openssl)
    other.generateKeys()
    const theirs: Bytes = other.getPublicKey()
    const point = { x: theirs.slice(1, 1 + size), y: theirs.slice(1 + size) }
    const shared = eccMultiply(curve, d, point) as Point
    expect(toHex(shared.x)).toBe(other.computeSecret(raw(uncompressed(curve, key))).toString('hex'))
    expect(eccMultiply(curve, d, { x: point.y, y: point.x })).toBeUndefined()
    expect(eccMultiply(curve, EMPTY, point)).toBeUndefined()
  })

  it('private keys are in 1 … n - 1', () => {
    expect(toHex(eccPrivate(curve, new Uint8Array(size + 8)))).toBe('01'.padStart(2 * size, '0'))
    expect(eccPublic(curve, EMPTY)).toBeUndefined()
    expect(eccPublic(curve, new Uint8Array(size).fill(255))).toBeUndefined()
    expect(eccPublic(curve, fromHex('01'.padStart(2 * size, '0')))).toBeDefined()
  })
})

describe('DHKEM', () => {
  it('agrees with RFC 9180, A.3.1', () => {
    const ephemeral = fromHex('4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb')
    const d = fromHex('f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2')
    const key = eccPublic(0x0003, d) as Point
    const { secret, ciphertext } = dhkemEncapsulate(0x0003, key, ephemeral)
    expect(toHex(ciphertext)).toBe(toHex(uncompressed(0x0003, eccPublic(0x0003, ephemeral) as Point)))
    expect(toHex(secret)).toBe('c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8')
    expect(toHex(dhkemDecapsulate(0x0003, d, key, ciphertext) as Bytes)).toBe(toHex(secret))
  })

  it('has one hash for each curve, and takes points of the curve only', () => {
    const d = eccPrivate(0x0004, random(56, 2))
    const key = eccPublic(0x0004, d) as Point
    expect([isDhkem(0x0003, 0x000b), isDhkem(0x0003, 0x000c), isDhkem(0x0010, 0x000b)]).toEqual([true, false, false])
    expect(dhkemDecapsulate(0x0004, d, key, new Uint8Array(97).fill(4))).toBeUndefined()
    expect(dhkemDecapsulate(0x0004, d, key, new Uint8Array(65).fill(4))).toBeUndefined()
    expect(() => dhkemEncapsulate(0x0004, { x: key.y, y: key.x }, d)).toThrow('not on its curve')
  })
})

it('an unknown curve is a defect', () => {
  expect(() => eccSize(0x20)).toThrow('no curve 0x20')
})
