// Little-endian integers, lengths and counts: what firmware writes for an operating system (event logs, ACPI tables), where
// everything of a TPM message is big-endian. The shapes are the same, so every reader of a declaration knows them.

import type { Bytes } from '../lib/bytes.ts'
import type { AnyCodec, Codec, Names } from './codec.ts'
import { constant, rest, uint } from './combinators.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

type Size = 1 | 2 | 4

const read = (r: Reader, size: Size): number => {
  const b = r.take(size)
  let v = 0
  for (let i = size - 1; i >= 0; i--) v = v * 256 + (b[i] as number)
  return v
}
const write = (w: Writer, size: Size, v: number): void => {
  for (let i = 0; i < size; i++) w.u8(Math.floor(v / 2 ** (8 * i)) & 255)
}

/** The same integer, lowest byte first. */
const little = (codec: Codec<number>, size: Size): Codec<number> => ({
  ...codec,
  read: r => read(r, size),
  write: (w, v) => write(w, size, v),
})

export const uintLe = (name: string, size: Size): Codec<number> => little(uint(name, size), size)
export const u16le = uintLe('UINT16', 2)
export const u32le = uintLe('UINT32', 4)

/** An integer with names for some values; every value is accepted. */
export const constantLe = (name: string, size: Size, names: Names, source?: string): Codec<number> =>
  little(constant(name, size, names, source), size)

/** A length of `size` bytes and that many bytes; more than `max` is refused with "size". */
export const sizedLe = (name: string, size: Size, max: number, source?: string): Codec<Bytes> => {
  const SIZE = uintLe(size === 1 ? 'UINT8' : size === 2 ? 'UINT16' : 'UINT32', size)
  const body = rest('BYTE[]')
  return {
    name,
    shape: { kind: 'sized', min: 0, max },
    ...(source ? { source } : {}),
    read(r) {
      const at = r.at
      const n = r.field('size', SIZE)
      if (n > max) throw r.malformed('size', `size ${n} is more than ${max} of ${name}`, at)
      return r.within(n, () => (n > 0 ? r.field('buffer', body) : r.take(0)))
    },
    write(w, v) {
      write(w, size, v.length)
      w.put(v)
    },
    text: v => (v.length === 0 ? 'empty' : `${v.length} bytes`),
  }
}

/** A 32-bit count and that many items; more than `max` is refused with "size". */
export const listLe = <T>(name: string, item: Codec<T>, max: number, source?: string): Codec<readonly T[]> => ({
  name,
  shape: { kind: 'list', item: item as AnyCodec, min: 0, max, countSize: 4 },
  ...(source ? { source } : {}),
  read(r) {
    const at = r.at
    const n = r.field('count', u32le)
    if (n > max) throw r.malformed('size', `count ${n} is more than ${max} of ${name}`, at)
    const out: T[] = []
    for (let i = 0; i < n; i++) out.push(r.field(String(i), item))
    return out
  },
  write(w, v) {
    write(w, 4, v.length)
    for (const x of v) item.write(w, x)
  },
})
