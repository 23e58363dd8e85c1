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
} from '../backend/platform.ts'
import { type ControlRequest, nextControlRequest } from '../backend/swtpm.ts'
import type { Bytes } from '../lib/bytes.ts'
import { errorResponse } from '../spec/frame.ts'
import { RC } from '../spec/return-codes.ts'
import { elapse, nvChanged, type Tpm } from '../tpm/tpm.ts'
import { runCommand } from './host.ts'
import type { Stage } from './live.ts'
import type { Channel, Reply } from './sockets.ts'
import type { StateFile } from './storage.ts'

export type Protocol = 'swtpm' | 'mssim'

const now = (): number => Math.floor(performance.now() * 1000)

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
  /** The tail of the queue of all connections. */
  private turn: Promise<unknown> = Promise.resolve()
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
        next: q => nextPlatformRequest(q, this.p.largest),
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
    if (this.p.powered) this.p = { ...this.p, tpm: elapse(this.p.tpm, time - this.time) }
    this.time = time
  }

  /** Runs `f` when everything that came before it is done. */
  private inTurn<T>(f: () => T | Promise<T>): Promise<T> {
    const mine = this.turn.then(f)
    this.turn = mine.catch(() => undefined)
    return mine
  }

  /** Resolves when all that is in NV memory now is on the disk. */
  private async stored(before: Tpm): Promise<void> {
    const { state } = this.around
    if (!state) return
    try {
      if (nvChanged(before, this.p.tpm)) await state.save(this.p.tpm)
      else await state.pending
    } catch (e) {
      this.around.fail(e)
      // Never: the connection ends without an answer.
      await new Promise(() => undefined)
    }
  }

  private ending(r: Ending): Reply {
    if (r.kind === 'stop') this.around.stop()
    return r.answer === undefined ? { close: true } : { close: true, bytes: r.answer }
  }

  private async command({ bytes, locality, framed }: TpmCommand): Promise<Reply> {
    const { response, before } = await this.inTurn(async () => {
      const first = this.p.tpm
      if (!this.p.powered) return { response: undefined, before: first }
      this.tick()
      this.p = beforeCommand(this.p)
      this.cancelRunning = false
      this.running = true
      const cancelled = (): boolean => this.p.cancelled || this.cancelRunning
      let answer: Bytes
      try {
        const { tpm } = this.p
        const from = locality ?? this.p.locality
        const { stage } = this.around
        const done = await (stage
          ? stage.run({ before: first, tpm, command: bytes, locality: from, cancelled })
          : runCommand(tpm, bytes, from, cancelled))
        this.p = afterCommand(this.p, done.tpm, bytes, done.response)
        answer = done.response
      } catch (e) {
        // A defect of the engine: the TPM stays as it was before the command.
        this.around.complain((e as Error).stack ?? String(e))
        answer = errorResponse(RC.FAILURE)
      }
      this.running = false
      return { response: answer, before: first }
    })
    await this.stored(before)
    if (!response) return { bytes: noPower(framed) }
    return { bytes: framed ? frameResponse(response) : response }
  }

  /** A change of the platform, in its turn. */
  private async change(
    kind: string,
    f: (p: Platform) => { readonly platform: Platform; readonly answer: Bytes },
  ): Promise<Reply> {
    const { answer, before } = await this.inTurn(() => {
      const first = this.p.tpm
      this.tick()
      const ticked = this.p
      const done = f(ticked)
      this.p = done.platform
      this.around.stage?.changed(kind, ticked, this.p)
      return { answer: done.answer, before: first }
    })
    await this.stored(before)
    return { bytes: answer }
  }

  private indication(h: HashIndication, answer: (p: Platform) => Bytes): Promise<Reply> {
    return this.change(h.kind, p => ({ platform: indicate(p, h), answer: answer(p) }))
  }

  private async commandRequest(r: CommandRequest): Promise<Reply> {
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

  private async platformRequest(r: PlatformRequest): Promise<Reply> {
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

  private async controlRequest(r: ControlRequest): Promise<Reply> {
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
