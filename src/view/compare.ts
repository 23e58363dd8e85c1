// The same commands over the CRB and over the TIS, side by side: both machines run without a screen, and each command of
// the one stands beside the same of the other, with what it cost.

import { History } from '../machine/history.ts'
import type { MachineConfig, Moment } from '../machine/machine.ts'
import { count, duration } from './format.ts'
import { eventRows } from './events.ts'

/** What a command, or a whole run, cost on one interface. */
export interface Cost {
  readonly steps: number
  /** Accesses to the bus: a register is one; so is each byte through a port, and each 8 bytes of a copy. */
  readonly accesses: number
  readonly bytes: number
  /** Virtual microseconds. */
  readonly time: number
}

export interface Access {
  readonly step: number
  readonly text: string
}

export interface Side {
  readonly title: string
  readonly cost: Cost
  /** For each command: what it cost, its accesses in order, and what the application got. */
  readonly commands: readonly { readonly cost: Cost; readonly accesses: readonly Access[]; readonly got: string }[]
}

export interface Comparison {
  readonly labels: readonly string[]
  readonly crb: Side
  readonly tis: Side
}

/** A copy of memory moves this many bytes an access, as a 64-bit processor does. */
const WORD = 8
const MOST_STEPS = 20_000
const NOTHING: Cost = { steps: 0, accesses: 0, bytes: 0, time: 0 }

const add = (a: Cost, b: Cost): Cost => ({
  steps: a.steps + b.steps,
  accesses: a.accesses + b.accesses,
  bytes: a.bytes + b.bytes,
  time: a.time + b.time,
})

function costOf(m: Moment, before: Moment): Cost {
  const port = m.machine.config.interface === 'tis'
  let accesses = 0
  let bytes = 0
  for (const e of m.events) {
    if (e.t === 'mmio') accesses += 1
    else if (e.t === 'window') {
      accesses += port ? e.length : Math.ceil(e.length / WORD)
      bytes += e.length
    }
  }
  return { steps: 1, accesses, bytes, time: m.machine.time - before.machine.time }
}

function side(title: string, config: MachineConfig): Side {
  const h = History.start(config)
  h.extend(MOST_STEPS)
  const commands: { cost: Cost; accesses: Access[]; got: string }[] = []
  let cost = NOTHING
  for (let k = 1; k < h.length; k++) {
    const m = h.at(k)
    const one = costOf(m, h.at(k - 1))
    cost = add(cost, one)
    if (m.events.some(e => e.t === 'task' && e.state === 'begin'))
      commands.push({ cost: NOTHING, accesses: [], got: '' })
    const here = commands.at(-1)
    // Before the first command the driver probes: part of the run, and of no command.
    if (!here) continue
    here.cost = add(here.cost, one)
    for (const r of eventRows(m)) {
      if (r.event.t !== 'mmio' && r.event.t !== 'window') continue
      here.accesses.push({ step: r.step, text: `${r.access} ${r.register} ${r.value}` })
    }
    const end = m.events.find(e => e.t === 'task' && e.state === 'end')
    if (end?.t === 'task') here.got = end.length < 0 ? 'no answer' : `${count(end.length)} bytes`
  }
  return { title, cost, commands }
}

/** The commands of a configuration over both interfaces, through the real window and the buffer that the TIS has. */
export function compare(config: MachineConfig): Comparison {
  const { interface: _, tis, ...crb } = config
  return {
    labels: config.tasks.map(t => t.label),
    crb: side('CRB', { ...crb, window: 3968 }),
    tis: side('TIS', { ...crb, interface: 'tis', ...(tis ? { tis } : {}) }),
  }
}

/** A cost in a line: "53 steps, 31 accesses, 40 bytes, 2.1 ms". */
export const costText = (c: Cost): string =>
  `${count(c.steps)} steps, ${count(c.accesses)} accesses, ${count(c.bytes)} bytes, ${duration(c.time)}`
