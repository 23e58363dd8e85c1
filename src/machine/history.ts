// Every moment of a run, and moving among them. Moments share structure, so the last 100,000 are kept whole; of older
// ones every 256th, and the inputs between, which the same reducer replays. Acting in the past starts a branch; the old
// future is kept and can be returned to.

import type { Job, JobResult } from '../backend/backend.ts'
import { assert } from '../lib/assert.ts'
import type { Event } from './events.ts'
import { type Grain, isStop } from './grains.ts'
import type { Input, Machine, MachineConfig, Moment, UserAct } from './machine.ts'
import { powerOn } from './power.ts'
import type { Transmit, Transmitted } from '../backend/behind.ts'
import { ended, outbound, reduce, request } from './reduce.ts'

/** A moment, or only its input where it was thinned out. */
interface Slot {
  readonly input: Input | undefined
  readonly machine: Machine | undefined
  readonly events: readonly Event[]
}

interface Line {
  readonly id: number
  readonly from: number
  readonly label: string
  readonly slots: Slot[]
  /** Slots below this index have been thinned. */
  thinned: number
}

export interface Branch {
  readonly id: number
  /** The moment at which it leaves the line that is being looked at. */
  readonly from: number
  readonly length: number
  readonly label: string
}

const DENSE = 100_000
const KEYFRAME = 256
const STEP: Input = { t: 'step' }

export class History {
  readonly config: MachineConfig
  private line: Line
  private others: Line[] = []
  private branched: { readonly others: Line[]; readonly all: readonly Branch[] } = { others: this.others, all: [] }
  private lastId = 0
  private cache: { readonly slot: Slot; readonly moment: Moment } | undefined
  private readonly dense: number

  private constructor(config: MachineConfig, dense: number) {
    this.config = config
    this.dense = dense
    const slots: Slot[] = [{ input: undefined, machine: powerOn(config), events: [] }]
    this.line = { id: 0, from: 0, label: 'first run', slots, thinned: 0 }
  }

  /** @param dense how many of the newest moments are kept whole. */
  static start(config: MachineConfig, dense = DENSE): History {
    return new History(config, dense)
  }

  /** Number of moments; moment 0 is power-on. */
  get length(): number {
    return this.line.slots.length
  }

  private get last(): Machine {
    return this.line.slots[this.length - 1]?.machine as Machine
  }

  /** The guest has nothing left to do: running ahead adds no moments. */
  get ended(): boolean {
    return ended(this.last)
  }

  /** What the machine asks of the shell before it can go on. */
  get request(): Job | undefined {
    return request(this.last)
  }

  /** What is to be carried out outside before the machine can go on. */
  get outbound(): Transmit | undefined {
    return outbound(this.last)
  }

  /** Nothing comes of a step: the end, or an answer is awaited. */
  get halted(): boolean {
    return this.ended || this.request !== undefined || this.outbound !== undefined
  }

  /** Gives the answer to what was asked. */
  answer(result: JobResult | Transmitted): void {
    this.push({ t: 'answer', result })
  }

  /** The moment `k`, 0 ≤ k < length. Thinned ones are replayed from the keyframe before them. */
  at(k: number): Moment {
    const slot = this.line.slots[k]
    assert(slot, `no moment ${k}`)
    if (slot.machine) return slot as Moment
    if (this.cache?.slot === slot) return this.cache.moment
    let i = k - (k % KEYFRAME)
    let machine = this.line.slots[i]?.machine as Machine
    let events: readonly Event[] = []
    while (i < k) {
      i += 1
      const done = reduce(machine, this.line.slots[i]?.input as Input)
      machine = done.machine
      events = done.events
    }
    const moment: Moment = { input: slot.input, machine, events }
    this.cache = { slot, moment }
    return moment
  }

  private push(input: Input): void {
    const { machine, events } = reduce(this.last, input)
    this.line.slots.push({ input, machine, events })
    const { line } = this
    if (line.slots.length - line.thinned < this.dense + KEYFRAME) return
    for (const end = line.thinned + KEYFRAME; line.thinned < end; line.thinned++) {
      if (line.thinned % KEYFRAME === 0) continue
      const old = line.slots[line.thinned] as Slot
      line.slots[line.thinned] = { input: old.input, machine: undefined, events: [] }
    }
  }

  /**
   * Runs ahead by at most `steps` steps, to the end or until an answer is awaited.
   * @param serve gives answers on the spot
   * @returns how many were made
   */
  extend(steps: number, serve?: (job: Job) => JobResult): number {
    let made = 0
    while (made < steps && !this.ended) {
      const asked = this.request
      if ((asked && !serve) || this.outbound) break
      if (asked && serve) this.answer(serve(asked))
      else this.push(STEP)
      made += 1
    }
    return made
  }

  /** The user acts at moment `k`. Where that is not the end, the old future becomes a branch. @returns the new moment. */
  act(k: number, act: UserAct): number {
    if (k < this.length - 1) {
      const slots = this.line.slots.slice(0, k + 1)
      const kept = slots[k] as Slot
      if (!kept.machine) slots[k] = this.at(k)
      this.others = [...this.others, this.line]
      this.lastId += 1
      const what =
        act.kind === 'enqueue' ? act.task.label : 'label' in act ? act.label : 'what' in act ? act.what : act.kind
      const label = `${what} at step ${k}`
      this.line = { id: this.lastId, from: k, label, slots, thinned: Math.min(this.line.thinned, k + 1) }
    }
    this.push({ t: 'user', act })
    return this.length - 1
  }

  /** Other futures than the one that is being looked at. The same list until there is another line. */
  get branches(): readonly Branch[] {
    const { others, line } = this
    if (this.branched.others !== others) {
      const all = others.map(o => {
        let from = 0
        const most = Math.min(o.slots.length, this.length)
        while (from + 1 < most && same(o.slots[from + 1], line.slots[from + 1])) from += 1
        return { id: o.id, from, length: o.slots.length, label: o.label }
      })
      this.branched = { others, all }
    }
    return this.branched.all
  }

  /** Returns to another future; the one left behind is kept. */
  switchTo(id: number): void {
    const other = this.others.find(o => o.id === id)
    assert(other, `no branch ${id}`)
    this.others = [...this.others.filter(o => o !== other), this.line]
    this.line = other
  }

  /** The next place to stop after `k`; runs ahead by at most `limit` steps to find it. */
  nextStop(k: number, grain: Grain, limit = DENSE): number {
    let budget = limit
    for (let i = k + 1; ; i++) {
      while (i + 1 >= this.length && budget > 0 && !this.halted) {
        this.push(STEP)
        budget -= 1
      }
      if (i >= this.length) return this.length - 1
      const next = i + 1 < this.length ? this.at(i + 1) : undefined
      if (isStop(this.at(i), next, grain)) return i
    }
  }

  previousStop(k: number, grain: Grain): number {
    for (let i = Math.min(k, this.length) - 1; i > 0; i--) if (isStop(this.at(i), this.at(i + 1), grain)) return i
    return 0
  }

  /** The nearest moment after (or before) `k` at which `wanted` holds, among those computed so far. */
  find(k: number, direction: 1 | -1, wanted: (m: Moment, before: Moment) => boolean): number | undefined {
    for (let i = k + direction; i > 0 && i < this.length; i += direction) {
      if (wanted(this.at(i), this.at(i - 1))) return i
    }
    return undefined
  }

  /** The inputs up to and with moment `k`, for a recording. */
  inputs(k = this.length - 1): readonly Input[] {
    return this.line.slots.slice(1, k + 1).map(s => s.input as Input)
  }

  /**
   * A run from recorded inputs.
   * @param serve gives answers where they are asked for now: those of the recording came at other steps
   */
  static replay(config: MachineConfig, inputs: readonly Input[], serve?: (job: Job) => JobResult): History {
    const h = History.start(config)
    for (const input of inputs) {
      if (serve && input.t === 'answer' && !('id' in input.result)) continue
      h.push(input.t === 'step' ? STEP : input)
      const asked = h.request
      if (serve && asked) h.answer(serve(asked))
    }
    return h
  }
}

/** The reducer is deterministic: after an equal moment, the same input makes an equal one. */
const same = (a: Slot | undefined, b: Slot | undefined): boolean =>
  a !== undefined && b !== undefined && a.input === b.input
