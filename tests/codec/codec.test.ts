// The binary grammar: every combinator round-trips, refuses truncation, explains what it read; errors sit on their field.

import { describe, expect, it } from 'vitest'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { type AnyCodec, decode, encode, Malformed, type Of } from '../../src/codec/codec.ts'
import {
  choice,
  constant,
  empty,
  flags,
  list,
  opaque,
  rest,
  sized,
  sizedOf,
  sizedOrEmpty,
  struct,
  u16,
  u32,
  u64,
  u8,
  variant,
  where,
} from '../../src/codec/combinators.ts'
import { explain, type Span } from '../../src/codec/explain.ts'
import { bytes, fromHex, toHex } from '../../src/lib/bytes.ts'
import { checkCodec, takesRest } from '../support/codecs.ts'

const COLOUR = choice('COLOUR', 2, { 1: 'red', 2: 'green' }, 'hash')
const WORD = flags('WORD', 4, {
  sign: { low: 31, width: 1 },
  level: { low: 4, width: 3 },
})
const HANDLE = where('HANDLE', 4, v => v >>> 24 === 0x80, 'handle', { 0x80000000: 'first', 0x80ffffff: 'last' })
const POINT = struct('POINT', { x: sized('X', 8), y: sized('Y', 8, { min: 1 }) })
const SHAPE = variant(
  'SHAPE',
  'kind',
  COLOUR,
  { weight: u8 },
  { 1: { centre: POINT }, 2: { size: u32, label: opaque('LABEL', 3) } },
)
const ALL: readonly AnyCodec[] = [
  u8,
  u16,
  u32,
  u64,
  constant('CODE', 4, { 1: 'one' }),
  COLOUR,
  HANDLE,
  WORD,
  opaque('OPAQUE', 5),
  sized('DATA', 40),
  sized('AT_LEAST', 40, { min: 3 }),
  rest('REST'),
  POINT,
  SHAPE,
  sizedOf('2B_SHAPE', SHAPE),
  sizedOrEmpty('2B_POINT', POINT),
  list('LIST', SHAPE, 3),
  list('SHORT_LIST', u16, 4, { min: 1, countSize: 2 }),
  list('BYTE_LIST', u8, 200, { countSize: 1 }),
  empty,
  struct('NEST', { a: POINT, b: list('L', sizedOf('2B', SHAPE), 2), c: WORD, d: rest('TAIL') }),
]

const refused = (codec: AnyCodec, hex: string): Malformed => {
  try {
    decode(codec, fromHex(hex))
  } catch (e) {
    if (e instanceof Malformed) return e
    throw e
  }
  throw new Error(`${codec.name} accepted ${hex}`)
}

const spanWithError = (spans: readonly Span[]): Span | undefined => {
  for (const s of spans) {
    const inner = spanWithError(s.children)
    if (inner) return inner
    if (s.error !== undefined) return s
  }
  return undefined
}

describe('every combinator', () => {
  it.each(ALL.map(c => [c.name, c] as const))('%s', (_, codec) => {
    checkCodec(codec, 60)
  })

  it('is found to take the rest, or not', () => {
    expect(ALL.filter(takesRest).map(c => c.name)).toEqual(['REST', 'NEST'])
  })
})

describe('random values', () => {
  it('are the same for the same seed and differ for another', () => {
    const some = (seed: number) => toHex(encode(SHAPE, arbitrary(SHAPE, randomFrom(seed))))
    expect(some(7)).toBe(some(7))
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(some)).size).toBeGreaterThan(4)
  })

  it('reach every arm, every named value, both ends of a length and both answers of an option', () => {
    const random = randomFrom(3)
    const many = <T>(f: () => T): Set<T> => new Set(Array.from({ length: 300 }, f))
    expect(many(() => arbitrary(SHAPE, random).kind)).toEqual(new Set([1, 2]))
    const lengths = many(() => arbitrary(sized('DATA', 40, { min: 3 }), random).length)
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([3, 40])
    expect(many(() => arbitrary(sizedOrEmpty('O', POINT), random) === undefined).size).toBe(2)
    expect(many(() => arbitrary(WORD, random) >>> 31).size).toBe(2)
    expect(Math.min(...many(() => arbitrary(list('L', u8, 9, { min: 2 }), random).length))).toBe(2)
  })

  it('are spread evenly enough', () => {
    const random = randomFrom(1)
    const counts = new Array<number>(16).fill(0)
    for (let i = 0; i < 16_000; i++) counts[random() >>> 28]!++
    for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(150)
  })
})

describe('bytes on the wire', () => {
  it('are big-endian, with 16-bit sizes and 32-bit counts', () => {
    const value: Of<typeof SHAPE> = { kind: 2, weight: 7, size: 0xfedcba98, label: bytes(1, 2, 3) }
    expect(toHex(encode(SHAPE, value))).toBe('000207fedcba98010203')
    expect(toHex(encode(list('L', sizedOf('2B', SHAPE), 2), [value]))).toBe('00000001000a000207fedcba98010203')
    expect(toHex(encode(u64, 0x0123456789abcdefn))).toBe('0123456789abcdef')
    expect(toHex(encode(sizedOrEmpty('O', POINT), undefined))).toBe('0000')
  })

  it('grow past the first buffer of the writer', () => {
    const data = Uint8Array.from({ length: 5000 }, (_, i) => i)
    expect(decode(sized('BIG', 6000), encode(sized('BIG', 6000), data))).toEqual(data)
  })
})

describe('errors', () => {
  const OUTER = struct('OUTER', { first: u8, shapes: list('SHAPES', SHAPE, 2), last: u16 })

  it.each([
    ['hash', COLOUR, '0003', 0, ''],
    ['handle', HANDLE, '81000000', 0, ''],
    ['reserved', WORD, '00000001', 0, ''],
    ['size', sized('DATA', 4), '0005', 0, ''],
    ['size', sized('DATA', 4, { min: 2 }), '000100', 0, ''],
    ['size', sizedOf('2B', u8), '0000', 0, ''],
    ['size', sizedOf('2B', u8), '00020000', 3, ''],
    ['size', list('L', u8, 2), '00000003', 0, ''],
    ['size', list('L', u8, 2, { min: 1 }), '00000000', 0, ''],
    ['size', u8, '0000', 1, ''],
    ['insufficient', u32, '000000', 0, ''],
    ['insufficient', sizedOf('2B', u16), '0002ff', 2, ''],
    ['insufficient', OUTER, '01000000010001050003aabb', 10, 'shapes.0.centre.x'],
    ['hash', OUTER, '01000000010009', 5, 'shapes.0.kind'],
    ['size', OUTER, '010000000100010500000000', 10, 'shapes.0.centre.y'],
  ] as const)('"%s" %#', (reason, codec, hex, at, path) => {
    const e = refused(codec as AnyCodec, hex)
    expect([e.reason, e.at, e.path.join('.')]).toEqual([reason, at, path])
  })

  it('refuse a selector without an arm, with the reason of the declaration', () => {
    const lone = variant('LONE', 'kind', COLOUR, {}, { 1: { v: u8 } })
    expect(refused(lone, '000200').reason).toBe('selector')
    expect(refused(variant('LONE', 'kind', COLOUR, {}, { 1: { v: u8 } }, { reason: 'scheme' }), '000200').reason).toBe(
      'scheme',
    )
    expect(refused(lone, '000200').message).toContain('green')
  })

  it('stay inside an announced size, even if more bytes follow', () => {
    const e = refused(struct('S', { a: sizedOf('2B', u32), b: u32 }), '0002aabbccdd00000000')
    expect([e.reason, e.path]).toEqual(['size', ['a', 'UINT32']])
  })

  it('sit on the exact field of the explanation, with the tree before it intact', () => {
    const partial = explain(OUTER, fromHex('0100000001000105000200'))
    expect(partial.error?.reason).toBe('insufficient')
    const span = spanWithError(partial.spans)
    expect([span?.name, span?.at]).toEqual(['x', 8])
    expect(partial.spans.map(s => s.name)).toEqual(['first', 'shapes'])
    expect(partial.spans[0]?.value).toBe(1)
    expect(partial.value).toBeUndefined()
  })

  it('name bytes that are left over', () => {
    const e = explain(POINT, fromHex('00000001aabb'))
    expect([e.error?.reason, e.covered, e.value !== undefined]).toEqual(['size', 5, true])
  })

  it('other than of the input are passed on', () => {
    const broken = {
      ...u8,
      read: () => {
        throw new TypeError('defect')
      },
    }
    expect(() => explain(broken, bytes(1))).toThrow(TypeError)
  })
})

describe('values in words', () => {
  it.each([
    [COLOUR, 2, 'green'],
    [constant('CODE', 2, { 1: 'one' }), 1, 'one'],
    [constant('CODE', 2, { 1: 'one' }), 0x12, '0x0012'],
    [WORD, 0x80000030, 'sign level=3'],
    [WORD, 0, '0'],
    [HANDLE, 0x80000000, 'first'],
    [HANDLE, 0x80000001, '0x80000001'],
    [u16, 300, '300'],
    [sized('D', 99), bytes(), 'empty'],
    [sized('D', 99), bytes(1, 2), '0102'],
    [sized('D', 99), new Uint8Array(20), `${'00'.repeat(16)}… (20 bytes)`],
  ] as const)('case %#', (codec, value, text) => {
    expect((codec as AnyCodec).text?.(value)).toBe(text)
  })
})
