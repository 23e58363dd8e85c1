// How a message of `serve --live` or `bridge` is read: each member as what it must be, or refused in a sentence.

import { type Bytes, fromHex } from '../lib/bytes.ts'

/** Something that is not of this protocol. The message says what. */
export class LiveError extends Error {
  override readonly name = 'LiveError'
}

export type Json = { readonly [member: string]: unknown }

export function object(text: string): Json {
  let v: unknown
  try {
    v = JSON.parse(text)
  } catch {
    throw new LiveError('not JSON')
  }
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw new LiveError('not an object')
  return v as Json
}

export function int(o: Json, name: string, min: number, max: number): number {
  const v = o[name]
  if (typeof v === 'number' && Number.isInteger(v) && v >= min && v <= max) return v
  throw new LiveError(`${name} must be a whole number from ${min} to ${max}`)
}

export function text(o: Json, name: string): string {
  const v = o[name]
  if (typeof v === 'string') return v
  throw new LiveError(`${name} must be a text`)
}

export function flag(o: Json, name: string): boolean {
  const v = o[name]
  if (typeof v === 'boolean') return v
  throw new LiveError(`${name} must be true or false`)
}

export function bytes(o: Json, name: string): Bytes {
  try {
    return fromHex(text(o, name))
  } catch (e) {
    throw e instanceof LiveError ? e : new LiveError(`${name}: ${(e as Error).message}`)
  }
}
