// A command: its declaration bound to the function that carries it out, and what that function works on. A body reads
// like Part 3: input validation, internal data update, command output. It assigns to c.tpm; when it throws, that is lost.

import { draw } from '../crypto/drbg.ts'
import { type Job, jobKey, type JobResult, type Results } from '../crypto/jobs.ts'
import type { AnyCodec, Of } from '../codec/codec.ts'
import { type Bytes, EMPTY } from '../lib/bytes.ts'
import {
  authRoles,
  type CommandRow,
  decryptable,
  encryptable,
  type HandleDecl,
  type Handles,
  type HandleValues,
  type ResponseHandle,
} from '../spec/command.ts'
import { TRANSIENT_FIRST } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import { amend } from './amend.ts'
import { fail } from './errors.ts'
import type { TpmEvent } from './events.ts'
import { activeSession, dropSession, type Session, sessionOf } from './sessions.ts'
import { type LoadedObject, type Sequence, type Slot, slotOf, type Tpm } from './tpm.ts'

/** Ends a command that needs the result of a job; it runs again once the result is there. */
export class NeedsJob extends Error {
  readonly job: Job
  constructor(job: Job) {
    super(`needs a job: ${job.kind}`)
    this.name = 'NeedsJob'
    this.job = job
  }
}

/** What a body works on. */
export class Context {
  tpm: Tpm
  /** The TPM as it was when the command arrived. */
  readonly before: Tpm
  /** The TPM after a failed command, where that is not the TPM before it: Part 3, 5.6 (failedTries). */
  onFailure: Tpm | undefined
  readonly locality: number
  readonly events: TpmEvent[] = []

  private readonly results: Results

  constructor(tpm: Tpm, locality: number, results: Results) {
    this.tpm = tpm
    this.before = tpm
    this.locality = locality
    this.results = results
  }

  /** The result of work that is too long for a step. @throws NeedsJob while it is not there */
  readonly job = (job: Job): JobResult => {
    const result = this.results.get(jobKey(job))
    if (result === undefined) throw new NeedsJob(job)
    return result
  }

  emit(event: TpmEvent): void {
    this.events.push(event)
  }

  /** The next `n` octets of the random number generator. */
  random(n: number): Bytes {
    if (n === 0) return EMPTY
    const [bytes, drbg] = draw(this.tpm.drbg, n)
    this.tpm = amend(this.tpm, { drbg })
    return bytes
  }

  /** What a handle of an object refers to; undefined when nothing is there. */
  slot(handle: number): Slot | undefined {
    return slotOf(this.tpm, handle)
  }

  /**
   * The object of a handle that the handle area check found loaded.
   * @throws TpmError with `otherwise` when it is a sequence
   */
  object(handle: number, otherwise: number): LoadedObject {
    const slot = this.slot(handle)
    if (slot?.kind !== 'object') throw fail(otherwise)
    return slot
  }

  /** @throws TpmError with `otherwise` when it is no sequence */
  sequence(handle: number, otherwise: number): Sequence {
    const slot = this.slot(handle)
    if (!slot || slot.kind === 'object') throw fail(otherwise)
    return slot
  }

  /** Puts an object or sequence into the first free slot. @returns its handle. @throws TPM_RC_OBJECT_MEMORY */
  load(slot: Slot): number {
    const n = this.tpm.objects.indexOf(undefined)
    if (n < 0) throw fail(RC.OBJECT_MEMORY)
    this.replace(TRANSIENT_FIRST + n, slot)
    return TRANSIENT_FIRST + n
  }

  /** Whether a slot is free: a body that works long asks before, not after. @throws TPM_RC_OBJECT_MEMORY */
  needSlot(): void {
    if (!this.tpm.objects.includes(undefined)) throw fail(RC.OBJECT_MEMORY)
  }

  /** The loaded session of a handle that the handle area check found loaded. */
  session(handle: number): Session {
    const found = sessionOf(this.tpm, handle)
    if (!found) throw new Error('defect: a session that was loaded is not')
    return found
  }

  /** Ends a session, loaded or saved. @returns whether there was one */
  flushSession(handle: number): boolean {
    if (!activeSession(this.tpm, handle)) return false
    this.tpm = dropSession(this.tpm, handle)
    this.emit({ kind: 'session-ended', handle })
    return true
  }

  replace(handle: number, slot: Slot | undefined): void {
    const objects = [...this.tpm.objects]
    objects[handle - TRANSIENT_FIRST] = slot
    this.tpm = amend(this.tpm, { objects })
  }

  flush(handle: number): void {
    this.replace(handle, undefined)
    this.emit({ kind: 'object-flushed', handle })
  }
}

type Result<R extends AnyCodec> = keyof Of<R> extends never ? void : Of<R>

/** What a body returns: its parameters; with a response handle, that first. */
export type Output<R extends AnyCodec, O extends ResponseHandle | undefined> = O extends ResponseHandle
  ? keyof Of<R> extends never
    ? { readonly handle: number }
    : { readonly handle: number; readonly returns: Of<R> }
  : Result<R>

export interface Command {
  readonly row: CommandRow
  /** What the dispatcher needs of the declaration, taken out once. */
  readonly handles: readonly (readonly [name: string, decl: HandleDecl])[]
  readonly params: readonly (readonly [name: string, codec: AnyCodec])[]
  /** How many authorizations it needs. */
  readonly auths: number
  /** Whether a session may encrypt its first parameter, or that of its response. */
  readonly decryptable: boolean
  readonly encryptable: boolean
  run(c: Context, handles: { readonly [name: string]: number }, params: unknown): unknown
}

/** Binds a declaration to the body that carries it out. */
export const implement = <
  H extends Handles,
  P extends AnyCodec,
  R extends AnyCodec,
  O extends ResponseHandle | undefined,
>(
  row: CommandRow<H, P, R, O>,
  run: (c: Context, handles: HandleValues<H>, params: Of<P>) => Output<R, O>,
): Command => ({
  row,
  handles: Object.entries(row.handles),
  params: row.params.shape.kind === 'struct' ? Object.entries(row.params.shape.fields) : [],
  auths: authRoles(row).length,
  decryptable: decryptable(row),
  encryptable: encryptable(row),
  run: run as Command['run'],
})
