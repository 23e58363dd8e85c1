// Every structure and command that the TPM vocabulary declares holds what every declaration must hold. New ones are found by
// themselves: whatever src/spec exports and is a codec is tested.

import { describe, expect, it } from 'vitest'
import type { AnyCodec } from '../../src/codec/codec.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { checkCodec } from '../support/codecs.ts'

const modules = import.meta.glob<Record<string, unknown>>('../../src/spec/*.ts', { eager: true })

const isCodec = (v: unknown): v is AnyCodec =>
  typeof v === 'object' && v !== null && 'shape' in v && 'read' in v && 'write' in v

const declared = new Map<AnyCodec, string>()
for (const [path, exports] of Object.entries(modules)) {
  const file = path.split('/').at(-1) ?? path
  for (const [name, value] of Object.entries(exports)) if (isCodec(value)) declared.set(value, `${file} ${name}`)
}

for (const row of COMMANDS) {
  for (const [name, { codec }] of Object.entries(row.handles)) declared.set(codec, `${row.name} ${name}`)
  declared.set(row.params, `${row.name} parameters`)
  declared.set(row.returns, `${row.name} response parameters`)
}

describe('declared structures', () => {
  it('are found', () => {
    expect(declared.size).toBeGreaterThan(20)
  })

  it.each([...declared].map(([codec, name]) => [name, codec] as const))('%s', (_, codec) => {
    checkCodec(codec, 8)
  })
})
