// Whole runs of the product's scenarios, for tests that hold what is shown against the machine at every moment.

import { SCENARIOS } from '../../src/lessons/scenarios/index.ts'
import { begin } from '../../src/lessons/play.ts'
import { History } from '../../src/machine/history.ts'
import type { MachineConfig, Moment } from '../../src/machine/machine.ts'

export interface Run {
  readonly name: string
  readonly moments: readonly Moment[]
}

export const run = (name: string, config: MachineConfig): Run => whole(name, History.start(config))

function whole(name: string, h: History): Run {
  h.extend(100_000)
  return { name, moments: Array.from({ length: h.length }, (_, k) => h.at(k)) }
}

/** Every scenario over the CRB through the real window, and through the smallest one; a whole boot through the real one only. */
export const everyCrbRun = (): readonly Run[] =>
  SCENARIOS.filter(s => s.config.interface === undefined).flatMap(s => [
    whole(s.id, begin(s)),
    ...(s.config.firmware ? [] : [whole(`${s.id}, window of 64`, begin(s, 64))]),
  ])

/** Every scenario over the TIS, which has no window. */
export const everyTisRun = (): readonly Run[] =>
  SCENARIOS.filter(s => s.config.interface === 'tis').map(s => run(s.id, s.config))

export const everyRun = (): readonly Run[] => [...everyCrbRun(), ...everyTisRun()]

/** The first moment of a run at which `wanted` holds, and the one before it. */
export function find(r: Run, wanted: (m: Moment) => boolean): readonly [Moment, Moment | undefined] {
  const k = r.moments.findIndex(wanted)
  const m = r.moments[k]
  if (!m) throw new Error(`${r.name} has no such moment`)
  return [m, r.moments[k - 1]]
}

/** Whether the driver wrote `value` to the register at `offset` in this step. */
export const writes =
  (offset: number, value: number) =>
  (m: Moment): boolean =>
    m.events.some(e => e.t === 'mmio' && e.dir === 'write' && e.offset === offset && e.value === value)
