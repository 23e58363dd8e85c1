// Readonly values as bytes: a deterministic, self-describing encoding of objects, arrays, maps, numbers, big integers,
// texts and byte strings. Equal values give equal bytes; the reader takes nothing that the writer would not have written.

import { type Bytes, raw, readBe32, toHex } from '../lib/bytes.ts'
import { compare, isU32, TAG } from './value-tags.ts'

export { write, writeMembers } from './value-write.ts'

/** No state nests deeper; a value that does is malformed. */
const DEEPEST = 64

/** Bytes that are no value. `at` counts from the first byte that was given. */
export class ValueError extends Error {
  readonly at: number
  readonly what: string
  constructor(at: number, what: string) {
    super(`${what} at offset ${at}`)
    this.name = 'ValueError'
    this.at = at
    this.what = what
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Short texts that were read before, by a digest of their octets: the names of members, for the most part. */
const TEXTS = new Map<number, { readonly text: string; readonly octets: Bytes }>()
const MOST_TEXTS = 4096
const SHORT = 32

/** FNV-1a, 32 bits. */
function digest(b: Bytes, from: number, to: number): number {
  let h = 0x811c9dc5
  for (let i = from; i < to; i++) h = Math.imul(h ^ (b[i] as number), 0x01000193)
  return h
}

function isAt(octets: Bytes, b: Bytes, from: number): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i] !== b[from + i]) return false
  return true
}

/** @throws TypeError for what is no UTF-8 */
function textOf(b: Bytes, from: number, n: number): string {
  if (n > SHORT) return DECODER.decode(raw(b.slice(from, from + n)))
  const key = digest(b, from, from + n)
  const known = TEXTS.get(key)
  if (known?.octets.length === n && isAt(known.octets, b, from)) return known.text
  const octets = b.slice(from, from + n)
  const text = DECODER.decode(raw(octets))
  if (!known && TEXTS.size < MOST_TEXTS) TEXTS.set(key, { text, octets })
  return text
}

/** Is told of every member and element, in order, nested as they are. */
export interface Visitor {
  enter(name: string, at: number): void
  leave(at: number, value: unknown): void
}

class In {
  readonly bytes: Bytes
  at: number
  readonly end: number
  readonly visitor: Visitor | undefined
  depth = 0

  constructor(bytes: Bytes, from: number, end: number, visitor: Visitor | undefined) {
    this.bytes = bytes
    this.at = from
    this.end = end
    this.visitor = visitor
  }
  wrong(what: string, at = this.at): ValueError {
    return new ValueError(at, what)
  }
  private need(n: number): number {
    const at = this.at
    if (n > this.end - at) throw this.wrong(`${n} bytes are needed, ${this.end - at} are left`)
    this.at += n
    return at
  }
  u8(): number {
    return this.bytes[this.need(1)] as number
  }
  u32(): number {
    return readBe32(this.bytes, this.need(4))
  }
  f64(): number {
    const part = raw(this.bytes.slice(this.need(8), this.at))
    return new DataView(part.buffer).getFloat64(0)
  }
  sized(): Bytes {
    const n = this.u32()
    const at = this.need(n)
    return this.bytes.slice(at, at + n)
  }
  text(): string {
    const at = this.at
    const n = this.u32()
    const from = this.need(n)
    try {
      return textOf(this.bytes, from, n)
    } catch {
      throw this.wrong('a text that is not UTF-8', at)
    }
  }
  /** How many elements follow; each takes `least` bytes at least, so that no count is larger than what is there. */
  count(least: number): number {
    const at = this.at
    const n = this.u32()
    if (n * least > this.end - this.at) throw this.wrong(`${n} elements cannot follow`, at)
    return n
  }
}

function big(r: In): bigint {
  const at = r.at
  const sign = r.u8()
  const b = r.sized()
  if (sign > 1 || b[0] === 0 || (b.length === 0 && sign === 1))
    throw r.wrong('a number in another than its one form', at)
  const v = b.length === 0 ? 0n : BigInt(`0x${toHex(b)}`)
  return sign === 1 ? -v : v
}

function object(r: In): object {
  const out: { [name: string]: unknown } = {}
  let last: string | undefined
  for (let n = r.count(5); n > 0; n--) {
    const at = r.at
    const name = r.text()
    if (last !== undefined && !(last < name)) throw r.wrong(`member "${name}" is out of order`, at)
    if (name === '__proto__') throw r.wrong('a member that no state has', at)
    last = name
    out[name] = inner(r, name, at)
  }
  return out
}

/** A member or an element; `at` is where its name stands, or it itself. */
function inner(r: In, name: string, at: number): unknown {
  if (!r.visitor) return get(r)
  r.visitor.enter(name, at)
  const v = get(r)
  r.visitor.leave(r.at, v)
  return v
}

function map(r: In): ReadonlyMap<unknown, unknown> {
  const out = new Map<unknown, unknown>()
  let last: Bytes | undefined
  for (let n = r.count(2); n > 0; n--) {
    const at = r.at
    const key = get(r)
    const encoded = r.bytes.slice(at, r.at)
    if (last && compare(last, encoded) >= 0) throw r.wrong('a key out of order', at)
    last = encoded
    out.set(key, inner(r, String(key), at))
  }
  return out
}

function get(r: In): unknown {
  const at = r.at
  if (++r.depth > DEEPEST) throw r.wrong('a value that nests too deep')
  const v = ((): unknown => {
    const tag = r.u8()
    switch (tag) {
      case TAG.UNDEFINED:
        return undefined
      case TAG.NULL:
        return null
      case TAG.FALSE:
        return false
      case TAG.TRUE:
        return true
      case TAG.U32:
        return r.u32()
      case TAG.F64: {
        const n = r.f64()
        if (isU32(n)) throw r.wrong('a number in another than its one form', at)
        return n
      }
      case TAG.BIG:
        return big(r)
      case TAG.TEXT:
        return r.text()
      case TAG.BYTES:
        return r.sized()
      case TAG.ARRAY: {
        const out: unknown[] = []
        for (let n = r.count(1); n > 0; n--) out.push(inner(r, String(out.length), r.at))
        return out
      }
      case TAG.OBJECT:
        return object(r)
      case TAG.MAP:
        return map(r)
      default:
        throw r.wrong(`an unknown kind of value, ${tag}`, at)
    }
  })()
  r.depth--
  return v
}

/** The one value that stands in `bytes` from `from` to `end`. @throws ValueError */
export function read(bytes: Bytes, from = 0, end = bytes.length, visitor?: Visitor): unknown {
  const r = new In(bytes, from, end, visitor)
  const v = get(r)
  if (r.at !== end) throw r.wrong(`${end - r.at} bytes are left over`)
  return v
}
