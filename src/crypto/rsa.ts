// RSA (RFC 8017): the public and the private primitive on bytes. A private key is its one prime p, as a TPM stores it
// (Part 1, 43.3); the rest of it is worked out once and remembered beside the state.

import { type Bytes, concat, be32, readBe32 } from '../lib/bytes.ts'
import { cached } from './cache.ts'
import { bitLength, modInverse, modPow, toBytes, toInt } from './modpow.ts'

export interface RsaPublic {
  /** The modulus, with no leading zero. */
  readonly n: Bytes
  readonly e: number
}

interface RsaPrivate {
  readonly p: bigint
  readonly q: bigint
  readonly dP: bigint
  readonly dQ: bigint
  readonly qInv: bigint
}

/** RSAEP (5.1.1): k octets; undefined when the message is not less than the modulus. */
export function rsaPublic({ n, e }: RsaPublic, message: Bytes): Bytes | undefined {
  const modulus = toInt(n)
  const m = toInt(message)
  return m < modulus ? toBytes(modPow(m, BigInt(e), modulus), n.length) : undefined
}

function expand(n: bigint, p: bigint, e: bigint): RsaPrivate | undefined {
  if (p < 3n || n % p !== 0n) return undefined
  const q = n / p
  if (q < 3n) return undefined
  const dP = modInverse(e, p - 1n)
  const dQ = modInverse(e, q - 1n)
  const qInv = modInverse(q % p, p)
  return dP === undefined || dQ === undefined || qInv === undefined ? undefined : { p, q, dP, dQ, qInv }
}

/** Keys expanded from e, length of n, n, p. */
const KEYS = cached(key => {
  const size = readBe32(key, 4)
  return { key: expand(toInt(key.slice(8, 8 + size)), toInt(key.slice(8 + size)), BigInt(readBe32(key, 0))) }
})

const privateOf = ({ n, e }: RsaPublic, p: Bytes): RsaPrivate | undefined =>
  KEYS(concat(be32(e), be32(n.length), n, p)).key

/** Whether p is one of two factors of n that are both half as long as n, and e has its inverse. */
export function rsaIsPair(key: RsaPublic, p: Bytes): boolean {
  const k = privateOf(key, p)
  const half = (key.n.length * 8) / 2
  return k !== undefined && bitLength(k.p) === half && bitLength(k.q) === half
}

/**
 * RSADP (5.1.2) with the Chinese remainders: k octets; undefined when the ciphertext is not less than the modulus.
 * @param p a prime factor of n
 */
export function rsaPrivate(key: RsaPublic, p: Bytes, ciphertext: Bytes): Bytes | undefined {
  const k = privateOf(key, p)
  if (!k) throw new Error('defect: the private part of another RSA key')
  const c = toInt(ciphertext)
  if (c >= toInt(key.n)) return undefined
  const m1 = modPow(c % k.p, k.dP, k.p)
  const m2 = modPow(c % k.q, k.dQ, k.q)
  const h = ((((m1 - m2) % k.p) + k.p) * k.qInv) % k.p
  return toBytes(m2 + h * k.q, key.n.length)
}
