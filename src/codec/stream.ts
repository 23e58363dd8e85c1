// What a stream of sections is built from besides the structures of a TPM: short names, blocks with a 32-bit length, values
// of value.ts as fields, and numbers that must be what they are. All big-endian.

import { type Bytes, raw, toHex, utf8 } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'
import type { Codec, Names } from './codec.ts'
import { constant, rest, u32 } from './combinators.ts'
import type { Reader } from './reader.ts'
import { read, ValueError, type Visitor, write } from './value.ts'

const PRINTABLE = /^[\x20-\x7e]*$/

/** One octet of length and that many printable ASCII characters: the name of a section, a RAM block. */
export const shortText = (name: string): Codec<string> => ({
  name,
  shape: { kind: 'sized', min: 0, max: 255 },
  read(r) {
    const at = r.at
    const text = String.fromCharCode(...raw(r.take(r.u8())))
    if (!PRINTABLE.test(text)) throw r.malformed('value', `${name} is no printable text`, at)
    return text
  },
  write(w, v) {
    w.u8(v.length)
    w.put(utf8(v))
  },
  text: v => `"${v}"`,
})

/** The same with a 32-bit length. More than `max` characters are refused with "size". */
export const longText = (name: string, max: number): Codec<string> => ({
  name,
  shape: { kind: 'sized', min: 0, max },
  read(r) {
    const at = r.at
    const length = r.field('length', u32)
    if (length > max) throw r.malformed('size', `${name} of ${count(length)} characters, at most ${max} make sense`, at)
    return r.field('text', characters(name, length))
  },
  write(w, v) {
    w.u32(v.length)
    w.put(utf8(v))
  },
  text: v => `"${v}"`,
})

const characters = (name: string, length: number): Codec<string> => ({
  name,
  shape: { kind: 'opaque', length },
  read(r) {
    const at = r.at
    const text = String.fromCharCode(...raw(r.take(length)))
    if (!PRINTABLE.test(text)) throw r.malformed('value', `${name} is no printable text`, at)
    return text
  },
  write: (w, v) => w.put(utf8(v)),
  text: v => `"${v}"`,
})

const BLOCK = rest('BYTE[]')

/** A 32-bit length and that many bytes. */
export const block = (name: string): Codec<Bytes> => ({
  name,
  shape: { kind: 'sized', min: 0, max: 0xffffffff },
  read(r) {
    const length = r.field('length', u32)
    return r.within(length, () => (length > 0 ? r.field('bytes', BLOCK) : r.take(0)))
  },
  write(w, v) {
    w.u32(v.length)
    w.put(v)
  },
  text: v => `${count(v.length)} bytes`,
})

/** An integer that must be `value`; another is refused with `reason`. */
export const exactly = (
  name: string,
  size: 1 | 2 | 4,
  value: number,
  reason: string,
  say: (v: number) => string,
  names: Names = {},
): Codec<number> => {
  const any = constant(name, size, names)
  return {
    ...any,
    read(r) {
      const at = r.at
      const v = any.read(r)
      if (v !== value) throw r.malformed(reason, say(v), at)
      return v
    },
  }
}

const short = (v: unknown): string => {
  if (v instanceof Uint8Array) return v.length <= 16 ? toHex(v) || 'empty' : `${count(v.length)} bytes`
  if (Array.isArray(v)) return v.length === 1 ? '1 element' : `${v.length} elements`
  if (typeof v === 'object' && v !== null) return `${v instanceof Map ? v.size : Object.keys(v).length} members`
  return typeof v === 'bigint' ? `${v}n` : (JSON.stringify(v) ?? 'undefined')
}

const MEMBER: Codec<unknown> = {
  name: 'member',
  shape: { kind: 'rest' },
  read: () => undefined,
  write: () => undefined,
  text: short,
}

const visitor = (r: Reader): Visitor | undefined => {
  const { probe } = r
  return (
    probe && {
      enter: (name, at) => probe.enter(name, MEMBER as Codec<never>, at),
      leave: (at, value) => probe.leave(at, value),
    }
  )
}

/** A value of value.ts that fills what is left; its members are fields of their own. */
export const anyValue = (name: string): Codec<unknown> => ({
  name,
  shape: { kind: 'rest' },
  read(r) {
    try {
      const v = read(r.bytes, r.at, r.end, visitor(r))
      r.at = r.end
      return v
    } catch (e) {
      if (!(e instanceof ValueError)) throw e
      throw r.malformed('value', e.what, e.at)
    }
  },
  write: (w, v) => w.put(write(v)),
  text: short,
})
