// P-192, P-224 and P-521 against node:crypto, the curve of anonymous attestation against its own equations, and the schemes
// that no library has: EC Schnorr, ECDAA and the key exchanges in two phases. Part 1, 44.3 and 44.8.4.

import { createECDH, createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { registerCurves } from '../../src/crypto/curves.ts'
import {
  eccCombine,
  eccGenerator,
  eccMultiply,
  eccOrderSize,
  eccParameters,
  eccPrivate,
  eccPublic,
  eccSize,
  ecdsaSign,
  ecdsaVerify,
  isOnCurve,
  type Point,
  toInt,
  uncompressed,
} from '../../src/crypto/ecc.ts'
import {
  eccCoordinate,
  eccScalar,
  ecdaaSign,
  mqv,
  schnorrSign,
  schnorrVerify,
  unified,
} from '../../src/crypto/ecc-schemes.ts'
import { draw, drbg } from '../../src/crypto/drbg.ts'
import { hash } from '../../src/crypto/hash.ts'
import { type Bytes, concat, EMPTY, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'

registerCurves()

/** Object identifiers in DER, for a key that node:crypto reads. */
const OPENSSL = [
  ['P-192', CURVE.NIST_P192, 'prime192v1', '06082a8648ce3d030101', 24],
  ['P-224', CURVE.NIST_P224, 'secp224r1', '06052b81040021', 28],
  ['P-521', CURVE.NIST_P521, 'secp521r1', '06052b81040023', 66],
] as const
const ALL = [...Object.values(CURVE).slice(1, 6), CURVE.BN_P256]

let state = drbg(utf8('curves'))
const random = (n: number): Bytes => {
  const [bytes, next] = draw(state, n)
  state = next
  return bytes
}
const keyPair = (curve: number): { d: Bytes; q: Point } => {
  const d = eccPrivate(curve, random(eccOrderSize(curve) + 8))
  return { d, q: eccPublic(curve, d) as Point }
}

/** One DER element. */
const der = (tag: number, body: Bytes): Bytes =>
  body.length < 128
    ? concat(Uint8Array.of(tag, body.length), body)
    : concat(Uint8Array.of(tag, 0x81, body.length), body)

describe.each(OPENSSL)('%s', (_, curve, name, oid, size) => {
  const { d, q } = keyPair(curve)

  it('public keys and shared points are those of node:crypto', () => {
    const ecdh = createECDH(name)
    ecdh.setPrivateKey(raw(d))
    expect([eccSize(curve), eccOrderSize(curve)]).toEqual([size, size])
    expect(toHex(uncompressed(curve, q))).toBe(ecdh.getPublicKey('hex'))
    const other = keyPair(curve)
    const shared = eccMultiply(curve, d, other.q) as Point
    expect(toHex(shared.x)).toBe(ecdh.computeSecret(raw(uncompressed(curve, other.q))).toString('hex'))
  })

  it('node:crypto accepts our signatures over digests of any length', () => {
    const id = der(0x30, concat(fromHex('06072a8648ce3d0201'), fromHex(oid)))
    const bits = der(3, concat(Uint8Array.of(0), uncompressed(curve, q)))
    const key = createPublicKey({ key: Buffer.from(raw(der(0x30, concat(id, bits)))), format: 'der', type: 'spki' })
    const message = utf8('message')
    for (const [alg, hashName] of [
      [ALG.SHA1, 'sha1'],
      [ALG.SHA256, 'sha256'],
      [ALG.SHA512, 'sha512'],
    ] as const) {
      const digest = hash(alg, message)
      const { r, s } = ecdsaSign(curve, d, digest, random(32))
      expect(ecdsaVerify(curve, q, digest, r, s)).toBe(true)
      expect(ecdsaVerify(curve, q, digest, s, r)).toBe(false)
      const both = raw(concat(r, s))
      expect(verify(hashName, raw(message), { key, dsaEncoding: 'ieee-p1363' }, both)).toBe(true)
    }
  })
})

describe.each(ALL)('curve %#x', curve => {
  const { d, q } = keyPair(curve)
  const { p, a, b, n, h, x, y } = eccParameters(curve)
  const digest = hash(ALG.SHA256, utf8('what is signed'))

  it('its generator is on it and has its order', () => {
    expect((y * y - (x * x * x + a * x + b)) % p).toBe(0n)
    expect(h).toBe(1n)
    // [n - 1]G is the generator with the other y.
    const last = eccPublic(curve, fromHex((n - 1n).toString(16).padStart(2 * eccOrderSize(curve), '0'))) as Point
    expect([toInt(last.x), toInt(last.y)]).toEqual([x, p - y])
    expect(eccCombine(curve, 1n, last, 1n, eccGenerator(curve))).toBeUndefined()
    expect(isOnCurve(curve, { x: q.y, y: q.x })).toBe(false)
  })

  it.each([ALG.SHA1, ALG.SHA256, ALG.SHA512])('EC Schnorr signs and verifies with hash %#x', alg => {
    const { r, s } = schnorrSign(curve, d, alg, digest, random)
    expect(r.length).toBe(Math.min(hash(alg).length, eccOrderSize(curve)))
    expect(schnorrVerify(curve, q, alg, digest, r, s)).toBe(true)
    expect(schnorrVerify(curve, q, alg, digest, concat(Uint8Array.of(0), r), s)).toBe(true)
    expect(schnorrVerify(curve, q, alg, hash(ALG.SHA256), r, s)).toBe(false)
    expect(schnorrVerify(curve, keyPair(curve).q, alg, digest, r, s)).toBe(false)
    expect(schnorrVerify(curve, q, alg, digest, r, EMPTY)).toBe(false)
    expect(schnorrVerify(curve, q, alg, digest, r, concat(s, Uint8Array.of(0)))).toBe(false)
  })

  it('ECDAA: s is the discrete logarithm of the commit plus T times the key', () => {
    const commit = eccScalar(curve, random(eccOrderSize(curve))) as Bytes
    const { r: k, s } = ecdaaSign(curve, d, ALG.SHA256, digest, commit, random)
    const t = toInt(hash(ALG.SHA256, k, digest))
    const point = eccCombine(curve, toInt(s), eccGenerator(curve), -t, q) as Point
    expect(toHex(point.x)).toBe(toHex((eccPublic(curve, commit) as Point).x))
  })

  it('two-phase key exchanges give both sides the same', () => {
    const [as, ae, bs, be] = [keyPair(curve), keyPair(curve), keyPair(curve), keyPair(curve)]
    const alice = { ds: as.d, de: ae.d, qs: bs.q, qe: be.q }
    const bob = { ds: bs.d, de: be.d, qs: as.q, qe: ae.q }
    expect(unified(curve, alice)).toEqual(unified(curve, bob))
    expect(mqv(curve, alice)).toEqual(mqv(curve, bob))
    expect(mqv(curve, { ...alice, ds: be.d })).not.toEqual(mqv(curve, bob))
  })

  it('a coordinate from a digest is below p', () => {
    expect(toInt(eccCoordinate(curve, new Uint8Array(80).fill(255)))).toBeLessThan(p)
    expect(eccScalar(curve, EMPTY)).toBeUndefined()
  })
})
