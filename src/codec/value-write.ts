// Readonly values as bytes, the writing side of value.ts.

import { type Bytes, raw, utf8 } from '../lib/bytes.ts'
import { remembered } from '../lib/remembered.ts'
import { compare, isU32, TAG } from './value-tags.ts'

/** Where the next value is written: kept, since a large buffer takes longer to make than to fill. */
let spare: Uint8Array<ArrayBuffer> | undefined

class Out {
  private bytes: Uint8Array<ArrayBuffer>
  private length = 0

  constructor() {
    this.bytes = spare ?? new Uint8Array(4096)
    spare = undefined
  }

  close(): void {
    spare = this.bytes
  }

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

/** Something that no image can hold. */
class Unwritable extends Error {
  readonly value: unknown
  constructor(value: unknown, what: string) {
    super(what)
    this.value = value
  }
}

function put(w: Out, v: unknown): void {
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
      return putObject(w, v)
    default:
      throw new Unwritable(v, `a ${typeof v}`)
  }
}

function putObject(w: Out, v: object | null): void {
  if (v === null) return w.u8(TAG.NULL)
  if (v instanceof Uint8Array) {
    w.u8(TAG.BYTES)
    return w.sized(v)
  }
  if (Array.isArray(v)) {
    w.u8(TAG.ARRAY)
    w.u32(v.length)
    // Not forEach: a hole is an element too.
    for (let i = 0; i < v.length; i++) put(w, v[i])
    return
  }
  if (v instanceof Map) {
    w.u8(TAG.MAP)
    w.u32(v.size)
    const entries = [...v].map(([key, value]) => [write(key), value] as const)
    for (const [key, value] of entries.sort((a, b) => compare(a[0], b[0]))) {
      w.put(key)
      put(w, value)
    }
    return
  }
  const prototype = Object.getPrototypeOf(v) as unknown
  if (prototype !== Object.prototype && prototype !== null) throw new Unwritable(v, 'no plain object')
  const members = v as { readonly [name: string]: unknown }
  // As texts compare: by UTF-16 code units.
  const names = Object.keys(members).sort()
  w.u8(TAG.OBJECT)
  w.u32(names.length)
  for (const name of names) {
    w.sized(nameBytes(name))
    put(w, members[name])
  }
}

/** Where a value stands in another, for a message. */
function pathTo(found: unknown, v: unknown, path = ''): string | undefined {
  if (v === found) return path
  if (typeof v !== 'object' || v === null || v instanceof Uint8Array) return undefined
  const inner: readonly (readonly [string, unknown])[] =
    v instanceof Map
      ? [...v.values()].map(value => [`${path}{}`, value] as const)
      : Object.entries(v).map(([k, value]) => [Array.isArray(v) ? `${path}[${k}]` : `${path}.${k}`, value] as const)
  for (const [at, value] of inner) {
    const deeper = pathTo(found, value, at)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

/** Names of members come again and again, and are few. */
const nameBytes = remembered(new Map<string, Bytes>(), utf8)

/** @throws TypeError for a value that is none of a state: a function, a symbol, an instance of a class */
export function write(v: unknown): Bytes {
  const w = new Out()
  try {
    put(w, v)
    return w.done()
  } catch (e) {
    if (!(e instanceof Unwritable)) throw e
    throw new TypeError(`defect: ${pathTo(e.value, v) || 'the value'} is ${e.message}, which no image can hold`)
  } finally {
    w.close()
  }
}

/**
 * The same as `write` of an object with these members, in rising order of their names.
 * @param encoded the bytes of a value that is an object
 */
export function writeMembers(
  names: readonly string[],
  valueOf: (name: string) => unknown,
  encoded: (v: object) => Bytes,
): Bytes {
  const w = new Out()
  try {
    w.u8(TAG.OBJECT)
    w.u32(names.length)
    for (const name of names) {
      w.sized(nameBytes(name))
      const value = valueOf(name)
      if (typeof value === 'object' && value !== null) w.put(encoded(value))
      else put(w, value)
    }
    return w.done()
  } finally {
    w.close()
  }
}
