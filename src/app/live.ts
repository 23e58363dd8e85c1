// The page of `crbscope serve --live`: each command that a tool sends is handed to the driver of the machine on stage, from
// the state that the server's TPM has, and what came of it is posted back when the viewer has reached the end of it.

import { modelOf } from '../backend/emulator.ts'
import { readTold, ROOM, type Told, writeDone } from '../backend/live.ts'
import { FIRST } from '../lessons/scenarios/opening.ts'
import { type Bytes, equal, readBe32, toHex } from '../lib/bytes.ts'
import { History } from '../machine/history.ts'
import type { MachineConfig, Outside, WindowSize } from '../machine/machine.ts'
import { imageDigest, readImage } from '../nvram/image.ts'
import { commandName } from '../spec/codes.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { count } from '../view/format.ts'
import { wholeEngine } from './engine.ts'
import { happen, last, momentAt, openScenario, start } from './runner.ts'
import { get, type Live, set, store } from './store.ts'

/** Moments of a session that are kept; a new command begins a new run when there are more. */
const MOST = 100_000

const configOf = (window: WindowSize): MachineConfig => ({
  device: 'qemu',
  profile: 'crbscope',
  capChunk: true,
  backendBufferSize: ROOM,
  window,
  seed: '00'.repeat(32),
  prepare: [],
  tasks: [],
})

/** `next`, with every part of `old` that is equal kept: what did not change is the same value, here as in a scenario. */
export function share<T>(old: unknown, next: T): T {
  if (Object.is(old, next) || typeof old !== 'object' || typeof next !== 'object' || !old || !next) return next
  if (next instanceof Uint8Array) return (old instanceof Uint8Array && equal(old, next) ? old : next) as T
  if (next instanceof Map || Array.isArray(next) !== Array.isArray(old)) return next
  const before = old as { readonly [member: string]: unknown }
  const shared = Object.entries(next).map(([k, v]) => [k, share(before[k], v)] as const)
  const same = shared.length === Object.keys(old).length && shared.every(([k, v]) => k in before && before[k] === v)
  if (same) return old as T
  return (Array.isArray(next) ? shared.map(([, v]) => v) : Object.fromEntries(shared)) as T
}

interface Current {
  readonly id: number
  /** The moment at which it came. */
  readonly from: number
  /** The viewer does not hold it; and whether the cursor is to go along. */
  released: boolean
  follow: boolean
}

let token = ''
let source: EventSource
let current: Current | undefined
let locality = 0
/** Outlives a connection. */
let hold = false

const lastMoment = () => momentAt(get().length - 1)
const tpmNow = (): Tpm => lastMoment().machine.backend.tpm

/** Changes what the store says about the connection; nothing when something else is on stage. */
function tell(change: Partial<Live>): void {
  const { live } = get()
  if (live) set({ live: { ...live, ...change } })
}

const outside = (label: string, more: Partial<Outside>): Outside => ({
  kind: 'outside',
  label,
  tpm: undefined,
  elapsed: 0,
  locality,
  reset: false,
  task: undefined,
  ...more,
})

/** Puts a TPM on stage, with nothing in progress. */
function stage(live: Live, tpm: Tpm, window: WindowSize): void {
  current = undefined
  const config = configOf(window)
  const title = `Live on ${live.where}`
  const summary = 'The commands of real tools, as they come.'
  start(History.start(config), 0, { scenario: undefined, title, summary, config, window, live })
  happen(outside(`The TPM of ${live.where} is on stage, as it is now.`, { tpm }), 0)
  last()
}

function begin(where: string, tpm: Tpm): void {
  const live: Live = {
    where,
    command: undefined,
    hold,
    trouble: undefined,
    setHold(on) {
      hold = on
      tell({ hold: on })
      if (on || !current) return
      current.released = true
      current.follow = true
      check()
    },
    resize(size) {
      const now = get().live
      if (!now) return
      if (current) set({ notice: 'A tool waits: take its command to the end first, then choose another window.' })
      else stage(now, tpmNow(), size)
    },
    refuses(act) {
      if (act !== 'cancel') return 'Live: this TPM belongs to the server. Send the command with a tool.'
      if (current && get().cursor >= current.from) return undefined
      return 'Live: this command was answered long ago; it cannot be cancelled any more.'
    },
  }
  stage(live, tpm, get().window)
}

async function post(body: string): Promise<void> {
  const address = `./live/done?live=${encodeURIComponent(token)}`
  try {
    const r = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if (!r.ok && r.status !== 409) tell({ trouble: `the server refused an answer (${r.status})` })
  } catch {
    tell({ trouble: 'the server does not answer' })
  }
}

/** The driver is through with the command, and the viewer has seen it: the tool may have its answer. */
function finish(id: number): void {
  const { guest, backend } = lastMoment().machine
  const result = guest.results.at(-1)
  current = undefined
  tell({ command: undefined })
  if (!result) return
  const digest = imageDigest(backend.tpm)
  void post(writeDone({ id, rc: result.rc, response: result.response, digest }))
}

/** Looks at how far the command in progress has come. */
function check(): void {
  const { live, complete, cursor, length } = get()
  if (!live) return leave()
  if (!current) return
  const atEnd = complete && cursor === length - 1
  if (current.released && current.follow && cursor < length - 1) return last()
  if (atEnd || (current.released && complete)) finish(current.id)
}

/** Something else was put on stage: the server answers its tools by itself again. */
function leave(): void {
  source.close()
  current = undefined
}

const nameOf = (command: Bytes): string => commandName(readBe32(command, 6))

function command(e: Extract<Told, { t: 'command' }>): void {
  const tpm = e.image ? share(tpmNow(), readImage(e.image, modelOf)) : undefined
  const name = nameOf(e.command)
  const { live, length, window } = get()
  if (live && length > MOST) {
    stage(live, tpmNow(), window)
    set({ notice: 'The session has grown long: its earlier commands were let go.' })
  } else if (live?.trouble === undefined) set({ notice: '' })
  locality = e.locality
  const said = `A tool sent ${name}: ${count(e.command.length)} bytes, at locality ${locality}.`
  const parts = [{ hex: toHex(e.command) }]
  const task = { id: `live-${e.id}`, label: name, parts, keepSize: true, room: ROOM }
  const now = get()
  const follow = hold || now.cursor === now.length - 1
  tell({ command: name })
  const from = happen(outside(said, { tpm, elapsed: e.elapsed, task }), now.length - 1, !follow)
  current = { id: e.id, from, released: !hold, follow }
  check()
}

/** The tool wants the command to end: the driver says so to the device as soon as that can have an effect. */
function cancel(id: number): void {
  if (current?.id !== id) return
  const { cursor, length } = get()
  const first = (kind: 'submit' | 'response'): number => {
    for (let k = current?.from ?? 0; k < length; k++) if (momentAt(k).events.some(e => e.t === kind)) return k
    return length
  }
  const at = Math.min(Math.max(cursor, first('submit')), length - 1)
  if (at >= first('response')) set({ notice: 'The tool asks to cancel the command: too late, the TPM has answered.' })
  else happen({ kind: 'cancel' }, at, cursor < at)
}

function platform(e: Extract<Told, { t: 'platform' }>): void {
  const { cursor, length } = get()
  const at = cursor === length - 1
  locality = e.locality
  happen(outside(e.label, { tpm: share(tpmNow(), readImage(e.image, modelOf)), reset: e.reset }), length - 1, !at)
  if (at) last()
}

function hear(e: Told): void {
  switch (e.t) {
    case 'hello':
      locality = e.locality
      return begin(e.where, readImage(e.image, modelOf))
    case 'refused':
      source.close()
      openScenario(FIRST.id)
      return set({ notice: `${e.why} Close it and reload this one; until then, here is a scenario.` })
    case 'command':
      return command(e)
    case 'cancel':
      return cancel(e.id)
    case 'platform':
      return platform(e)
    case 'note':
      set({ notice: e.text })
      if (e.wrong) tell({ trouble: 'another answer than the server’s' })
  }
}

/** Connects the page to the server that it came from. @param given the token of the page's address */
export async function connect(given: string): Promise<void> {
  await wholeEngine()
  token = given
  source = new EventSource(`./live/events?live=${encodeURIComponent(token)}`)
  source.addEventListener('message', m => hear(readTold(String(m.data))))
  source.addEventListener('error', () => {
    if (get().at === undefined) {
      source.close()
      openScenario(FIRST.id)
      set({ notice: 'The server does not know this address any more: open the one that it prints.' })
    } else tell({ trouble: 'the server does not answer' })
  })
  store.subscribe((s, old) => {
    if (old.live && !s.live) return leave()
    if (current && (s.cursor !== old.cursor || s.length !== old.length || s.complete !== old.complete)) check()
  })
}
