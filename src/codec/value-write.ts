// Readonly values as bytes, the writing side of value.ts.

import { type Bytes, utf8 } from '../lib/bytes.ts'
import { remembered } from '../lib/remembered.ts'
import { compare, isU32, TAG } from './value-tags.ts'
import { type Writer, written } from './writer.ts'

/** A length, and that many bytes. */
function sized(w: Writer, b: Bytes): void {
  w.u32(b.length)
  w.put(b)
}

function f64(w: Writer, v: number): void {
  const octets = new Uint8Array(8)
  new DataView(octets.buffer).setFloat64(0, v)
  w.put(octets)
}

/** Something that no image can hold. */
class Unwritable extends Error {
  readonly value: unknown
  constructor(value: unknown, what: string) {
    super(what)
    this.value = value
  }
}

function put(w: Writer, v: unknown): void {
  switch (typeof v) {
    case 'undefined':
      return w.u8(TAG.UNDEFINED)
    case 'boolean':
      return w.u8(v ? TAG.TRUE : TAG.FALSE)
    case 'number':
      w.u8(isU32(v) ? TAG.U32 : TAG.F64)
      return isU32(v) ? w.u32(v) : f64(w, v)
    case 'bigint': {
      w.u8(TAG.BIG)
      w.u8(v < 0n ? 1 : 0)
      const hex = v === 0n ? '' : (v < 0n ? -v : v).toString(16)
      const even = hex.length % 2 === 0 ? hex : `0${hex}`
      return sized(
        w,
        Uint8Array.from(even.match(/../g) ?? [], pair => Number.parseInt(pair, 16)),
      )
    }
    case 'string':
      w.u8(TAG.TEXT)
      return sized(w, utf8(v))
    case 'object':
      return putObject(w, v)
    default:
      throw new Unwritable(v, `a ${typeof v}`)
  }
}

function putObject(w: Writer, v: object | null): void {
  if (v === null) return w.u8(TAG.NULL)
  if (v instanceof Uint8Array) {
    w.u8(TAG.BYTES)
    return sized(w, v)
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
    sized(w, nameBytes(name))
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
  try {
    return written(w => put(w, v))
  } catch (e) {
    if (!(e instanceof Unwritable)) throw e
    throw new TypeError(`defect: ${pathTo(e.value, v) || 'the value'} is ${e.message}, which no image can hold`)
  }
}

/**
 * The same as `write` of an object with these members, in rising order of their names.
 * @param encoded the bytes of a value that is an object
 */
export const writeMembers = (
  names: readonly string[],
  valueOf: (name: string) => unknown,
  encoded: (v: object) => Bytes,
): Bytes =>
  written(w => {
    w.u8(TAG.OBJECT)
    w.u32(names.length)
    for (const name of names) {
      sized(w, nameBytes(name))
      const value = valueOf(name)
      if (typeof value === 'object' && value !== null) w.put(encoded(value))
      else put(w, value)
    }
  })
