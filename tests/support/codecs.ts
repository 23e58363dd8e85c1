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
    const here = `${path}/${s.name}`
    if (s.at !== at) throw new Error(`${here} starts at ${s.at}, the field before ends at ${at}`)
    if (s.children.length > 0) {
      const end = partition(s.children, at, here)
      if (end !== at + s.length) throw new Error(`${here} ends at ${at + s.length}, its fields at ${end}`)
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
  const open = takesRest(codec)
  for (let i = 0; i < rounds; i++) {
    const value: unknown = arbitrary(codec, random)
    const input = encode(codec, value)
    const whole = explain(codec, input)
    expect(decode(codec, input), `${codec.name} reads back`).toEqual(value)
    expect(whole.error, `${codec.name} is explained`).toBeUndefined()
    expect(whole.value).toEqual(value)
    expect([partition(whole.spans, 0, codec.name), whole.covered]).toEqual([input.length, input.length])
    if (open) continue

    const longer = failure(codec, Uint8Array.from([...(input as Uint8Array), 0]))
    expect(longer, `${codec.name} refuses a byte too many`).toBeInstanceOf(Malformed)
    expect((longer as Malformed).reason).toBe('size')
    for (const n of cuts(input.length)) {
      const cut = input.slice(0, n)
      const partial = explain(codec, cut)
      const where = `${codec.name} cut to ${n} of ${input.length}`
      if (!(failure(codec, cut) instanceof Malformed)) throw new Error(`${where}: was accepted`)
      if (!(partial.error instanceof Malformed)) throw new Error(`${where}: the explanation has no error`)
      const end = partition(partial.spans, 0, codec.name)
      if (end !== partial.covered || end > n) throw new Error(`${where}: the spans end at ${end}`)
    }
  }
}
