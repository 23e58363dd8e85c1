// Bit fields, the persistent byte store, the one-slot memo and the assertions.

import { describe, expect, it } from 'vitest'
import { assert, never } from '../../src/lib/assert.ts'
import { extract, insert, mask } from '../../src/lib/bits.ts'
import { bytes } from '../../src/lib/bytes.ts'
import { memo } from '../../src/lib/memo.ts'
import { byteAt, get, put, zeros } from '../../src/lib/pages.ts'

describe('bit fields', () => {
  it('stay unsigned up to the top bit', () => {
    expect(mask(32)).toBe(0xffffffff)
    expect(mask(1)).toBe(1)
    expect(mask(31)).toBe(0x7fffffff)
    expect(extract(0x80000000, 31, 1)).toBe(1)
    expect(insert(0, 31, 1, 1)).toBe(0x80000000)
    expect(insert(0xffffffff, 4, 8, 0)).toBe(0xfffff00f)
  })

  it('read back what was inserted, and nothing else changed', () => {
    for (let low = 0; low < 32; low++) {
      for (let width = 1; low + width <= 32; width++) {
        const word = insert(0xa5a5a5a5, low, width, 0x3c3c3c3c)
        expect(extract(word, low, width)).toBe((0x3c3c3c3c & mask(width)) >>> 0)
        expect(insert(word, low, width, extract(0xa5a5a5a5, low, width))).toBe(0xa5a5a5a5)
      }
    }
  })
})

describe('pages', () => {
  it('write across page borders and read back', () => {
    const data = Uint8Array.from({ length: 600 }, (_, i) => i % 251)
    const store = put(zeros(1024), 200, data)
    expect(get(store, 200, 600)).toEqual(data)
    expect(get(store, 0, 200)).toEqual(new Uint8Array(200))
    expect(byteAt(store, 455)).toBe(255 % 251)
  })

  it('leave the old store as it was and share untouched pages', () => {
    const before = zeros(1024)
    const after = put(before, 300, bytes(1))
    expect(byteAt(before, 300)).toBe(0)
    expect(after.pages[1]).not.toBe(before.pages[1])
    for (const page of [0, 2, 3]) expect(after.pages[page]).toBe(before.pages[page])
  })

  it('are the same value when nothing changes', () => {
    const store = put(zeros(512), 10, bytes(1, 2, 3))
    expect(put(store, 10, bytes(1, 2, 3))).toBe(store)
    expect(put(store, 10, bytes())).toBe(store)
  })

  it('hand out copies', () => {
    const store = zeros(256)
    const copy = get(store, 0, 4) as Uint8Array
    copy[0] = 9
    expect(byteAt(store, 0)).toBe(0)
  })

  it('refuse what lies outside', () => {
    expect(() => put(zeros(100), 98, bytes(1, 2, 3))).toThrow(RangeError)
    expect(() => get(zeros(100), -1, 1)).toThrow(RangeError)
    expect(() => get(zeros(100), 99, 2)).toThrow(RangeError)
  })
})

describe('memo', () => {
  it('computes once for the same references, again for others', () => {
    let calls = 0
    const f = memo((a: object, b: number) => {
      calls++
      return [a, b]
    })
    const key = {}
    const first = f(key, 1)
    expect(f(key, 1)).toBe(first)
    expect(f({}, 1)).not.toBe(first)
    expect(f(key, 1)).not.toBe(first)
    expect(calls).toBe(3)
  })

  it('keeps a result of undefined', () => {
    let calls = 0
    const f = memo((_: number): undefined => {
      calls++
    })
    f(Number.NaN)
    f(Number.NaN)
    expect(calls).toBe(1)
  })
})

describe('assertions', () => {
  it('throw a defect', () => {
    expect(() => assert(false, 'x is there')).toThrow('defect: x is there')
    expect(() => assert(1, 'fine')).not.toThrow()
    expect(() => never('odd' as never)).toThrow('defect: unexpected "odd"')
  })
})
