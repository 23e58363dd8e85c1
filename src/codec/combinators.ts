// What declarations are built from. Integers are big-endian; a "sized" value is a 16-bit length and that many bytes (TPM2B).

import type { Bytes } from '../lib/bytes.ts'
import { toHex } from '../lib/bytes.ts'
import type { AnyCodec, Codec, Fields, FlagFields, Names, Values } from './codec.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const hexText = (size: number) => (v: number) => `0x${v.toString(16).padStart(2 * size, '0')}`
const read = (r: Reader, size: 1 | 2 | 4): number => (size === 1 ? r.u8() : size === 2 ? r.u16() : r.u32())
const write = (w: Writer, size: 1 | 2 | 4, v: number): void => (size === 1 ? w.u8(v) : size === 2 ? w.u16(v) : w.u32(v))

/** An unsigned integer of 1, 2 or 4 bytes, any value. */
export const uint = (name: string, size: 1 | 2 | 4): Codec<number> => ({
  name,
  shape: { kind: 'uint', size },
  read: r => read(r, size),
  write: (w, v) => write(w, size, v),
  text: v => String(v),
})

export const u8 = uint('UINT8', 1)
export const u16 = uint('UINT16', 2)
export const u32 = uint('UINT32', 4)
export const u64: Codec<bigint> = {
  name: 'UINT64',
  shape: { kind: 'uint', size: 8 },
  read: r => r.u64(),
  write: (w, v) => w.u64(v),
  text: v => String(v),
}

/** An integer with names for some values; every value is accepted. */
export const constant = (name: string, size: 1 | 2 | 4, names: Names, source?: string): Codec<number> => ({
  ...uint(name, size),
  ...(source ? { source } : {}),
  text: v => names[v] ?? hexText(size)(v),
})

/**
 * An integer that must be one of `names`. A value outside is refused with `reason`, at the offset of the value.
 */
export const choice = (name: string, size: 1 | 2 | 4, names: Names, reason: string, source?: string): Codec<number> => {
  const values = Object.keys(names).map(Number)
  return {
    name,
    shape: { kind: 'choice', size, values, names },
    ...(source ? { source } : {}),
    read(r) {
      const at = r.at
      const v = read(r, size)
      if (names[v] === undefined) throw r.malformed(reason, `${hexText(size)(v)} is not a ${name}`, at)
      return v
    },
    write: (w, v) => write(w, size, v),
    text: v => names[v] ?? hexText(size)(v),
  }
}

/** An integer that must satisfy `ok` (handle ranges); `samples` are values that do, for random values and forms. */
export const where = (
  name: string,
  size: 1 | 2 | 4,
  ok: (v: number) => boolean,
  reason: string,
  samples: Names,
  source?: string,
): Codec<number> => ({
  name,
  shape: { kind: 'choice', size, values: Object.keys(samples).map(Number), names: samples },
  ...(source ? { source } : {}),
  read(r) {
    const at = r.at
    const v = read(r, size)
    if (!ok(v)) throw r.malformed(reason, `${hexText(size)(v)} is not a ${name}`, at)
    return v
  },
  write: (w, v) => write(w, size, v),
  text: v => samples[v] ?? hexText(size)(v),
})

/** A word of flags. Its value stays the number; bits that no field names are refused with "reserved". */
export const flags = (name: string, size: 1 | 2 | 4, fields: FlagFields, source?: string): Codec<number> => {
  let known = 0
  for (const f of Object.values(fields)) known |= (f.width >= 32 ? 0xffffffff : (1 << f.width) - 1) << f.low
  known >>>= 0
  return {
    name,
    shape: { kind: 'flags', size, fields },
    ...(source ? { source } : {}),
    read(r) {
      const at = r.at
      const v = read(r, size)
      if ((v & ~known) !== 0) {
        throw r.malformed('reserved', `reserved bits ${hexText(size)((v & ~known) >>> 0)} set in ${name}`, at)
      }
      return v
    },
    write: (w, v) => write(w, size, v),
    text: v => flagText(fields, v) || '0',
  }
}

export const flagText = (fields: FlagFields, v: number): string =>
  Object.entries(fields)
    .map(([k, f]) => [k, f, Math.floor(v / 2 ** f.low) % 2 ** f.width] as const)
    .filter(([, , n]) => n !== 0)
    .map(([k, f, n]) => (f.width === 1 ? k : `${k}=${n}`))
    .join(' ')

const bytesText = (v: Bytes): string =>
  v.length === 0 ? 'empty' : v.length <= 16 ? toHex(v) : `${toHex(v.slice(0, 16))}… (${v.length} bytes)`

/** Exactly `length` bytes. */
export const opaque = (name: string, length: number): Codec<Bytes> => ({
  name,
  shape: { kind: 'opaque', length },
  read: r => r.take(length),
  write: (w, v) => w.put(v),
  text: bytesText,
})

/** All bytes that are left. */
export const rest = (name: string): Codec<Bytes> => ({
  name,
  shape: { kind: 'rest' },
  read: r => r.take(r.left),
  write: (w, v) => w.put(v),
  text: bytesText,
})

const SIZE = uint('UINT16', 2)

/** A 16-bit length and that many bytes; a length outside min…max is refused with "size". */
export const sized = (name: string, max: number, options: { min?: number; source?: string } = {}): Codec<Bytes> => {
  const min = options.min ?? 0
  const body = rest('BYTE[]')
  return {
    name,
    shape: { kind: 'sized', min, max },
    ...(options.source ? { source: options.source } : {}),
    read(r) {
      const at = r.at
      const n = r.probe ? r.field('size', SIZE) : r.u16()
      if (n > max || n < min) {
        throw r.malformed('size', `size ${n} is outside ${min} to ${max} of ${name}`, at)
      }
      if (!r.probe) return r.take(n)
      return r.within(n, () => (n > 0 ? r.field('buffer', body) : r.take(0)))
    },
    write(w, v) {
      w.u16(v.length)
      w.put(v)
    },
    text: bytesText,
  }
}

/**
 * A 16-bit length around one structure, which must fill it. Length 0 is refused with "size", unless `orEmpty`: then it
 * reads as undefined.
 */
export const sizedOf = <T>(name: string, inner: Codec<T>, source?: string): Codec<T> => ({
  name,
  shape: { kind: 'sizedOf', inner: inner as AnyCodec, orEmpty: false },
  ...(source ? { source } : {}),
  read(r) {
    const at = r.at
    const n = r.field('size', SIZE)
    if (n === 0) throw r.malformed('size', `${name} must not be empty`, at)
    return r.within(n, () => r.field(inner.name, inner))
  },
  write(w, v) {
    const at = w.length
    w.u16(0)
    inner.write(w, v)
    w.patch16(at, w.length - at - 2)
  },
})

export const sizedOrEmpty = <T>(name: string, inner: Codec<T>, source?: string): Codec<T | undefined> => ({
  name,
  shape: { kind: 'sizedOf', inner: inner as AnyCodec, orEmpty: true },
  ...(source ? { source } : {}),
  read(r) {
    const n = r.field('size', SIZE)
    if (n === 0) return undefined
    return r.within(n, () => r.field(inner.name, inner))
  },
  write(w, v) {
    const at = w.length
    w.u16(0)
    if (v === undefined) return
    inner.write(w, v)
    w.patch16(at, w.length - at - 2)
  },
})

/** A count of `countSize` bytes and that many items; more than `max` is refused with "size". */
export const list = <T>(
  name: string,
  item: Codec<T>,
  max: number,
  options: { min?: number; countSize?: 1 | 2 | 4; source?: string } = {},
): Codec<readonly T[]> => {
  const countSize = options.countSize ?? 4
  const min = options.min ?? 0
  const COUNT = uint(countSize === 4 ? 'UINT32' : countSize === 2 ? 'UINT16' : 'UINT8', countSize)
  return {
    name,
    shape: { kind: 'list', item: item as AnyCodec, min, max, countSize },
    ...(options.source ? { source: options.source } : {}),
    read(r) {
      const at = r.at
      const n = r.field('count', COUNT)
      if (n > max || n < min) throw r.malformed('size', `count ${n} is outside ${min} to ${max} of ${name}`, at)
      const out: T[] = []
      for (let i = 0; i < n; i++) out.push(r.field(String(i), item))
      return out
    },
    write(w, v) {
      write(w, countSize, v.length)
      for (const x of v) item.write(w, x)
    },
  }
}

/** Fields one after the other. */
export const struct = <F extends Fields>(name: string, fields: F, source?: string): Codec<Values<F>> => {
  const entries = Object.entries(fields)
  return {
    name,
    shape: { kind: 'struct', fields },
    ...(source ? { source } : {}),
    read(r) {
      const out: Record<string, unknown> = {}
      for (const [k, c] of entries) out[k] = r.field(k, c)
      return out as Values<F>
    },
    write(w, v) {
      for (const [k, c] of entries) c.write(w, (v as Record<string, unknown>)[k])
    },
  }
}

export const empty = struct('empty', {})

type Arms = { readonly [k: number]: Fields }
type Expand<T> = { readonly [K in keyof T]: T[K] }
/** A union discriminated by the selector: the fields before it, then those of its arm. */
export type VariantOf<S extends string, B extends Fields, A extends Arms> = {
  [K in keyof A & number]: Expand<{ readonly [P in S]: K } & Values<B> & Values<A[K]>>
}[keyof A & number]

/**
 * A structure whose later fields depend on a selector (TPMU_ inside a TPMT_). `selector` is its first field, `before`
 * are the fields that every arm has; a selector value without an arm is refused with `reason`.
 */
export const variant = <const S extends string, B extends Fields, A extends Arms>(
  name: string,
  selector: S,
  selectorCodec: Codec<number>,
  before: B,
  arms: A,
  options: { reason?: string; source?: string } = {},
): Codec<VariantOf<S, B, A>> => {
  const beforeEntries = Object.entries(before)
  const armEntries = new Map(Object.entries(arms).map(([k, f]) => [Number(k), Object.entries(f)]))
  return {
    name,
    shape: { kind: 'variant', selector, selectorCodec, before, arms },
    ...(options.source ? { source: options.source } : {}),
    read(r) {
      const at = r.at
      const out: Record<string, unknown> = {}
      const k = r.field(selector, selectorCodec)
      const arm = armEntries.get(k)
      if (!arm) {
        throw r.malformed(
          options.reason ?? 'selector',
          `${selectorCodec.text?.(k) ?? k} selects nothing in ${name}`,
          at,
        )
      }
      out[selector] = k
      for (const [f, c] of beforeEntries) out[f] = r.field(f, c)
      for (const [f, c] of arm) out[f] = r.field(f, c)
      return out as VariantOf<S, B, A>
    },
    write(w, v) {
      const o = v as Record<string, unknown>
      const k = o[selector] as number
      selectorCodec.write(w, k)
      for (const [f, c] of beforeEntries) c.write(w, o[f])
      for (const [f, c] of armEntries.get(k) ?? []) c.write(w, o[f])
    },
  }
}
