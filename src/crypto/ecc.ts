// Elliptic curves by TPM_ECC_CURVE (Part 2, 6.4, Table 9): key pairs, ECDSA over digests, and the shared point of ECDH.
// The curves themselves are in curves.ts, so that a page can begin without them.

import type { ECDSA } from '@noble/curves/abstract/weierstrass.js'
import { be16, type Bytes, concat, fromHex, raw, toHex } from '../lib/bytes.ts'
import { cached } from './cache.ts'

const CURVES = new Map<number, ECDSA>()

/** Public points that were multiplied before, and how often: those that come again get a table. Only time depends on it. */
const seenAt = cached((_: Bytes): { point?: ReturnType<typeof pointOf>; uses: number } => ({ uses: 0 }))
/** A table of this window takes as long to make as one multiplication without it. */
const WINDOW = 4
const WORTH_A_TABLE = 3

/** Adds a curve. @param curve TPM_ECC_CURVE */
export const registerCurve = (curve: number, ecdsa: ECDSA): void => {
  CURVES.set(curve, ecdsa)
}

const of = (curve: number): ECDSA => {
  const c = CURVES.get(curve)
  if (!c) throw new Error(`defect: no curve 0x${curve.toString(16)}`)
  return c
}

export interface Point {
  readonly x: Bytes
  readonly y: Bytes
}

/** Bytes of a coordinate. */
export const eccSize = (curve: number): number => of(curve).Point.Fp.BYTES
/** Bytes of the order of the generator. */
export const eccOrderSize = (curve: number): number => of(curve).Point.Fn.BYTES

export const toInt = (b: Bytes): bigint => (b.length === 0 ? 0n : BigInt(`0x${toHex(b)}`))
export const toBytes = (v: bigint, size: number): Bytes => fromHex(v.toString(16).padStart(2 * size, '0'))
const padded = (b: Bytes, size: number): Bytes => (b.length >= size ? b : concat(new Uint8Array(size - b.length), b))

/** The numbers that define a curve y² = x³ + ax + b over the field of p, with a generator of order n and cofactor h. */
export interface CurveParameters {
  readonly p: bigint
  readonly a: bigint
  readonly b: bigint
  readonly x: bigint
  readonly y: bigint
  readonly n: bigint
  readonly h: bigint
}
export function eccParameters(curve: number): CurveParameters {
  const { p, a, b, Gx: x, Gy: y, n, h } = of(curve).Point.CURVE()
  return { p, a, b, x, y, n, h }
}

/** A private key from order size + 8 random bytes: their number mod (n - 1), plus 1. (FIPS 186-5, A.2.1.) */
export function eccPrivate(curve: number, random: Bytes): Bytes {
  const n = of(curve).Point.Fn.ORDER
  return toBytes((toInt(random) % (n - 1n)) + 1n, eccOrderSize(curve))
}

/** The public point of a private key; undefined when the key is not in 1 … n - 1. */
export function eccPublic(curve: number, d: Bytes): Point | undefined {
  const c = of(curve)
  const k = toInt(d)
  if (k <= 0n || k >= c.Point.Fn.ORDER) return undefined
  return affine(curve, c.Point.BASE.multiply(k))
}

const affine = (curve: number, p: { readonly x: bigint; readonly y: bigint }): Point => ({
  x: toBytes(p.x, eccSize(curve)),
  y: toBytes(p.y, eccSize(curve)),
})

const pointOf = (curve: number, p: Point) => {
  try {
    const point = of(curve).Point.fromAffine({ x: toInt(p.x), y: toInt(p.y) })
    point.assertValidity()
    return point
  } catch {
    return undefined
  }
}

export const isOnCurve = (curve: number, p: Point): boolean => pointOf(curve, p) !== undefined

/** ECDSA over a digest. @param entropy mixed into the nonce of RFC 6979. @returns r and s, of the order's size */
export function ecdsaSign(curve: number, d: Bytes, digest: Bytes, entropy: Bytes): { r: Bytes; s: Bytes } {
  const size = eccOrderSize(curve)
  const signature = of(curve).sign(raw(digest), raw(padded(d, size)), {
    prehash: false,
    lowS: false,
    extraEntropy: raw(entropy),
  })
  return { r: signature.slice(0, size), s: signature.slice(size) }
}

/** A point that public factors are multiplied with; undefined when it is not on the curve. */
function publicPoint(curve: number, p: Point) {
  const seen = seenAt(concat(be16(curve), be16(p.x.length), p.x, p.y))
  seen.point ??= pointOf(curve, p)
  if (++seen.uses === WORTH_A_TABLE) seen.point?.precompute(WINDOW)
  return seen.point
}

/** The leftmost bits of a digest, as many as the order has: FIPS 186-5, 6.4.1. */
function digestNumber(curve: number, digest: Bytes): bigint {
  const spare = 8 * digest.length - of(curve).Point.Fn.BITS
  return spare > 0 ? toInt(digest) >> BigInt(spare) : toInt(digest)
}

/** FIPS 186-5, 6.4.2. */
export function ecdsaVerify(curve: number, key: Point, digest: Bytes, r: Bytes, s: Bytes): boolean {
  const { BASE, Fn } = of(curve).Point
  const point = publicPoint(curve, key)
  const [first, second] = [toInt(r), toInt(s)]
  if (!point || !Fn.isValidNot0(first) || !Fn.isValidNot0(second)) return false
  const inverse = Fn.inv(second)
  const ofBase = Fn.create(digestNumber(curve, digest) * inverse)
  const ofKey = Fn.create(first * inverse)
  const sum = BASE.multiplyUnsafe(ofBase).add(point.multiplyUnsafe(ofKey))
  return !sum.is0() && Fn.create(sum.x) === first
}

/** d times a point; undefined when the point is not on the curve, or the product is the point at infinity. */
export function eccMultiply(curve: number, d: Bytes, p: Point): Point | undefined {
  const point = pointOf(curve, p)
  const k = toInt(d) % of(curve).Point.Fn.ORDER
  if (!point || k === 0n) return undefined
  return affine(curve, point.multiply(k))
}

/** a times the first point plus b times the second, with public factors; undefined for the point at infinity. */
export function eccCombine(curve: number, a: bigint, p: Point, b: bigint, q: Point): Point | undefined {
  const n = of(curve).Point.Fn.ORDER
  const times = (k: bigint, point: Point) => publicPoint(curve, point)?.multiplyUnsafe(((k % n) + n) % n)
  const one = times(a, p)
  const two = times(b, q)
  if (!one || !two) return undefined
  const sum = one.add(two)
  return sum.is0() ? undefined : affine(curve, sum)
}

/** The generator. */
export const eccGenerator = (curve: number): Point => affine(curve, of(curve).Point.BASE)

/** An uncompressed point: 04, x, y, each coordinate padded. */
export const uncompressed = (curve: number, p: Point): Bytes =>
  concat(Uint8Array.of(4), padded(p.x, eccSize(curve)), padded(p.y, eccSize(curve)))
