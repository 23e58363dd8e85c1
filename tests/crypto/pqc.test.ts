// ML-DSA and ML-KEM against recordings of another implementation, and against themselves. FIPS 204, FIPS 203.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { hashMessage, isPrehash, mldsaKeys, mldsaSign, mldsaVerify, pureMessage } from '../../src/crypto/mldsa.ts'
import { mlkemDecapsulate, mlkemEncapsulate, mlkemKeyIsValid, mlkemKeys } from '../../src/crypto/mlkem.ts'
import { type Bytes, concat, EMPTY, equal, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { MLDSA_SIZES, MLKEM_SIZES } from '../../src/spec/pqc.ts'

type Line = { readonly [member: string]: string }
const lines = (file: string): Line[] =>
  readFileSync(new URL(`../vectors/tpm185-wolftpm/${file}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter(l => l !== '')
    .map(l => JSON.parse(l) as Line)
/** The parameter set from the name of a test: mldsa44-…, hashmldsa87-…, mlkem512…. */
const setOf = (test: string): number =>
  ({ 44: 1, 65: 2, 87: 3, 512: 1, 768: 2, 1024: 3 })[/\d+/.exec(test)?.[0] ?? ''] ?? 0

const xi = (set: number): Bytes => new Uint8Array(32).fill(set)
const dz = (set: number): Bytes => Uint8Array.from({ length: 64 }, (_, i) => i + set)
const flipped = (b: Bytes, at: number): Bytes => {
  const copy = Uint8Array.from(raw(b))
  copy[at] = (copy[at] as number) ^ 1
  return copy
}
const HASHES = [0x000b, 0x000c, 0x000d, 0x0027, 0x0028, 0x0029]
const shake256 = (n: number, ...parts: Bytes[]): Bytes =>
  createHash('shake256', { outputLength: n })
    .update(raw(concat(...parts)))
    .digest()

describe('recorded keys', () => {
  const made = [...lines('mldsa'), ...lines('hashmldsa')].filter(l => l['xi'])
  it.each(made.map(l => [l['test'] as string, l] as const))('%s: the public key expands from xi', (test, l) => {
    const { publicKey } = mldsaKeys(setOf(test), fromHex(l['xi'] as string))
    const answer = l['rspHex'] as string
    if (l['unique']) expect(toHex(publicKey)).toContain(l['unique'])
    expect(answer).toContain(toHex(publicKey))
  })

  const kem = lines('mlkem').filter(l => l['dz'] && l['commandName'] === 'CreatePrimary')
  it.each(kem.map(l => [l['test'] as string, l] as const))('%s: the public key expands from d and z', (test, l) => {
    expect(l['rspHex']).toContain(toHex(mlkemKeys(setOf(test), fromHex(l['dz'] as string)).publicKey))
  })
})

describe.each([1, 2, 3])('ML-DSA parameter set %i', set => {
  const { publicKey } = mldsaKeys(set, xi(set))
  const context = utf8('context')
  const message = utf8('message')
  const rnd = new Uint8Array(32)

  it('sizes are those of Part 2, Table 208; the expanded key is kept', () => {
    expect(publicKey.length).toBe(MLDSA_SIZES[set]?.publicKey)
    expect(mldsaSign(set, xi(set), EMPTY, rnd).length).toBe(MLDSA_SIZES[set]?.signature)
    expect(mldsaKeys(set, Uint8Array.from(raw(xi(set)))).publicKey).toBe(publicKey)
  })

  it('a message signature is one over its mu, hedged with what is given', () => {
    const formatted = pureMessage(context, message)
    expect(toHex(formatted)).toBe(`0007${toHex(context)}${toHex(message)}`)
    const mu = shake256(64, shake256(64, publicKey), formatted)
    const signature = mldsaSign(set, xi(set), formatted, rnd)
    expect(equal(mldsaSign(set, xi(set), mu, rnd, true), signature)).toBe(true)
    expect(equal(mldsaSign(set, xi(set), formatted, new Uint8Array(32).fill(1)), signature)).toBe(false)
    expect(mldsaVerify(set, publicKey, formatted, signature)).toBe(true)
    expect(mldsaVerify(set, publicKey, mu, signature, true)).toBe(true)
    expect(mldsaVerify(set, publicKey, flipped(mu, 0), signature, true)).toBe(false)
    expect(mldsaVerify(set, publicKey, pureMessage(EMPTY, message), signature)).toBe(false)
    expect(mldsaVerify(set, publicKey, formatted, flipped(signature, 40))).toBe(false)
    expect(mldsaVerify(set, publicKey, formatted, signature.slice(1))).toBe(false)
    expect(mldsaVerify(set, publicKey.slice(1), formatted, signature)).toBe(false)
  })

  it.each(HASHES)('HashML-DSA with hash 0x%s, however weak beside the set', alg => {
    const digest = hash(alg, message)
    const formatted = hashMessage(alg, context, digest)
    const signature = mldsaSign(set, xi(set), formatted, rnd)
    expect(mldsaVerify(set, publicKey, formatted, signature)).toBe(true)
    expect(mldsaVerify(set, publicKey, hashMessage(alg, EMPTY, digest), signature)).toBe(false)
    expect(mldsaVerify(set, publicKey, hashMessage(alg, context, hash(alg, EMPTY)), signature)).toBe(false)
    expect(mldsaVerify(set, publicKey, pureMessage(context, message), signature)).toBe(false)
  })
})

it('HashML-DSA formats with the identifiers of FIPS 204, and has none for SHA-1', () => {
  const oids = HASHES.map(alg => toHex(hashMessage(alg, EMPTY, EMPTY)).slice(-2))
  expect(oids).toEqual(['01', '02', '03', '08', '09', '0a'])
  expect(toHex(hashMessage(0x000b, EMPTY, Uint8Array.of(1)))).toBe('0100060960864801650304020101')
  expect(isPrehash(0x0004)).toBe(false)
})

describe.each([1, 2, 3])('ML-KEM parameter set %i', set => {
  const { publicKey } = mlkemKeys(set, dz(set))
  const m: Bytes = new Uint8Array(32).fill(5)

  it('secrets agree, and depend on m', () => {
    const { secret, ciphertext } = mlkemEncapsulate(set, publicKey, m)
    expect([publicKey.length, ciphertext.length, secret.length]).toEqual([
      MLKEM_SIZES[set]?.publicKey,
      MLKEM_SIZES[set]?.ciphertext,
      32,
    ])
    expect(toHex(mlkemDecapsulate(set, dz(set), ciphertext))).toBe(toHex(secret))
    expect(toHex(mlkemEncapsulate(set, publicKey, m).ciphertext)).toBe(toHex(ciphertext))
    expect(toHex(mlkemEncapsulate(set, publicKey, flipped(m, 0)).secret)).not.toBe(toHex(secret))
  })

  it('a changed ciphertext gives the secret of implicit rejection: J(z, c)', () => {
    const ciphertext = flipped(mlkemEncapsulate(set, publicKey, m).ciphertext, 3)
    const rejected = mlkemDecapsulate(set, dz(set), ciphertext)
    expect(toHex(rejected)).toBe(toHex(shake256(32, dz(set).slice(32), ciphertext)))
  })

  it('public keys of another length, or with a coefficient that is not below q, are refused', () => {
    expect(mlkemKeyIsValid(set, publicKey)).toBe(true)
    expect(mlkemKeyIsValid(set, publicKey.slice(1))).toBe(false)
    expect(mlkemKeyIsValid(set, concat(Uint8Array.of(255, 255, 255), publicKey.slice(3)))).toBe(false)
  })
})

it('an unknown parameter set is a defect', () => {
  expect(() => mldsaSign(4, xi(1), EMPTY, xi(1))).toThrow('no ML-DSA parameter set 4')
  expect(() => mlkemEncapsulate(0, EMPTY, EMPTY)).toThrow('no ML-KEM parameter set 0')
})
