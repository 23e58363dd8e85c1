// The block cipher Camellia (RFC 3713; ISO/IEC 18033-3): blocks of 16 octets, keys of 16, 24 or 32. Words are of 32 bits, two
// for each of the 64 that the text works with.

import { type Bytes, fromHex } from '../lib/bytes.ts'
import type { BlockCipher } from './modes.ts'

/** Substitution boxes: RFC 3713, 2.4.1. The others follow from the first. */
const SBOX1 = fromHex(
  '70822cecb327c0e5e4855735ea0cae4123ef6b934519a521ed0e4f4e1d6592bd86b8af8f7ceb1fce3e30dc5f5ec50b1a' +
    'a6e139cad5475d3dd9015ad651566c4d8b0d9a66fbccb02d74122b20f0b18499df4ccbc2347e76056db7a931d11704d7' +
    '14583a61de1b111c320f9c165318f222fe44cfb2c3b57a912408e8a860fc6950aad0a07da1896297545b1e95e0ff64d2' +
    '10c40048a3f775db8a03e6da093fdd94875c8302cd4a90337367f6f39d7fbfe2529bd826c837c63b81966f4b13be632e' +
    'e979a78c9f6ebc8e29f5f9b62ffdb4597898066ae74671bad425ab4288a28dfa7207b955f8eeac0a36492a683c38f1a4' +
    '4028d37bbbc943c115e3adf477c7809e',
)
const rotated8 = (x: number, n: number): number => ((x << n) | (x >> (8 - n))) & 255
const box = (x: number): number => SBOX1[x] as number
const SBOX2 = Uint8Array.from(SBOX1, x => rotated8(x, 1))
const SBOX3 = Uint8Array.from(SBOX1, x => rotated8(x, 7))
const SBOX4 = Uint8Array.from(SBOX1, (_, x) => box(rotated8(x, 1)))

/** Each box with the octets of its half of P, 2.4.1: which of y1 to y4 an octet goes to. */
const spread = (boxOf: Bytes, to: number): Int32Array => Int32Array.from(boxOf, s => s * to)
const T1110 = spread(SBOX1, 0x01010100)
const T0222 = spread(SBOX2, 0x00010101)
const T3033 = spread(SBOX3, 0x01000101)
const T4404 = spread(SBOX4, 0x01010001)

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n))
const at = (t: Int32Array, x: number): number => t[x & 255] as number

/** State: four words, [0] and [1] the left half. `to` and `from` are where the halves of F's output and input begin. */
function feistel(s: Int32Array, from: number, to: number, k: Int32Array, n: number): void {
  const l = (s[from] as number) ^ (k[n] as number)
  const r = (s[from + 1] as number) ^ (k[n + 1] as number)
  const u = at(T1110, l >>> 24) ^ at(T0222, l >>> 16) ^ at(T3033, l >>> 8) ^ at(T4404, l)
  const v = at(T0222, r >>> 24) ^ at(T3033, r >>> 16) ^ at(T4404, r >>> 8) ^ at(T1110, r)
  const y = u ^ v
  s[to] = (s[to] as number) ^ y
  s[to + 1] = (s[to + 1] as number) ^ y ^ rotl(u, 24)
}

/** FL on the left half, its inverse on the right: RFC 3713, 2.4.2 and 2.4.3. */
function layer(s: Int32Array, k: Int32Array, n: number): void {
  let [l, r, L, R] = s as unknown as [number, number, number, number]
  r ^= rotl(l & (k[n] as number), 1)
  l ^= r | (k[n + 1] as number)
  L ^= R | (k[n + 3] as number)
  R ^= rotl(L & (k[n + 2] as number), 1)
  s.set([l, r, L, R])
}

const SIGMA = Int32Array.of(
  ...[0xa09e667f, 0x3bcc908b, 0xb67ae858, 0x4caa73b2, 0xc6ef372f, 0xe94f82be],
  ...[0x54ff53a5, 0xf1d36f1c, 0x10e527fa, 0xde682d1d, 0xb05688c2, 0xb3e6c1fd],
)
/** Which of KL, KR, KA and KB, rotated by how much, the subkeys are in their order: RFC 3713, 2.3. Pairs of 64 bits. */
type Piece = readonly [from: 'KL' | 'KR' | 'KA' | 'KB', by: number, half?: 0 | 1]
const SHORT: readonly Piece[] = [
  ...([
    ['KL', 0],
    ['KA', 0],
    ['KL', 15],
    ['KA', 15],
    ['KA', 30],
    ['KL', 45],
  ] as const),
  ...([
    ['KA', 45, 0],
    ['KL', 60, 1],
    ['KA', 60],
    ['KL', 77],
    ['KL', 94],
    ['KA', 94],
    ['KL', 111],
    ['KA', 111],
  ] as const),
]
const LONG: readonly Piece[] = [
  ...([
    ['KL', 0],
    ['KB', 0],
    ['KR', 15],
    ['KA', 15],
    ['KR', 30],
    ['KB', 30],
    ['KL', 45],
    ['KA', 45],
  ] as const),
  ...([
    ['KL', 60],
    ['KR', 60],
    ['KB', 60],
    ['KL', 77],
    ['KA', 77],
    ['KR', 94],
    ['KA', 94],
    ['KL', 111],
  ] as const),
  ['KB', 111],
]

function words(b: Bytes): Int32Array {
  const view = new DataView(Uint8Array.from(b).buffer)
  return Int32Array.from({ length: b.length / 4 }, (_, i) => view.getInt32(4 * i))
}

/** Four words, rotated left by bits. */
function rotated(w: Int32Array, by: number): Int32Array {
  const word = (i: number): number => w[(i + (by >> 5)) & 3] as number
  const n = by & 31
  return Int32Array.from({ length: 4 }, (_, i) => (n === 0 ? word(i) : (word(i) << n) | (word(i + 1) >>> (32 - n))))
}

/** All subkeys in the order of use, whitening at both ends: RFC 3713, 2.2. */
function schedule(key: Bytes): Int32Array {
  const given = words(key)
  const KL = given.slice(0, 4)
  const KR = new Int32Array(4)
  KR.set(given.slice(4))
  if (key.length === 24) KR.set([~(KR[0] as number), ~(KR[1] as number)], 2)
  const add = (a: Int32Array, b: Int32Array): Int32Array => a.map((x, i) => x ^ (b[i] as number))
  const rounds = (s: Int32Array, sigma: number): Int32Array => {
    feistel(s, 0, 2, SIGMA, 4 * sigma)
    feistel(s, 2, 0, SIGMA, 4 * sigma + 2)
    return s
  }
  const KA = rounds(add(rounds(add(KL, KR), 0), KL), 1)
  const KB = rounds(add(KA, KR), 2)
  const of = { KL, KR, KA, KB }
  return Int32Array.from(
    (key.length === 16 ? SHORT : LONG).flatMap(([from, by, half]) => {
      const all = [...rotated(of[from], by)]
      return half === undefined ? all : all.slice(2 * half, 2 * half + 2)
    }),
  )
}

/** The same structure with the subkeys the other way round decrypts. RFC 3713, 2.4. */
function reversed(k: Int32Array): Int32Array {
  const pairs = Array.from({ length: k.length / 2 }, (_, i) => [k[2 * i] as number, k[2 * i + 1] as number])
  const [a, b] = pairs.splice(0, 2) as [number[], number[]]
  const [y, z] = pairs.splice(-2, 2) as [number[], number[]]
  return Int32Array.from([y, z, ...pairs.reverse(), a, b].flat())
}

/** Six rounds between layers: 18 for keys of 16 octets, 24 for longer ones. */
function crypt(k: Int32Array, block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, 16)
  const s = Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i) ^ (k[i] as number))
  let n = 4
  const last = k.length - 4
  for (let round = 0; n < last; round++) {
    if (round > 0 && round % 6 === 0) {
      layer(s, k, n)
      n += 4
    }
    feistel(s, round % 2 === 0 ? 0 : 2, round % 2 === 0 ? 2 : 0, k, n)
    n += 2
  }
  for (let i = 0; i < 4; i++) view.setInt32(4 * i, (s[(i + 2) % 4] as number) ^ (k[last + i] as number))
}

/** @param key 16, 24 or 32 octets */
export function camellia(key: Bytes): BlockCipher {
  const forward = schedule(key)
  const back = reversed(forward)
  return { size: 16, encrypt: block => crypt(forward, block), decrypt: block => crypt(back, block) }
}
