// RSA keys: RSASSA-PKCS1-v1_5, RSASSA-PSS, and what encrypts. Part 1, 43; Part 2, 12.2.3.4.

import { isPrime } from '../../crypto/primes.ts'
import { rsaIsPair, rsaPrivate, type RsaPublic, rsaPublic } from '../../crypto/rsa.ts'
import { pkcs1SignEncode, pssEncode, pssSaltSize, pssVerify } from '../../crypto/rsa-pad.ts'
import { equal } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import type { PublicOf } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { bound, checkSymmetric, has, isStorage } from './checks.ts'
import { addKind, type KeyKind, type Verdict } from './kind.ts'

type Key = PublicOf<typeof ALG.RSA>

/** The public exponent: zero stands for the usual one. Part 2, 12.2.3.4. */
const rsaExponent = (p: Key): number => p.parameters.exponent || 65_537

export const rsaKey = (p: Key): RsaPublic => ({ n: p.unique, e: rsaExponent(p) })

/** Any odd exponent above 2 for a public key alone. */
const isExponent = (e: number): boolean => e >= 3 && e % 2 === 1

/** With a private part, an exponent is a prime above 2^16: Part 1, 43.8.2. Support for any but zero is optional. */
const privateExponent = (p: Key): Verdict =>
  rsaExponent(p) < 65_537 || !isPrime(rsaExponent(p)) ? RC.RANGE : undefined

function schemeFits(p: Key): boolean {
  const sign = has(p, OBJECT.sign)
  const own = p.parameters.scheme.scheme
  if (isStorage(p) || (sign && has(p, OBJECT.decrypt))) return own === ALG.NULL
  if (sign) return own === ALG.RSASSA || own === ALG.RSAPSS || (own === ALG.NULL && !has(p, OBJECT.restricted))
  return own === ALG.RSAES || own === ALG.OAEP || own === ALG.NULL
}

const rsa: KeyKind<Key> = {
  checkScheme(p, profile) {
    const fits = schemeFits(p) ? undefined : RC.SCHEME
    return (
      checkSymmetric(p, p.parameters.symmetric, profile) ?? fits ?? (isExponent(rsaExponent(p)) ? undefined : RC.RANGE)
    )
  },

  make(p, stream, _, seedValue) {
    const key = stream.rsaKey(p.parameters.keyBits, rsaExponent(p))
    return { unique: key.n, sensitive: key.p, seedValue: seedValue(isStorage(p)) }
  },

  // A modulus has all its bits.
  checkUnique: p =>
    p.unique.length === p.parameters.keyBits / 8 && (p.unique[0] as number) >= 0x80 ? undefined : RC.KEY,

  checkPair(p, { sensitive: prime }) {
    if (prime.length * 2 !== p.unique.length) return RC.KEY_SIZE
    return bound(rsaIsPair(rsaKey(p), prime))
  },

  checkPrivate: privateExponent,

  // Part 1, 43.6 and 43.7.
  sign(p, { sensitive: prime }, s, _, digest, random) {
    const k = p.unique.length
    const encoded =
      s.alg === ALG.RSASSA
        ? pkcs1SignEncode(s.hash, k, digest)
        : pssEncode(s.hash, k, digest, random(pssSaltSize(s.hash, k)))
    const sig = encoded && rsaPrivate(rsaKey(p), prime, encoded)
    if (!sig) throw new Error('defect: an RSA key too short for its scheme')
    return { sigAlg: s.alg as typeof ALG.RSASSA, hash: s.hash, sig }
  },

  verify(p, _, __, digest, signature) {
    if (signature.sigAlg !== ALG.RSASSA && signature.sigAlg !== ALG.RSAPSS) return false
    const { hash: hashAlg, sig } = signature
    const k = p.unique.length
    const encoded = sig.length === k ? rsaPublic(rsaKey(p), sig) : undefined
    if (!encoded || digest.length !== digestSize(hashAlg)) return false
    if (signature.sigAlg === ALG.RSAPSS) return pssVerify(hashAlg, digest, encoded)
    const expected = pkcs1SignEncode(hashAlg, k, digest)
    return expected !== undefined && equal(expected, encoded)
  },
}

export const addRsa = (): void => addKind<Key>([ALG.RSA], rsa)
