// The search for the two primes of an RSA key, as a value that can be put down and taken up again. Everything random comes
// from one generator, drawn from in the order of the TCG reference code, so that the same seed and template give the same
// key there and here: candidates of half the key size, a sieve around each, Miller-Rabin (FIPS 186-5, B.3.1) on what is left.

import { modPow, toBytes, toInt } from './modpow.ts'
import { type Drbg, draw } from './drbg.ts'
import { type Bytes, raw } from '../lib/bytes.ts'

/** Odd numbers from `base` on that no small prime divides and that were not tried yet: bit i stands for base + 2i. */
interface Field {
  readonly base: bigint
  readonly bits: Uint8Array
  readonly left: number
  /** Chooses among those left. */
  readonly chooser: number
}

export interface PrimeSearch {
  /** Bits of the modulus. */
  readonly keyBits: number
  readonly exponent: number
  readonly drbg: Drbg
  /** The prime found first, q. */
  readonly first: bigint | undefined
  readonly field: Field | undefined
}

/** The key: p is the prime found last, half as long as n; and the generator after the search. */
export interface FoundKey {
  readonly p: Bytes
  readonly n: Bytes
  readonly drbg: Drbg
}

export const startSearch = (keyBits: number, exponent: number, drbg: Drbg): PrimeSearch => ({
  keyBits,
  exponent,
  drbg,
  first: undefined,
  field: undefined,
})

const FIELD_BITS = 16_384

const SMALL_PRIMES: readonly number[] = (() => {
  const composite = new Uint8Array(65_536)
  const primes: number[] = []
  for (let n = 3; n < composite.length; n += 2) {
    if (composite[n] === 1) continue
    primes.push(n)
    for (let m = n * n; m < composite.length; m += 2 * n) composite[m] = 1
  }
  return primes
})()

/** Whether a number below 2^32 is prime. */
export const isPrime = (n: number): boolean =>
  n === 2 || (n > 2 && n % 2 === 1 && SMALL_PRIMES.every(p => n === p || n % p !== 0))

/** Small primes that a candidate is sieved with: more of them, the longer it is. */
const sieveLimit = (bits: number): number => (bits <= 512 ? 8_167 : bits <= 1024 ? 38_891 : 65_535)

/** Rounds of Miller-Rabin by bits of the candidate. */
const rounds = (bits: number): number => (bits < 511 ? 8 : bits < 1536 ? 5 : 4)

const LOW = 0xffff_ffffn

/** Random bits scaled into [sqrt(1/2), 1), so that the product of two has all its bits; odd. */
function adjust(random: bigint, bits: number): bigint {
  const below = BigInt(bits - 32)
  const top = Number(random >> below)
  // 0xb505 / 0x10000 is sqrt(1/2) and 0x4afb / 0x10000 what is missing to 1.
  const scaled = (top >>> 16) * 0x4afb + (((top & 0xffff) * 0x4afb) >>> 16) + 0xb505_0000
  return (BigInt(scaled) << below) | (random & ((1n << below) - 1n)) | 1n
}

function sieve(candidate: bigint, bits: number): Field {
  // The field begins at an odd multiple of 105.
  const rest = Number(candidate % 105n)
  const base = candidate - BigInt(rest % 2 === 1 ? rest + 105 : rest)
  const divisible = new Uint8Array(FIELD_BITS)
  const limit = sieveLimit(bits)
  // One division of the long number serves all the primes whose product stays exact.
  let group: number[] = []
  let product = 1
  const strike = (): void => {
    const r = Number(base % BigInt(product))
    for (const p of group) {
      const short = r % p
      let at = short === 0 ? 0 : short % 2 === 1 ? (p - short) / 2 : p - short / 2
      for (; at < FIELD_BITS; at += p) divisible[at] = 1
    }
    group = []
    product = 1
  }
  for (const p of SMALL_PRIMES) {
    if (p > limit) break
    if (product * p > Number.MAX_SAFE_INTEGER) strike()
    group.push(p)
    product *= p
  }
  strike()
  const field = divisible.map(d => 1 - d)
  let left = 0
  for (const b of field) left += b
  return { base, bits: field, left, chooser: Number(candidate & LOW) | 0x8000_0000 }
}

function nthSet(bits: Uint8Array, n: number): number {
  let seen = 0
  for (let i = 0; i < bits.length; i++) if (bits[i] === 1 && ++seen === n) return i
  throw new Error(`defect: a field with fewer than ${n} candidates`)
}

/** FIPS 186-5, B.3.1, with bases from the generator. */
function millerRabin(w: bigint, bits: number, drbg: Drbg): readonly [boolean, Drbg] {
  const minusOne = w - 1n
  let a = 0
  while (((minusOne >> BigInt(a)) & 1n) === 0n) a++
  const m = minusOne >> BigInt(a)
  let state = drbg
  for (let i = rounds(bits); i > 0; i--) {
    let b = 0n
    while (b <= 1n || b >= minusOne) {
      const [bytes, next] = draw(state, bits / 8)
      state = next
      b = toInt(bytes)
    }
    let z = modPow(b, m, w)
    for (let j = 1; j < a && z !== 1n && z !== minusOne; j++) {
      z = (z * z) % w
      if (z === 1n) return [false, state]
    }
    if (z !== minusOne && z !== 1n) return [false, state]
  }
  return [true, state]
}

/** The key of two primes; undefined when they are too near to each other: Part 1, 43.8.3, step 4. */
function keyOf(s: PrimeSearch, p: bigint, q: bigint): FoundKey | undefined {
  const difference = p > q ? p - q : q - p
  if (difference <= 1n << BigInt(s.keyBits / 2 - 100)) return undefined
  const size = s.keyBits / 8
  return { p: toBytes(p, size / 2), n: toBytes(p * q, size), drbg: s.drbg }
}

export const isFound = (s: PrimeSearch | FoundKey): s is FoundKey => 'p' in s

/** Goes on with a search. @param budget candidates to try at most */
export function advance(search: PrimeSearch, budget: number): PrimeSearch | FoundKey {
  let s = search
  const bits = s.keyBits / 2
  const e = BigInt(s.exponent)
  for (let tried = 0; tried < budget; ) {
    if (!s.field || s.field.left === 0) {
      const [bytes, drbg] = draw(s.drbg, bits / 8)
      s = { ...s, drbg, field: sieve(adjust(toInt(bytes), bits), bits) }
      continue
    }
    const { base, bits: marks, left, chooser } = s.field
    const at = nthSet(marks, ((chooser >>> 0) % left) + 1)
    const candidate = base + BigInt(2 * at)
    const rest = candidate % e
    let prime = false
    let { drbg } = s
    if (rest > 1n) {
      ;[prime, drbg] = millerRabin(candidate, bits, drbg)
      tried++
    }
    if (!prime) {
      const kept = raw(marks).slice()
      kept[at] = 0
      s = { ...s, drbg, field: { base, bits: kept, left: left - 1, chooser } }
      continue
    }
    s = { ...s, drbg, field: undefined }
    if (s.first === undefined) s = { ...s, first: candidate }
    else {
      const found = keyOf(s, candidate, s.first)
      if (found) return found
    }
  }
  return s
}
