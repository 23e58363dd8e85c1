// Points of a run by what happens there, whatever the size of the window and the number of steps before it: where a
// scenario lets something happen to the machine, and where a table says what a migration would come to.

import type { Event } from '../machine/events.ts'
import type { History } from '../machine/history.ts'
import type { Machine, Moment, UserAct } from '../machine/machine.ts'

/** In the order in which a command passes them, over a CRB. */
const CRB_POINTS = {
  probed: 'idle, before the first command',
  copied: 'chunk 1 in the window, not handed over',
  taken: 'mid-send: chunk 1 taken',
  refilled: 'mid-send: last chunk in the window, no Start',
  submitted: 'executing',
  cancelled: 'executing, cancel asked for',
  answered: 'answer there, unread',
  read: 'mid-receive: chunk 1 read',
  shown: 'mid-receive: chunk 2 in the window, unread',
  returned: 'answer read, idle',
  fatal: 'after a header that was refused: tpmSts',
} as const
/** And over a TIS. */
const TIS_POINTS = {
  'tis-probed': 'TIS: idle, before the first command',
  'tis-part': 'TIS, mid-send: all but the last byte in the buffer',
  'tis-whole': 'TIS: command complete, not started',
  'tis-submitted': 'TIS: executing',
  'tis-cancelled': 'TIS: executing, abort asked for',
  'tis-answered': 'TIS: answer there, unread',
  'tis-read': 'TIS, mid-receive: header read',
  'tis-returned': 'TIS: answer read, interface given back',
  'tis-seized': 'TIS: executing, seized by locality 2',
} as const
export const POINTS = { ...CRB_POINTS, ...TIS_POINTS }
export type Point = keyof typeof POINTS
export const POINT_IDS = Object.keys(CRB_POINTS) as readonly (keyof typeof CRB_POINTS)[]
export const TIS_POINT_IDS = Object.keys(TIS_POINTS) as readonly (keyof typeof TIS_POINTS)[]

/** Where a command of the run is so far; the first time. */
export interface When {
  readonly task: string
  readonly at: Point
}

/** Bytes that a driver reads before it reads the answer: its header. */
const PEEK = 8

const isTis = (e: Event, what: string): boolean => e.t === 'device' && e.effect.kind === 'tis' && e.effect.what === what

function is(at: Point, e: Event): boolean {
  switch (at) {
    case 'probed':
      return e.t === 'return' && e.fn === 'crb_probe'
    case 'tis-probed':
      return e.t === 'return' && e.fn === 'tis_probe'
    case 'tis-whole':
      return isTis(e, 'complete')
    case 'tis-answered':
      return isTis(e, 'completed')
    case 'tis-seized':
      return e.t === 'device' && e.effect.kind === 'tis' && e.effect.what === 'aborting' && e.effect.next === 2
    case 'copied':
    case 'refilled':
      return e.t === 'window' && e.dir === 'in' && e.part > 0 === (at === 'refilled')
    case 'taken':
    case 'tis-part':
      return e.t === 'device' && e.effect.kind === 'taken' && e.effect.offset === 0
    case 'submitted':
    case 'tis-submitted':
      return e.t === 'submit'
    case 'cancelled':
    case 'tis-cancelled':
      return e.t === 'cancel'
    case 'answered':
      return e.t === 'device' && e.effect.kind === 'completed'
    case 'read':
    case 'tis-read':
      return e.t === 'window' && e.dir === 'out' && e.part === 0 && e.length > PEEK
    case 'shown':
      return e.t === 'device' && e.effect.kind === 'filled' && e.effect.offset > 0
    case 'returned':
    case 'tis-returned':
      return e.t === 'task' && e.state === 'end'
    case 'fatal':
      return e.t === 'device' && e.effect.kind === 'fatal'
  }
}

const taskOf = (m: Machine, e: Event): string | undefined => (e.t === 'task' ? e.id : m.guest.tasks[m.guest.next]?.id)

export const isAt = ({ machine, events }: Moment, { task, at }: When): boolean =>
  events.some(e => is(at, e) && (at === 'probed' || at === 'tis-probed' || taskOf(machine, e) === task))

/** Something that happens to the machine at a point of a scenario. */
export interface ScriptedAct {
  readonly when: When
  readonly act: UserAct
}

/** Runs a fresh history ahead through what its scenario lets happen. @returns moments at which something did */
export function playActs(h: History, acts: readonly ScriptedAct[]): readonly number[] {
  return acts.map(({ when, act }) => {
    let k = h.length - 1
    while (!isAt(h.at(k), when)) {
      if (h.extend(1) === 0) throw new Error(`defect: ${when.task} never gets to "${POINTS[when.at]}"`)
      k = h.length - 1
    }
    return h.act(k, act)
  })
}
