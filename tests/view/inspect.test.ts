// Explanations: everything that can be selected has one, it tells what is so now, and its history is that of the run.

import { describe, expect, it } from 'vitest'
import { CRB } from '../../src/hw/crb.map.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { MachineConfig, Moment } from '../../src/machine/machine.ts'
import { changesOf, type Explanation, inspect } from '../../src/view/inspect.ts'
import { changes, type Selection } from '../../src/view/selection.ts'
import { find, type Run, run, writes } from '../support/runs.ts'

const config = (id: string): MachineConfig => (scenarioById(id) as { config: MachineConfig }).config
const verify = run('verify', config('verify-mldsa87'))
const sign = run('sign', config('sign-mldsa87'))
const half = run('half', config('half-read'))
const NEXT_CHUNK = writes(0x4c, 4)
const bit = (register: string, field: string): Selection => ({ kind: 'bit', register, field })

const explain = (s: Selection | undefined, [m, before]: readonly [Moment, Moment | undefined]): Explanation => {
  const e = inspect(s, m, before)
  if (!e) throw new Error('no explanation')
  return e
}

describe('an explanation', () => {
  it.each(Object.keys(CRB))('of %s and its fields is complete', name => {
    const at = find(verify, NEXT_CHUNK)
    const { fields } = CRB[name as keyof typeof CRB]
    const e = explain({ kind: 'register', name }, at)
    expect(e.fields?.map(f => f.name).toSorted()).toEqual(Object.keys(fields).toSorted())
    for (const x of [e, ...Object.keys(fields).map(f => explain(bit(name, f), at))]) {
      for (const text of [x.title, x.place, x.purpose, x.now, x.source]) expect(text).not.toBe('')
      expect(x.register).toBe(name)
    }
  })

  it('of nextChunk says what writing it would mean now', () => {
    const now = (r: Run, wanted: (m: Moment) => boolean): string =>
      explain(bit('CTRL_START', 'nextChunk'), find(r, wanted)).now
    expect(now(verify, NEXT_CHUNK)).toContain('take the chunk in the window')
    expect(now(verify, writes(0x4c, 1))).toContain('a command runs')
    const answered = (m: Moment): boolean => m.events.some(e => e.t === 'response' && e.length === 4652)
    expect(now(sign, answered)).toContain('show the next chunk of the answer')
    // Shown to the end, an answer is no longer asked for: QEMU would swallow the window as a command.
    const shown = sign.moments.findLast(NEXT_CHUNK)
    expect(now(sign, m => m === shown)).toContain('take the chunk in the window')
  })

  it('of a byte names its field, and tells older bytes from those of the message', () => {
    const at = find(verify, writes(0x4c, 1))
    expect(explain({ kind: 'byte', at: 0 }, at).title).toBe('signature')
    expect(explain({ kind: 'byte', at: 715 }, at).title).toBe('A stale byte')
    const first = find(verify, NEXT_CHUNK)
    expect(explain({ kind: 'byte', at: 3 }, first)).toMatchObject({ title: 'commandSize', place: 'byte 003' })
    expect(explain({ kind: 'byte', at: 3 }, first).now).toContain('4683')
    for (let b = 0; b < 3968; b += 61) expect(explain({ kind: 'byte', at: b }, first).purpose).not.toBe('')
  })

  it('of an object is that of the engine, also when it is gone', () => {
    const at = find(verify, NEXT_CHUNK)
    expect(explain({ kind: 'object', handle: 0x80000000 }, at).title).toBe('HashML-DSA-87 key')
    expect(explain({ kind: 'object', handle: 0x80000002 }, at).now).toBe('Empty.')
  })

  it('with nothing selected is that of the step', () => {
    expect(explain(undefined, find(verify, NEXT_CHUNK)).title).toBe('TPM_CRB_CTRL_START_x')
    const copied = find(verify, m => m.events.some(e => e.t === 'window'))
    expect(explain(undefined, copied).title).toBe('The data window')
    expect(inspect(undefined, verify.moments[0] as Moment, undefined)).toBeUndefined()
  })
})

describe('the last changes of a register', () => {
  const at = (r: Run) => (k: number) => r.moments[k] as Moment

  it.each([verify, sign, half])('are its writes and what it read otherwise, newest first: $name', r => {
    for (const name of ['CTRL_START', 'CTRL_STS', 'LOC_STATE'] as const) {
      const end = r.moments.length - 1
      const list = changesOf(name, end, at(r), 1000)
      const wanted = r.moments.flatMap((m, k) => {
        const before = r.moments[k - 1]
        return before && changes({ kind: 'register', name })(m, before) ? [k] : []
      })
      expect(list.map(c => c.step)).toEqual(wanted.toReversed())
      expect(changesOf(name, end, at(r), 3)).toEqual(list.slice(0, 3))
    }
  })

  it('say who: the guest wrote Start, the answer of the TPM cleared it', () => {
    const list = changesOf('CTRL_START', verify.moments.length - 1, at(verify))
    expect(list.map(c => c.actor)).toEqual(['T', 'G', 'G'])
    expect(list[2]?.text).toBe('written 00000004: took 3,968 bytes: 3,968 of 4,683 held')
    expect(changesOf('CTRL_STS', verify.moments.length - 1, at(verify)).every(c => c.actor === 'D')).toBe(true)
  })

  it('know nothing of what comes later', () => {
    const k = verify.moments.findIndex(NEXT_CHUNK)
    expect(changesOf('CTRL_START', k - 1, at(verify))).toEqual([])
    expect(changesOf('CTRL_START', k, at(verify))).toHaveLength(1)
  })
})
