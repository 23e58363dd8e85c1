// Every structure that the TPM vocabulary declares holds what every declaration must hold. New ones are found by
// themselves: whatever src/spec exports and is a codec is tested.

import { describe, expect, it } from 'vitest'
import type { AnyCodec } from '../../src/codec/codec.ts'
import { checkCodec } from '../support/codecs.ts'

const modules = import.meta.glob<Record<string, unknown>>('../../src/spec/*.ts', { eager: true })

const isCodec = (v: unknown): v is AnyCodec =>
  typeof v === 'object' && v !== null && 'shape' in v && 'read' in v && 'write' in v

const declared = new Map<AnyCodec, string>()
for (const [path, exports] of Object.entries(modules)) {
  const file = path.split('/').at(-1) ?? path
  for (const [name, value] of Object.entries(exports)) if (isCodec(value)) declared.set(value, `${file} ${name}`)
}

describe('declared structures', () => {
  it('are found', () => {
    expect(declared.size).toBeGreaterThan(20)
  })

  it.each([...declared].map(([codec, name]) => [name, codec] as const))('%s', (_, codec) => {
    checkCodec(codec, 12)
  })
})
