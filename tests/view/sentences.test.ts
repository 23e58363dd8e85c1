// What the sentences claim is held against the machine: they may be short, but never untrue. Every scenario through the
// real and the smallest window, and commands whose headers lie.

import { describe, expect, it } from 'vitest'
import { modelOf } from '../../src/machine/device.ts'
import { FIRST, SCENARIOS, scenarioById } from '../../src/lessons/scenarios/index.ts'
import { begin } from '../../src/lessons/play.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { History } from '../../src/machine/history.ts'
import type { MachineConfig, Moment, WindowSize } from '../../src/machine/machine.ts'
import { now, sentence, upcoming } from '../../src/view/sentences.ts'

const run = (config: MachineConfig): readonly Moment[] => all(History.start(config))
const all = (h: History): readonly Moment[] => {
  h.extend(100_000)
  return Array.from({ length: h.length }, (_, k) => h.at(k))
}

/** A GetRandom whose header announces `announced` bytes, in a message of `length`. */
const lying = (announced: number, length: number, window: WindowSize): readonly Moment[] =>
  run({
    ...FIRST.config,
    window,
    tasks: [
      {
        id: 'lying',
        label: 'a header that lies',
        parts: [{ hex: `8001${announced.toString(16).padStart(8, '0')}0000017b${'00'.repeat(length - 10)}` }],
        keepSize: true,
      },
    ],
  })

const runs: readonly (readonly [string, readonly Moment[]])[] = [
  ...SCENARIOS.map(s => [s.id, all(begin(s))] as const),
  ...SCENARIOS.filter(s => s.config.interface === undefined && !s.config.firmware).map(
    s => [`${s.id}, window of 64`, all(begin(s, 64))] as const,
  ),
  ['announces 9,000 bytes, window of 64', lying(9000, 9000, 64)],
  ['announces 12 of 5,000 bytes', lying(12, 5000, 3968)],
  ['announces 12 of 300 bytes, window of 64', lying(12, 300, 64)],
  ['announces 5,000 of 12 bytes', lying(5000, 12, 3968)],
]

describe.each(runs)('%s', (_, moments) => {
  it('has a sentence for every step and every event', () => {
    for (const m of moments) {
      expect(now(m)).toMatch(/^[A-Za-z].*\.$/)
      for (const e of m.events) expect(sentence(e, m)).toMatch(/\S.*\.$/)
      expect(`${now(m)} ${upcoming(m)}`).not.toMatch(/undefined|NaN|\[object/)
    }
  })

  it('says that bytes were taken only when some were, and how many the device holds', () => {
    for (const m of moments) {
      const taken = m.events.flatMap(e => (e.t === 'device' && e.effect.kind === 'taken' ? [e.effect] : []))
      for (const e of m.events) {
        if (e.t !== 'device' || e.effect.kind !== 'taken') continue
        expect(/took nothing/.test(sentence(e, m)), sentence(e, m)).toBe(e.effect.length === 0)
      }
      if (/took (chunk|the command)/.test(now(m)))
        expect(
          taken.some(e => e.length > 0),
          now(m),
        ).toBe(true)
      const said = /took chunk \d+: ([\d,]+) of/.exec(now(m))
      if (said) {
        const held = modelOf(m.machine.config).inside(m.machine.device).command.length
        expect(Number(said[1]?.replaceAll(',', ''))).toBe(held)
      }
    }
  })

  it('says that an answer is there only when the device holds one', () => {
    for (const m of moments) {
      if (!/answer is there/.test(now(m))) continue
      expect(
        modelOf(m.machine.config).inside(m.machine.device).response.length,
        `step ${m.machine.step}: ${now(m)}`,
      ).toBeGreaterThan(0)
    }
  })

  it('says that a bit never reads 1 only where it reads 0', () => {
    for (const m of moments) {
      if (!/never reads 1/.test(now(m))) continue
      const read = m.events.find(e => e.t === 'mmio' && e.dir === 'read')
      expect(read?.t === 'mmio' && read.value).toBe(0)
    }
  })

  it('announces the access that then comes', () => {
    for (const m of moments) {
      const access = m.events.find(e => e.t === 'mmio')
      if (access?.t === 'mmio') expect(upcoming(m)).toMatch(access.dir === 'write' ? /writes/ : /reads|polls/)
    }
  })
})

describe('the end', () => {
  const last = (s: Scenario): Moment => run(s.config).at(-1) as Moment

  it('speaks of answers only when every command got one', () => {
    expect(upcoming(undefined, last(FIRST))).toBe('Nothing more to do: the application has all its answers.')
    const failed = last(scenarioById('header-6') as Scenario)
    expect(now(failed)).toContain('-EIO')
    expect(upcoming(undefined, failed)).toBe('Nothing more to do.')
  })

  it('is not claimed while there are steps that were not computed yet', () => {
    const h = History.start(FIRST.config)
    expect(h.ended).toBe(false)
    expect(upcoming(undefined, h.at(0))).not.toMatch(/Nothing more to do/)
  })
})
