// Where the octets of a new key come from: a random generator, or a derivation parent. Part 1, 24.5 (generator), 25.4
// (derivation).

import type { Job, JobResult } from '../crypto/jobs.ts'
import { type Drbg, draw, stir } from '../crypto/drbg.ts'
import { kdfa } from '../crypto/kdf.ts'
import type { Bytes } from '../lib/bytes.ts'

export interface Stream {
  next(n: number): Bytes
  /** Mixes a proof in: what follows depends on it too. */
  stir(proof: Bytes): void
  /** Primes of an RSA key. */
  rsaKey(keyBits: number, exponent: number): { readonly p: Bytes; readonly n: Bytes }
}

/**
 * @param from holds the generator, and gets it as it is after each use
 * @param job gives the result of a search, or throws while it is not there
 */
export const drbgStream = (from: { drbg: Drbg }, job: (job: Job) => JobResult): Stream => ({
  next(n) {
    const [bytes, after] = draw(from.drbg, n)
    from.drbg = after
    return bytes
  },
  stir(proof) {
    from.drbg = stir(from.drbg, proof)
  },
  rsaKey(keyBits, exponent) {
    const found = job({ kind: 'rsa-key', keyBits, exponent, drbg: from.drbg })
    from.drbg = found.drbg
    return found
  },
})

/** Bits that a derivation parent gives at most. Part 1, 25.4.1, Equation 49. */
const DERIVED_BITS = 8192

/** The octets of KDFa, one after the other. @throws Error when there are no more, or for an RSA key */
export function derivedStream(alg: number, key: Bytes, label: Bytes, context: Bytes): Stream {
  const all = kdfa(alg, key, label, context, NONE, DERIVED_BITS)
  let at = 0
  return {
    next(n) {
      if (at + n > all.length) throw new Error('defect: a derived object that needs more than 1,024 octets')
      at += n
      return all.slice(at - n, at)
    },
    stir: () => undefined,
    rsaKey() {
      throw new Error('defect: RSA keys are not derived')
    },
  }
}
const NONE: Bytes = new Uint8Array(0)
