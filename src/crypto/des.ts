// Triple DES (NIST SP 800-67; FIPS 46-3): blocks of 8 octets, keys of 16 (the third is the first) or 24. Deprecated in the
// TPM library 1.85 (Part 2, Table 8); older TPMs have it.

import type { Bytes } from '../lib/bytes.ts'
import type { BlockCipher } from './modes.ts'

/** Permutations and choices tell which bit comes to each place, counted from 1. FIPS 46-3, 3 and Appendix 1. */
const INITIAL = [58, 60, 62, 64, 57, 59, 61, 63].flatMap(n => Array.from({ length: 8 }, (_, i) => n - 8 * i))
const FINAL = INITIAL.map((_, i) => INITIAL.indexOf(i + 1) + 1)
const P = [
  ...[16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10],
  ...[2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25],
]
const CHOICE1 = [
  ...[57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36],
  ...[63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4],
]
const CHOICE2 = [
  ...[14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2],
  ...[41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32],
]
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
/** S1 to S8: four rows of sixteen values. */
const BOXES = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
]

/** Each box with P after it, by the six bits that go in: the outer two choose the row. */
const TABLES = BOXES.map((box, n) =>
  Int32Array.from({ length: 64 }, (_, six) => {
    const row = ((six >> 4) & 2) | (six & 1)
    const value = Number.parseInt(box.charAt(16 * row + ((six >> 1) & 15)), 16) << (28 - 4 * n)
    return P.reduce((all, from, to) => all | (((value >>> (32 - from)) & 1) << (31 - to)), 0)
  }),
)

type Half = readonly [left: number, right: number]

/** 64 bits permuted. */
function permuted([left, right]: Half, order: readonly number[]): Half {
  const out: [number, number] = [0, 0]
  for (const [to, from] of order.entries()) {
    const word = from > 32 ? right : left
    const bit = (word >>> (31 - ((from - 1) & 31))) & 1
    out[to >> 5] = (out[to >> 5] as number) | (bit << (31 - (to & 31)))
  }
  return out
}

/** Sixteen subkeys of eight times six bits. */
function schedule(key: Bytes): readonly Uint8Array[] {
  const bits = CHOICE1.map(n => ((key[(n - 1) >> 3] as number) >> (7 - ((n - 1) & 7))) & 1)
  let [c, d] = [bits.slice(0, 28), bits.slice(28)]
  return SHIFTS.map(by => {
    c = [...c.slice(by), ...c.slice(0, by)]
    d = [...d.slice(by), ...d.slice(0, by)]
    const all = [...c, ...d]
    const chosen = CHOICE2.map(n => all[n - 1] as number)
    return Uint8Array.from({ length: 8 }, (_, i) =>
      chosen.slice(6 * i, 6 * i + 6).reduce((six, bit) => 2 * six + bit, 0),
    )
  })
}

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n))

/** The sixteen rounds, and the halves exchanged. Between two ciphers of three the permutations cancel. */
function rounds([l, r]: Half, keys: readonly Uint8Array[]): Half {
  let [left, right] = [l, r]
  for (const key of keys) {
    let f = 0
    // The expansion: six bits around each four, the last followed by the first.
    for (let i = 0; i < 8; i++) f ^= TABLES[i]?.[(rotl(right, (4 * i + 5) & 31) & 63) ^ (key[i] as number)] as number
    ;[left, right] = [right, left ^ f]
  }
  return [right, left]
}

/** @param key 16 or 24 octets; their parity bits do not matter */
export function tripleDes(key: Bytes): BlockCipher {
  const [one, two] = [schedule(key.slice(0, 8)), schedule(key.slice(8, 16))]
  const three = key.length > 16 ? schedule(key.slice(16)) : one
  const back = (keys: readonly Uint8Array[]): readonly Uint8Array[] => [...keys].reverse()
  const crypt = (passes: readonly (readonly Uint8Array[])[]) => (block: Uint8Array) => {
    const view = new DataView(block.buffer, block.byteOffset, 8)
    let halves = permuted([view.getInt32(0), view.getInt32(4)], INITIAL)
    for (const pass of passes) halves = rounds(halves, pass)
    const [left, right] = permuted(halves, FINAL)
    view.setInt32(0, left)
    view.setInt32(4, right)
  }
  return { size: 8, encrypt: crypt([one, back(two), three]), decrypt: crypt([back(three), two, back(one)]) }
}

/** Weak and semi-weak keys, with odd parity: SP 800-67, 3.3.2. */
const WEAK: ReadonlySet<string> = new Set(
  ['0101', 'fefe', 'e0e0f1f1', '1f1f0e0e', '01fe', 'fe01', '1fe00ef1', 'e01ff10e', '01e001f1', 'e001f101']
    .concat(['1ffe0efe', 'fe1ffe0e', '011f010e', '1f010e01', 'e0fef1fe', 'fee0fef1'])
    .map(k => (k.length === 4 ? k.repeat(4) : k.slice(0, 4).repeat(2) + k.slice(4).repeat(2))),
)

/** The key with odd parity in each octet. */
export const withOddParity = (key: Bytes): Bytes =>
  Uint8Array.from(key, octet => {
    let ones = 0
    for (let i = 1; i < 8; i++) ones += (octet >> i) & 1
    return (octet & 0xfe) | ((ones + 1) & 1)
  })

/** Whether the parts of a key with odd parity differ, and none is weak. */
export function isStrong(key: Bytes): boolean {
  const hex = Array.from(key, octet => octet.toString(16).padStart(2, '0')).join('')
  const parts = hex.match(/.{16}/g) ?? []
  return new Set(parts).size === parts.length && !parts.some(p => WEAK.has(p))
}
