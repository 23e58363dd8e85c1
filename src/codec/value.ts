// Readonly values as bytes: a deterministic, self-describing encoding of objects, arrays, maps, numbers, big integers,
// texts and byte strings. Equal values give equal bytes; the reader takes nothing that the writer would not have written.

import { be32, type Bytes, concat, raw, readBe32, toHex, utf8 } from '../lib/bytes.ts'

/** One octet before every value. Never renumber: images hold them. */
const TAG = {
  UNDEFINED: 0,
  NULL: 1,
  FALSE: 2,
  TRUE: 3,
  /** A whole number from 0 to 2^32 - 1. */
  U32: 4,
  /** Any other number, as IEEE 754 binary64. */
  F64: 5,
  /** Sign, length, magnitude without leading zeros. */
  BIG: 6,
  TEXT: 7,
  BYTES: 8,
  ARRAY: 9,
  /** Members in rising order of their names. */
  OBJECT: 10,
  /** Entries in the order of their encoded keys. */
  MAP: 11,
} as const

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

class Out {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(512)
  private length = 0

  private room(n: number): number {
    const at = this.length
    this.length += n
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length))
      larger.set(this.bytes)
      this.bytes = larger
    }
    return at
  }
  u8(v: number): void {
    const at = this.room(1)
    this.bytes[at] = v
  }
  u32(v: number): void {
    const at = this.room(4)
    this.bytes[at] = v >>> 24
    this.bytes[at + 1] = v >>> 16
    this.bytes[at + 2] = v >>> 8
    this.bytes[at + 3] = v
  }
  f64(v: number): void {
    const at = this.room(8)
    new DataView(this.bytes.buffer).setFloat64(at, v)
  }
  put(b: Bytes): void {
    const at = this.room(b.length)
    this.bytes.set(raw(b), at)
  }
  sized(b: Bytes): void {
    this.u32(b.length)
    this.put(b)
  }
  done(): Bytes {
    return this.bytes.slice(0, this.length)
  }
}

const isU32 = (v: number): boolean => Number.isInteger(v) && v >= 0 && v <= 0xffffffff && !Object.is(v, -0)

function put(w: Out, v: unknown, path: string): void {
  switch (typeof v) {
    case 'undefined':
      return w.u8(TAG.UNDEFINED)
    case 'boolean':
      return w.u8(v ? TAG.TRUE : TAG.FALSE)
    case 'number':
      w.u8(isU32(v) ? TAG.U32 : TAG.F64)
      return isU32(v) ? w.u32(v) : w.f64(v)
    case 'bigint': {
      w.u8(TAG.BIG)
      w.u8(v < 0n ? 1 : 0)
      const hex = v === 0n ? '' : (v < 0n ? -v : v).toString(16)
      const even = hex.length % 2 === 0 ? hex : `0${hex}`
      return w.sized(Uint8Array.from(even.match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
    }
    case 'string':
      w.u8(TAG.TEXT)
      return w.sized(utf8(v))
    case 'object':
      return putObject(w, v, path)
    default:
      throw new TypeError(`defect: ${path || 'the value'} is a ${typeof v}, which no image can hold`)
  }
}

function putObject(w: Out, v: object | null, path: string): void {
  if (v === null) return w.u8(TAG.NULL)
  if (v instanceof Uint8Array) {
    w.u8(TAG.BYTES)
    return w.sized(v)
  }
  if (Array.isArray(v)) {
    w.u8(TAG.ARRAY)
    w.u32(v.length)
    // Not forEach: a hole is an element too.
    for (let i = 0; i < v.length; i++) put(w, v[i], `${path}[${i}]`)
    return
  }
  if (v instanceof Map) {
    w.u8(TAG.MAP)
    w.u32(v.size)
    const entries = [...v].map(([key, value]) => [write(key), value] as const)
    for (const [key, value] of entries.sort((a, b) => compare(a[0], b[0]))) {
      w.put(key)
      put(w, value, `${path}{}`)
    }
    return
  }
  const prototype = Object.getPrototypeOf(v) as unknown
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`defect: ${path || 'the value'} is no plain object, which no image can hold`)
  }
  const members = Object.entries(v).sort((a, b) => (a[0] < b[0] ? -1 : 1))
  w.u8(TAG.OBJECT)
  w.u32(members.length)
  for (const [name, value] of members) {
    w.sized(nameBytes(name))
    put(w, value, `${path}.${name}`)
  }
}

/** Names of members come again and again, and are few. */
const NAMES = new Map<string, Bytes>()
function nameBytes(name: string): Bytes {
  let b = NAMES.get(name)
  if (!b) {
    b = utf8(name)
    NAMES.set(name, b)
  }
  return b
}

function compare(a: Bytes, b: Bytes): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return a.length - b.length
}

/** @throws TypeError for a value that is none of a state: a function, a symbol, an instance of a class */
export function write(v: unknown): Bytes {
  const w = new Out()
  put(w, v, '')
  return w.done()
}

/** The same as `write` of an object with these members, in rising order of their names, whose values are written already. */
export function writeMembers(members: readonly (readonly [name: string, value: Bytes])[]): Bytes {
  const parts: Bytes[] = [Uint8Array.of(TAG.OBJECT), be32(members.length)]
  for (const [name, value] of members) parts.push(sizedName(name), value)
  return concat(...parts)
}

const SIZED_NAMES = new Map<string, Bytes>()
function sizedName(name: string): Bytes {
  let b = SIZED_NAMES.get(name)
  if (!b) {
    b = concat(be32(nameBytes(name).length), nameBytes(name))
    SIZED_NAMES.set(name, b)
  }
  return b
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
    const b = this.sized()
    try {
      return DECODER.decode(raw(b))
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
