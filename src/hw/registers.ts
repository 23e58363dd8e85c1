// The register language: a map declares each 32-bit register once, with its fields; device, guest, screen and tests read
// it. A field that a register does not have does not compile. Layers above use names, never masks of their own.

import { extract, insert, mask } from '../lib/bits.ts'

/**
 * What software may do with a field, after the specification. self-clearing: written as 1 to ask, cleared by the device
 * when done; wo: always reads 0; w1c: writing 1 clears.
 */
export type Access = 'ro' | 'rw' | 'rw-self-clearing' | 'wo-self-clearing' | 'w1c'

/** What a field is for, kept apart from the map: see crb.prose.ts. */
export interface Prose {
  /** Why the field exists and how it is used, in a sentence or two. */
  readonly purpose?: string
  /** Where QEMU's device leaves the specification, or what it makes of the field. */
  readonly qemu?: string
  /** Meanings of single values. */
  readonly values?: { readonly [value: number]: string }
}

export interface Field {
  /** Lowest bit. */
  readonly low: number
  /** In bits. */
  readonly width: number
  readonly access: Access
  /** What it is, in one line. */
  readonly doc: string
}

export interface Register<F extends { readonly [name: string]: Field } = { readonly [name: string]: Field }> {
  /** Byte offset in the page of a locality. */
  readonly at: number
  readonly reset: number
  /** The name in full, as the specification spells it. */
  readonly full: string
  readonly doc: string
  /** Where it is specified. */
  readonly source: string
  readonly fields: F
}

export type RegisterMap = { readonly [name: string]: Register }
type Names<R extends Register> = keyof R['fields'] & string
type Values<R extends Register> = { readonly [F in Names<R>]?: number }

export const bits = (low: number, width: number, access: Access, doc: string): Field => ({ low, width, access, doc })
export const bit = (low: number, access: Access, doc: string): Field => bits(low, 1, access, doc)

/** Keeps the precise names. Overlaps, widths and coverage are checked by the tests, which walk every map. */
export const registers = <const M extends RegisterMap>(map: M): M => map

/** One field of a register's word. */
export function getIn<R extends Register>(register: R, word: number, field: Names<R>): number {
  const f = register.fields[field] as Field
  return extract(word, f.low, f.width)
}

/** The word with fields replaced. Values are cut to the width of their field. */
export function setIn<R extends Register>(register: R, word: number, values: Values<R>): number {
  let out = word
  for (const name in values) {
    const f = register.fields[name] as Field
    out = insert(out, f.low, f.width, values[name] as number)
  }
  return out
}

/** One field, from all words of a device: word i is at offset 4i. */
export const get = <M extends RegisterMap, N extends keyof M>(
  map: M,
  words: readonly number[],
  name: N,
  field: Names<M[N]>,
): number => getIn(map[name] as M[N], words[(map[name] as M[N]).at >> 2] as number, field)

/** All words with fields of one register replaced; the same array when nothing changes. */
export function set<M extends RegisterMap, N extends keyof M>(
  map: M,
  words: readonly number[],
  name: N,
  values: Values<M[N]>,
): readonly number[] {
  const register = map[name] as M[N]
  const i = register.at >> 2
  const word = setIn(register, words[i] as number, values)
  return word === words[i] ? words : words.with(i, word)
}

/** The bits of fields, as a word. */
export const maskOf = <R extends Register>(register: R, ...fields: readonly Names<R>[]): number =>
  fields.reduce((out, name) => {
    const f = register.fields[name] as Field
    return insert(out, f.low, f.width, mask(f.width))
  }, 0)

/** The words of a map after reset; words without a register are 0. */
export function resetWords(map: RegisterMap, count: number): readonly number[] {
  const words = Array.from({ length: count }, () => 0)
  for (const r of Object.values(map)) words[r.at >> 2] = r.reset
  return words
}

export interface NamedRegister<M extends RegisterMap = RegisterMap> {
  readonly name: keyof M & string
  readonly register: Register
}

/** All registers, from the lowest offset. */
export const listRegisters = <M extends RegisterMap>(map: M): readonly NamedRegister<M>[] =>
  Object.entries(map)
    .map(([name, register]) => ({ name, register }))
    .sort((a, b) => a.register.at - b.register.at)

/** The register whose word contains the offset. */
export const registerAt = <M extends RegisterMap>(map: M, offset: number): NamedRegister<M> | undefined => {
  for (const name in map) {
    const register = map[name] as Register
    if (register.at === (offset & ~3)) return { name, register }
  }
  return undefined
}

/** Every word from offset 0 on; a word without a register is reserved. */
export const listWords = <M extends RegisterMap>(
  map: M,
  count: number,
): readonly { readonly at: number; readonly name: (keyof M & string) | undefined }[] =>
  Array.from({ length: count }, (_, i) => ({ at: 4 * i, name: registerAt(map, 4 * i)?.name }))

export interface NamedField {
  readonly name: string
  readonly field: Field
}

/** The fields of a register from the highest bit, as they are drawn. */
export const listFields = (register: Register): readonly NamedField[] =>
  Object.entries(register.fields)
    .map(([name, field]) => ({ name, field }))
    .sort((a, b) => b.field.low - a.field.low)

/** A run of bits: a field, or reserved when it has no name. */
export interface Segment {
  readonly name: string | undefined
  readonly low: number
  readonly width: number
}

/** All 32 bits from the highest, reserved runs included. */
export function listSegments(register: Register): readonly Segment[] {
  const out: Segment[] = []
  let above = 32
  const reserve = (from: number): void => {
    if (above > from) out.push({ name: undefined, low: from, width: above - from })
  }
  for (const { name, field } of listFields(register)) {
    reserve(field.low + field.width)
    out.push({ name, low: field.low, width: field.width })
    above = field.low
  }
  reserve(0)
  return out
}

export interface DecodedField extends NamedField {
  readonly value: number
}

/** A word as named field values, from the highest bit. */
export const decode = (register: Register, word: number): readonly DecodedField[] =>
  listFields(register).map(({ name, field }) => ({ name, field, value: extract(word, field.low, field.width) }))
