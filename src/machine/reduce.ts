// The single state transition: an input, and the machine after it. Guest line, bus, device, backend, in that order; then
// virtual time moves on, and an answer that has become due reaches the device.

import type { Job, JobResult } from '../backend/backend.ts'
import type { Transmit, Transmitted } from '../backend/behind.ts'
import {
  abandon,
  type Advance,
  advance,
  cancel,
  commandCode,
  outside,
  resume,
  submit,
  wanted,
} from '../backend/emulator.ts'
import { idle, type Io, plan, settle } from '../guest/advance.ts'
import type { Guest } from '../guest/guest.ts'
import { PAGE_SIZE } from '../hw/crb.map.ts'
import type { Effect } from '../hw/device.ts'
import type { Tis } from '../hw/tis.ts'
import { never } from '../lib/assert.ts'
import { type Bytes, EMPTY, readBe32 } from '../lib/bytes.ts'
import { lateActs } from './acts.ts'
import { type Device, type Model, modelOf, tisParts } from './device.ts'
import type { Event } from './events.ts'
import { hostParts } from './host-late.ts'
import type { Input, Machine, Outside, Stage, UserAct } from './machine.ts'
import { platformParts } from './platform-late.ts'

export interface Step {
  readonly machine: Machine
  readonly events: readonly Event[]
}

const LOCALITY = 0

/** The guest has nothing to do and no command is on its way: a step would change nothing. */
export function ended(m: Machine): boolean {
  const done = idle(m.guest) && m.backend.pending === undefined && !stageOf(m)
  return m.platform ? platformParts().ended(m, done) : done
}

/** What the configuration has happen next to the host and its guests. */
const stageOf = (m: Machine): Stage | undefined => m.config.stages?.[m.stage ?? 0]

/** What the machine asks of the shell before it can go on: its next input is the answer, or what the user does. */
export const request = (m: Machine): Job | undefined => wanted(m.backend)

/** A command that is to be carried out by a TPM outside, before the machine can go on. */
export const outbound = (m: Machine): Transmit | undefined => m.backend.pending?.transmit

/** What an input makes of a machine. A step of one that has ended, or that waits for an answer, returns it unchanged. */
export function reduce(m: Machine, input: Input): Step {
  switch (input.t) {
    case 'step':
      return step(m)
    case 'user':
      return user(m, input.act)
    case 'answer':
      return answered(m, input.result)
    default:
      return never(input)
  }
}

function fromOutside(m: Machine, act: Outside): Step {
  const tasks = act.task ? [...m.guest.tasks, act.task] : m.guest.tasks
  const machine = {
    ...m,
    guest: { ...m.guest, tasks, ...(act.reset ? { globals: {} } : {}) },
    backend: outside(m.backend, act.tpm, act.elapsed, act.locality),
    device: act.reset ? modelOf(m.config).reset(m.device) : m.device,
  }
  return { machine, events: [{ t: 'user', act: 'outside', label: act.label }] }
}

function user(m: Machine, act: UserAct): Step {
  if (act.kind === 'outside') return fromOutside(m, act)
  if (act.kind === 'host') return hostParts().act(m, act.act, [])
  if ('late' in act) return lateActs().act(m, act)
  if (act.kind !== 'enqueue' && act.kind !== 'cancel') return platformParts().act(m, act)
  const guest: Guest =
    act.kind === 'enqueue' ? { ...m.guest, tasks: [...m.guest.tasks, act.task] } : { ...m.guest, cancel: true }
  const label = act.kind === 'enqueue' ? act.task.label : ''
  const backend = act.kind === 'cancel' ? abandon(m.backend) : m.backend
  // A moment of its own, so a step of its own: the step of a machine is the number of its moment.
  return { machine: { ...m, guest, backend, step: m.step + 1 }, events: [{ t: 'user', act: act.kind, label }] }
}

/** The parts of a machine that a step replaces, while it does so. */
interface Work {
  readonly model: Model
  device: Device
  backend: Machine['backend']
  writes: Machine['writes']
  exchange: Machine['exchange']
  content: Machine['content']
  platform: Machine['platform']
  time: number
  readonly step: number
  readonly events: Event[]
}

function effects(w: Work, list: readonly Effect[]): void {
  for (const effect of list) {
    if (effect.kind === 'submit') {
      w.backend = submit(
        w.backend,
        effect.command,
        effect.room,
        effect.locality ?? w.backend.locality ?? LOCALITY,
        w.time,
      )
      w.exchange = { command: effect.command, step: w.step, response: undefined }
      w.events.push({ t: 'submit', code: commandCode(effect.command), length: effect.command.length })
    } else if (effect.kind === 'cancel') {
      w.backend = cancel(w.backend, w.time)
      w.events.push({ t: 'cancel' })
    } else {
      if (effect.kind === 'filled') {
        const message = w.model.inside(w.device).response
        w.content = { kind: 'answer', message, part: effect.offset, length: effect.length }
      }
      if (effect.kind === 'tis' && effect.what === 'completed') {
        w.content = { kind: 'answer', message: w.exchange?.response ?? EMPTY, part: 0, length: effect.length }
      }
      w.events.push({ t: 'device', effect })
    }
  }
}

const pageOf = (offset: number): number => Math.floor(offset / PAGE_SIZE)

/**
 * Performs the access of a line. A driver's accesses are aligned, and to registers: the bus has nothing to cut (bus.ts).
 * @returns the value of a register read, and the bytes of a copy. */
function perform(w: Work, io: Io, command: Bytes): { value: number; data: Bytes } {
  switch (io.kind) {
    case 'none':
      return { value: 0, data: EMPTY }
    case 'read': {
      const size = io.size ?? 4
      const done = w.model.take?.(w.device, io.offset, size)
      const value = done ? done.value : w.model.read(w.device, io.offset, size)
      w.events.push({
        t: 'mmio',
        dir: 'read',
        offset: io.offset % PAGE_SIZE,
        size,
        value,
        locality: pageOf(io.offset),
      })
      if (done) {
        w.device = done.device
        effects(w, done.effects)
      }
      return { value, data: EMPTY }
    }
    case 'write': {
      const { offset, value } = io
      const size = io.size ?? 4
      w.events.push({ t: 'mmio', dir: 'write', offset: offset % PAGE_SIZE, size, value, locality: pageOf(offset) })
      const done = w.model.write(w.device, offset, size, value)
      w.device = done.device
      w.writes = { ...w.writes, [offset]: { value, step: w.step, effects: done.effects } }
      effects(w, done.effects)
      return { value: 0, data: EMPTY }
    }
    case 'copyIn': {
      const { offset, data, part, total } = io
      w.device = w.model.writeWindow(w.device, offset, data)
      w.content = { kind: 'command', message: command, part, length: data.length }
      w.events.push({ t: 'window', dir: 'in', offset, length: data.length, part, total })
      return { value: 0, data }
    }
    case 'copyOut': {
      const { offset, length, part } = io
      const data = w.model.readWindow(w.device, offset, length)
      const total = readBe32(w.model.inside(w.device).response, 2)
      w.events.push({ t: 'window', dir: 'out', offset, length, part, total })
      return { value: 0, data }
    }
    case 'feed':
    case 'drain': {
      const moved = tisParts().move(w.device as Tis, io, command)
      w.device = moved.device
      w.content = moved.content ?? w.content
      w.events.push(moved.event)
      effects(w, moved.effects)
      return { value: 0, data: moved.data }
    }
    case 'platform':
    case 'presence':
      return platformParts().access(w, io)
    default:
      return never(io)
  }
}

const jobEvent = (state: 'asked' | 'done', { kind, keyBits }: Job): Event => ({ t: 'job', state, job: kind, keyBits })

function tell(w: Work, due: Advance): void {
  for (const event of due.events) w.events.push({ t: 'tpm', event })
}

function answer(w: Work, due: Advance): void {
  if (due.answer === undefined) {
    const job = wanted(due.backend)
    if (job && due.backend !== w.backend) w.events.push(jobEvent('asked', job))
    tell(w, due)
    w.backend = due.backend
    return
  }
  w.backend = due.backend
  tell(w, due)
  const bytes = due.answer
  if (bytes === 'failed') {
    const failed = w.model.complete(w.device, bytes)
    w.device = failed.device
    effects(w, failed.effects)
    return
  }
  const code = w.exchange ? commandCode(w.exchange.command) : undefined
  const rc = bytes.length >= 10 ? readBe32(bytes, 6) : undefined
  w.events.push({ t: 'response', rc, length: bytes.length, code })
  if (w.exchange) w.exchange = { ...w.exchange, response: bytes }
  const done = w.model.complete(w.device, bytes)
  w.device = done.device
  effects(w, done.effects)
}

const workOn = (m: Machine, step: number): Work => ({
  model: modelOf(m.config),
  device: m.device,
  backend: m.backend,
  writes: m.writes,
  exchange: m.exchange,
  content: m.content,
  platform: m.platform,
  time: m.time,
  step,
  events: [],
})

function answered(m: Machine, result: JobResult | Transmitted): Step {
  const job = request(m)
  const done = resume(m.backend, result)
  if (done.backend === m.backend) return { machine: m, events: [] }
  const w = workOn(m, m.step)
  if (job) w.events.push(jobEvent('done', job))
  answer(w, done)
  const next = after(m, w, m.guest)
  return m.migration?.waiting ? lateActs().answered(m, next) : next
}

/** The running command is let come to its end while the guest stands still; or until it asks for a job. */
export function settled(m: Machine): Step {
  const w = workOn(m, m.step)
  w.time = Math.max(m.time, m.backend.pending?.due ?? 0)
  answer(w, advance(w.backend, w.time))
  return after(m, w, m.guest)
}

function step(m: Machine): Step {
  if (request(m) || outbound(m)) return { machine: m, events: [] }
  const instead = m.platform && platformParts().instead(m)
  if (instead) return instead
  if (idle(m.guest)) {
    const next = stageOf(m)
    return next
      ? hostParts().act({ ...m, stage: (m.stage ?? 0) + 1 }, next.act, next.tasks)
      : { machine: m, events: [] }
  }
  const w = workOn(m, m.step + 1)
  const p = plan(m.guest, w.events)
  const { value, data } = perform(w, p.io, p.guest.tx)
  const { guest, cost } = settle(p, m.time, value, data, w.events)
  w.time += cost
  answer(w, advance(w.backend, w.time))
  return after(m, w, guest)
}

const after = (m: Machine, w: Work, guest: Guest): Step => ({
  machine: {
    config: m.config,
    step: w.step,
    time: w.time,
    guest,
    device: w.device,
    backend: w.backend,
    writes: w.writes,
    exchange: w.exchange,
    content: w.content,
    ...(m.stage === undefined ? {} : { stage: m.stage }),
    ...(m.migration && { migration: m.migration }),
    ...(w.platform && { platform: w.platform }),
  },
  // An exact copy: a list that grew by pushes holds room for more.
  events: w.events.slice(),
})
