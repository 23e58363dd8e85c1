// What TPM 1.2 declares: every structure holds what declarations must hold, and every recorded exchange is explained to its
// last byte.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AnyCodec } from '../../src/codec/codec.ts'
import { fromHex, readBe32 } from '../../src/lib/bytes.ts'
import { ORDINAL_NAMES, RC12, RETURN_NAMES } from '../../src/spec12/codes.ts'
import { ROWS } from '../../src/spec12/commands.ts'
import { explainRequest12, explainResponse12, isRequest12, isResponse12 } from '../../src/spec12/frame.ts'
import * as structures from '../../src/spec12/structures.ts'
import { checkCodec, partition } from '../support/codecs.ts'

const isCodec = (v: unknown): v is AnyCodec =>
  typeof v === 'object' && v !== null && 'shape' in v && 'read' in v && 'write' in v

const declared: [string, AnyCodec][] = [
  ...Object.entries(structures).filter((e): e is [string, AnyCodec] => isCodec(e[1])),
  ...ROWS.flatMap((r): [string, AnyCodec][] => [
    [`${r.name} parameters`, r.params],
    [`${r.name} answer`, r.returns],
  ]),
]

const folder = new URL('../vectors/tpm12-swtpm/', import.meta.url)
const exchanges = readdirSync(folder)
  .filter(f => f.endsWith('.jsonl'))
  .flatMap(f => readFileSync(new URL(f, folder), 'utf8').trim().split('\n'))
  .map(line => JSON.parse(line) as { name: string; cmd: string; rsp: string })
  .filter(e => e.cmd !== '')

describe('the vocabulary of TPM 1.2', () => {
  it.each(declared)('%s', (_, codec) => {
    checkCodec(codec, 8)
  })

  it('has the numbers that everybody uses', () => {
    // From the list in the design notes and Part 2, 16 and 17.
    expect([RC12.BAD_PRESENCE, RC12.INVALID_POSTINIT, RC12.NOSRK, RC12.OWNER_SET]).toEqual([0x2d, 0x26, 0x12, 0x14])
    expect([RC12.FAILEDSELFTEST, RC12.DEACTIVATED, RC12.NOOPERATOR]).toEqual([0x1c, 6, 73])
    expect(RETURN_NAMES[0x3d]).toBe('TPM_BAD_LOCALITY')
    expect([ORDINAL_NAMES[0x5b], ORDINAL_NAMES[0x4000000a]]).toEqual(['TPM_OwnerClear', 'TSC_PhysicalPresence'])
  })

  it('explains every recorded request to its last byte', () => {
    const good = exchanges.filter(e => e.name !== 'bytes')
    expect(good.length).toBeGreaterThan(200)
    for (const { name, cmd } of good) {
      const bytes = fromHex(cmd)
      expect(isRequest12(bytes), name).toBe(true)
      const { spans, problems } = explainRequest12(bytes)
      expect(problems, `${name} ${cmd}`).toEqual([])
      expect(partition(spans, 0)).toBe(bytes.length)
    }
  })

  it('explains every recorded answer, capabilities too', () => {
    let flags = 0
    for (const { name, cmd, rsp } of exchanges) {
      const bytes = fromHex(rsp)
      expect(isResponse12(bytes)).toBe(true)
      const { spans, problems } = explainResponse12(bytes, fromHex(cmd))
      if (readBe32(bytes, 6) === 0) expect(problems, `${name} ${rsp}`).toEqual([])
      expect(partition(spans, 0)).toBe(bytes.length)
      const resp = spans.at(-1)?.children.find(s => s.name === 'resp')
      if (resp?.children.some(s => s.name === 'disableOwnerClear')) flags += 1
    }
    expect(flags).toBeGreaterThan(5)
  })

  it('says what is wrong with a request, and where', () => {
    expect(explainRequest12(fromHex('00c10000000b0000009900')).problems[0]).toMatch(/startupType.*needs 2 bytes/)
    expect(explainRequest12(fromHex('00c10000000a000000ff')).problems[0]).toMatch(/not a command of TPM 1\.2/)
    expect(explainRequest12(fromHex('00c1000000')).problems[0]).toMatch(/needs 4 bytes/)
    const tail = explainRequest12(fromHex('00c10000000b0000009800'))
    expect(tail.problems).toEqual(['1 bytes are left over'])
    expect(tail.spans.at(-1)).toMatchObject({ name: 'left over', at: 10, length: 1 })
  })
})
