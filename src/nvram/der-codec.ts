// As much of DER (ITU-T X.690) as the sequence of blobs needs, as declarations of src/codec: one element explains itself
// as tag, length and content. Lengths in definite form, and the shortest one; integers from 0 to 2^32 - 1.

import type { Codec, Fields, Values } from '../codec/codec.ts'
import { encode } from '../codec/codec.ts'
import { rest } from '../codec/combinators.ts'
import type { Reader } from '../codec/reader.ts'
import { type Bytes, concat, raw, toHex, utf8 } from '../lib/bytes.ts'
import type { Note } from './origin.ts'

export const DER = { INTEGER: 0x02, OCTET_STRING: 0x04, UTF8_STRING: 0x0c, SEQUENCE: 0x30, CONTEXT_0: 0xa0 } as const

const NAMES: { readonly [tag: number]: string } = {
  [DER.INTEGER]: 'INTEGER',
  [DER.OCTET_STRING]: 'OCTET STRING',
  [DER.UTF8_STRING]: 'UTF8String',
  [DER.SEQUENCE]: 'SEQUENCE',
  [DER.CONTEXT_0]: '[0]',
}
const nameOf = (tag: number): string => NAMES[tag] ?? `tag 0x${tag.toString(16).padStart(2, '0')}`

const tagOf = (wanted: number): Codec<number> => ({
  name: 'tag',
  shape: { kind: 'choice', size: 1, values: [wanted], names: { [wanted]: nameOf(wanted) } },
  source: 'X.690, 8.1.2',
  read(r) {
    const at = r.at
    const tag = r.u8()
    if (tag !== wanted) throw r.malformed('value', `${nameOf(tag)} where ${nameOf(wanted)} should be`, at)
    return tag
  },
  write: (w, v) => w.u8(v),
  text: nameOf,
})

/** Octets that stand for a length. */
export function derLength(n: number): Bytes {
  if (n < 0x80) return Uint8Array.of(n)
  const octets: number[] = []
  for (let left = n; left > 0; left = Math.floor(left / 256)) octets.unshift(left & 255)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

const LENGTH: Codec<number> = {
  name: 'length',
  shape: { kind: 'uint', size: 4 },
  source: 'X.690, 8.1.3 and 10.1',
  read(r) {
    const at = r.at
    const first = r.u8()
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count === 0) throw r.malformed('value', 'an indefinite length, which DER has not', at)
    if (count > 4) throw r.malformed('value', `a length of ${count} octets`, at)
    let n = 0
    for (let i = 0; i < count; i++) n = n * 256 + r.u8()
    if (derLength(n).length !== count + 1) throw r.malformed('value', 'a length that is not in its shortest form', at)
    return n
  },
  write: (w, v) => w.put(derLength(v)),
  text: v => String(v),
}

/** Tag and length, then `content` on exactly the bytes that were announced. */
function element<T>(r: Reader, tag: Codec<number>, content: (length: number) => T): T {
  r.field('tag', tag)
  const n = r.field('length', LENGTH)
  return r.within(n, () => content(n))
}

/** An element of these parts. */
export function derElement(tag: number, ...parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((n, p) => n + p.length, 0)
  return concat(Uint8Array.of(tag), derLength(length), ...parts)
}

function integerOctets(v: number): Bytes {
  const octets: number[] = []
  for (let left = v; left > 0; left = Math.floor(left / 256)) octets.unshift(left & 255)
  if (octets.length === 0 || (octets[0] as number) >= 0x80) octets.unshift(0)
  return Uint8Array.from(octets)
}

/** Elements made without their declarations: a state is stored with every write to NV memory. */
export const integerElement = (v: number): Bytes => derElement(DER.INTEGER, integerOctets(v))
export const textElement = (v: string): Bytes => derElement(DER.UTF8_STRING, utf8(v))
export const octetsElement = (v: Bytes): Bytes => derElement(DER.OCTET_STRING, v)

const unsigned: Codec<number> = {
  name: 'content',
  shape: { kind: 'rest' },
  source: 'X.690, 8.3',
  read(r) {
    const at = r.at
    const b = r.take(r.left)
    const first = b[0]
    if (first === undefined) throw r.malformed('value', 'an INTEGER without octets', at)
    if (first >= 0x80) throw r.malformed('value', 'a negative INTEGER', at)
    if (first === 0 && b.length > 1 && (b[1] as number) < 0x80)
      throw r.malformed('value', 'an INTEGER that is not in its shortest form', at)
    if (b.length > 5 || (b.length === 5 && first !== 0)) throw r.malformed('value', 'an INTEGER above 2^32 - 1', at)
    let n = 0
    for (let i = 0; i < b.length; i++) n = n * 256 + (b[i] as number)
    return n
  },
  write: (w, v) => w.put(integerOctets(v)),
  text: v => String(v),
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const words: Codec<string> = {
  name: 'content',
  shape: { kind: 'rest' },
  source: 'X.690, 8.23',
  read(r) {
    const at = r.at
    try {
      return DECODER.decode(raw(r.take(r.left)))
    } catch {
      throw r.malformed('value', 'a UTF8String that is not UTF-8', at)
    }
  },
  write: (w, v) => w.put(utf8(v)),
  text: v => JSON.stringify(v),
}

const octets: Codec<Bytes> = {
  ...rest('content'),
  source: 'X.690, 8.7',
  text: v => (v.length <= 16 ? toHex(v) || 'empty' : `${toHex(v.slice(0, 12))}… (${v.length} bytes)`),
}

/** A primitive element; what `check` says against a value is its error, with the reason before the colon. */
const primitive =
  <T>(name: string, tag: number, content: Codec<T>) =>
  (note: Note, check: (v: T) => readonly [reason: string, what: string] | undefined = () => undefined): Codec<T> => {
    const wanted = tagOf(tag)
    return {
      name,
      shape: { kind: 'rest' },
      ...note,
      read(r) {
        const at = r.at
        const v = element(r, wanted, () => r.field('content', { ...content, ...note }))
        const wrong = check(v)
        if (wrong) throw r.malformed(wrong[0], wrong[1], at)
        return v
      },
      write: (w, v) => w.put(derElement(tag, encode(content, v))),
    }
  }

export const derInteger = primitive('INTEGER', DER.INTEGER, unsigned)
export const derText = primitive('UTF8String', DER.UTF8_STRING, words)
export const derOctets = primitive('OCTET STRING', DER.OCTET_STRING, octets)

/** A constructed element of these fields. */
export function derSequence<F extends Fields>(
  name: string,
  fields: F,
  note: Note,
  tag: number = DER.SEQUENCE,
): Codec<Values<F>> {
  const wanted = tagOf(tag)
  const entries = Object.entries(fields)
  return {
    name,
    shape: { kind: 'struct', fields },
    ...note,
    read: r =>
      element(r, wanted, () => {
        const out: Record<string, unknown> = {}
        for (const [k, c] of entries) out[k] = r.field(k, c)
        return out as Values<F>
      }),
    write(w, v) {
      const content = entries.map(([k, c]) => encode(c, (v as Record<string, unknown>)[k]))
      w.put(derElement(tag, ...content))
    },
  }
}

/** A field that is there when its tag is. */
export const derOptional = <T>(tag: number, inner: Codec<T>): Codec<T | undefined> => ({
  ...inner,
  read: r => (r.left > 0 && r.bytes[r.at] === tag ? inner.read(r) : undefined),
  write(w, v) {
    if (v !== undefined) inner.write(w, v)
  },
})

/** A sequence of at most `most` items. */
export function derList<T>(name: string, item: Codec<T>, most: number, note: Note): Codec<readonly T[]> {
  const wanted = tagOf(DER.SEQUENCE)
  return {
    name,
    shape: { kind: 'list', item, min: 0, max: most, countSize: 1 },
    ...note,
    read: r =>
      element(r, wanted, () => {
        const out: T[] = []
        while (r.left > 0) {
          if (out.length === most) throw r.malformed('value', `more than ${most} of ${name}`)
          out.push(r.field(String(out.length), item))
        }
        return out
      }),
    write: (w, v) => w.put(derElement(DER.SEQUENCE, ...v.map(x => encode(item, x)))),
  }
}
