// RSA against node:crypto, in both directions; the key search in slices, and the numbers below it. RFC 8017; FIPS 186-5.

import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { drbg } from '../../src/crypto/drbg.ts'
import { hash } from '../../src/crypto/hash.ts'
import { type JobResult } from '../../src/crypto/jobs.ts'
import { continueJob, isDone, runJob, startJob } from '../../src/crypto/run-job.ts'
import { bitLength, modInverse, modPow, toBytes, toInt } from '../../src/crypto/modpow.ts'
import { isPrime } from '../../src/crypto/primes.ts'
import {
  oaepDecode,
  oaepEncode,
  pkcs1Decode,
  pkcs1Encode,
  pkcs1SignEncode,
  pssEncode,
  pssSaltSize,
  pssVerify,
} from '../../src/crypto/rsa-pad.ts'
import { rsaIsPair, rsaPrivate, rsaPublic } from '../../src/crypto/rsa.ts'
import { type Bytes, EMPTY, raw, toHex, utf8 } from '../../src/lib/bytes.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = privateKey.export({ format: 'jwk' })
const b64 = (s: string | undefined): Bytes => new Uint8Array(Buffer.from(s ?? '', 'base64url'))
const key = { n: b64(jwk.n), e: 65_537 }
const p = b64(jwk.p)
const K = 256
const some = (n: number): Bytes => Uint8Array.from({ length: n }, (_, i) => (i * 37 + 5) & 255)
const there = <T>(v: T | undefined): T => {
  expect(v).toBeDefined()
  return v as T
}

const HASHES = [
  [0x0004, 'sha1'],
  [0x000b, 'sha256'],
  [0x000c, 'sha384'],
  [0x000d, 'sha512'],
  [0x0027, 'sha3-256'],
  [0x0028, 'sha3-384'],
  [0x0029, 'sha3-512'],
] as const

describe.each(HASHES)('hash %i (%s)', (alg, name) => {
  const message = utf8('message')
  const digest = hash(alg, message)

  it('RSASSA-PKCS1-v1_5 signs as node:crypto does', () => {
    const signature = there(rsaPrivate(key, p, there(pkcs1SignEncode(alg, K, digest))))
    expect(toHex(signature)).toBe(sign(name, raw(message), privateKey).toString('hex'))
  })

  it('RSASSA-PSS is verified there, and theirs here', () => {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const salt = some(pssSaltSize(alg, K))
    const signature = there(rsaPrivate(key, p, pssEncode(alg, K, digest, salt)))
    expect(verify(name, raw(message), { key: publicKey, padding, saltLength: salt.length }, raw(signature))).toBe(true)
    for (const saltLength of [0, 7, digest.length, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const theirs = new Uint8Array(sign(name, raw(message), { key: privateKey, padding, saltLength }))
      const encoded = there(rsaPublic(key, theirs))
      expect(pssVerify(alg, digest, encoded)).toBe(true)
      expect(pssVerify(alg, hash(alg, utf8('massage')), encoded)).toBe(false)
      for (const at of [0, 1, 100, 200, 255]) {
        const bad = raw(encoded).slice()
        bad[at] = (bad[at] as number) ^ 0x80
        expect(pssVerify(alg, digest, bad)).toBe(false)
      }
    }
  })

  it('OAEP is decrypted there, and theirs here', () => {
    const options = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: name, oaepLabel: raw(utf8('label\0')) }
    const ours = there(rsaPublic(key, oaepEncode(alg, K, message, utf8('label\0'), some(digest.length))))
    expect(privateDecrypt({ key: privateKey, ...options }, raw(ours)).toString()).toBe('message')
    const theirs = new Uint8Array(publicEncrypt({ key: publicKey, ...options }, raw(message)))
    const encoded = there(rsaPrivate(key, p, theirs))
    expect(toHex(there(oaepDecode(alg, encoded, utf8('label\0'))))).toBe(toHex(message))
    expect(oaepDecode(alg, encoded, EMPTY)).toBeUndefined()
  })
})

describe('padding', () => {
  it('of PKCS #1 version 1.5 for encryption', () => {
    const padding = constants.RSA_PKCS1_PADDING
    // Zeros among the random octets are drawn again.
    let from = 0
    const random = (n: number): Bytes => Uint8Array.from({ length: n }, () => from++ % 3)
    const encoded = pkcs1Encode(K, utf8('message'), random)
    expect([encoded.length, encoded[0], encoded[1]]).toEqual([K, 0, 2])
    expect(raw(encoded).indexOf(0, 2)).toBe(K - 8)
    expect(toHex(there(pkcs1Decode(encoded)))).toBe(toHex(utf8('message')))
    const theirs = new Uint8Array(publicEncrypt({ key: publicKey, padding }, raw(utf8('message'))))
    const decoded = there(pkcs1Decode(there(rsaPrivate(key, p, theirs))))
    expect(toHex(decoded)).toBe(toHex(utf8('message')))
    expect(pkcs1Decode(pkcs1Encode(K, EMPTY, random))).toEqual(EMPTY)
    const short = raw(encoded).slice()
    short[9] = 0
    expect(pkcs1Decode(short)).toBeUndefined()
    expect(pkcs1Decode(some(K))).toBeUndefined()
  })

  it('a salt is as long as a digest, or shorter where the modulus is short', () => {
    expect(pssSaltSize(0x000d, 256)).toBe(64)
    expect(pssSaltSize(0x000d, 128)).toBe(62)
  })

  it('a modulus too short for a digest has no signature', () => {
    expect(pkcs1SignEncode(0x000d, 93, some(64))).toBeUndefined()
    expect(pkcs1SignEncode(0x000d, 94, some(64))).toBeDefined()
  })
})

describe('the primitives', () => {
  it('undo each other, whichever prime is stored, and refuse what is not less than the modulus', () => {
    const m = some(K - 1)
    const c = there(rsaPublic(key, m))
    expect(toInt(there(rsaPrivate(key, p, c)))).toBe(toInt(m))
    expect(toInt(there(rsaPrivate(key, b64(jwk.q), c)))).toBe(toInt(m))
    expect(rsaPublic(key, key.n)).toBeUndefined()
    expect(rsaPrivate(key, p, key.n)).toBeUndefined()
    expect(toInt(there(rsaPublic(key, EMPTY)))).toBe(0n)
  })

  it('a pair is two factors of the same size', () => {
    expect(rsaIsPair(key, p)).toBe(true)
    expect(rsaIsPair(key, b64(jwk.q))).toBe(true)
    expect(rsaIsPair(key, some(128))).toBe(false)
    expect(rsaIsPair(key, EMPTY)).toBe(false)
    expect(rsaIsPair(key, Uint8Array.of(1))).toBe(false)
    expect(rsaIsPair(key, key.n)).toBe(false)
  })
})

describe('numbers', () => {
  it('powers and inverses', () => {
    const m = (1n << 127n) - 1n
    for (const e of [0n, 1n, 2n, 31n, 65_537n, (1n << 100n) + 12_345n]) {
      let slow = 1n
      for (const bit of e.toString(2)) slow = (slow * slow * (bit === '1' ? 3n : 1n)) % m
      expect(modPow(3n, e, m)).toBe(slow)
    }
    expect(modInverse(3n, 7n)).toBe(5n)
    expect(modInverse(2n, 4n)).toBeUndefined()
    expect([bitLength(0n), bitLength(1n), bitLength(255n), bitLength(256n)]).toEqual([0, 1, 8, 9])
    expect(toHex(toBytes(258n, 4))).toBe('00000102')
  })

  it('small primes', () => {
    const primes = [2, 3, 5, 7, 11, 65_521, 65_537, 4_294_967_291]
    expect(primes.filter(isPrime)).toEqual(primes)
    expect([0, 1, 4, 9, 65_535, 65_521 * 65_521, 4_294_967_295].filter(isPrime)).toEqual([])
  })
})

describe('the key search', () => {
  const job = { kind: 'rsa-key', keyBits: 1024, exponent: 65_537, drbg: drbg(some(64)) } as const
  const whole = runJob(job)

  it('finds a key that node:crypto can use', () => {
    const { n } = whole
    expect(rsaIsPair({ n, e: 65_537 }, whole.p)).toBe(true)
    const [N, P] = [toInt(n), toInt(whole.p)]
    const Q = N / P
    const E = 65_537n
    const num = (v: bigint | undefined, size: number) =>
      Buffer.from(raw(toBytes(v as bigint, size))).toString('base64url')
    const made = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'RSA',
        n: num(N, 128),
        e: 'AQAB',
        d: num(modInverse(E, (P - 1n) * (Q - 1n)), 128),
        p: num(P, 64),
        q: num(Q, 64),
        dp: num(modInverse(E, P - 1n), 64),
        dq: num(modInverse(E, Q - 1n), 64),
        qi: num(modInverse(Q, P), 64),
      },
    })
    const signature = sign('sha256', raw(utf8('message')), made)
    expect(verify('sha256', raw(utf8('message')), createPublicKey(made), signature)).toBe(true)
  })

  it.each([1, 3, 1000])('finds the same in slices of %i, each a value of its own', budget => {
    let work: ReturnType<typeof startJob> | JobResult = startJob(job)
    while (!isDone(work)) {
      const before = structuredClone(work)
      const next = continueJob(work, budget)
      expect(work).toEqual(before)
      work = next
    }
    expect(work).toEqual(whole)
  })
})
