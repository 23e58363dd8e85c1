// As much of DER (ITU-T X.690) as a certificate needs: elements of one length, read and made.

import { type Bytes, concat, fromHex } from '../lib/bytes.ts'

export interface Element {
  readonly tag: number
  readonly content: Bytes
  /** Tag, length and content. */
  readonly whole: Bytes
}

export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  SEQUENCE: 0x30,
  CONTEXT_0: 0xa0,
  CONTEXT_3: 0xa3,
} as const

/** The elements of which the octets consist; undefined when they are no DER. */
export function elements(octets: Bytes): readonly Element[] | undefined {
  const out: Element[] = []
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at] as number
    const first = octets[at + 1]
    if (first === undefined || (tag & 0x1f) === 0x1f) return undefined
    let length = first
    let start = at + 2
    if (first >= 0x80) {
      const n = first & 0x7f
      if (n === 0 || n > 2 || start + n > octets.length) return undefined
      length = 0
      for (let i = 0; i < n; i++) length = length * 256 + (octets[start + i] as number)
      // The shortest form only.
      if (length < 0x80 || (n === 2 && length < 0x100)) return undefined
      start += n
    }
    const end = start + length
    if (end > octets.length) return undefined
    out.push({ tag, content: octets.slice(start, end), whole: octets.slice(at, end) })
    at = end
  }
  return out
}

export function element(tag: number, ...parts: readonly Bytes[]): Bytes {
  const content = concat(...parts)
  const n = content.length
  const head = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >>> 8, n & 255]
  return concat(Uint8Array.of(tag, ...head), content)
}

export const sequence = (...parts: readonly Bytes[]): Bytes => element(TAG.SEQUENCE, ...parts)
/** An object identifier from its octets in hexadecimal. */
export const oid = (hex: string): Bytes => element(TAG.OID, fromHex(hex))
export const bitString = (octets: Bytes): Bytes => element(TAG.BIT_STRING, Uint8Array.of(0), octets)
/** A positive integer: no zeros before it, but one where its first bit is set. */
export function integer(octets: Bytes): Bytes {
  let at = 0
  while (at < octets.length - 1 && octets[at] === 0) at++
  const rest = octets.slice(at)
  return element(TAG.INTEGER, (rest[0] as number) >= 0x80 ? concat(Uint8Array.of(0), rest) : rest)
}
export const NULL: Bytes = Uint8Array.of(5, 0)
