// `crbscope run`: scenarios and recordings without a screen, and what they leave behind.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SCENARIOS } from '../../src/lessons/scenarios/index.ts'
import { crbscope } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'crbscope-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

describe('run', () => {
  it('lists every scenario', () => {
    const r = crbscope(['run', '--list'])
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(
      r.out
        .trimEnd()
        .split('\n')
        .map(l => l.split(' ')[0]),
    ).toEqual(SCENARIOS.map(s => s.id))
  })

  it('plays a scenario, writes a recording that check accepts and an event table', () => {
    const r = crbscope(['run', 'verify-mldsa87', '--json', at('v.json'), '--events', at('v.jsonl')])
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(r.out).toContain('TPM2_VerifyDigestSignature: 4683 bytes, 84 bytes back')
    expect(crbscope(['check', at('v.json')])).toMatchObject({ code: 0, err: '', out: '1 passed, 0 failed\n' })
    const events = readFileSync(at('v.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map(l => JSON.parse(l))
    expect(events.filter(e => e.event.t === 'submit').map(e => e.event.length)).toEqual([4683])
    expect(events.every(e => typeof e.step === 'number' && 'GDT'.includes(e.actor) && e.why !== '')).toBe(true)
    const again = crbscope(['run', at('v.json')])
    expect(again.out).toBe(r.out)
    expect(crbscope(['run', '-'], readFileSync(at('v.json'), 'utf8')).out).toBe(r.out)
  })

  it('plays through a teaching window', () => {
    const r = crbscope(['run', 'get-random', '--window', '64', '--device', 'qemu'])
    expect(r.out).toContain('TPM2_GetRandom: 12 bytes, 28 bytes back')
  })

  it.each([
    [['run'], 2, 'nothing to run, run'],
    [['run', 'nonsense'], 2, 'no such scenario or file, "nonsense"'],
    [['run', 'get-random', '--window', '65'], 2, 'must be one of 3968, 1024, 256, 64, not "65", --window'],
    [['run', 'get-random', '--device', 'strict'], 2, 'only qemu in this version, not "strict", --device'],
    [['run', 'get-random', '--vcd', 'x'], 2, 'not in this version, --vcd'],
    [['run', 'get-random', '--json', at('no/such/folder')], 1, 'cannot be written (ENOENT)'],
  ])('refuses %j in one line', (args, code, message) => {
    const r = crbscope(args as string[])
    expect(r.code).toBe(code)
    expect(r.out).toBe('')
    expect(r.err).toMatch(/^crbscope: .*\n$/)
    expect(r.err).toContain(message)
  })

  it('says what is wrong with a file, and where', () => {
    const good = JSON.parse(crbscopeRecording())
    const cases: [string, string, string][] = [
      ['cut.json', JSON.stringify(good).slice(0, 300), 'truncated'],
      ['newer.json', JSON.stringify({ ...good, version: 9 }), '9 is newer than this program knows'],
      ['not.json', 'no json', 'not JSON'],
      ['digest.json', JSON.stringify({ ...good, digest: '0'.repeat(64) }), 'the replay ends with digest'],
    ]
    for (const [name, text, message] of cases) {
      writeFileSync(at(name), text)
      const r = crbscope(['run', at(name)])
      expect(r.code, name).toBe(1)
      expect(r.err).toMatch(/^crbscope: .*\n$/)
      expect(r.err).toContain(message)
      expect(r.err).toContain(name)
    }
  })
})

function crbscopeRecording(): string {
  crbscope(['run', 'get-random', '--json', at('good.json')])
  return readFileSync(at('good.json'), 'utf8')
}
