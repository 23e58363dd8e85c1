// Recorded register sequences of a CRB device: one JSON object a sequence, a list of guest accesses with what every read
// returned, and a digest of the device at the end. Replayed against a device model with the recordings' scripted backend.

import { busRead, busWrite } from '../hw/bus.ts'
import { qemuCrb } from '../hw/crb.ts'
import { WINDOW_AT } from '../hw/crb.map.ts'
import type { DeviceConfig, DeviceModel, Effect, Outcome, SavedDevice } from '../hw/device.ts'
import { type Bytes, EMPTY, fromHex, toHex } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'
import { answer, CANCELED } from './scripted-backend.ts'

/** The window of the recorded device. */
const WINDOW = 3968
const MOST_STEPS = 1_000_000

type Json = { readonly [member: string]: unknown }

/** Where a replay left the recording; steps count from 1, the final digest has none. */
export interface MmioDifference {
  readonly name: string
  readonly wanted: string
  readonly came: string
  readonly step?: number
}

class Left extends Error {
  readonly wanted: string
  readonly came: string
  constructor(wanted: string, came: string) {
    super('difference')
    this.wanted = wanted
    this.came = came
  }
}

const crcHex = (b: Bytes): string => crc32(b).toString(16).padStart(8, '0')
const bad = (what: string): never => {
  throw new Error(what)
}
const int = (v: unknown, what: string, max = 0xffff_ffff): number =>
  typeof v === 'number' && Number.isInteger(v) && v >= 0 && v <= max
    ? v
    : bad(`${what} must be a whole number up to ${max}, is ${JSON.stringify(v) ?? 'missing'}`)
const text = (v: unknown, what: string): string =>
  typeof v === 'string' ? v : bad(`${what} must be a text, is ${JSON.stringify(v) ?? 'missing'}`)
const flag = (v: unknown, what: string): boolean =>
  typeof v === 'boolean' ? v : bad(`${what} must be true or false, is ${JSON.stringify(v) ?? 'missing'}`)
const object = (v: unknown, what: string): Json =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : bad(`${what} must be an object`)
const sizeOf = (v: unknown): 1 | 2 | 4 | 8 =>
  v === 1 || v === 2 || v === 4 || v === 8 ? v : bad(`an access size must be 1, 2, 4 or 8, is ${JSON.stringify(v)}`)

/** @param v members of `config`; those left out keep the value of `base` */
function readConfig(v: Json, base?: DeviceConfig): DeviceConfig {
  const or = <T>(given: unknown, old: T | undefined, read: (x: unknown) => T): T =>
    given === undefined && old !== undefined ? old : read(given)
  return {
    capChunk: or(v.capChunk, base?.capChunk, x => flag(x, 'capChunk')),
    backendBufferSize: or(v.backendBufferSize, base?.backendBufferSize, x => int(x, 'backendBufferSize')),
    allowChunkMigration: or(v.allowChunkMigration, base?.allowChunkMigration, x => flag(x, 'allowChunkMigration')),
    established: or(v.established, base?.established, x => flag(x, 'established')),
    windowSize: WINDOW,
  }
}

/** One replay: the device, the scripted backend, and the counters that the digest reports. */
class Replay<D> {
  private readonly model: DeviceModel<D>
  private config: DeviceConfig
  private readonly auto: boolean
  private device: D
  private running: { readonly command: Bytes; readonly room: number } | undefined
  private cancelled = false
  private saved: SavedDevice | undefined
  private requests = 0
  private cancels = 0
  private last: Bytes = EMPTY

  constructor(model: DeviceModel<D>, config: DeviceConfig, auto: boolean) {
    this.model = model
    this.config = config
    this.auto = auto
    this.device = model.create(config)
  }

  private effects(list: readonly Effect[]): void {
    for (const e of list) {
      if (e.kind === 'submit') {
        this.running = { command: e.command, room: e.room }
        this.cancelled = false
        this.requests += 1
        this.last = e.command
      } else if (e.kind === 'cancel') {
        this.cancels += 1
        this.cancelled = true
      }
    }
  }

  private take(done: Outcome<D>): void {
    this.device = done.device
    this.effects(done.effects)
  }

  private finish(): number {
    if (!this.running) return 0
    const { command, room } = this.running
    const reply = this.cancelled ? CANCELED : answer(command, room)
    this.running = undefined
    this.take(this.model.complete(this.device, reply))
    return 1
  }

  private same(wanted: unknown, came: unknown): void {
    if (wanted !== came) throw new Left(String(wanted), String(came))
  }

  private writeWindow(offset: number, data: Bytes): void {
    this.device = this.model.writeWindow(this.device, offset, data)
  }

  step(s: readonly unknown[]): void {
    const [kind, a, b, c, d] = s
    switch (kind) {
      case 'w': {
        const value = BigInt(`0x${text(c, 'value')}`)
        this.take(busWrite(this.model, this.device, int(a, 'offset'), sizeOf(b), value))
        if (this.auto) this.finish()
        return
      }
      case 'r': {
        const size = sizeOf(b)
        const came = BigInt(busRead(this.model, this.device, int(a, 'offset'), size))
        return this.same(text(c, 'value'), came.toString(16).padStart(2 * size, '0'))
      }
      case 'W':
        return this.writeWindow(int(a, 'offset'), fromHex(text(b, 'bytes')))
      case 'P': {
        const [seed, start] = [int(c, 'seed'), int(d, 'start')]
        const pattern = Uint8Array.from({ length: int(b, 'length', WINDOW) }, (_, k) => {
          const i = start + k
          return (seed + i * 37 + Math.floor(i / 256) * 11) & 255
        })
        return this.writeWindow(int(a, 'offset'), pattern)
      }
      case 'R':
      case 'H': {
        const data = this.model.readWindow(this.device, int(a, 'offset'), int(b, 'length', 0x10000))
        return this.same(text(c, 'bytes'), kind === 'R' ? crcHex(data) : toHex(data))
      }
      case 'complete':
        return this.same(int(a, 'n'), this.finish())
      case 'est':
        this.config = { ...this.config, established: a === 1 }
        this.device = this.model.setEstablished(this.device, a === 1)
        return
      case 'reset':
        this.finish()
        this.device = this.model.reset(this.device)
        return
      case 'save':
        return this.same(text(a, 'result'), this.save())
      case 'load':
        return this.same(text(b, 'result'), this.load(object(a, 'configuration')))
      default:
        bad(`unknown step ${JSON.stringify(kind)}`)
    }
  }

  private save(): string {
    if (this.model.save(this.device) === 'blocked') return 'blocked'
    this.finish()
    const saved = this.model.save(this.device)
    if (saved === 'blocked') return 'blocked'
    this.saved = saved
    return saved.chunk ? 'saved+chunk' : 'saved'
  }

  private load(to: Json): string {
    if (!this.saved) return 'nostream'
    this.config = readConfig(to, this.config)
    const loaded = this.model.load(this.config, this.saved)
    if (loaded === 'loadfail') return 'loadfail'
    this.device = loaded
    this.running = undefined
    return 'loaded'
  }

  digest(): Json {
    const d = this.device
    const inside = this.model.inside(d)
    const held = inside.busy ? { response: EMPTY, responseOffset: 0 } : inside
    return {
      regs: Array.from({ length: WINDOW_AT / 4 }, (_, i) => this.model.read(d, 4 * i, 4)),
      buf: crcHex(this.model.readWindow(d, WINDOW_AT, WINDOW)),
      cmdLen: inside.command.length,
      cmdCrc: crcHex(inside.command),
      rspLen: held.response.length,
      rspCrc: crcHex(held.response),
      rspOff: held.responseOffset,
      busy: inside.busy ? 1 : 0,
      requests: this.requests,
      cancels: this.cancels,
      lastReqLen: this.last.length,
      lastReqCrc: crcHex(this.last),
    }
  }
}

/**
 * Replays one sequence. @returns 'passed', or the first difference
 * @throws Error when the object is not a register sequence; its message names the step and the member
 */
export function replayMmio<D>(model: DeviceModel<D>, sequence: Json): 'passed' | MmioDifference {
  const name = `${String(sequence.id ?? 'sequence')} ${String(sequence.title ?? '')}`.trim()
  const config = object(sequence.config, 'config')
  const auto = flag(config.autoComplete, 'config.autoComplete')
  const replay = new Replay(model, readConfig(config), auto)
  const steps = Array.isArray(sequence.steps) ? (sequence.steps as unknown[]) : bad('steps must be a list')
  if (steps.length > MOST_STEPS) bad(`${steps.length} steps are more than ${MOST_STEPS}`)
  for (const [i, s] of steps.entries()) {
    try {
      replay.step(Array.isArray(s) ? s : bad('a step must be a list'))
    } catch (e) {
      if (e instanceof Left) return { name, step: i + 1, wanted: e.wanted, came: e.came }
      throw new Error(`${name}, step ${i + 1}: ${(e as Error).message}`)
    }
  }
  if (sequence.end === null) return 'passed'
  const came = replay.digest()
  for (const [k, wanted] of Object.entries(object(sequence.end, 'end'))) {
    const [w, c] = [JSON.stringify(wanted), JSON.stringify(came[k])]
    if (w !== c) return { name, wanted: `${k} ${w} at the end`, came: `${c}` }
  }
  return 'passed'
}

/** Replays a line against QEMU's device model. */
export const checkMmio = { line: (json: Json): 'passed' | MmioDifference => replayMmio(qemuCrb, json) }
