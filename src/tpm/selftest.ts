// Self-tests: known answers of hash functions and HMAC, and of a key of each kind whether it undoes what it did. Their
// results depend on this program alone, so each test runs once. Part 1, 10; Part 3, 10.

import { draw, drbg } from '../crypto/drbg.ts'
import { hash, hmac, isHash } from '../crypto/hash.ts'
import { hashMessage, mldsaKeys, mldsaSign, mldsaVerify, pureMessage } from '../crypto/mldsa.ts'
import { type Bytes, EMPTY, equal, fromHex, utf8 } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { MLDSA } from '../spec/pqc.ts'
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

const mldsa = (formatted: () => Bytes) => (): boolean => {
  const input = formatted()
  const xi = SEED.slice(0, 32)
  const signature = mldsaSign(MLDSA[44], xi, input, SEED.slice(0, 32))
  return mldsaVerify(MLDSA[44], mldsaKeys(MLDSA[44], xi).publicKey, input, signature)
}

/** What has no test of its own stands on HMAC and the generator. */
const TESTS = new Map<number, () => boolean>([
  [ALG.MLDSA, mldsa(() => pureMessage(EMPTY, MESSAGE))],
  [ALG.HASH_MLDSA, mldsa(() => hashMessage(ALG.SHA256, EMPTY, hash(ALG.SHA256, MESSAGE)))],
])

/** Tests of algorithms whose code comes late: selftests-more.ts. */
export function addTests(tests: readonly (readonly [alg: number, test: () => boolean])[]): void {
  for (const [alg, test] of tests) TESTS.set(alg, test)
}

const RESULTS = new Map<number, boolean>()

/** Whether the test of an algorithm passes. */
export function selfTest(alg: number): boolean {
  let passed = RESULTS.get(alg)
  if (passed === undefined) {
    const known = ABC[alg]
    passed =
      known === undefined
        ? (TESTS.get(alg)?.() ?? (keyedHash() && random()))
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
