// The guest's side of a moment: the function whose line was executed, its locals, timers and call stack.

import { ERRNO } from '../guest/driver.ts'
import { driverFor, functionOf } from '../guest/drivers.ts'
import type { Frame, Timer } from '../guest/guest.ts'
import type { Moment } from '../machine/machine.ts'
import { count } from './format.ts'

export interface Local {
  readonly name: string
  readonly value: number
  readonly text: string
  /** The value before this step, when it changed. */
  readonly from: string | undefined
  /** Found by the probe, and the same from then on. */
  readonly constant: boolean
}

export interface SourceLine {
  readonly n: number
  readonly text: string
  readonly indent: number
}

export interface Listing {
  /** Undefined before the first step. */
  readonly fn: string
  readonly lines: readonly SourceLine[]
  /** Number of the line that was executed in this step. */
  readonly current: number | undefined
  readonly locals: readonly Local[]
  readonly timers: readonly Timer[]
  readonly stack: readonly { readonly fn: string; readonly line: number }[]
  readonly status: string
}

const text = (name: string, v: number): string => (name === 'rc' && v < 0 ? ERRNO[v] : undefined) ?? count(v)

const HIDDEN = new Set(['probed', 'rival'])

function localsOf(m: Moment, frame: Frame | undefined): Local[] {
  const changed = new Map<string, number | undefined>()
  for (const e of m.events) if (e.t === 'var') changed.set(e.name, e.from)
  const all = { ...frame?.vars, ...m.machine.guest.globals }
  return Object.entries(all)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => {
      const was = changed.get(name)
      return {
        name,
        value,
        text: text(name, value),
        constant: frame?.fn !== driverFor(m.machine.guest).probe && name in m.machine.guest.globals,
        from: changed.has(name) ? (was === undefined ? 'unset' : text(name, was)) : undefined,
      }
    })
}

function statusOf(m: Moment): string {
  const { guest } = m.machine
  if (guest.entry !== undefined) return guest.entry.startsWith('os_') ? 'going to sleep' : 'firmware'
  if (guest.stack.length === 0) return guest.next >= guest.tasks.length ? 'done' : 'idle'
  const fn = guest.stack.at(-1)?.fn ?? ''
  if (guest.timers.some(t => t.state === 'waiting')) return 'waiting'
  const { probe, cancel } = driverFor(guest)
  if (fn === probe) return 'probing'
  if (fn.endsWith('_send')) return 'sending'
  return fn.includes('recv') ? 'receiving' : fn === cancel ? 'cancelling' : 'transmitting'
}

/** @param before the moment before, for the locals of a function that has just returned */
export function listing(m: Moment, before: Moment | undefined): Listing {
  const executed = m.events.find(e => e.t === 'line')
  const { guest } = m.machine
  const fn = executed?.fn ?? guest.stack.at(-1)?.fn ?? guest.entry ?? driverFor(guest).probe
  const own = (frames: readonly Frame[] | undefined): Frame | undefined => frames?.findLast(f => f.fn === fn)
  const frame = own(guest.stack) ?? own(before?.machine.guest.stack)
  return {
    fn,
    lines: functionOf(guest, fn)?.lines ?? [],
    current: executed?.n,
    locals: localsOf(m, frame),
    timers: guest.timers,
    stack: guest.stack.toReversed().map(f => ({ fn: f.fn, line: functionOf(guest, f.fn)?.lines[f.pc]?.n ?? 0 })),
    status: statusOf(m),
  }
}
