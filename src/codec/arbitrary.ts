// Random valid values, derived from a declaration: for generated tests and for trying the TPM with made-up input.
// Deterministic: the caller brings the numbers, `randomFrom(seed)` makes reproducible ones.

import type { Bytes } from '../lib/bytes.ts'
import type { AnyCodec, Codec, Fields, FlagFields, Shape } from './codec.ts'

/** The next unsigned 32-bit number. */
export type Random = () => number

/** A reproducible stream (a Weyl sequence put through a 32-bit mixer). Not for secrets. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}

const below = (random: Random, n: number): number => random() % n
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T

function someBytes(random: Random, length: number): Bytes {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) out[i] = random() >>> 24
  return out
}

/** Mostly short, often a limit: the lengths where parsers go wrong. */
function someLength(random: Random, min: number, max: number): number {
  const way = below(random, 8)
  if (way === 0) return min
  if (way === 1) return max
  if (way === 2) return min + below(random, max - min + 1)
  return min + below(random, Math.min(max - min, 32) + 1)
}

/** Small numbers and limits as often as any others. */
function someUint(random: Random, size: 1 | 2 | 4): number {
  const limit = 2 ** (8 * size)
  const way = below(random, 4)
  if (way === 0) return below(random, 4)
  if (way === 1) return limit - 1 - below(random, 2)
  return random() % limit
}

function someFlags(random: Random, fields: FlagFields): number {
  let word = 0
  for (const { low, width } of Object.values(fields)) word += (random() % 2 ** width) * 2 ** low
  return word
}

function someFields(random: Random, fields: Fields, out: Record<string, unknown> = {}): Record<string, unknown> {
  for (const [name, codec] of Object.entries(fields)) out[name] = some(random, codec)
  return out
}

function someVariant(random: Random, shape: Extract<Shape, { kind: 'variant' }>): Record<string, unknown> {
  const arms = Object.keys(shape.arms).map(Number)
  const selector = shape.selectorCodec.shape
  const possible = selector.kind === 'choice' ? arms.filter(k => selector.values.includes(k)) : arms
  const k = pick(random, possible.length > 0 ? possible : arms)
  return someFields(random, shape.arms[k] ?? {}, someFields(random, shape.before, { [shape.selector]: k }))
}

function some(random: Random, codec: AnyCodec): unknown {
  const shape = codec.shape
  switch (shape.kind) {
    case 'uint':
      if (shape.size === 8) return (BigInt(random()) << 32n) | BigInt(random())
      return shape.signed ? someUint(random, shape.size) | 0 : someUint(random, shape.size)
    case 'choice':
      return pick(random, shape.values)
    case 'flags':
      return someFlags(random, shape.fields)
    case 'opaque':
      return someBytes(random, shape.length)
    case 'sized':
      return someBytes(random, someLength(random, shape.min, shape.max))
    case 'sizedOf':
      return shape.orEmpty && below(random, 4) === 0 ? undefined : some(random, shape.inner)
    case 'list': {
      const longest = Math.max(shape.min, Math.min(shape.max, 4))
      return Array.from({ length: shape.min + below(random, longest - shape.min + 1) }, () => some(random, shape.item))
    }
    case 'struct':
      return someFields(random, shape.fields)
    case 'variant':
      return someVariant(random, shape)
    case 'rest':
      return someBytes(random, below(random, 33))
  }
}

/** A value that `codec` writes and reads back. What a declaration checks beyond its shape (`where`) shows in its samples. */
export const arbitrary = <T>(codec: Codec<T>, random: Random): T => some(random, codec as AnyCodec) as T
