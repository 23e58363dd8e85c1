// The event table is the equal of the picture: one row for every event, with the step and the words of the picture.

import { describe, expect, it } from 'vitest'
import { FIRST, SCENARIOS } from '../../src/lessons/scenarios/index.ts'
import { actorOf } from '../../src/machine/describe.ts'
import { begin } from '../../src/lessons/play.ts'
import type { History } from '../../src/machine/history.ts'
import { type EventFilter, type EventRow, eventRows, NO_FILTER, passes } from '../../src/view/events.ts'
import { sentence } from '../../src/view/sentences.ts'

const historyOf = (s = FIRST): History => {
  const h = begin(s)
  h.extend(100_000)
  return h
}
const rowsOf = (h: History): readonly EventRow[] =>
  Array.from({ length: h.length }, (_, k) => eventRows(h.at(k))).flat()

describe('rows', () => {
  it.each(SCENARIOS.map(s => [s.id, s] as const))('%s: a row for every event, in words', (_, s) => {
    const h = historyOf(s)
    for (let k = 0; k < h.length; k++) {
      const m = h.at(k)
      const rows = eventRows(m)
      expect(rows.map(r => r.event)).toEqual(m.events)
      for (const r of rows) {
        expect(r.step).toBe(k)
        expect(r.actor).toBe(actorOf(r.event))
        expect(r.why).toBe(sentence(r.event, m))
        expect(r.access).not.toBe('')
        expect(`${r.access} ${r.register} ${r.value} ${r.time}`).not.toMatch(/undefined|NaN|object Object/)
      }
    }
  })
})

describe('filters', () => {
  const rows = rowsOf(historyOf())
  const left = (f: Partial<EventFilter>) => rows.filter(r => passes(r, { ...NO_FILTER, ...f }))

  it('leave everything without a filter', () => {
    expect(left({})).toEqual(rows)
  })

  it('leave one actor, and the three actors are all', () => {
    const by = (['G', 'D', 'T'] as const).map(actor => left({ actor }))
    for (const list of by) expect(list.length).toBeGreaterThan(0)
    expect(by.flat()).toHaveLength(rows.length)
  })

  it('leave the accesses to one register', () => {
    const start = left({ register: 'CTRL_START' })
    expect(start.map(r => r.access)).toContain('W 4c')
    expect(start.every(r => r.access.endsWith(' 4c'))).toBe(true)
    expect(start).toHaveLength(rows.filter(r => r.access.endsWith(' 4c')).length)
  })

  it('find text in any column, whatever its case, and nothing for what is not there', () => {
    expect(left({ text: 'CHUNK 1' }).length).toBeGreaterThan(0)
    expect(left({ text: 'ctrl_start' })).toEqual(left({ text: 'CTRL_START' }))
    expect(left({ text: 'no such words' })).toEqual([])
  })

  it('hide lines and locals, and nothing of the bus', () => {
    const bus = left({ busOnly: true })
    expect(bus.some(r => r.event.t === 'line' || r.event.t === 'var')).toBe(false)
    const accesses = (list: readonly EventRow[]) =>
      list.filter(r => r.event.t === 'mmio' || r.event.t === 'window').length
    expect(accesses(bus)).toBe(accesses(rows))
  })
})
