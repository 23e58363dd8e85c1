// The guest as shown: the line that ran, the locals of its function with what changed, and a word for what it is at.

import { describe, expect, it } from 'vitest'
import { functionOf } from '../../src/guest/drivers.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Moment } from '../../src/machine/machine.ts'
import { listing } from '../../src/view/listing.ts'
import { everyRun, find, run, writes } from '../support/runs.ts'

const verify = run('verify', (scenarioById('verify-mldsa87') as { config: Moment['machine']['config'] }).config)

describe('the listing', () => {
  it.each(everyRun())('shows the line and the values that the guest has: $name', ({ moments }) => {
    moments.forEach((m, k) => {
      const l = listing(m, moments[k - 1])
      const line = m.events.find(e => e.t === 'line')
      if (line?.t === 'line') expect([l.fn, l.current]).toEqual([line.fn, line.n])
      expect(l.lines).toBe(functionOf(m.machine.guest, l.fn)?.lines)
      expect(l.lines.map(x => x.n)).toEqual(l.lines.map((_, i) => i + 1))
      const { guest } = m.machine
      const frame = guest.stack.findLast(f => f.fn === l.fn)
      for (const v of l.locals) {
        if (frame) expect(v.value).toBe(guest.globals[v.name] ?? frame.vars[v.name])
        const changed = m.events.find(e => e.t === 'var' && e.name === v.name)
        expect(v.from !== undefined, `${v.name} at step ${k}`).toBe(changed !== undefined)
        if (v.constant) expect(v.name in guest.globals).toBe(true)
      }
      expect(l.stack.map(f => f.fn)).toEqual(guest.stack.map(f => f.fn).toReversed())
    })
  })

  it('shows old and new value of a local that changed', () => {
    const [m, before] = find(verify, x => x.events.some(e => e.t === 'var' && e.name === 'off' && e.to === 3968))
    expect(listing(m, before).locals.find(v => v.name === 'off')).toMatchObject({ from: '0', text: '3,968' })
  })

  it('has a word for what the driver does', () => {
    const word = (wanted: (m: Moment) => boolean): string => {
      const [m, before] = find(verify, wanted)
      return listing(m, before).status
    }
    expect(word(writes(0x08, 1))).toBe('probing')
    expect(word(writes(0x4c, 4))).toBe('sending')
    expect(word(m => m.events.some(e => e.t === 'wait' && e.state === 'waiting'))).toBe('waiting')
    expect(word(m => m.events.some(e => e.t === 'window' && e.dir === 'out'))).toBe('receiving')
    expect(word(m => m.events.some(e => e.t === 'task' && e.state === 'end'))).toBe('done')
  })

  it('keeps what the probe found apart, once the probe is over', () => {
    const [probing, before] = find(verify, x => x.events.some(e => e.t === 'var' && e.name === 'win'))
    expect(listing(probing, before).locals.some(v => v.constant)).toBe(false)
    const [sending, earlier] = find(verify, writes(0x4c, 4))
    expect(
      listing(sending, earlier)
        .locals.filter(v => v.constant)
        .map(v => v.name),
    ).toEqual(['cap_chunk', 'win', 'rsp_win'])
  })
})
