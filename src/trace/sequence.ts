// Recorded register sequences, CRB and TIS: the members of a line, read with words for what is wrong, and the steps one
// after the other until one differs.

import type { Bytes } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'

const MOST_STEPS = 1_000_000

export type Json = { readonly [member: string]: unknown }

/** Where a replay left the recording; steps count from 1, the final digest has none. */
export interface MmioDifference {
  readonly name: string
  readonly wanted: string
  readonly came: string
  readonly step?: number
}

export class Left extends Error {
  readonly wanted: string
  readonly came: string
  constructor(wanted: string, came: string) {
    super('difference')
    this.wanted = wanted
    this.came = came
  }
}

export const bad = (what: string): never => {
  throw new Error(what)
}
export const show = (v: unknown): string => {
  const s = JSON.stringify(v) ?? 'missing'
  return s.length > 40 ? `${s.slice(0, 40)}…` : s
}
export const int = (v: unknown, what: string, max = 0xffff_ffff): number =>
  typeof v === 'number' && Number.isInteger(v) && v >= 0 && v <= max
    ? v
    : bad(`${what} must be a whole number up to ${max}, is ${show(v)}`)
export const text = (v: unknown, what: string): string =>
  typeof v === 'string' ? v : bad(`${what} must be a text, is ${show(v)}`)
export const flag = (v: unknown, what: string): boolean =>
  typeof v === 'boolean' ? v : bad(`${what} must be true or false, is ${show(v)}`)
export const object = (v: unknown, what: string): Json =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : bad(`${what} must be an object`)
export const list = (v: unknown, what: string): readonly unknown[] =>
  Array.isArray(v) ? (v as unknown[]) : bad(`${what} must be a list, is ${show(v)}`)
export const valueOf = (v: unknown, size: number): string => {
  const s = text(v, 'value')
  return s.length === 2 * size && /^[0-9a-f]*$/i.test(s)
    ? s.toLowerCase()
    : bad(`the value of ${size} bytes must be ${2 * size} hexadecimal digits, is ${show(v)}`)
}
export const hex = (v: number, digits: number): string => v.toString(16).padStart(digits, '0')
export const sizeOf = (v: unknown): 1 | 2 | 4 | 8 =>
  v === 1 || v === 2 || v === 4 || v === 8 ? v : bad(`an access size must be 1, 2, 4 or 8, is ${show(v)}`)
export const crcHex = (b: Bytes): string => hex(crc32(b), 8)

/** The recordings' pattern: byte k is (seed + i·37 + floor(i/256)·11) mod 256, with i = start + k. */
export const pattern = (length: number, seed: number, start: number): Bytes =>
  Uint8Array.from({ length }, (_, k) => {
    const i = start + k
    return (seed + i * 37 + Math.floor(i / 256) * 11) % 256
  })

/** The steps of a sequence, in order. @returns the first difference, or undefined */
export function replaySteps(
  name: string,
  steps: readonly unknown[],
  step: (s: readonly unknown[]) => void,
): MmioDifference | undefined {
  if (steps.length > MOST_STEPS) bad(`${steps.length} steps are more than ${MOST_STEPS}`)
  for (const [i, s] of steps.entries()) {
    try {
      step(list(s, 'a step'))
    } catch (e) {
      if (e instanceof Left) return { name, step: i + 1, wanted: e.wanted, came: e.came }
      throw new Error(`${name}, step ${i + 1}: ${(e as Error).message}`)
    }
  }
  return undefined
}

export const nameOf = (sequence: Json): string =>
  [sequence.id, sequence.title].filter(x => typeof x === 'string').join(' ') || 'sequence'

/** @param what the step in words, for the difference */
export function same(what: string, wanted: unknown, came: unknown): void {
  if (wanted !== came) throw new Left(`${what} ${String(wanted)}`, String(came))
}
