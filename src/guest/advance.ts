// Runs the driver, a line a step, in two halves: `plan` says which access the current line makes, `settle` takes what
// came back. Between the two the machine drives the bus; the guest never sees the device.

import { type Bytes, concat, EMPTY, readBe32 } from '../lib/bytes.ts'
import { EBUSY, ETIME, WINDOW_AT } from './driver.ts'
import { driverFor, type DriverName, functionOf } from './drivers.ts'
import type { Frame, Guest, Sink, Timer, Vars } from './guest.ts'
import type { Func, Line, Op, Scope } from './program.ts'
import { build } from './task.ts'

export type Io =
  | { readonly kind: 'none' }
  /** Of four bytes, unless `size` says otherwise. */
  | { readonly kind: 'read'; readonly offset: number; readonly size?: 1 }
  | { readonly kind: 'write'; readonly offset: number; readonly value: number; readonly size?: 1 }
  | {
      readonly kind: 'copyIn'
      readonly offset: number
      readonly data: Bytes
      readonly part: number
      readonly total: number
    }
  | { readonly kind: 'copyOut'; readonly offset: number; readonly length: number; readonly part: number }
  /** Bytes through a data port, one by one. */
  | {
      readonly kind: 'feed'
      readonly offset: number
      readonly data: Bytes
      readonly part: number
      readonly total: number
    }
  | { readonly kind: 'drain'; readonly offset: number; readonly length: number; readonly part: number }
  /** Memory that firmware and operating system share, or the line that says that somebody is there. */
  | { readonly kind: 'platform'; readonly at: number; readonly size: number; readonly data?: Bytes }
  | { readonly kind: 'presence'; readonly on: boolean }

/** What an access brought, and when. */
export interface Came {
  readonly value: number
  readonly data: Bytes
  readonly time: number
}
/** What a line made of the guest; `stay` when the line is to be executed again. */
export interface Ran {
  readonly guest: Guest
  readonly stay?: boolean
  readonly cost?: number
}

export interface Plan {
  readonly guest: Guest
  readonly line: Line
  readonly io: Io
}

const NONE: Io = { kind: 'none' }
const NO_VARS: Vars = {}
/** Virtual microseconds: a line or a register access costs one, a copy one for each 64 bytes more. */
const LINE_COST = 1
const COPY_SHIFT = 6
const DEFAULT_ROOM = 8192

const top = (g: Guest): Frame => g.stack[g.stack.length - 1] as Frame
export const currentLine = (g: Guest): Line | undefined =>
  g.stack.length === 0 ? undefined : ((functionOf(g, top(g).fn) as Func).lines[top(g).pc] as Line)

/** Nothing runs and nothing waits. */
export const idle = (g: Guest): boolean =>
  g.stack.length === 0 && g.globals.probed === 1 && g.next >= g.tasks.length && g.entry === undefined

export const boot = (tasks: Guest['tasks'], driver?: DriverName): Guest => ({
  stack: [],
  globals: NO_VARS,
  tx: EMPTY,
  rx: EMPTY,
  tasks,
  next: 0,
  results: [],
  kept: 0,
  timers: [],
  beat: '',
  cancel: false,
  ...(driver === undefined ? {} : { driver }),
})

/** The same stack with another innermost frame. An exact copy: spreading would reserve room that history then holds. */
function withTop(stack: readonly Frame[], frame: Frame): readonly Frame[] {
  if (stack.length === 1) return [frame]
  const copy = stack.slice()
  copy[copy.length - 1] = frame
  return copy
}

const REMEMBERED = 64

/** The results with one more; of those that are not `kept`, the oldest is forgotten when there are many. */
function remember(results: Guest['results'], kept: number, result: Guest['results'][number]): Guest['results'] {
  const from = results.length - kept < REMEMBERED ? kept : kept + 1
  return results.slice(0, kept).concat(results.slice(from), result)
}

const enter = (g: Guest): Guest => {
  if (g.entry !== undefined) return { ...g, stack: [{ fn: g.entry, pc: 0, vars: NO_VARS, into: undefined }] }
  const { probe, transmit } = driverFor(g)
  if (g.globals.probed !== 1) return { ...g, stack: [{ fn: probe, pc: 0, vars: NO_VARS, into: undefined }] }
  const task = g.tasks[g.next] as Guest['tasks'][number]
  const tx = build(task, g.results)
  const vars = task.call?.args ?? {
    len: tx.length,
    max: task.room ?? DEFAULT_ROOM,
    ...(task.rival === undefined ? {} : { rival: task.rival }),
  }
  const fn = task.call?.fn ?? transmit
  return { ...g, tx, rx: EMPTY, timers: [], stack: [{ fn, pc: 0, vars, into: undefined }] }
}

const ioOf = (op: Op, s: Scope, g: Guest): Io => {
  switch (op.kind) {
    case 'write':
      return op.size === undefined
        ? { kind: 'write', offset: op.offset, value: op.value }
        : { kind: 'write', offset: op.offset, value: op.value, size: op.size }
    case 'read':
    case 'poll':
      return op.size === undefined
        ? { kind: 'read', offset: op.offset }
        : { kind: 'read', offset: op.offset, size: op.size }
    case 'copyIn': {
      const at = op.at(s)
      return {
        kind: 'copyIn',
        offset: WINDOW_AT,
        data: s.tx.slice(at, at + op.length(s)),
        part: at,
        total: s.tx.length,
      }
    }
    case 'copyOut':
      return { kind: 'copyOut', offset: WINDOW_AT + op.from(s), length: op.length(s), part: s.rx.length }
    case 'feed': {
      const at = op.at(s)
      const data = s.tx.slice(at, at + op.length(s))
      return { kind: 'feed', offset: op.offset, data, part: at, total: s.tx.length }
    }
    case 'drain':
      return { kind: 'drain', offset: op.offset, length: op.length(s), part: s.rx.length }
    case 'peek':
      return { kind: 'copyOut', offset: WINDOW_AT + op.at, length: 4, part: op.at }
    case 'own':
      return op.io?.(g) ?? NONE
    default:
      return NONE
  }
}

const scope = (g: Guest): Scope => ({ vars: top(g).vars, globals: g.globals, tx: g.tx, rx: g.rx })

/** The access of the next step, and what is known before it. There must be a next step: not `idle(g)`. */
export function plan(g: Guest, events: Sink): Plan {
  let guest = g
  if (g.cancel && g.stack.length > 0) {
    const frame: Frame = { fn: driverFor(g).cancel, pc: 1, vars: NO_VARS, into: undefined }
    guest = { ...g, cancel: false, stack: g.stack.concat(frame) }
  } else if (g.stack.length === 0) guest = enter(g)
  guest = driverFor(guest).interrupt?.(guest, currentLine(guest)) ?? guest
  const line = currentLine(guest) as Line
  const s = scope(guest)
  events.push(line.event)
  if (line.op?.kind === 'enter' && guest.globals.probed === 1 && guest.entry === undefined) {
    events.push({ t: 'task', id: guest.tasks[guest.next]?.id ?? '', state: 'begin', length: guest.tx.length })
  }
  const beat = line.beat?.(s)
  if (beat !== undefined && beat !== guest.beat) {
    guest = { ...guest, beat }
    events.push({ t: 'beat', name: beat })
  }
  return { guest, line, io: line.op ? ioOf(line.op, s, guest) : NONE }
}

const assign = (g: Guest, values: Vars, events: Sink, global: boolean): Guest => {
  const frame = top(g)
  const old = global ? g.globals : frame.vars
  let changed = false
  for (const k in values) {
    const to = values[k] as number
    if (old[k] === to) continue
    changed = true
    events.push({ t: 'var', name: k, from: old[k], to })
  }
  if (!changed) return g
  if (global) return { ...g, globals: { ...old, ...values } }
  return { ...g, stack: withTop(g.stack, { ...frame, vars: { ...old, ...values } }) }
}

const goto = (g: Guest, pc: number): Guest => {
  const frame = top(g)
  return { ...g, stack: withTop(g.stack, { fn: frame.fn, pc, vars: frame.vars, into: frame.into }) }
}

const leave = (g: Guest, rc: number, events: Sink): Guest => {
  const done = top(g)
  const stack = g.stack.slice(0, -1)
  events.push({ t: 'return', fn: done.fn, rc })
  if (stack.length > 0) {
    const caller = { ...g, stack }
    return done.into ? assign(caller, { [done.into]: rc }, events, false) : caller
  }
  if (done.fn === driverFor(g).probe) return { ...g, stack, globals: { ...g.globals, probed: 1 } }
  const id = g.tasks[g.next]?.id ?? ''
  events.push({ t: 'task', id, state: 'end', length: rc })
  const result = { id, command: g.tx, rc, response: rc >= 0 ? g.rx : EMPTY }
  return { ...g, stack, next: g.next + 1, results: remember(g.results, g.kept, result) }
}

const settlePoll = (
  g: Guest,
  line: Line,
  op: Extract<Op, { kind: 'poll' }>,
  value: number,
  time: number,
  events: Sink,
): { guest: Guest; cost: number } => {
  const old = g.timers.find(t => t.name === op.timer && t.state === 'waiting')
  const since = old?.since ?? time
  const took = time - since
  const seen = op.pick ? op.pick(value) : value
  const met = ((seen & op.mask) >>> 0 === op.want) === (op.got === undefined)
  const state = met ? 'met' : took >= op.limit ? 'expired' : 'waiting'
  const timer: Timer = { name: op.timer, limit: op.limit, since, reads: (old?.reads ?? 0) + 1, state, took }
  events.push({ t: 'wait', timer: op.timer, state, took })
  const guest = { ...g, timers: g.timers.filter(t => t.name !== op.timer).concat(timer) }
  if (state === 'waiting') return { guest, cost: op.sleep }
  if (op.got !== undefined && met) {
    return { guest: goto(assign(guest, { [op.got]: seen }, events, false), line.next), cost: LINE_COST }
  }
  const rc = met ? 0 : op.got === undefined ? ETIME : EBUSY
  if (op.into) return { guest: goto(assign(guest, { [op.into]: rc }, events, false), line.next), cost: LINE_COST }
  return { guest: met ? goto(guest, line.next) : leave(guest, rc, events), cost: LINE_COST }
}

/**
 * The guest after its line: `value` is what a register read returned, `data` what a copy out of the window brought.
 * `cost` is in virtual microseconds.
 */
export function settle(
  p: Plan,
  time: number,
  value: number,
  data: Bytes,
  events: Sink,
): { guest: Guest; cost: number } {
  const { line, guest: g } = p
  const op = line.op as Op
  const s = scope(g)
  switch (op.kind) {
    case 'enter':
      return { guest: goto(g, line.next), cost: LINE_COST }
    case 'set':
      return { guest: goto(assign(g, op.run(s), events, false), line.next), cost: LINE_COST }
    case 'write':
      return { guest: goto(g, line.next), cost: LINE_COST }
    case 'read': {
      const values = { [op.into]: op.pick ? op.pick(value) : value }
      const probing = top(g).fn === driverFor(g).probe
      return { guest: goto(assign(g, values, events, probing), line.next), cost: LINE_COST }
    }
    case 'poll':
      return settlePoll(g, line, op, value, time, events)
    case 'copyIn':
    case 'feed':
      return { guest: goto(g, line.next), cost: LINE_COST + (data.length >> COPY_SHIFT) }
    case 'copyOut':
    case 'drain':
      return {
        guest: goto({ ...g, rx: concat(g.rx, data) }, line.next),
        cost: LINE_COST + (data.length >> COPY_SHIFT),
      }
    case 'peek':
      return {
        guest: goto(assign(g, { [op.into]: readBe32(data, 0) }, events, false), line.next),
        cost: LINE_COST,
      }
    case 'test':
      return { guest: goto(g, op.when(s) ? line.next : line.orElse), cost: LINE_COST }
    case 'call': {
      events.push({ t: 'call', fn: op.fn })
      const frame: Frame = { fn: op.fn, pc: 1, vars: op.args(s), into: op.into }
      const at = goto(g, line.next)
      return { guest: { ...at, stack: at.stack.concat(frame) }, cost: LINE_COST }
    }
    case 'tail': {
      events.push({ t: 'call', fn: op.fn })
      const frame: Frame = { fn: op.fn, pc: 1, vars: op.args(s), into: top(g).into }
      return { guest: { ...g, stack: withTop(g.stack, frame) }, cost: LINE_COST }
    }
    case 'return':
      return { guest: leave(g, op.value(s), events), cost: LINE_COST }
    case 'own': {
      const ran = op.run(g, { value, data, time }, events)
      const cost = ran.cost ?? LINE_COST
      return { guest: ran.stay || ran.guest.stack.length === 0 ? ran.guest : goto(ran.guest, line.next), cost }
    }
  }
}
