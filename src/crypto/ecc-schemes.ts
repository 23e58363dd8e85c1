// What elliptic curve keys do besides ECDSA and ECDH: EC Schnorr (Part 1, 44.3.4), ECDAA (Part 1, 44.3.3) and the key
// exchanges in two phases (Part 1, 44.8.4; SP 800-56A, 6.1.1).

import { type Bytes, EMPTY } from '../lib/bytes.ts'
import {
  eccCombine,
  eccGenerator,
  eccMultiply,
  eccOrderSize,
  eccParameters,
  eccPrivate,
  eccPublic,
  eccSize,
  isOnCurve,
  type Point,
  toBytes,
  toInt,
} from './ecc.ts'
import { hash } from './hash.ts'

export interface EccSignature {
  readonly r: Bytes
  readonly s: Bytes
}

/** The digest that EC Schnorr binds to its point: cut at its end to the octets of the order. */
const schnorrDigest = (curve: number, hashAlg: number, e: Point, digest: Bytes): Bytes =>
  hash(hashAlg, toBytes(toInt(e.x), eccOrderSize(curve)), digest).slice(0, eccOrderSize(curve))

/** @param random gives that many random octets */
export function schnorrSign(
  curve: number,
  d: Bytes,
  hashAlg: number,
  digest: Bytes,
  random: (n: number) => Bytes,
): EccSignature {
  const { n } = eccParameters(curve)
  const size = eccOrderSize(curve)
  for (;;) {
    const k = eccPrivate(curve, random(size + 8))
    const r = schnorrDigest(curve, hashAlg, eccPublic(curve, k) as Point, digest)
    const s = (toInt(k) + toInt(r) * toInt(d)) % n
    if (s !== 0n && s !== toInt(k)) return { r, s: toBytes(s, size) }
  }
}

export function schnorrVerify(curve: number, key: Point, hashAlg: number, digest: Bytes, r: Bytes, s: Bytes): boolean {
  const { n } = eccParameters(curve)
  const value = toInt(s)
  if (value <= 0n || value >= n || !isOnCurve(curve, key)) return false
  const e = eccCombine(curve, value, eccGenerator(curve), -toInt(r), key)
  return e !== undefined && toInt(schnorrDigest(curve, hashAlg, e, digest)) === toInt(r)
}

/** @param commit the r of TPM2_Commit */
export function ecdaaSign(
  curve: number,
  d: Bytes,
  hashAlg: number,
  digest: Bytes,
  commit: Bytes,
  random: (n: number) => Bytes,
): EccSignature {
  const { n } = eccParameters(curve)
  const size = eccOrderSize(curve)
  for (;;) {
    const k = eccPrivate(curve, random(size + 8))
    const t = toInt(hash(hashAlg, k, digest)) % n
    const s = (toInt(commit) + t * toInt(d)) % n
    if (s !== 0n) return { r: k, s: toBytes(s, size) }
  }
}

/** The number r of a commit, mod n; undefined in the negligible case that it is 0. */
export function eccScalar(curve: number, octets: Bytes): Bytes | undefined {
  const r = toInt(octets) % eccParameters(curve).n
  return r === 0n ? undefined : toBytes(r, eccOrderSize(curve))
}

/** An x coordinate from a digest: its number mod p. */
export const eccCoordinate = (curve: number, digest: Bytes): Bytes =>
  toBytes(toInt(digest) % eccParameters(curve).p, eccSize(curve))

/** The associated value function of a public key. Part 1, 44.8.4.3. */
function associated(curve: number, q: Point): bigint {
  const bits = eccParameters(curve).n.toString(2).length
  const f = BigInt(Math.ceil(bits / 2))
  return (1n << f) + (toInt(q.x) & ((1n << f) - 1n))
}

/** Our static and ephemeral private keys with the static and ephemeral public keys of the other party. */
export interface TwoPhase {
  readonly ds: Bytes
  readonly de: Bytes
  readonly qs: Point
  readonly qe: Point
}

/** What stands for the point at infinity in a response. */
const NOTHING: Point = { x: EMPTY, y: EMPTY }

/** Full Unified Model: two shared points. */
export const unified = (curve: number, k: TwoPhase): readonly [Point, Point] => [
  eccMultiply(curve, k.ds, k.qs) ?? NOTHING,
  eccMultiply(curve, k.de, k.qe) ?? NOTHING,
]

/** Full MQV: one shared point. All curves here have cofactor 1. */
export function mqv(curve: number, k: TwoPhase): Point {
  const { n } = eccParameters(curve)
  const own = eccPublic(curve, k.de) as Point
  const t = (toInt(k.de) + toInt(k.ds) * associated(curve, own)) % n
  const sum = eccCombine(curve, 1n, k.qe, associated(curve, k.qe), k.qs)
  return (sum && eccMultiply(curve, toBytes(t, eccOrderSize(curve)), sum)) ?? NOTHING
}
