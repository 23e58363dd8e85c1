// Numbers and bytes as they are shown everywhere: thousands apart, hexadecimal in lower case, virtual time in its unit.

import type { Bytes } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'

export { count }
export const hex = (v: number, digits: number): string => v.toString(16).padStart(digits, '0')
export const plural = (v: number, one: string, many = `${one}s`): string => `${count(v)} ${v === 1 ? one : many}`

/** Virtual microseconds in words. */
export function duration(us: number): string {
  if (us < 1_000) return `${us} µs`
  if (us < 1_000_000) return `${(us / 1_000).toFixed(us < 100_000 ? 1 : 0)} ms`
  return `${(us / 1_000_000).toFixed(1)} s`
}

/** A handle, word or the beginning of bytes in groups of four. */
export const word = (v: number): string => hex(v, 8)
export const short = (b: Bytes, most: number): string => {
  let s = ''
  for (let i = 0; i < Math.min(b.length, most); i++) s += hex(b[i] as number, 2)
  return b.length > most ? `${s}…` : s
}
