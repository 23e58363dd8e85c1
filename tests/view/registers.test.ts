// Registers as shown: what is read is what the device returns, what was written stands apart, and "ignored" never looks
// like "done".

import { describe, expect, it } from 'vitest'
import { CRB } from '../../src/hw/crb.map.ts'
import { qemuCrb } from '../../src/hw/crb.ts'
import { crbOf } from '../../src/machine/device.ts'
import type { Effect, Ignored } from '../../src/hw/device.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import { WHY_IGNORED } from '../../src/machine/ignored.ts'
import type { MachineConfig } from '../../src/machine/machine.ts'
import { deviceStatus, focusOf, outcomeOf, registersOf, type RegisterView, whyReads } from '../../src/view/registers.ts'
import { everyCrbRun, find, run, writes } from '../support/runs.ts'

const config = (id: string): MachineConfig => (scenarioById(id) as { config: MachineConfig }).config
const verify = run('verify', config('verify-mldsa87'))
const START = CRB.CTRL_START.at
const NAMES = (Object.keys(CRB) as (keyof typeof CRB)[]).toSorted((a, b) => CRB[a].at - CRB[b].at)

const pick = (all: readonly RegisterView[], name: string): RegisterView => {
  const r = all.find(x => x.name === name)
  if (!r) throw new Error(name)
  return r
}
const cell = (r: RegisterView, name: string) => r.cells.find(c => c.name === name)

describe('registers of a moment', () => {
  it.each(everyCrbRun())('are those of the device, in every step: $name', ({ moments }) => {
    moments.forEach((m, k) => {
      const before = moments[k - 1]
      const all = registersOf(m, before)
      const access = m.events.find(e => e.t === 'mmio')
      const wanted = NAMES.map(name => {
        const { at } = CRB[name]
        const reads = qemuCrb.read(crbOf(m.machine), at, 4)
        const touched = access?.t === 'mmio' && access.offset === at ? access.dir : undefined
        const changed = before !== undefined && qemuCrb.read(crbOf(before.machine), at, 4) !== reads
        return { name, at, reads, fields: reads, touched, outcome: touched === 'write', changed, note: true }
      })
      const shown = all.map(r => ({
        name: r.name,
        at: r.at,
        reads: r.reads,
        fields: r.cells.reduce((word, c) => word + c.reads * 2 ** c.field.low, 0),
        touched: r.touched,
        outcome: r.outcome !== undefined,
        changed: r.changed,
        note: r.note !== '',
      }))
      expect(shown, `step ${k}`).toEqual(wanted)
      if (access?.t === 'mmio') expect(focusOf(all)?.at).toBe(access.offset)
    })
  })

  it('show nextChunk written 1 and read 0, with the chunk that was taken', () => {
    const [m, before] = find(verify, writes(START, 4))
    const r = pick(registersOf(m, before), 'CTRL_START')
    expect([cell(r, 'nextChunk')?.written, cell(r, 'nextChunk')?.reads]).toEqual([1, 0])
    expect(r.outcome).toEqual({ ok: true, verb: 'taken:', detail: 'chunk 1, 3,968 bytes' })
    expect(deviceStatus(m)).toBe('locality 0, holds 3,968 bytes')
  })

  it('show Start written 1 and read 1 until the answer is there', () => {
    const [m, before] = find(verify, writes(START, 1))
    const r = pick(registersOf(m, before), 'CTRL_START')
    expect([cell(r, 'Start')?.written, cell(r, 'Start')?.reads, cell(r, 'Start')?.changed]).toEqual([1, 1, true])
    expect(r.outcome?.detail).toBe('4,683 bytes go to the TPM')
    expect(deviceStatus(m)).toBe('locality 0, executing')
    const [done, waiting] = find(verify, x => x.events.some(e => e.t === 'response'))
    expect(cell(pick(registersOf(done, waiting), 'CTRL_START'), 'Start')).toMatchObject({ reads: 0, changed: true })
  })

  it.each(everyCrbRun())('claim an answer only where one is held: $name', ({ moments }) => {
    for (const [k, m] of moments.entries()) {
      const start = pick(registersOf(m, moments[k - 1]), 'CTRL_START')
      const { response, busy } = qemuCrb.inside(crbOf(m.machine))
      const why = whyReads(start)
      if (why === 'cleared: the answer is there') expect(response.length, `step ${k}`).toBeGreaterThan(0)
      expect(why === 'until the answer is there', `step ${k}`).toBe(busy)
    }
  })

  it('say of a refused Start that nothing was started', () => {
    const [m, before] = find(run('refused', config('header-6')), writes(START, 1))
    const r = pick(registersOf(m, before), 'CTRL_START')
    expect([whyReads(r), r.obeyed, r.outcome?.verb]).toEqual(['not started', false, 'refused:'])
  })

  it('neither praise nor blame a CANCEL that is only cleared', () => {
    const [m, before] = find(verify, writes(CRB.CTRL_CANCEL.at, 0))
    expect(pick(registersOf(m, before), 'CTRL_CANCEL').outcome?.ok).toBeUndefined()
  })

  it('say in words what the status registers read', () => {
    const [first] = verify.moments
    if (!first) throw new Error('no moments')
    const says = (m: typeof first, name: string): string => pick(registersOf(m, undefined), name).note
    expect([says(first, 'LOC_STATE'), says(first, 'CTRL_STS')]).toEqual(['no locality assigned', 'idle, no error'])
    const [granted] = find(verify, writes(CRB.LOC_CTRL.at, 1))
    expect([says(granted, 'LOC_STATE'), says(granted, 'LOC_STS')]).toEqual(['locality 0 assigned', 'granted'])
    const off = run('no chunks', { ...config('get-random'), capChunk: false })
    expect(says(off.moments[0] as typeof first, 'INTF_ID')).toBe('CRB, no chunks')
    const [fatal] = find(run('fatal', config('header-6')), m =>
      m.events.some(e => e.t === 'device' && e.effect.kind === 'fatal'),
    )
    expect(says(fatal, 'CTRL_STS')).toBe('ready, fatal error')
  })
})

describe('the outcome of a write', () => {
  const of = (value: number, effects: readonly Effect[], window = 3968) =>
    outcomeOf({ value, step: 1, effects }, window)

  it.each(Object.keys(WHY_IGNORED) as Ignored[])('ignored, %s, is not a success and says why', why => {
    expect(of(4, [{ kind: 'ignored', why }])).toEqual({ ok: false, verb: 'ignored:', detail: WHY_IGNORED[why] })
  })

  it('is a failure when the header is refused, whatever came before', () => {
    const effects: Effect[] = [
      { kind: 'taken', offset: 0, length: 6, total: 6 },
      { kind: 'fatal', reason: 'short' },
    ]
    expect(of(1, effects)).toEqual({ ok: false, verb: 'refused:', detail: 'tpmSts is set' })
  })

  it('names the chunk only where there are several', () => {
    expect(of(4, [{ kind: 'taken', offset: 128, length: 64, total: 300 }], 64)?.detail).toBe('chunk 3, 64 bytes')
    expect(of(4, [{ kind: 'taken', offset: 0, length: 12, total: 12 }], 64)?.detail).toBe('12 bytes')
    const again: Effect = { kind: 'filled', offset: 0, length: 64, total: 300, retry: true }
    expect(of(2, [again], 64)).toEqual({ ok: true, verb: 'shown again:', detail: 'chunk 1, 64 bytes' })
  })

  it('is a failure where nothing was taken', () => {
    expect(of(4, [{ kind: 'taken', offset: 12, length: 0, total: 12 }])?.ok).toBe(false)
  })
})
