// The TPM behind the sockets: commands and control requests of all connections, one at a time; the TPM's clock follows
// the wall clock; an answer leaves only when what it promises is on the disk.

import type { Ending, HashIndication } from '../backend/mssim.ts'
import {
  ACK,
  type CommandRequest,
  frameResponse,
  nextCommand,
  nextCommandRequest,
  nextPlatformRequest,
  noPower,
  type PlatformRequest,
  type TpmCommand,
} from '../backend/mssim.ts'
import {
  act,
  afterCommand,
  beforeCommand,
  type Blobs,
  control,
  indicate,
  indicated,
  platform,
  type Platform,
  withTpm,
} from '../backend/platform.ts'
import { type ControlRequest, nextControlRequest } from '../backend/swtpm.ts'
import type { Bytes } from '../lib/bytes.ts'
import { errorResponse } from '../spec/frame.ts'
import { RC } from '../spec/return-codes.ts'
import type { Outcome } from '../tpm/execute.ts'
import { elapse, nvChanged, type Tpm } from '../tpm/tpm.ts'
import { runCommand } from './host.ts'
import type { Stage } from './live.ts'
import type { Channel, Reply } from './sockets.ts'
import type { StateFile } from './storage.ts'

export type Protocol = 'swtpm' | 'mssim'

const now = (): number => Math.floor(performance.now() * 1000)

/** What is there at once, or later: a promise takes longer than most commands. */
type Awaitable<T> = T | Promise<T>
const after = <T, R>(value: Awaitable<T>, f: (value: T) => Awaitable<R>): Awaitable<R> =>
  value instanceof Promise ? value.then(f) : f(value)

/** What was not kept was not done: the server ends, and its connections with it. */
const UNANSWERED: Awaitable<Reply> = new Promise(() => undefined)

/** What a server needs from outside. */
export interface Surroundings {
  readonly blobs: Blobs
  readonly state: StateFile | undefined
  /** A page that shows what happens. */
  readonly stage?: Stage | undefined
  /** A client asks the server to end. */
  stop(): void
  /** Something that nobody asked for has happened. */
  complain(what: string): void
  /** The state cannot be stored: nothing more may be answered. */
  fail(e: unknown): void
}

export class TpmServer {
  private p: Platform
  private readonly around: Surroundings
  private time = now()
  /** The tail of the queue of all connections, and how many are in it. */
  private turn: Promise<unknown> = Promise.resolve()
  private queued = 0
  private running = false
  private cancelRunning = false

  constructor(tpm: Tpm, around: Surroundings) {
    this.p = platform(tpm)
    this.around = around
  }

  get tpm(): Tpm {
    this.tick()
    return this.p.tpm
  }

  get locality(): number {
    return this.p.locality
  }

  /** The command port (mssim) or data channel (swtpm), and the port after it. */
  channels(protocol: Protocol): readonly [first: () => Channel<CommandRequest>, second: () => Channel<never>] {
    const limit = (): number => this.p.bufferSize
    if (protocol === 'mssim') {
      const second: Channel<PlatformRequest> = {
        next: q => nextPlatformRequest(q, this.p.largest, this.tpm.acts),
        handle: r => this.platformRequest(r),
      }
      return [
        () => ({ next: q => nextCommandRequest(q, limit()), handle: r => this.commandRequest(r) }),
        () => second as Channel<never>,
      ]
    }
    const second: Channel<ControlRequest> = { next: nextControlRequest, handle: r => this.controlRequest(r) }
    return [
      () => ({ next: q => nextCommand(q, limit()), handle: r => this.commandRequest(r) }),
      () => second as Channel<never>,
    ]
  }

  /** Lets the TPM's time pass up to now. */
  private tick(): void {
    const time = now()
    if (this.p.powered) this.p = withTpm(this.p, elapse(this.p.tpm, time - this.time))
    this.time = time
  }

  /** Runs `f` when everything that came before it is done: at once when nothing is under way. */
  private inTurn<T>(f: () => Awaitable<T>): Awaitable<T> {
    const mine = this.queued === 0 ? f() : this.turn.then(f)
    if (!(mine instanceof Promise)) return mine
    this.queued++
    const leave = (): void => {
      this.queued--
    }
    this.turn = mine.then(leave, leave)
    return mine
  }

  /** Puts what is in NV memory now on the disk. @returns false when that failed: nothing may be answered */
  private stored(before: Tpm): boolean {
    const { state } = this.around
    if (!state || !nvChanged(before, this.p.tpm)) return true
    try {
      state.save(this.p.tpm)
      return true
    } catch (e) {
      this.around.fail(e)
      return false
    }
  }

  private ending(r: Ending): Reply {
    if (r.kind === 'stop') this.around.stop()
    return r.answer === undefined ? { close: true } : { close: true, bytes: r.answer }
  }

  private command({ bytes, locality, framed }: TpmCommand): Awaitable<Reply> {
    return after(
      this.inTurn(() => this.run(bytes, locality)),
      ({ response, before }) => {
        if (!this.stored(before)) return UNANSWERED
        if (!response) return { bytes: noPower(framed) }
        return { bytes: framed ? frameResponse(response) : response }
      },
    )
  }

  /** No response when there is no power. */
  private run(bytes: Bytes, locality: number | undefined): Awaitable<{ response: Bytes | undefined; before: Tpm }> {
    const before = this.p.tpm
    if (!this.p.powered) return { response: undefined, before }
    this.tick()
    this.p = beforeCommand(this.p)
    this.cancelRunning = false
    this.running = true
    const answered = (response: Bytes): { response: Bytes; before: Tpm } => {
      this.running = false
      return { response, before }
    }
    const succeeded = ({ tpm, response }: Outcome): { response: Bytes; before: Tpm } => {
      this.p = afterCommand(this.p, tpm, bytes, response)
      return answered(response)
    }
    // A defect of the engine: the TPM stays as it was before the command.
    const failed = (e: unknown): { response: Bytes; before: Tpm } => {
      this.around.complain((e as Error).stack ?? String(e))
      return answered(errorResponse(RC.FAILURE))
    }
    try {
      const cancelled = (): boolean => this.p.cancelled || this.cancelRunning
      const { tpm } = this.p
      const from = locality ?? this.p.locality
      const { stage } = this.around
      const done = stage
        ? stage.run({ before, tpm, command: bytes, locality: from, cancelled })
        : runCommand(tpm, bytes, from, cancelled)
      return done instanceof Promise ? done.then(succeeded).catch(failed) : succeeded(done)
    } catch (e) {
      return failed(e)
    }
  }

  /** A change of the platform, in its turn. */
  private change(
    kind: string,
    f: (p: Platform) => { readonly platform: Platform; readonly answer: Bytes },
  ): Awaitable<Reply> {
    const changed = this.inTurn(() => {
      const before = this.p.tpm
      this.tick()
      const ticked = this.p
      const done = f(ticked)
      this.p = done.platform
      this.around.stage?.changed(kind, ticked, this.p)
      return { answer: done.answer, before }
    })
    return after(changed, ({ answer, before }) => (this.stored(before) ? { bytes: answer } : UNANSWERED))
  }

  private indication(h: HashIndication, answer: (p: Platform) => Bytes): Awaitable<Reply> {
    return this.change(h.kind, p => ({ platform: indicate(p, h), answer: answer(p) }))
  }

  private commandRequest(r: CommandRequest): Awaitable<Reply> {
    switch (r.kind) {
      case 'command':
        return this.command(r)
      case 'answer':
        return { bytes: r.bytes }
      case 'close':
      case 'stop':
        return this.ending(r)
      default:
        return this.indication(r, () => ACK)
    }
  }

  private platformRequest(r: PlatformRequest): Awaitable<Reply> {
    switch (r.kind) {
      case 'answer':
        return { bytes: r.bytes }
      case 'close':
      case 'stop':
        return this.ending(r)
      case 'cancel-on':
      case 'cancel-off': {
        // Not in turn: it is about the command that runs.
        const done = act(this.p, r)
        this.p = done.platform
        if (r.kind === 'cancel-on') this.around.stage?.cancel()
        return { bytes: done.answer }
      }
      default:
        return this.change(r.kind, p => act(p, r))
    }
  }

  private controlRequest(r: ControlRequest): Awaitable<Reply> {
    switch (r.kind) {
      case 'answer':
        return { bytes: r.bytes }
      case 'close':
      case 'stop':
        return this.ending(r)
      case 'cancel':
        this.cancelRunning = this.running
        this.around.stage?.cancel()
        return { bytes: control(this.p, r, this.around.blobs).answer }
      case 'hash-start':
      case 'hash-data':
      case 'hash-end':
        return this.indication(r, indicated)
      default:
        return this.change(r.kind, p => control(p, r, this.around.blobs))
    }
  }
}
