// What both sides of the encoding of values know: the kinds of value, and the one form in which each is written.

import type { Bytes } from '../lib/bytes.ts'

/** One octet before every value. Never renumber: images hold them. */
export const TAG = {
  UNDEFINED: 0,
  NULL: 1,
  FALSE: 2,
  TRUE: 3,
  /** A whole number from 0 to 2^32 - 1. */
  U32: 4,
  /** Any other number, as IEEE 754 binary64. */
  F64: 5,
  /** Sign, length, magnitude without leading zeros. */
  BIG: 6,
  TEXT: 7,
  BYTES: 8,
  ARRAY: 9,
  /** Members in rising order of their names. */
  OBJECT: 10,
  /** Entries in the order of their encoded keys. */
  MAP: 11,
} as const

export const isU32 = (v: number): boolean => Number.isInteger(v) && v >= 0 && v <= 0xffffffff && !Object.is(v, -0)

/** The order of keys of a map. */
export function compare(a: Bytes, b: Bytes): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return a.length - b.length
}
