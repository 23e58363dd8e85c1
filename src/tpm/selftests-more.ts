// Self-tests of what the opening scenario does not need: elliptic curves, RSA, ciphers, key encapsulation. Part 1, 10.

import { eccMultiply, eccPrivate, eccPublic, ecdsaSign, ecdsaVerify } from '../crypto/ecc.ts'
import { schnorrSign, schnorrVerify } from '../crypto/ecc-schemes.ts'
import { hash } from '../crypto/hash.ts'
import { mlkemDecapsulate, mlkemEncapsulate, mlkemKeys } from '../crypto/mlkem.ts'
import { rsaPrivate, rsaPublic } from '../crypto/rsa.ts'
import { pkcs1SignEncode } from '../crypto/rsa-pad.ts'
import { cmac as cmacOf, encipher } from '../crypto/symmetric.ts'
import { type Bytes, EMPTY, equal, fromHex, utf8 } from '../lib/bytes.ts'
import { ALG, CURVE } from '../spec/algorithms.ts'
import { MLKEM } from '../spec/pqc.ts'
import { addTests } from './selftest.ts'

const MESSAGE = utf8('abc')
const SEED: Bytes = new Uint8Array(64).fill(1)

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
  const out = encipher(ALG.AES, mode, CIPHER_KEY, false, iv, BLOCK)
  return equal(out.data, fromHex(wanted)) && equal(encipher(ALG.AES, mode, CIPHER_KEY, true, iv, out.data).data, BLOCK)
}
const block = cipher(ALG.ECB, EMPTY, '3ad77bb40d7a3660a89ecaf32466ef97')
const cmac = (): boolean => equal(cmacOf(ALG.AES, CIPHER_KEY, BLOCK), fromHex('070a16b46b4d4144f79bdd9dd04a287c'))

/** RFC 3713, Appendix A. */
const camellia = (): boolean => {
  const key = fromHex('0123456789abcdeffedcba9876543210')
  const { data } = encipher(ALG.CAMELLIA, ALG.ECB, key, false, EMPTY, key)
  return equal(data, fromHex('67673138549669730857065648eabe43'))
}

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

const mlkem = (): boolean => {
  const { publicKey } = mlkemKeys(MLKEM[512], SEED)
  const { secret, ciphertext } = mlkemEncapsulate(MLKEM[512], publicKey, SEED.slice(0, 32))
  return equal(mlkemDecapsulate(MLKEM[512], SEED, ciphertext), secret)
}

export const addSelfTests = (): void =>
  addTests([
    [ALG.RSA, rsa],
    [ALG.RSASSA, rsa],
    [ALG.RSAES, rsa],
    [ALG.OAEP, rsa],
    [ALG.RSAPSS, rsa],
    [ALG.ECC, ecc],
    [ALG.ECDSA, ecc],
    [ALG.ECDH, ecdh],
    [ALG.ECMQV, ecdh],
    [ALG.ECSCHNORR, schnorr],
    [ALG.ECDAA, schnorr],
    [ALG.AES, block],
    [ALG.CAMELLIA, camellia],
    [ALG.SYMCIPHER, block],
    [ALG.ECB, block],
    [ALG.CBC, cipher(ALG.CBC, IV, '7649abac8119b246cee98e9b12e9197d')],
    [ALG.CFB, cipher(ALG.CFB, IV, '3b3fd92eb72dad20333449f8e83cfb4a')],
    [ALG.OFB, cipher(ALG.OFB, IV, '3b3fd92eb72dad20333449f8e83cfb4a')],
    [ALG.CTR, cipher(ALG.CTR, COUNTER, '874d6191b620e3261bef6864990db6ce')],
    [ALG.CMAC, cmac],
    [ALG.MLKEM, mlkem],
  ])
