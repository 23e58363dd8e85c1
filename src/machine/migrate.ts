// The acts: a machine goes to another host, is saved where it is, or becomes again what was saved. A running command is
// waited for, as QEMU's tpm-crb does before it saves itself: the guest stands still meanwhile, and its answer is saved.

import type { Bytes } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'
import { addLateActs, type LateActs } from './acts.ts'
import { damaged } from './damage.ts'
import type { Event } from './events.ts'
import { hostOf, hostText } from './host.ts'
import type { Machine, Migrate, Migration, Restore, Snapshot } from './machine.ts'
import { blocker, cannotStart, isRefusal, load, type Refusal, save } from './migration.ts'
import { settled, type Step } from './reduce.ts'

type Saving = Migrate | Snapshot
type Act = Saving | Restore

/** What became of an act that saves: the machine as it was saved from, the bytes, and what came of them. */
export interface Trip {
  /** The source; where a command ran, after its answer. */
  readonly source: Machine
  /** A command ran; `true` also when its answer is still awaited: then there is nothing else. */
  readonly waited: boolean
  readonly events: readonly Event[]
  readonly stream: Bytes | undefined
  readonly refusal: Refusal | undefined
  readonly arrived: Machine | undefined
}

const says = (act: Act, label: string): Event => ({ t: 'user', act: act.kind, label })

/** In a sentence, with QEMU's words. */
export const refusalText = ({ message, qemu }: Refusal): string => `${message}${qemu ? ` (QEMU: "${qemu}")` : ''}.`

const withMigration = (m: Machine, more: Migration): Machine => ({ ...m, migration: { ...m.migration, ...more } })

/** The old future of `migration` is kept: only what waited is over. */
function kept(m: Machine): Migration {
  const { waiting: _, ...rest } = m.migration ?? {}
  return rest
}

/** The stream of an act, and what the destination makes of it. Nothing runs. */
function cross(source: Machine, act: Saving): Pick<Trip, 'stream' | 'refusal' | 'arrived'> {
  if (act.kind === 'snapshot') {
    return { stream: save(source, hostOf(source)), refusal: undefined, arrived: undefined }
  }
  const whole = save(source, act.from)
  const stream = act.damage ? damaged(whole, act.damage) : whole
  const loaded = load(source, stream, act.to)
  if (isRefusal(loaded)) return { stream, refusal: loaded, arrived: undefined }
  const migration = { ...kept(source), host: act.to }
  return { stream, refusal: undefined, arrived: { ...loaded, step: source.step, migration } }
}

const NOTHING = { stream: undefined, refusal: undefined, arrived: undefined } as const

/** All of a saving act, without a trace in the machine that it starts from. */
export function trip(m: Machine, act: Saving): Trip {
  const refusal =
    blocker(m, act.kind === 'migrate' ? act.from : hostOf(m)) ??
    (act.kind === 'migrate' ? cannotStart(act.to) : undefined)
  if (refusal) return { ...NOTHING, source: m, waited: false, events: [], refusal }
  if (!m.backend.pending) return { source: m, waited: false, events: [], ...cross(m, act) }
  const { machine: source, events } = settled(m)
  if (source.backend.pending) return { ...NOTHING, source, waited: true, events }
  return { source, waited: true, events, ...cross(source, act) }
}

/** What a trip leaves behind, in the machine and in words. */
function outcome({ source, stream, refusal, arrived }: Trip, act: Saving): Step {
  if (refusal) {
    const what = act.kind === 'migrate' ? `The migration is refused by the ${refusal.by}` : 'No snapshot can be taken'
    return { machine: source, events: [says(act, `${what}: ${refusalText(refusal)}`)] }
  }
  const size = `${count(stream?.length ?? 0)} bytes`
  if (act.kind === 'migrate') {
    return {
      machine: arrived as Machine,
      events: [says(act, `The machine runs on ${hostText(act.to)}; ${size} crossed.`)],
    }
  }
  const saved = { step: source.step, host: hostOf(source), stream: stream as Bytes }
  return { machine: withMigration(source, { saved }), events: [says(act, `A snapshot is taken: ${size}.`)] }
}

function saveOrGo(m: Machine, act: Saving): Step {
  const gone = trip(m, act)
  const waits = says(act, 'Saving waits for the running command; the guest stands still.')
  const before = gone.waited ? [waits, ...gone.events] : []
  if (gone.source.backend.pending && !gone.refusal) {
    const since = gone.source.backend.pending.since
    return { machine: withMigration(gone.source, { waiting: { act, since } }), events: before }
  }
  const done = outcome(gone, act)
  return { machine: done.machine, events: [...before, ...done.events] }
}

function restore(m: Machine, act: Restore): Step {
  const saved = m.migration?.saved
  if (!saved) return { machine: m, events: [says(act, 'There is no snapshot to return to.')] }
  const loaded = load(m, saved.stream, hostOf(m))
  if (isRefusal(loaded)) return { machine: m, events: [says(act, `The snapshot is refused: ${refusalText(loaded)}`)] }
  const what = `The machine is again as it was saved at step ${saved.step}; its TPM too, with all that it counts.`
  return { machine: { ...loaded, step: m.step, migration: kept(m) }, events: [says(act, what)] }
}

function begins(act: Act): string {
  if (act.kind !== 'migrate') return act.label
  return `You let the machine migrate from ${hostText(act.from)} to ${hostText(act.to)}.`
}

/** A moment of its own, as every act of the user's. */
function act(before: Machine, what: Act): Step {
  const m: Machine = { ...before, step: before.step + 1 }
  const { machine, events } = what.kind === 'restore' ? restore(m, what) : saveOrGo(m, what)
  return { machine, events: [says(what, begins(what)), ...events] }
}

/** Unless another command was answered than the one that was waited for, what waited happens. */
function answered(before: Machine, step: Step): Step {
  const waiting = step.machine.migration?.waiting
  if (!waiting || before.backend.pending?.since !== waiting.since || step.machine.backend.pending) return step
  const done = saveOrGo({ ...step.machine, migration: kept(step.machine) }, waiting.act)
  return { machine: done.machine, events: [...step.events, ...done.events] }
}

const LATE: LateActs = { act, answered }

/** To be called before the first such act. */
export const installMigration = (): void => addLateActs(LATE)
