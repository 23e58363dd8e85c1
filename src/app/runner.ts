// Drives the machine: owns its history, runs ahead in small slices so that the whole run can be seen, moves the cursor,
// and commits to the store at most once a frame. The only place of the page that changes a machine.

import type { Task } from '../guest/guest.ts'
import type { Transmitted } from '../backend/behind.ts'
import type { Scenario } from '../lessons/scenario.ts'
import { FIRST } from '../lessons/scenarios/opening.ts'
import type { Grain } from '../machine/grains.ts'
import { History } from '../machine/history.ts'
import type { Moment, UserAct, WindowSize } from '../machine/machine.ts'
import type { PlatformAct } from '../machine/platform.ts'
import type { Recording } from '../machine/recording.ts'
import { changes, type Selection } from '../view/selection.ts'
import { grow, NO_TIMELINE } from '../view/timeline.ts'
import { whole, wholeEngine } from './engine.ts'
import { ask, stop } from './jobs.ts'
import { get, set, type Shown, type Speed, type Store, TURNS } from './store.ts'

/** Milliseconds of work before the page gets its turn. */
const SLICE = 8
const BATCH = 8
/** Stops that a second of play passes, at speed 1. Whole beats need longer to be read. */
const PACE: { readonly [G in Grain]: number } = { line: 3, access: 2, chunk: 0.8, command: 0.6, beat: 0.6 }
const FACTOR: { readonly [S in Exclude<Speed, 'instant'>]: number } = {
  '0.25': 0.25,
  '0.5': 0.5,
  '1': 1,
  '2': 2,
  '4': 4,
}
/** Runs longer than this are not run ahead: they grow as one walks. */
const MOST_AHEAD = 20_000

/** Of a TPM that is shared there is one future. */
const NO_BRANCHES: History['branches'] = []

let history: History
let ahead = 0
let frame = 0
/** The first stage is on the screen: before that, nothing may take its time. */
let drawn = false

const neighbours = (k: number): Omit<Shown, 'moved'> => ({
  at: history.at(k),
  before: k > 0 ? history.at(k - 1) : undefined,
  next: k + 1 < history.length ? history.at(k + 1) : undefined,
  cursor: k,
})

/** The step on every part of the screen, or only on those whose turn it is. */
const shownOn = (step: Shown, turn: number | undefined): Shown[] =>
  Array.from({ length: TURNS }, (_, i) => (turn === undefined || i === turn ? step : (get().shown[i] ?? step)))

/**
 * Publishes what there is; `from` is the first moment that is new since the last time.
 * @param turn the only part of the screen that is drawn now
 */
function publish(k: number, from: number, more: Partial<Store> = {}, turn?: number): void {
  const timeline = grow(get().timeline, from, history.length, i => history.at(i))
  const step = { ...neighbours(k), moved: more.moved ?? get().moved }
  set({
    ...step,
    shown: shownOn(step, turn),
    length: history.length,
    complete: history.ended,
    branches: get().live ? NO_BRANCHES : history.branches,
    timeline,
    ...more,
  })
  serve()
}

/** Runs ahead a slice at a time, until the guest has nothing left to do. */
function lookAhead(): void {
  clearTimeout(ahead)
  if (!drawn) return
  const most = history.length + MOST_AHEAD
  const slice = (): void => {
    const from = history.length
    const end = performance.now() + SLICE
    while (!history.halted && history.length < most && performance.now() < end) history.extend(BATCH)
    publish(get().cursor, from)
    if (!history.halted && history.length < most) ahead = window.setTimeout(slice)
  }
  ahead = window.setTimeout(slice)
}

/** Has done what the machine asks for, and goes on with the answer unless something else happened meanwhile. */
function serve(): void {
  const asked = history.request
  if (!asked) return stop()
  const of = history
  ask(asked, result => {
    if (history !== of || history.request === undefined) return
    history.answer(result)
    lookAhead()
  })
}

/** A TPM outside has answered, or was given up. */
export function answerFromOutside(result: Transmitted): void {
  history.answer(result)
  lookAhead()
}

/** To be called once, when the stage stands. */
export function stageStands(): void {
  drawn = true
  if (get().at) lookAhead()
}

/** Puts a machine on stage, at its moment `k`. */
export function start(next: History, k: number, more: Partial<Store>): void {
  pause()
  history = next
  set({ timeline: NO_TIMELINE, selection: undefined, live: more.live, notice: '' })
  publish(k, 0, { moved: 'jump', ...more })
  lookAhead()
}

/** What was asked for last: an answer that comes late must not take the stage from it. */
let wanted = 0

/** Goes on once the whole engine is there, unless something else has been asked for since. */
async function whenWhole(then: (part: Awaited<ReturnType<typeof wholeEngine>>) => void): Promise<void> {
  const mine = ++wanted
  const part = whole() ?? (await wholeEngine())
  if (mine === wanted) then(part)
}

/** Starts a scenario from its beginning, through a window of the given size. */
export function openScenario(id: string, size: WindowSize = get().window): void {
  if (id !== FIRST.id && id !== '') {
    void whenWhole(part => {
      const s = part.scenarioById(id) ?? FIRST
      begin(s, part.begin(s, size))
    })
    return
  }
  wanted++
  begin(FIRST, History.start({ ...FIRST.config, window: size }))
}

function begin({ id, title, summary }: Scenario, h: History): void {
  const { config } = h
  start(h, 0, { scenario: id, title, summary, config, window: config.window })
}

/** Another size of the window: whatever is on stage begins anew. */
export function resize(size: WindowSize): void {
  const { live, scenario } = get()
  if (live) live.resize(size)
  else openScenario(scenario ?? '', size)
}

const recordings = () => import('../machine/recording.ts')

/** Rejects with a RecordingError in words; the machine on stage stays as it is then. */
export async function openRecording(text: string): Promise<void> {
  const { parseRecording, verifyRecording } = await recordings()
  await wholeEngine()
  const recording = parseRecording(text)
  const replayed = verifyRecording(recording)
  const { config, title } = recording
  start(replayed, replayed.length - 1, {
    scenario: undefined,
    title,
    summary: 'A recording.',
    config,
    window: config.window,
  })
}

/** A moment of the run on stage, for lists that show more than the one at the cursor. */
export const momentAt = (k: number): Moment => history.at(k)

/** The run up to the cursor. */
export const record = async (): Promise<Recording> =>
  (await recordings()).saveRecording(history, get().title || 'crbscope', get().cursor)

function moveTo(k: number, moved: Store['moved'], turn?: number): void {
  const from = get().length
  publish(k, Math.min(from, history.length), { moved }, turn)
}

export function seek(k: number): void {
  pause()
  const to = Math.max(0, Math.min(Math.round(k), history.length - 1))
  moveTo(to, to < get().cursor ? 'back' : to === get().cursor + 1 ? 'forward' : 'jump')
}

export function step(grain: Grain = get().grain): void {
  pause()
  moveTo(history.nextStop(get().cursor, grain), 'forward')
}

export function back(grain: Grain = get().grain): void {
  pause()
  moveTo(history.previousStop(get().cursor, grain), 'back')
}

export const first = (): void => seek(0)

export function last(): void {
  pause()
  history.extend(MOST_AHEAD)
  moveTo(history.length - 1, 'jump')
}

export function pause(): void {
  cancelAnimationFrame(frame)
  if (get().playing) rest()
}

/** Ends play: every part of the screen is at the cursor. */
function rest(): void {
  const { at, before, next, cursor, moved } = get()
  set({ playing: false, shown: shownOn({ at, before, next, cursor, moved }, undefined) })
}

/** Moves the cursor from stop to stop until the end, or until it is told to pause. */
export function play(): void {
  if (get().playing) return pause()
  if (get().cursor >= history.length - 1 && history.ended) seek(0)
  set({ playing: true })
  let due = performance.now()
  let turn = 0
  const tick = (time: number): void => {
    const { grain, speed, cursor } = get()
    let k = cursor
    // Instant: one stop a frame, so that none is passed over. Who wants the end presses End.
    if (speed === 'instant') k = history.nextStop(k, grain)
    else {
      const wait = 1000 / (PACE[grain] * FACTOR[speed])
      // More stops than frames: take several in one; a tab that slept does not catch up.
      if (time - due > 500) due = time
      for (; due <= time && (k < history.length - 1 || !history.halted); due += wait) k = history.nextStop(k, grain)
    }
    if (k !== cursor) moveTo(k, 'forward', speed === 'instant' ? turn++ % TURNS : undefined)
    if (k >= history.length - 1 && history.ended) rest()
    else frame = requestAnimationFrame(tick)
  }
  frame = requestAnimationFrame(tick)
}

/**
 * Something happens after moment `k`.
 * @param stay the cursor stays where it is
 * @returns the moment at which it has happened
 */
export function happen(what: UserAct, k: number, stay = false): number {
  if (!stay) pause()
  clearTimeout(ahead)
  const now = history.act(k, what)
  publish(stay ? Math.min(get().cursor, now) : now, k + 1, stay ? {} : { moved: 'forward' })
  lookAhead()
  return now
}

function act(what: UserAct): void {
  const notice = get().live?.refuses(what.kind)
  if (notice === undefined) happen(what, get().cursor)
  else set({ notice })
}

/** Lets the application send one more command, from the moment that is on stage. */
export const send = (task: Task): void => void whenWhole(() => act({ kind: 'enqueue', task }))
/** Power, a key, a changed component. */
export const disturb = (what: PlatformAct): void => void whenWhole(() => act(what))
export const cancel = (): void => act({ kind: 'cancel' })
/** What else can happen to the machine, from the moment that is on stage. */
export const undergo = (what: UserAct): void => void whenWhole(() => act(what))

export function switchBranch(id: number): void {
  pause()
  const from = history.branches.find(b => b.id === id)?.from ?? 0
  history.switchTo(id)
  publish(Math.min(get().cursor, history.length - 1), Math.min(from, get().cursor), { moved: 'jump' })
  lookAhead()
}

/** Goes to the nearest moment at which the selection changes. @returns whether there was one */
export function runUntil(selection: Selection, direction: 1 | -1): boolean {
  pause()
  if (direction === 1) history.extend(MOST_AHEAD)
  const k = history.find(get().cursor, direction, changes(selection))
  if (k === undefined) {
    publish(get().cursor, Math.min(get().length, history.length))
    return false
  }
  moveTo(k, direction === 1 ? 'forward' : 'back')
  return true
}
