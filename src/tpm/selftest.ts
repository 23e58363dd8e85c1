// Self-tests: known answers of hash functions and HMAC, and of a key of each kind whether it undoes what it did. Their
// results depend on this program alone, so each test runs once. Part 1, 10; Part 3, 10.

import { draw, drbg } from '../crypto/drbg.ts'
import { eccMultiply, eccPrivate, eccPublic, ecdsaSign, ecdsaVerify } from '../crypto/ecc.ts'
import { schnorrSign, schnorrVerify } from '../crypto/ecc-schemes.ts'
import { aes, aesMac } from '../crypto/symmetric.ts'
import { hash, hmac, isHash } from '../crypto/hash.ts'
import { hashMessage, mldsaKeys, mldsaSign, mldsaVerify, pureMessage } from '../crypto/mldsa.ts'
import { rsaPrivate, rsaPublic } from '../crypto/rsa.ts'
import { pkcs1SignEncode } from '../crypto/rsa-pad.ts'
import { mlkemDecapsulate, mlkemEncapsulate, mlkemKeys } from '../crypto/mlkem.ts'
import { type Bytes, EMPTY, equal, fromHex, utf8 } from '../lib/bytes.ts'
import { ALG, CURVE } from '../spec/algorithms.ts'
import { MLDSA, MLKEM } from '../spec/pqc.ts'
import type { TpmEvent } from './events.ts'

const MESSAGE = utf8('abc')
const SEED: Bytes = new Uint8Array(64).fill(1)

/** Digests of "abc": the published examples of FIPS 180-4. */
const ABC: { readonly [alg: number]: string } = {
  [ALG.SHA1]: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  [ALG.SHA256]: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  [ALG.SHA384]: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  [ALG.SHA512]:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
    '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
}

/** RFC 4231, test case 2. */
const keyedHash = (): boolean =>
  equal(
    hmac(ALG.SHA256, utf8('Jefe'), utf8('what do ya want for nothing?')),
    fromHex('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'),
  )

/** The generator never gives the same block twice. */
const random = (): boolean => {
  const [a, next] = draw(drbg(SEED), 32)
  const [b] = draw(next, 32)
  return !equal(a, b)
}

const ecc = (): boolean => {
  const d = eccPrivate(CURVE.NIST_P256, SEED.slice(0, 40))
  const key = eccPublic(CURVE.NIST_P256, d)
  if (!key) return false
  const digest = hash(ALG.SHA256, MESSAGE)
  const { r, s } = ecdsaSign(CURVE.NIST_P256, d, digest, EMPTY)
  return ecdsaVerify(CURVE.NIST_P256, key, digest, r, s)
}

/** A key of 1024 bits, its prime and its modulus; made for this test. */
const RSA_P =
  'f9a641c58de8a2f276b112bb8ec8f362a29c0943cebde073a3949950ad485518' +
  '873afd34a8f8a01a0b9af1871a7358ec74d650c10ced1ff91dbb24a38b07d2e7'
const RSA_N =
  'd22abd3205180b4a6fde378a7ab89fdaf4b8fea9f910a2df9f2537d0120e9860' +
  '53ec0d94e0c33677086c9d7a42f3f17d242a3711626c587821995b13211f8c1f' +
  '6dc143b15881df01ab6901b06c030123b7267965c6e708517620ae0b0321663c' +
  'ad4b7c7bbdfca2ce3901782ae257eb05b2246c6e0f50ebc37ab1618d635b459b'

const rsa = (): boolean => {
  const key = { n: fromHex(RSA_N), e: 65_537 }
  const encoded = pkcs1SignEncode(ALG.SHA256, key.n.length, hash(ALG.SHA256, MESSAGE))
  const signature = encoded && rsaPrivate(key, fromHex(RSA_P), encoded)
  const back = signature && rsaPublic(key, signature)
  return encoded !== undefined && back !== undefined && equal(back, encoded)
}

/** SP 800-38A, F.1.1 to F.5.1: the first block of each mode; RFC 4493 for CMAC. */
const CIPHER_KEY = fromHex('2b7e151628aed2a6abf7158809cf4f3c')
const BLOCK = fromHex('6bc1bee22e409f96e93d7e117393172a')
const COUNTER = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
const IV = fromHex('000102030405060708090a0b0c0d0e0f')
const cipher = (mode: number, iv: Bytes, wanted: string) => (): boolean => {
  const out = aes(mode, CIPHER_KEY, false, iv, BLOCK)
  return equal(out.data, fromHex(wanted)) && equal(aes(mode, CIPHER_KEY, true, iv, out.data).data, BLOCK)
}
const block = cipher(ALG.ECB, EMPTY, '3ad77bb40d7a3660a89ecaf32466ef97')
const cmac = (): boolean => equal(aesMac(CIPHER_KEY, BLOCK), fromHex('070a16b46b4d4144f79bdd9dd04a287c'))

const ecdh = (): boolean => {
  const [a, b] = [eccPrivate(CURVE.NIST_P256, SEED.slice(0, 40)), eccPrivate(CURVE.NIST_P256, SEED.slice(0, 39))]
  const [p, q] = [eccPublic(CURVE.NIST_P256, a), eccPublic(CURVE.NIST_P256, b)]
  const one = q && eccMultiply(CURVE.NIST_P256, a, q)
  const two = p && eccMultiply(CURVE.NIST_P256, b, p)
  return one !== undefined && two !== undefined && equal(one.x, two.x)
}

const schnorr = (): boolean => {
  const d = eccPrivate(CURVE.NIST_P256, SEED.slice(0, 40))
  const key = eccPublic(CURVE.NIST_P256, d)
  if (!key) return false
  const { r, s } = schnorrSign(CURVE.NIST_P256, d, ALG.SHA256, MESSAGE, n => SEED.slice(0, n))
  return schnorrVerify(CURVE.NIST_P256, key, ALG.SHA256, MESSAGE, r, s)
}

const mldsa = (formatted: () => Bytes) => (): boolean => {
  const input = formatted()
  const xi = SEED.slice(0, 32)
  const signature = mldsaSign(MLDSA[44], xi, input, SEED.slice(0, 32))
  return mldsaVerify(MLDSA[44], mldsaKeys(MLDSA[44], xi).publicKey, input, signature)
}

const mlkem = (): boolean => {
  const { publicKey } = mlkemKeys(MLKEM[512], SEED)
  const { secret, ciphertext } = mlkemEncapsulate(MLKEM[512], publicKey, SEED.slice(0, 32))
  return equal(mlkemDecapsulate(MLKEM[512], SEED, ciphertext), secret)
}

/** What has no test of its own stands on HMAC and the generator. */
const TESTS: { readonly [alg: number]: () => boolean } = {
  [ALG.RSA]: rsa,
  [ALG.RSASSA]: rsa,
  [ALG.RSAES]: rsa,
  [ALG.OAEP]: rsa,
  [ALG.RSAPSS]: rsa,
  [ALG.ECC]: ecc,
  [ALG.ECDSA]: ecc,
  [ALG.ECDH]: ecdh,
  [ALG.ECMQV]: ecdh,
  [ALG.ECSCHNORR]: schnorr,
  [ALG.ECDAA]: schnorr,
  [ALG.AES]: block,
  [ALG.SYMCIPHER]: block,
  [ALG.ECB]: block,
  [ALG.CBC]: cipher(ALG.CBC, IV, '7649abac8119b246cee98e9b12e9197d'),
  [ALG.CFB]: cipher(ALG.CFB, IV, '3b3fd92eb72dad20333449f8e83cfb4a'),
  [ALG.OFB]: cipher(ALG.OFB, IV, '3b3fd92eb72dad20333449f8e83cfb4a'),
  [ALG.CTR]: cipher(ALG.CTR, COUNTER, '874d6191b620e3261bef6864990db6ce'),
  [ALG.CMAC]: cmac,
  [ALG.MLDSA]: mldsa(() => pureMessage(EMPTY, MESSAGE)),
  [ALG.HASH_MLDSA]: mldsa(() => hashMessage(ALG.SHA256, EMPTY, hash(ALG.SHA256, MESSAGE))),
  [ALG.MLKEM]: mlkem,
}

const RESULTS = new Map<number, boolean>()

/** Whether the test of an algorithm passes. */
export function selfTest(alg: number): boolean {
  let passed = RESULTS.get(alg)
  if (passed === undefined) {
    const known = ABC[alg]
    passed =
      known === undefined
        ? (TESTS[alg]?.() ?? (keyedHash() && random()))
        : isHash(alg) && equal(hash(alg, MESSAGE), fromHex(known))
    RESULTS.set(alg, passed)
  }
  return passed
}

/** The algorithm that a command used, as far as its result depends on it. Part 3, 10.1. */
export function usedBy(event: TpmEvent): number | undefined {
  switch (event.kind) {
    case 'hash':
      return event.hash
    case 'pcr-extend':
      return event.bank
    case 'object-loaded':
      return event.type
    case 'sign':
    case 'verify':
      return event.scheme
    case 'rsa-encrypt':
    case 'rsa-decrypt':
      return ALG.RSA
    case 'encrypt':
    case 'decrypt':
    case 'mac':
      return event.alg
    case 'shared-secret':
      return event.scheme
    case 'ephemeral':
      return ALG.ECC
    case 'encapsulate':
    case 'decapsulate':
      return ALG.MLKEM
    default:
      return undefined
  }
}
