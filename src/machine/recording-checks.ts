// How the members of a recording are read: each as what it must be, or refused in a sentence that names the place.

import { fromHex } from '../lib/bytes.ts'

export class RecordingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RecordingError'
  }
}

export type Json = { readonly [k: string]: unknown }

/** Bytes of the longest message, and of the largest buffer. */
export const MOST_BYTES = 65_536

export const fail = (where: string, what: string): never => {
  throw new RecordingError(`${where}: ${what}`)
}
export const object = (v: unknown, where: string): Json =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : fail(where, 'must be an object')
export const array = (v: unknown, where: string): readonly unknown[] =>
  Array.isArray(v) ? v : fail(where, 'must be a list')
export const text = (v: unknown, where: string): string => (typeof v === 'string' ? v : fail(where, 'must be a text'))
export const flag = (v: unknown, where: string): boolean =>
  typeof v === 'boolean' ? v : fail(where, 'must be true or false')
export const int = (v: unknown, where: string, min: number, max: number): number =>
  typeof v === 'number' && Number.isInteger(v) && v >= min && v <= max
    ? v
    : fail(where, `must be a whole number from ${min} to ${max}`)
export const hex = (v: unknown, where: string): string => {
  const s = text(v, where)
  try {
    fromHex(s)
  } catch (e) {
    return fail(where, (e as Error).message)
  }
  return s
}
