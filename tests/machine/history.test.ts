// Time travel: replay equals live, back equals forward, branches are kept, thinning loses nothing, nothing is mutated.

import { describe, expect, it } from 'vitest'
import { ended, reduce } from '../../src/machine/reduce.ts'
import { powerOn } from '../../src/machine/power.ts'
import { canonical, digest } from '../../src/machine/digest.ts'
import { GRAINS } from '../../src/machine/grains.ts'
import { History } from '../../src/machine/history.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { config, getRandom, hashOf } from '../support/machines.ts'

const run = (h: History): History => {
  h.extend(100_000)
  expect(h.ended).toBe(true)
  return h
}
const chunked = config([getRandom('a'), hashOf('b', 4000)])

describe('history', () => {
  it('ends, and the answers are there', () => {
    const h = run(History.start(chunked))
    const { results } = h.at(h.length - 1).machine.guest
    expect(results.map(r => [r.id, r.rc])).toEqual([
      ['startup', 10],
      ['a', 28],
      ['b', 116],
    ])
  })

  it('gives the same machine at every step, whichever side one comes from', () => {
    const h = run(History.start(chunked))
    const there = Array.from({ length: h.length }, (_, k) => digest(h.at(k).machine))
    const back = there.map((_, i) => digest(h.at(h.length - 1 - i).machine)).reverse()
    expect(back).toEqual(there)
    expect(new Set(there).size).toBe(there.length)
    const again = run(History.start(chunked))
    expect(Array.from({ length: again.length }, (_, k) => digest(again.at(k).machine))).toEqual(there)
  })

  it('never changes a machine that was handed out', () => {
    let m: Machine = powerOn(chunked)
    for (let steps = 0; !ended(m); steps++) {
      const before = canonical(m)
      const { machine } = reduce(m, { t: 'step' })
      expect(canonical(m), `step ${steps} changed the machine before it`).toBe(before)
      m = machine
    }
  })

  it('numbers a moment by its place, whoever acted before it', () => {
    const h = History.start(chunked)
    h.extend(30)
    h.act(20, { kind: 'cancel' })
    h.extend(10)
    h.act(h.length - 1, { kind: 'enqueue', task: getRandom('c') })
    run(h)
    for (let k = 0; k < h.length; k++) expect(h.at(k).machine.step).toBe(k)
  })

  it('thins old moments without losing any', () => {
    const tasks = Array.from({ length: 60 }, (_, i) => getRandom(`r${i}`))
    const whole = run(History.start(config(tasks)))
    const thin = run(History.start(config(tasks), 512))
    expect(thin.length).toBe(whole.length)
    expect(whole.length).toBeGreaterThan(1_500)
    for (const k of [1, 255, 256, 257, 511, 700, whole.length - 513, whole.length - 1]) {
      expect(digest(thin.at(k).machine)).toBe(digest(whole.at(k).machine))
      expect(thin.at(k).events).toEqual(whole.at(k).events)
    }
  })

  it('keeps the old future when one acts in the past, and returns to it', () => {
    const h = run(History.start(chunked))
    const first = h.length
    const end = digest(h.at(first - 1).machine)
    h.act(20, { kind: 'enqueue', task: getRandom('late') })
    expect(h.length).toBe(22)
    run(h)
    expect(h.at(h.length - 1).machine.guest.results.at(-1)?.id).toBe('late')
    expect(h.branches).toMatchObject([{ id: 0, from: 20, length: first }])
    h.switchTo(0)
    expect(h.length).toBe(first)
    expect(digest(h.at(first - 1).machine)).toBe(end)
    expect(h.branches).toMatchObject([{ from: 20 }])
  })

  it('stops at every grain forward and back at the same places, each a subset of the lines', () => {
    const h = run(History.start(chunked))
    for (const grain of GRAINS) {
      const there: number[] = [0]
      for (let k = 0; k < h.length - 1; ) there.push((k = h.nextStop(k, grain)))
      const back: number[] = [h.length - 1]
      for (let k = h.length - 1; k > 0; ) back.push((k = h.previousStop(k, grain)))
      expect(back.reverse(), grain).toEqual(there)
    }
    expect(h.nextStop(0, 'command')).toBeGreaterThan(h.nextStop(0, 'access'))
  })

  it('finds a moment in both directions', () => {
    const h = run(History.start(chunked))
    const submits = (m: { events: readonly { t: string }[] }): boolean => m.events.some(e => e.t === 'submit')
    const at = h.find(0, 1, submits) as number
    const second = h.find(at, 1, submits) as number
    expect(second).toBeGreaterThan(at)
    expect(h.find(second, -1, submits)).toBe(at)
    expect(h.find(second, 1, submits)).toBeUndefined()
  })
})
