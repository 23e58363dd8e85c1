// Self-tests: known answers of the hash functions and HMAC, computed when asked for. What has no known answer here is
// tested through the hash functions that it stands on, as the parts of one library. Part 1, 10; Part 3, 10.

import { draw, drbg } from '../crypto/drbg.ts'
import { hash, hmac, isHash } from '../crypto/hash.ts'
import { type Bytes, equal, fromHex, toHex, utf8 } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'

/** Digests of "abc": FIPS 180-4 and FIPS 202, published examples. */
const ABC: { readonly [alg: number]: string } = {
  [ALG.SHA1]: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  [ALG.SHA256]: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  [ALG.SHA384]: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  [ALG.SHA512]:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
}

/** RFC 4231, test case 2. */
const hmacWorks = (): boolean =>
  toHex(hmac(ALG.SHA256, utf8('Jefe'), utf8('what do ya want for nothing?'))) ===
  '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'

const drbgWorks = (): boolean => {
  const seed: Bytes = new Uint8Array(48)
  const [a, next] = draw(drbg(seed), 32)
  const [b] = draw(next, 32)
  return !equal(a, b)
}

/** Whether the test of an algorithm passes. */
export function selfTest(alg: number): boolean {
  const known = ABC[alg]
  if (known !== undefined) return isHash(alg) && equal(hash(alg, utf8('abc')), fromHex(known))
  return hmacWorks() && drbgWorks()
}
