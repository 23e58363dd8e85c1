// Shared secrets, encryption and ephemeral keys of elliptic curves. Part 3, 14.4 to 14.9 and 19; Part 1, 44.2 and 44.8.

import { createECDH } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eccMultiply, eccPrivate, eccPublic, type Point, uncompressed } from '../../src/crypto/ecc.ts'
import { mqv, unified } from '../../src/crypto/ecc-schemes.ts'
import { hash } from '../../src/crypto/hash.ts'
import { be32, type Bytes, concat, EMPTY, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { ECC_Decrypt, ECC_Encrypt, ECDH_KeyGen, ECDH_ZGen, ZGen_2Phase } from '../../src/spec/commands/ecdh.ts'
import { Commit, EC_Ephemeral } from '../../src/spec/commands/ephemeral.ts'
import { SignDigest, SignSequenceComplete } from '../../src/spec/commands/signing.ts'
import { SignSequenceStart } from '../../src/spec/commands/sequence.ts'
import type { Public } from '../../src/spec/keys.ts'
import { SPLIT_MAX } from '../../src/tpm/commit.ts'
import { Driver } from '../support/driver.ts'
import { create, NULL_CHECK, templates, withBits, without } from '../support/keys.ts'

const { ecc, eccKem, mlkem } = templates
const decrypts = (curve: number, scheme: object = { scheme: ALG.NULL }): Public => {
  const t = withBits(without(ecc(ALG.NULL, curve), OBJECT.sign), OBJECT.decrypt)
  const p = t as Extract<Public, { type: typeof ALG.ECC }>
  return { ...p, parameters: { ...p.parameters, scheme: scheme as never } }
}
const secretOf = (d: Driver, handle: number): Bytes => {
  const slot = d.tpm.objects[handle - 0x80000000]
  if (slot?.kind !== 'object' || !slot.sensitive) throw new Error('no private part')
  return slot.sensitive.sensitive
}
const NOTHING = { x: EMPTY, y: EMPTY }
const OFF = { x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(2) }

const OPENSSL = [
  ['P-192', CURVE.NIST_P192, 'prime192v1'],
  ['P-224', CURVE.NIST_P224, 'secp224r1'],
  ['P-256', CURVE.NIST_P256, 'prime256v1'],
  ['P-384', CURVE.NIST_P384, 'secp384r1'],
  ['P-521', CURVE.NIST_P521, 'secp521r1'],
] as const

describe('ECDH', () => {
  it.each(OPENSSL)('%s: KeyGen and ZGen give the same point, whose x is that of node:crypto', (_, curve, name) => {
    const d = Driver.started()
    const key = create(d, decrypts(curve))
    const { zPoint, pubPoint } = d.ok(ECDH_KeyGen, { keyHandle: key.handle }, {}).returns
    const { outPoint } = d.ok(ECDH_ZGen, { keyHandle: key.handle }, { inPoint: pubPoint }).returns
    expect(toHex(concat(outPoint.x, outPoint.y))).toBe(toHex(concat(zPoint.x, zPoint.y)))
    const other = createECDH(name)
    other.setPrivateKey(raw(secretOf(d, key.handle)))
    expect(other.computeSecret(raw(uncompressed(curve, pubPoint))).toString('hex')).toBe(toHex(zPoint.x))
  })

  it('refuses', () => {
    const d = Driver.started()
    const zgen = (t: Public, inPoint: Point) => d.fails(ECDH_ZGen, { keyHandle: create(d, t).handle }, { inPoint })
    const { pubPoint } = d.ok(ECDH_KeyGen, { keyHandle: create(d, decrypts(CURVE.NIST_P256)).handle }, {}).returns
    expect(zgen(ecc(ALG.ECDSA), pubPoint)).toBe('TPM_RC_ATTRIBUTES, handle 1')
    expect(zgen(mlkem(1), pubPoint)).toBe('TPM_RC_KEY, handle 1')
    expect(zgen(decrypts(CURVE.NIST_P256), OFF)).toBe('TPM_RC_ECC_POINT, parameter 1')
    expect(zgen(decrypts(CURVE.NIST_P256), NOTHING)).toBe('TPM_RC_ECC_POINT, parameter 1')
    const other = decrypts(CURVE.NIST_P256, { scheme: ALG.ECMQV, hashAlg: ALG.SHA256 })
    expect(zgen(other, pubPoint)).toBe('TPM_RC_SCHEME, handle 1')
    expect(d.fails(ECDH_KeyGen, { keyHandle: create(d, mlkem(1)).handle }, {})).toBe('TPM_RC_KEY, handle 1')
  })
})

describe('TPM2_ECC_Encrypt and TPM2_ECC_Decrypt', () => {
  const inScheme = { scheme: ALG.KDF2, hashAlg: ALG.SHA256 } as const
  const plainText = utf8('a text that is longer than one digest of SHA-256')

  it('C2 is the text under KDF2 of the shared point, C3 binds it, and it comes back', () => {
    const d = Driver.started()
    const { handle } = create(d, decrypts(CURVE.NIST_P256))
    const { C1, C2, C3 } = d.ok(ECC_Encrypt, { keyHandle: handle }, { plainText, inScheme }).returns
    const z = eccMultiply(CURVE.NIST_P256, secretOf(d, handle), C1) as Point
    const mask = concat(...[1, 2].map(i => hash(ALG.SHA256, z.x, z.y, be32(i))))
    expect(toHex(C2)).toBe(toHex(Uint8Array.from(plainText as Uint8Array, (b, i) => b ^ (mask[i] as number))))
    expect(toHex(C3)).toBe(toHex(hash(ALG.SHA256, z.x, plainText, z.y)))
    const params = { C1, C2, C3, inScheme }
    expect(d.ok(ECC_Decrypt, { keyHandle: handle }, params).returns.plainText).toEqual(plainText)
    const wrong = { ...params, C3: hash(ALG.SHA256) }
    expect(d.fails(ECC_Decrypt, { keyHandle: handle }, wrong)).toBe('TPM_RC_VALUE, parameter 3')
    expect(d.fails(ECC_Decrypt, { keyHandle: handle }, { ...params, C1: OFF })).toBe('TPM_RC_ECC_POINT, parameter 1')
  })

  it('KDF2 is the only function', () => {
    const d = Driver.started()
    const fails = (t: Public, scheme: object) =>
      d.fails(ECC_Encrypt, { keyHandle: create(d, t).handle }, { plainText, inScheme: scheme as typeof inScheme })
    expect(fails(decrypts(CURVE.NIST_P256), { scheme: ALG.NULL })).toBe('TPM_RC_SCHEME, parameter 2')
    const kdf108 = { scheme: ALG.KDF1_SP800_108, hashAlg: ALG.SHA256 }
    expect(fails(decrypts(CURVE.NIST_P256), kdf108)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(fails(eccKem(), inScheme)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(fails(mlkem(1), inScheme)).toBe('TPM_RC_KEY, handle 1')
  })
})

describe('TPM2_EC_Ephemeral and TPM2_ZGen_2Phase', () => {
  const other = (curve: number, seed: number): { d: Bytes; q: Point } => {
    const d = eccPrivate(curve, new Uint8Array(74).fill(seed))
    return { d, q: eccPublic(curve, d) as Point }
  }

  it.each([
    ['ECDH', ALG.ECDH],
    ['ECMQV', ALG.ECMQV],
  ] as const)('%s: the other party gets the same', (_, inScheme) => {
    for (const curve of [CURVE.NIST_P256, CURVE.NIST_P521, CURVE.BN_P256]) {
      const d = Driver.started()
      const key = create(d, decrypts(curve))
      const { Q, counter } = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
      const [s, e] = [other(curve, 3), other(curve, 5)]
      const params = { inQsB: s.q, inQeB: e.q, inScheme, counter }
      const { outZ1, outZ2 } = d.ok(ZGen_2Phase, { keyA: key.handle }, params).returns
      const theirs = { ds: s.d, de: e.d, qs: key.outPublic.unique as Point, qe: Q }
      const wanted = inScheme === ALG.ECDH ? unified(curve, theirs) : [mqv(curve, theirs), NOTHING]
      expect([outZ1, outZ2].map(p => toHex(p.x))).toEqual(wanted.map(p => toHex(p.x)))
      expect(d.fails(ZGen_2Phase, { keyA: key.handle }, params)).toBe('TPM_RC_VALUE, parameter 4')
    }
  })

  it('refuses; a refused command leaves the ephemeral key unused', () => {
    const d = Driver.started()
    const curve = CURVE.NIST_P256
    const key = create(d, decrypts(curve))
    const { counter } = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
    const { q } = other(curve, 3)
    const good = { inQsB: q, inQeB: q, inScheme: ALG.ECDH, counter }
    const fails = (more: object) => d.fails(ZGen_2Phase, { keyA: key.handle }, { ...good, ...more })
    expect(fails({ inQsB: OFF })).toBe('TPM_RC_ECC_POINT, parameter 1')
    expect(fails({ inQeB: OFF })).toBe('TPM_RC_ECC_POINT, parameter 2')
    expect(fails({ inScheme: ALG.SM2 })).toBe('TPM_RC_SCHEME, parameter 3')
    expect(fails({ counter: counter + 1 })).toBe('TPM_RC_RANGE, parameter 4')
    expect(fails({})).toBe('TPM_RC_SUCCESS')
  })

  it('an old number is out of range, and a TPM Reset forgets all', () => {
    const d = Driver.started()
    const curve = CURVE.NIST_P256
    const key = create(d, decrypts(curve))
    const { q } = other(curve, 3)
    const first = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
    const fails = (counter: number) =>
      d.fails(ZGen_2Phase, { keyA: key.handle }, { inQsB: q, inQeB: q, inScheme: ALG.ECDH, counter })
    d.tpm = { ...d.tpm, commits: { ...d.tpm.commits, count: first.counter + SPLIT_MAX } }
    expect(fails(first.counter)).toBe('TPM_RC_RANGE, parameter 4')
    d.powerCycle()
    d.rc('8001 0000000c 00000144 0000')
    const again = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
    expect(again.counter).toBe(0)
    expect(toHex(again.Q.x)).not.toBe(toHex(first.Q.x))
  })

  it('the counter goes round after 16 bits', () => {
    const d = Driver.started()
    const curve = CURVE.NIST_P256
    const key = create(d, decrypts(curve))
    d.ok(EC_Ephemeral, {}, { curveID: curve })
    d.tpm = { ...d.tpm, commits: { ...d.tpm.commits, count: 0xffff } }
    const last = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
    const next = d.ok(EC_Ephemeral, {}, { curveID: curve }).returns
    expect([last.counter, next.counter]).toEqual([0xffff, 0])
    const { q } = other(curve, 3)
    for (const { counter } of [last, next]) {
      const params = { inQsB: q, inQeB: q, inScheme: ALG.ECDH, counter }
      expect(d.fails(ZGen_2Phase, { keyA: key.handle }, params)).toBe('TPM_RC_SUCCESS')
    }
  })
})

describe('TPM2_Commit', () => {
  const curve = CURVE.BN_P256
  const scheme = { scheme: ALG.ECDAA, hashAlg: ALG.SHA256, count: 0 }
  const ecdaa = (): Public => {
    const t = ecc(ALG.NULL, curve) as Extract<Public, { type: typeof ALG.ECC }>
    return { ...t, parameters: { ...t.parameters, scheme: scheme as never } }
  }
  const { p, b } = { p: 0xfffffffffffcf0cd46e5f25eee71a49f0cdc65fb12980a82d3292ddbaed33013n, b: 3n }
  const power = (base: bigint, exponent: bigint): bigint => {
    let out = 1n
    for (let e = exponent, x = base % p; e > 0n; e >>= 1n, x = (x * x) % p) if (e & 1n) out = (out * x) % p
    return out
  }
  /** A base point whose x is a digest: the first text for which there is a y (p is 3 mod 4). */
  const basePoint = (): { s2: Bytes; point: Point } => {
    for (let i = 0; ; i++) {
      const s2 = utf8(`base ${i}`)
      const x = BigInt(`0x${toHex(hash(ALG.SHA256, s2))}`) % p
      const square = (x * x * x + b) % p
      const y = power(square, (p + 1n) / 4n)
      const hex = (v: bigint): Bytes => raw(Uint8Array.from(Buffer.from(v.toString(16).padStart(64, '0'), 'hex')))
      if ((y * y) % p === square) return { s2, point: { x: hex(x), y: hex(y) } }
    }
  }

  it('K, L and E come from the points that are given', () => {
    const d = Driver.started()
    const { handle, outPublic } = create(d, ecdaa())
    const { s2, point } = basePoint()
    const commit = (P1: Point, s: Bytes, y2: Bytes) => d.ok(Commit, { signHandle: handle }, { P1, s2: s, y2 }).returns
    const all = commit(outPublic.unique as Point, s2, point.y)
    expect(toHex(all.K.x)).toBe(toHex((eccMultiply(curve, secretOf(d, handle), point) as Point).x))
    expect([all.L.x.length, all.E.x.length, all.counter]).toEqual([32, 32, 0])
    const base = commit(NOTHING, s2, point.y)
    expect([base.K.x.length, base.L.x.length, base.E.x.length, base.counter]).toEqual([32, 32, 0, 1])
    const none = commit(NOTHING, EMPTY, EMPTY)
    expect([none.K.x.length, none.L.x.length, none.E.x.length, none.counter]).toEqual([0, 0, 32, 2])
  })

  it('refuses', () => {
    const d = Driver.started()
    const { handle } = create(d, ecdaa())
    const { s2, point } = basePoint()
    const fails = (P1: Point, s: Bytes, y2: Bytes, signHandle = handle) =>
      d.fails(Commit, { signHandle }, { P1, s2: s, y2 })
    expect(fails(NOTHING, EMPTY, point.y)).toBe('TPM_RC_SIZE, parameter 3')
    expect(fails(NOTHING, s2, EMPTY)).toBe('TPM_RC_SIZE, parameter 2')
    expect(fails(NOTHING, utf8('another'), point.y)).toBe('TPM_RC_ECC_POINT, parameter 2')
    expect(fails(OFF, EMPTY, EMPTY)).toBe('TPM_RC_ECC_POINT, parameter 1')
    expect(fails(NOTHING, EMPTY, EMPTY, create(d, ecc(ALG.ECDSA)).handle)).toBe('TPM_RC_SCHEME, handle 1')
    expect(fails(NOTHING, EMPTY, EMPTY, create(d, mlkem(1)).handle)).toBe('TPM_RC_KEY, handle 1')
  })

  it('the counter is the context of the commands that sign a digest or a sequence', () => {
    const d = Driver.started()
    const { handle } = create(d, ecdaa())
    const commit = () => d.ok(Commit, { signHandle: handle }, { P1: NOTHING, s2: EMPTY, y2: EMPTY }).returns.counter
    const context = (counter: number): Bytes => Uint8Array.of(counter >> 8, counter & 255)
    const digest = hash(ALG.SHA256)
    const sign = (c: Bytes) =>
      d.fails(SignDigest, { keyHandle: handle }, { context: c, digest, validation: NULL_CHECK })
    const one = commit()
    expect(sign(EMPTY)).toBe('TPM_RC_SIZE, parameter 1')
    expect(sign(context(one))).toBe('TPM_RC_SUCCESS')
    expect(sign(context(one))).toBe('TPM_RC_VALUE, parameter 1')
    const start = { auth: EMPTY, context: context(commit()) }
    const sequence = d.ok(SignSequenceStart, { keyHandle: handle }, start).handle as number
    const handles = { sequenceHandle: sequence, keyHandle: handle }
    expect(d.fails(SignSequenceComplete, handles, { buffer: utf8('x') })).toBe('TPM_RC_SUCCESS')
    expect(d.fails(SignSequenceStart, { keyHandle: handle }, { auth: EMPTY, context: EMPTY })).toBe(
      'TPM_RC_SIZE, parameter 2',
    )
  })
})
