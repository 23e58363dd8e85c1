// Byte strings as values.

import { describe, expect, it } from 'vitest'
import {
  be16,
  be32,
  bytes,
  concat,
  EMPTY,
  equal,
  fromHex,
  readBe16,
  readBe32,
  toHex,
  utf8,
} from '../../src/lib/bytes.ts'

describe('bytes', () => {
  it('concatenates into a fresh copy', () => {
    const a = bytes(1, 2)
    const joined = concat(a, EMPTY, bytes(3))
    expect(joined).toEqual(bytes(1, 2, 3))
    expect(concat(a)).not.toBe(a)
    expect(concat()).toEqual(EMPTY)
  })

  it('compares by content', () => {
    expect(equal(bytes(1, 2), bytes(1, 2))).toBe(true)
    expect(equal(bytes(1, 2), bytes(1, 3))).toBe(false)
    expect(equal(bytes(1, 2), bytes(1, 2, 0))).toBe(false)
  })

  it('goes to hexadecimal and back for every byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(toHex(all).slice(0, 8)).toBe('00010203')
    expect(fromHex(toHex(all))).toEqual(all)
    expect(fromHex('aBCd')).toEqual(bytes(0xab, 0xcd))
  })

  it('names the place of a bad digit', () => {
    expect(() => fromHex('00x0')).toThrow('position 3')
    expect(() => fromHex('000')).toThrow('odd number of hexadecimal digits: 3')
  })

  it('writes and reads big-endian integers, unsigned', () => {
    expect(be16(0xfedc)).toEqual(bytes(0xfe, 0xdc))
    expect(be32(0xfedcba98)).toEqual(bytes(0xfe, 0xdc, 0xba, 0x98))
    expect(readBe16(be16(0xfedc), 0)).toBe(0xfedc)
    expect(readBe32(concat(bytes(7), be32(0xfedcba98)), 1)).toBe(0xfedcba98)
  })

  it('encodes text', () => {
    expect(utf8('é')).toEqual(bytes(0xc3, 0xa9))
  })
})
