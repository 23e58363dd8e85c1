// Big numbers as RSA needs them: from and to bytes, modular powers with a window of five bits, inverses. Plain BigInt: its
// division is faster here than Montgomery's or Barrett's reduction written over its multiplication (measured).

import { type Bytes, fromHex, toHex } from '../lib/bytes.ts'

export const toInt = (b: Bytes): bigint => (b.length === 0 ? 0n : BigInt(`0x${toHex(b)}`))

/** Big-endian, `size` bytes; the value fits. */
export const toBytes = (v: bigint, size: number): Bytes => fromHex(v.toString(16).padStart(2 * size, '0'))

export const bitLength = (v: bigint): number => (v === 0n ? 0 : v.toString(2).length)

const WINDOW = 5

/** base ** exponent mod modulus; the base is less than the modulus, which is more than 1. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const bits = exponent.toString(2)
  let r = 1n
  if (bits.length <= 4 * WINDOW) {
    for (const bit of bits) {
      r = (r * r) % modulus
      if (bit === '1') r = (r * base) % modulus
    }
    return r
  }
  const powers = [1n, base]
  for (let i = 2; i < 1 << WINDOW; i++) powers.push(((powers[i - 1] as bigint) * base) % modulus)
  const digits = bits.padStart(Math.ceil(bits.length / WINDOW) * WINDOW, '0')
  for (let at = 0; at < digits.length; at += WINDOW) {
    for (let i = 0; i < WINDOW; i++) r = (r * r) % modulus
    const digit = Number.parseInt(digits.slice(at, at + WINDOW), 2)
    if (digit !== 0) r = (r * (powers[digit] as bigint)) % modulus
  }
  return r
}

/** 1 / a mod m; undefined when there is none. */
export function modInverse(a: bigint, m: bigint): bigint | undefined {
  let [r0, r1] = [m, a % m]
  let [t0, t1] = [0n, 1n]
  while (r1 !== 0n) {
    const q = r0 / r1
    ;[r0, r1] = [r1, r0 - q * r1]
    ;[t0, t1] = [t1, t0 - q * t1]
  }
  if (r0 !== 1n) return undefined
  return t0 < 0n ? t0 + m : t0
}
