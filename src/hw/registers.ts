// The register language: a map declares each register once, with its fields; device, guest, screen and tests read it.

import { extract, insert } from '../lib/bits.ts'

/** ro: read only. rw: reads what was written. req: a request bit, written to ask, cleared by the device. */
export type Access = 'ro' | 'rw' | 'req'

export interface Field {
  readonly low: number
  readonly width: number
  readonly access: Access
  readonly doc: string
}

export interface Register<F extends { readonly [name: string]: Field } = { readonly [name: string]: Field }> {
  /** Byte offset in the page of a locality. */
  readonly at: number
  readonly reset: number
  readonly doc: string
  readonly fields: F
}

export type RegisterMap = { readonly [name: string]: Register }

export const bit = (low: number, access: Access, doc: string): Field => ({ low, width: 1, access, doc })
export const bits = (low: number, width: number, access: Access, doc: string): Field => ({ low, width, access, doc })

/** Checks nothing at run time: the tests walk every map. Keeps the precise types of names. */
export const registers = <const M extends RegisterMap>(map: M): M => map

/** The value of a field in a register's word. */
export const get = <R extends Register>(register: R, word: number, field: keyof R['fields'] & string): number => {
  const f = register.fields[field] as Field
  return extract(word, f.low, f.width)
}

/** The word with fields replaced; a field that the register does not have does not compile. */
export function set<R extends Register>(
  register: R,
  word: number,
  values: { readonly [K in keyof R['fields'] & string]?: number },
): number {
  let out = word
  for (const [name, v] of Object.entries(values)) {
    const f = register.fields[name] as Field
    out = insert(out, f.low, f.width, v as number)
  }
  return out
}
