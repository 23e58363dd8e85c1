// The byte queue: what goes in piece by piece comes out whole and in order.

import { describe, expect, it } from 'vitest'
import { bytes, toHex } from '../../src/lib/bytes.ts'
import { ByteQueue } from '../../src/lib/queue.ts'

describe('byte queue', () => {
  it('hands out what came in, whatever the pieces', () => {
    const all = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 255)
    const q = new ByteQueue()
    const out: string[] = []
    for (let at = 0, n = 1; at < all.length; at += n, n = (n * 5 + 3) % 613) {
      q.push(all.slice(at, at + n))
      while (q.length >= 100) out.push(toHex(q.take(100)))
    }
    out.push(toHex(q.take(q.length)))
    expect(out.join('')).toBe(toHex(all))
    expect(q.length).toBe(0)
  })

  it('reads ahead without taking, skips and clears', () => {
    const q = new ByteQueue()
    q.push(bytes(1, 2, 3, 4, 5, 6))
    expect([q.u32(0), q.u32(2), q.u8(5), q.u8(6)]).toEqual([0x01020304, 0x03040506, 6, 0])
    q.skip(4)
    expect([q.length, q.u8(0)]).toEqual([2, 5])
    expect(() => q.take(3)).toThrow(RangeError)
    q.clear()
    expect(q.length).toBe(0)
  })

  it('gives copies: what was taken does not change with what comes later', () => {
    const q = new ByteQueue()
    q.push(new Uint8Array(300).fill(1))
    const first = q.take(300)
    q.push(new Uint8Array(300).fill(2))
    expect(first.every(b => b === 1)).toBe(true)
  })
})
