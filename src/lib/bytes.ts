// Byte strings as values: a Uint8Array whose mutating methods are hidden by its type, and what is done with them.
// History shares state between moments, so bytes that were published must never change.

type Mutators = 'set' | 'fill' | 'sort' | 'reverse' | 'copyWithin' | 'subarray' | 'buffer'

/** An immutable byte string. Indexing works; writing does not compile. */
export interface Bytes extends Omit<Uint8Array, Mutators | number | 'valueOf'> {
  readonly [index: number]: number
  readonly buffer: ArrayBufferLike
}

export const EMPTY: Bytes = new Uint8Array(0)

/** For library calls that read a Uint8Array and do not write to it (noble, TextDecoder, DataView). */
export const raw = (b: Bytes): Uint8Array<ArrayBuffer> => b as unknown as Uint8Array<ArrayBuffer>

export const bytes = (...values: number[]): Bytes => new Uint8Array(values)

export function concat(...parts: readonly Bytes[]): Bytes {
  let length = 0
  for (const p of parts) length += p.length
  const out = new Uint8Array(length)
  let at = 0
  for (const p of parts) {
    out.set(raw(p), at)
    at += p.length
  }
  return out
}

export function equal(a: Bytes, b: Bytes): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(b: Bytes): string {
  let s = ''
  for (let i = 0; i < b.length; i++) s += HEX[b[i] as number]
  return s
}

/** @throws SyntaxError naming the position of the first character that is not a hexadecimal digit, or an odd count. */
export function fromHex(s: string): Bytes {
  const bad = s.search(/[^0-9a-fA-F]/)
  if (bad >= 0) throw new SyntaxError(`not a hexadecimal digit at position ${bad + 1}: "${s[bad]}"`)
  if (s.length % 2 === 1) throw new SyntaxError(`odd number of hexadecimal digits: ${s.length}`)
  const out = new Uint8Array(s.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(s.slice(2 * i, 2 * i + 2), 16)
  return out
}

const ENCODER = new TextEncoder()
export const utf8 = (s: string): Bytes => ENCODER.encode(s)

/** Big-endian unsigned 16 and 32 bits, as every integer of a TPM message. */
export const be16 = (v: number): Bytes => bytes((v >>> 8) & 255, v & 255)
export function be32(v: number): Bytes {
  const out = new Uint8Array(4)
  out[0] = v >>> 24
  out[1] = v >>> 16
  out[2] = v >>> 8
  out[3] = v
  return out
}
/** Big-endian unsigned 64 bits. */
export const be64 = (v: bigint): Bytes => concat(be32(Number(v >> 32n)), be32(Number(v & 0xffffffffn)))
export const readBe16 = (b: Bytes, at: number): number => (((b[at] ?? 0) << 8) | (b[at + 1] ?? 0)) >>> 0
export const readBe32 = (b: Bytes, at: number): number =>
  (((b[at] ?? 0) << 24) | ((b[at + 1] ?? 0) << 16) | ((b[at + 2] ?? 0) << 8) | (b[at + 3] ?? 0)) >>> 0
