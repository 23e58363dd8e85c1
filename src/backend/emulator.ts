// The emulator backend: our own TPM behind the device. A command is executed at its due virtual time and not before, so a
// cancel that comes in time leaves nothing to undo. A command that needs a job waits for the shell's answer.

import { type Job, type JobResult, NO_RESULTS, type Results } from '../crypto/jobs.ts'
import { type Bytes, fromHex, readBe32 } from '../lib/bytes.ts'
import type { TpmEvent } from '../tpm/events.ts'
import { execute, withResult } from '../tpm/execute.ts'
import { DEFAULT_PROFILE, profileById } from '../tpm/profile.ts'
import { elapse, manufacture, powerOn, type Tpm } from '../tpm/tpm.ts'
import type { Backend, Pending } from './backend.ts'
import { others, type Transmitted } from './behind.ts'
import { latency, REFUSAL } from './latency.ts'

/** The whole answer to a cancelled command: TPM_RC_CANCELED (Part 2, 6.6.3; Part 3, 5.9 header only). */
export const CANCELED: Bytes = fromHex('80010000000a00000909')

/** A TPM that has just been made and powered on; no Startup yet. @param seed 32 bytes of entropy */
export const fresh = (seed: Bytes): Backend => ({
  tpm: powerOn(manufacture(seed, DEFAULT_PROFILE)),
  pending: undefined,
  clock: 0,
})

/** A TPM that was kept gets power again; no Startup yet. */
export const keptBackend = (tpm: Tpm): Backend => ({ tpm: powerOn(tpm), pending: undefined, clock: 0 })

/** A TPM of the profile that stands for all of its kind: what images are held against. */
export const modelOf = (profile: string): Tpm | undefined => {
  const found = profileById(profile)
  return found && manufacture(new Uint8Array(32), found)
}

/** The TPM is shared: it is as it was left outside, or as it was left here; its clock and locality come from there. */
export const outside = (b: Backend, tpm: Tpm | undefined, elapsed: number, locality: number): Backend => ({
  ...b,
  tpm: elapse(tpm ?? b.tpm, elapsed),
  clock: undefined,
  locality,
})

/** Runs a command at once, past the device and outside virtual time: what firmware did before the story begins. */
export function runNow(b: Backend, command: Bytes): { backend: Backend; response: Bytes } {
  if (b.behind) return others().runNow(b, command)
  const done = execute(b.tpm, command, 0)
  if (done.job) throw new Error('defect: what is prepared must not need a job; send it as a task')
  return { backend: { ...b, tpm: done.tpm }, response: done.response }
}

export const commandCode = (command: Bytes): number | undefined =>
  command.length >= 10 ? readBe32(command, 6) : undefined

export const submit = (b: Backend, command: Bytes, room: number, locality: number, time: number): Backend => ({
  ...b,
  pending: {
    command,
    room,
    locality,
    since: time,
    due: time + latency(commandCode(command)),
    cancelled: false,
  },
})

/** Asks for the running command to be cancelled; the answer comes soon after. Nothing runs: nothing happens. */
export const cancel = (b: Backend, time: number): Backend =>
  b.pending ? { ...b, pending: { ...b.pending, cancelled: true, due: Math.min(b.pending.due, time + REFUSAL) } } : b

/** The job whose result is asked of the shell. */
export const wanted = (b: Backend): Job | undefined => {
  const w = b.pending?.waiting
  return w && !w.abandoned ? w.job : undefined
}

/** The driver is about to cancel what waits for a job: nothing is asked of the shell any more. */
export function abandon(b: Backend): Backend {
  const w = b.pending?.waiting
  return b.pending && w ? { ...b, pending: { ...b.pending, waiting: { ...w, abandoned: true } } } : b
}

export interface Advance {
  readonly backend: Backend
  /** 'failed': there is none, and none will come. */
  readonly answer: Bytes | 'failed' | undefined
  readonly events: readonly TpmEvent[]
}

const nothing = (backend: Backend): Advance => ({ backend, answer: undefined, events: [] })

/** What the TPM answered, when its time has come by `time`. */
export function advance(b: Backend, time: number): Advance {
  const p = b.pending
  if (!p || time < p.due) return nothing(b)
  if (p.cancelled) return { backend: { ...b, pending: undefined }, answer: CANCELED, events: [] }
  return p.waiting ? nothing(b) : attempt(b, p, NO_RESULTS)
}

/** Goes on with a command whose job is done. A result that nobody waits for, or that cannot be right, changes nothing. */
export function resume(b: Backend, result: JobResult | Transmitted): Advance {
  if ('id' in result) return b.behind ? others().answered(b, result) : nothing(b)
  const job = wanted(b)
  const p = b.pending
  if (!p?.waiting || !job) return nothing(b)
  const results = withResult(p.waiting.results, job, result)
  return results === p.waiting.results ? nothing(b) : attempt(b, p, results)
}

function attempt(b: Backend, p: Pending, results: Results): Advance {
  if (b.behind) return others().attempt(b, p, results)
  const { job, tpm, response, events } = execute(
    b.clock === undefined ? b.tpm : elapse(b.tpm, p.due - b.clock),
    p.command,
    p.locality,
    results,
  )
  if (job) return nothing({ ...b, pending: { ...p, waiting: { job, results, abandoned: false } } })
  const clock = b.clock === undefined ? undefined : p.due
  return { backend: { ...b, tpm, pending: undefined, clock }, answer: response, events }
}
