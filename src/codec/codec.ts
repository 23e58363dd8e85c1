// The binary grammar: what a codec is, and how a parse fails. Knows no TPM: a declaration brings its own reasons.

import type { Bytes } from '../lib/bytes.ts'
import { Reader } from './reader.ts'
import { type Writer, written } from './writer.ts'

export { Malformed } from './malformed.ts'

/** One declaration of one type: parser, serialiser and a description that other readers (random values, forms, reference) use. */
export interface Codec<T> {
  readonly name: string
  readonly shape: Shape
  /** Where it is specified, e.g. "Part 2, 12.2.4, Table 222". */
  readonly source?: string
  /** One line on what it is for. */
  readonly doc?: string
  read(r: Reader): T
  write(w: Writer, v: T): void
  /** The value in words, for a leaf; composed types leave it out. */
  text?(v: T): string
}

export type AnyCodec = Codec<any>
export type Of<C> = C extends Codec<infer T> ? T : never
export type Fields = { readonly [name: string]: AnyCodec }
export type Values<F extends Fields> = { readonly [K in keyof F]: Of<F[K]> }

/** What a codec is made of, as data. */
export type Shape =
  | { readonly kind: 'uint'; readonly size: 1 | 2 | 4 | 8; readonly signed?: true }
  | { readonly kind: 'choice'; readonly size: 1 | 2 | 4; readonly values: readonly number[]; readonly names: Names }
  | { readonly kind: 'flags'; readonly size: 1 | 2 | 4; readonly fields: FlagFields }
  | { readonly kind: 'opaque'; readonly length: number }
  | { readonly kind: 'sized'; readonly min: number; readonly max: number }
  | { readonly kind: 'sizedOf'; readonly inner: AnyCodec; readonly orEmpty: boolean }
  | {
      readonly kind: 'list'
      readonly item: AnyCodec
      readonly min: number
      readonly max: number
      readonly countSize: 1 | 2 | 4
    }
  | { readonly kind: 'struct'; readonly fields: Fields }
  | {
      readonly kind: 'variant'
      readonly selector: string
      readonly selectorCodec: Codec<number>
      readonly before: Fields
      readonly arms: { readonly [k: number]: Fields }
    }
  | { readonly kind: 'rest' }

export type Names = { readonly [value: number]: string }

/** A field of a flag word: lowest bit and width. */
export interface FlagField {
  readonly low: number
  readonly width: number
}
export type FlagFields = { readonly [name: string]: FlagField }

/** Parses exactly the whole of `bytes`. @throws Malformed, with reason "size" when bytes are left over. */
export function decode<T>(codec: Codec<T>, bytes: Bytes): T {
  const r = new Reader(bytes)
  const v = codec.read(r)
  if (r.left > 0) throw r.malformed('size', `${r.left} bytes left over after ${codec.name}`)
  return v
}

export const encode = <T>(codec: Codec<T>, value: T): Bytes => written(w => codec.write(w, value))

/** The same codec with a line on what it means where it is used. */
export const doc = <T>(line: string, codec: Codec<T>): Codec<T> => ({ ...codec, doc: line })
