// Hashes, HMAC and key derivation against node:crypto and recorded values. FIPS 180-4, 202, 198-1; Part 1, 8.4.10.

import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { blockSize, digestSize, hash, hmac, isHash } from '../../src/crypto/hash.ts'
import { kdfa, kdfe } from '../../src/crypto/kdf.ts'
import { mlkemDecapsulate, mlkemKeys } from '../../src/crypto/mlkem.ts'
import { be32, concat, EMPTY, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'

const ALGORITHMS = [
  [0x0004, 'sha1', 20, 64],
  [0x000b, 'sha256', 32, 64],
  [0x000c, 'sha384', 48, 128],
  [0x000d, 'sha512', 64, 128],
  [0x0027, 'sha3-256', 32, 136],
  [0x0028, 'sha3-384', 48, 104],
  [0x0029, 'sha3-512', 64, 72],
] as const
const MESSAGES = [0, 1, 55, 56, 63, 64, 111, 112, 135, 136, 137, 4096].map(n =>
  Uint8Array.from({ length: n }, (_, i) => (7 * i + n) & 255),
)

describe.each(ALGORITHMS)('algorithm 0x%s: %s', (alg, name, size, block) => {
  it('digests as node:crypto does, in one part or many', () => {
    expect([isHash(alg), digestSize(alg), blockSize(alg)]).toEqual([true, size, block])
    for (const m of MESSAGES) {
      const wanted = createHash(name).update(m).digest('hex')
      expect(toHex(hash(alg, m))).toBe(wanted)
      expect(toHex(hash(alg, m.slice(0, 9), EMPTY, m.slice(9)))).toBe(wanted)
    }
  })

  it('HMAC with keys shorter and longer than a block', () => {
    for (const m of MESSAGES) {
      const key = m.slice(0, 200)
      const wanted = createHmac(name, key).update(m).digest('hex')
      expect(toHex(hmac(alg, key, m))).toBe(wanted)
      expect(toHex(hmac(alg, key, m.slice(0, 3), m.slice(3)))).toBe(wanted)
    }
  })

  it('KDFa is SP 800-108 in counter mode, KDFe a hash over counter, secret and party info', () => {
    const key = utf8('key')
    const u = utf8('party u')
    const v = utf8('party v')
    const mac = (i: number, bits: number) =>
      createHmac(name, raw(key))
        .update(raw(concat(be32(i), utf8('LABEL'), Uint8Array.of(0), u, v, be32(bits))))
        .digest('hex')
    const digest = (i: number) =>
      createHash(name)
        .update(raw(concat(be32(i), key, utf8('LABEL'), Uint8Array.of(0), u, v)))
        .digest('hex')
    for (const bits of [128, 8 * size, 8 * size + 8, 24 * size]) {
      const counters = [1, 2, 3]
      expect(toHex(kdfa(alg, key, 'LABEL', u, v, bits))).toBe(
        counters
          .map(i => mac(i, bits))
          .join('')
          .slice(0, bits / 4),
      )
      expect(toHex(kdfe(alg, key, 'LABEL', u, v, bits))).toBe(
        counters
          .map(digest)
          .join('')
          .slice(0, bits / 4),
      )
    }
  })
})

it('a number of bits that fills no octet clears the high bits of the first', () => {
  const whole = kdfe(0x000b, utf8('z'), 'X', EMPTY, EMPTY, 528)
  const part = kdfe(0x000b, utf8('z'), 'X', EMPTY, EMPTY, 521)
  expect(part.length).toBe(66)
  expect(part[0]).toBe((whole[0] as number) & 1)
  expect(toHex(part.slice(1))).toBe(toHex(whole.slice(1)))
})

it('no other algorithm is a hash', () => {
  expect(isHash(0x0010)).toBe(false)
  expect(() => digestSize(0x0010)).toThrow('no hash algorithm 0x10')
})

const HASHES: { readonly [name: string]: number } = { SHA256: 0x000b, SHA384: 0x000c }
const SETS: { readonly [test: string]: number } = { 'labeled-kem-512': 1, 'labeled-kem-768': 2, 'labeled-kem-1024': 3 }
const labeled = readFileSync(new URL('../vectors/tpm185-wolftpm/labeled-kem.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(l => l !== '')
  .map(l => JSON.parse(l) as { readonly [member: string]: string })

describe('labeled KEM of ML-KEM, as recorded (Part 1, 47.4)', () => {
  it.each(labeled.map(j => [`${j['test']}: ${j['label']} ${j['nameAlg']}, line ${j['seq']}`, j] as const))(
    '%s',
    (_, j) => {
      const of = (member: string) => fromHex(j[member] ?? '')
      const alg = HASHES[j['nameAlg'] as string] as number
      const set = SETS[j['test'] as string] as number
      let ek = of('ek')
      if (j['dz']) {
        ek = mlkemKeys(set, of('dz')).publicKey
        if (j['ek']) expect(toHex(ek)).toBe(j['ek'])
        expect(toHex(mlkemDecapsulate(set, of('dz'), of('ciphertext')))).toBe(j['K'])
      }
      const seed = kdfa(alg, of('K'), j['label'] as string, of('ciphertext'), ek, 8 * digestSize(alg))
      expect(toHex(seed)).toBe(j['seed'])
      if (j['sessionKey']) {
        expect(toHex(kdfa(alg, seed, 'ATH', of('nonceTPM'), of('nonceCaller'), 8 * digestSize(alg)))).toBe(
          j['sessionKey'],
        )
      }
      if (j['storageKey']) {
        expect(toHex(kdfa(alg, seed, 'STORAGE', of('objectName'), EMPTY, 128))).toBe(j['storageKey'])
      }
    },
  )
})
