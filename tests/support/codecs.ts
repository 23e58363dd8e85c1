// What must hold for every declaration, stated once: round trip, refusal of every truncation, spans that partition.

import { expect } from 'vitest'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { type AnyCodec, decode, encode, Malformed } from '../../src/codec/codec.ts'
import { explain, type Span } from '../../src/codec/explain.ts'
import type { Bytes } from '../../src/lib/bytes.ts'

/** Whether a declaration takes whatever is left: then a shorter input is another valid input. */
export function takesRest(codec: AnyCodec): boolean {
  const shape = codec.shape
  switch (shape.kind) {
    case 'rest':
      return true
    case 'sizedOf':
      return false
    case 'list':
      return takesRest(shape.item)
    case 'struct':
      return Object.values(shape.fields).some(takesRest)
    case 'variant':
      return [shape.before, ...Object.values(shape.arms)].some(f => Object.values(f).some(takesRest))
    default:
      return false
  }
}

/** Spans lie side by side, in order, and children fill their parent. @returns where they end */
export function partition(spans: readonly Span[], from: number, path = ''): number {
  let at = from
  for (const s of spans) {
    expect(s.at, `${path}/${s.name} starts where the one before ends`).toBe(at)
    if (s.children.length > 0) {
      expect(partition(s.children, at, `${path}/${s.name}`), `${path}/${s.name} is filled`).toBe(at + s.length)
    }
    at += s.length
  }
  return at
}

/** The lengths to cut at: all of a short input, the ends and a sample of a long one. */
function* cuts(length: number): Generator<number> {
  const step = Math.max(1, Math.floor(length / 60))
  for (let n = 0; n < length; n += n < 64 ? 1 : step) yield n
  if (length > 1) yield length - 1
}

const failure = (codec: AnyCodec, input: Bytes): unknown => {
  try {
    decode(codec, input)
    return undefined
  } catch (e) {
    return e
  }
}

/** All of it, for `rounds` random values. */
export function checkCodec(codec: AnyCodec, rounds = 20, seed = 1): void {
  const random = randomFrom(seed)
  for (let i = 0; i < rounds; i++) {
    const value: unknown = arbitrary(codec, random)
    const input = encode(codec, value)
    expect(decode(codec, input), `${codec.name} reads back`).toEqual(value)
    const whole = explain(codec, input)
    expect(whole.error, `${codec.name} is explained`).toBeUndefined()
    expect(whole.value).toEqual(value)
    expect(partition(whole.spans, 0, codec.name)).toBe(input.length)
    expect(whole.covered).toBe(input.length)

    expect(failure(codec, Uint8Array.from([...(input as Uint8Array), 0]))).toSatisfy(
      (e: unknown) => takesRest(codec) || (e instanceof Malformed && e.reason === 'size'),
    )
    if (takesRest(codec)) continue
    for (const n of cuts(input.length)) {
      const cut = input.slice(0, n)
      expect(failure(codec, cut), `${codec.name} cut to ${n} of ${input.length}`).toBeInstanceOf(Malformed)
      const partial = explain(codec, cut)
      expect(partial.error, `${codec.name} cut to ${n}`).toBeInstanceOf(Malformed)
      expect(partition(partial.spans, 0, codec.name)).toBe(partial.covered)
      expect(partial.covered).toBeLessThanOrEqual(n)
    }
  }
}
