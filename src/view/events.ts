// The events of a run as the rows of a table: the equal of the picture, one row an event, with the reason in words.

import { registerAt } from '../hw/registers.ts'
import { type Actor, actorOf, describe } from '../machine/describe.ts'
import type { Event } from '../machine/events.ts'
import type { Moment } from '../machine/machine.ts'
import { faceOf } from './face.ts'
import { count, duration, hex } from './format.ts'
import { sentence } from './sentences.ts'

export interface EventRow {
  readonly step: number
  readonly time: string
  readonly actor: Actor
  /** "W 4c", "R 44", "W window", "line 8", "take". */
  readonly access: string
  readonly register: string
  readonly value: string
  readonly why: string
  readonly event: Event
}

const register = (offset: number, m: Moment): string =>
  registerAt(faceOf(m.machine.config).map, offset)?.name ?? hex(offset, 2)

function parts(e: Event, m: Moment): { access: string; register: string; value: string } {
  switch (e.t) {
    case 'mmio':
      return {
        access: `${e.dir === 'write' ? 'W' : 'R'} ${hex(e.offset, 2)}`,
        register: register(e.offset, m),
        value: `${e.dir === 'write' ? '=' : '→'} ${hex(e.value, 2 * e.size)}`,
      }
    case 'window':
      if (m.machine.config.interface) {
        const [letter, to] = e.dir === 'in' ? ['W', '='] : ['R', '→']
        const value = `${to} ${count(e.length)} bytes`
        return { access: `${letter} ${hex(e.offset, 2)}`, register: register(e.offset, m), value }
      }
      return {
        access: `${e.dir === 'in' ? 'W' : 'R'} window`,
        register: 'window',
        value: `${hex(e.offset, 3)}–${hex(e.offset + Math.max(e.length, 1) - 1, 3)}, ${count(e.length)} bytes`,
      }
    case 'line':
      return { access: `line ${e.n}`, register: '', value: e.fn }
    case 'var':
      return { access: 'local', register: '', value: describe(e) }
    case 'device':
      return {
        access: e.effect.kind === 'taken' ? 'take' : e.effect.kind === 'tis' ? e.effect.what : e.effect.kind,
        register: '',
        value: describe(e),
      }
    case 'platform':
      return { access: e.what, register: '', value: '' }
    case 'tpm':
      return { access: e.event.kind, register: '', value: '' }
    default:
      return { access: e.t, register: '', value: e.t === 'wait' ? e.timer : '' }
  }
}

export const eventRows = (m: Moment): readonly EventRow[] =>
  m.events.map(event => ({
    step: m.machine.step,
    time: duration(m.machine.time),
    actor: actorOf(event),
    ...parts(event, m),
    why: sentence(event, m),
    event,
  }))

export interface EventFilter {
  readonly text: string
  readonly actor: Actor | ''
  /** Only accesses to this register, and what followed from them. */
  readonly register: string
  /** Leave out lines and locals. */
  readonly busOnly: boolean
}

export const NO_FILTER: EventFilter = { text: '', actor: '', register: '', busOnly: false }
const QUIET = new Set<Event['t']>(['line', 'call', 'return', 'var', 'beat'])

export function passes(r: EventRow, f: EventFilter): boolean {
  if (f.actor !== '' && r.actor !== f.actor) return false
  if (f.busOnly && QUIET.has(r.event.t)) return false
  if (f.register !== '' && r.register !== f.register) return false
  if (f.text === '') return true
  const wanted = f.text.toLowerCase()
  return `${r.access} ${r.register} ${r.value} ${r.why}`.toLowerCase().includes(wanted)
}
