// The register language on a map of its own: values, masks, lists, and names that do not compile.

import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import {
  bit,
  bits,
  decode,
  get,
  getIn,
  listFields,
  listRegisters,
  listSegments,
  listWords,
  maskOf,
  registerAt,
  registers,
  resetWords,
  set,
  setIn,
} from '../../src/hw/registers.ts'

const common = { doc: 'd', source: 's' }
const MAP = registers({
  B: { ...common, at: 8, reset: 0x8000_0001, full: 'B', fields: { all: bits(0, 32, 'rw', 'a whole word') } },
  A: {
    ...common,
    at: 0,
    reset: 0x30,
    full: 'A',
    fields: {
      low: bit(0, 'rw', 'lowest'),
      mid: bits(4, 3, 'ro', 'three bits'),
      high: bit(31, 'w1c', 'highest'),
    },
  },
})

describe('registers', () => {
  const words = resetWords(MAP, 4)

  it('reset to their words, with 0 between', () => {
    expect(words).toEqual([0x30, 0, 0x8000_0001, 0])
  })

  it('read and replace fields by name', () => {
    expect(get(MAP, words, 'A', 'mid')).toBe(3)
    expect(get(MAP, words, 'B', 'all')).toBe(0x8000_0001)
    expect(set(MAP, words, 'A', { high: 1, low: 1 })).toEqual([0x8000_0031, 0, 0x8000_0001, 0])
    expect(set(MAP, words, 'B', { all: 0xffff_ffff })[2]).toBe(0xffff_ffff)
    expect(setIn(MAP.A, 0, { mid: 0xff })).toBe(0x70)
    expect(words).toEqual([0x30, 0, 0x8000_0001, 0])
  })

  it('keep the array when nothing changes', () => {
    expect(set(MAP, words, 'A', { mid: 3 })).toBe(words)
    expect(set(MAP, words, 'B', {})).toBe(words)
  })

  it('know their masks', () => {
    expect(maskOf(MAP.A, 'low', 'high')).toBe(0x8000_0001)
    expect(maskOf(MAP.A, 'mid')).toBe(0x70)
    expect(maskOf(MAP.B, 'all')).toBe(0xffff_ffff)
    expect(maskOf(MAP.B)).toBe(0)
  })

  it('are listed by offset, fields from the highest bit, reserved runs between', () => {
    expect(listRegisters(MAP).map(r => r.name)).toEqual(['A', 'B'])
    expect(listWords(MAP, 4).map(w => w.name)).toEqual(['A', undefined, 'B', undefined])
    expect(listFields(MAP.A).map(f => f.name)).toEqual(['high', 'mid', 'low'])
    expect(listSegments(MAP.A)).toEqual([
      { name: 'high', low: 31, width: 1 },
      { name: undefined, low: 7, width: 24 },
      { name: 'mid', low: 4, width: 3 },
      { name: undefined, low: 1, width: 3 },
      { name: 'low', low: 0, width: 1 },
    ])
    expect(listSegments(MAP.B)).toEqual([{ name: 'all', low: 0, width: 32 }])
  })

  it('are found by any offset of their word', () => {
    expect([0, 3, 4, 8, 11, 12].map(o => registerAt(MAP, o)?.name)).toEqual(['A', 'A', undefined, 'B', 'B', undefined])
  })

  it('decode a word', () => {
    expect(decode(MAP.A, 0x8000_0030).map(f => [f.name, f.value])).toEqual([
      ['high', 1],
      ['mid', 3],
      ['low', 0],
    ])
  })

  it('give back what was set, whatever the word was', () => {
    const random = randomFrom(1)
    for (let i = 0; i < 500; i++) {
      const [word, mid, high] = [random(), random() & 7, random() & 1]
      const out = setIn(MAP.A, word, { mid, high })
      expect([getIn(MAP.A, out, 'mid'), getIn(MAP.A, out, 'high')]).toEqual([mid, high])
      const others = ~maskOf(MAP.A, 'mid', 'high') >>> 0
      expect((out & others) >>> 0).toBe((word & others) >>> 0)
    }
  })

  it('refuse wrong names at compile time', () => {
    const wrong = [
      // @ts-expect-error A has no field "all"
      () => get(MAP, words, 'A', 'all'),
      // @ts-expect-error there is no register C
      () => get(MAP, words, 'C', 'low'),
      // @ts-expect-error B has no field "low"
      () => set(MAP, words, 'B', { low: 1 }),
      // @ts-expect-error a field is a number
      () => setIn(MAP.A, 0, { low: true }),
      // @ts-expect-error A has no field "lo"
      () => getIn(MAP.A, 0, 'lo'),
      // @ts-expect-error A has no field "hi"
      () => maskOf(MAP.A, 'low', 'hi'),
      // @ts-expect-error there is no such kind of access
      () => bit(0, 'sometimes', 'x'),
      // @ts-expect-error a register says where it is specified
      () => registers({ X: { at: 0, reset: 0, full: 'X', doc: 'd', fields: {} } }),
    ]
    expect(wrong).toHaveLength(8)
  })
})
