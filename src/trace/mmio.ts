// Recorded register sequences of a CRB device: one JSON object a sequence, a list of guest accesses with what every read
// returned, and a digest of the device at the end. Replayed against a device model with the recordings' scripted backend.
// The format is described beside the recordings: tests/vectors/crb-mmio/README.md.

import { busRead, busWrite } from '../hw/bus.ts'
import { qemuCrb } from '../hw/crb.ts'
import { CRB, PAGE_SIZE, WINDOW_AT, WORDS } from '../hw/crb.map.ts'
import type { DeviceConfig, DeviceModel, Effect, Outcome, SavedDevice } from '../hw/device.ts'
import { registerAt } from '../hw/registers.ts'
import { type Bytes, EMPTY, fromHex, toHex } from '../lib/bytes.ts'
import { answer, CANCELED } from './scripted-backend.ts'
import {
  bad,
  crcHex,
  flag,
  hex,
  int,
  type Json,
  Left,
  list,
  type MmioDifference,
  nameOf,
  object,
  pattern,
  replaySteps,
  same,
  show,
  sizeOf,
  text,
  valueOf,
} from './sequence.ts'

/** The window of the recorded device. */
const WINDOW = PAGE_SIZE - WINDOW_AT

/** The offset of `length` bytes that must lie within the window. */
const windowOffset = (v: unknown, length: number): number => {
  const offset = int(v, 'offset')
  return offset >= WINDOW_AT && offset + length <= PAGE_SIZE
    ? offset
    : bad(`${length} bytes at ${offset} are not within the data window, ${WINDOW_AT} to ${PAGE_SIZE - 1}`)
}

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

interface Digest extends Json {
  readonly regs: readonly number[]
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
  /** A load failed: there is no device any more. */
  private ended = false

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

  private store(offset: unknown, data: Bytes): void {
    this.device = this.model.writeWindow(this.device, windowOffset(offset, data.length), data)
  }

  step(s: readonly unknown[]): void {
    const [kind, a, b, c, d] = s
    if (this.ended) bad('a step after a load that failed')
    switch (kind) {
      case 'w': {
        const value = BigInt(`0x${valueOf(c, sizeOf(b))}`)
        this.take(busWrite(this.model, this.device, int(a, 'offset'), sizeOf(b), value))
        if (this.auto) this.finish()
        return
      }
      case 'r': {
        const [offset, size] = [int(a, 'offset'), sizeOf(b)]
        // A wanted value of another length is a difference like any other.
        const wanted = text(c, 'value').toLowerCase()
        const came = busRead(this.model, this.device, offset, size)
          .toString(16)
          .padStart(2 * size, '0')
        return same(`a read of ${size} at ${hex(offset, 3)}:`, wanted, came)
      }
      case 'W':
        return this.store(a, fromHex(text(b, 'bytes')))
      case 'P': {
        const [length, seed, start] = [int(b, 'length', WINDOW), int(c, 'seed'), int(d, 'start')]
        return this.store(a, pattern(length, seed, start))
      }
      case 'R':
      case 'H': {
        const length = int(b, 'length', WINDOW)
        const data = this.model.readWindow(this.device, windowOffset(a, length), length)
        const what = `${length} bytes of the window at ${hex(a as number, 3)}:`
        if (kind === 'R') return same(`CRC-32 of ${what}`, text(c, 'crc').toLowerCase(), crcHex(data))
        return same(what, text(c, 'bytes').toLowerCase(), toHex(data))
      }
      case 'complete':
        return same('commands completed:', int(a, 'n', 1), this.finish())
      case 'est': {
        const established = int(a, 'established', 1) === 1
        this.config = { ...this.config, established }
        this.device = this.model.setEstablished(this.device, established)
        return
      }
      case 'reset':
        this.finish()
        this.device = this.model.reset(this.device)
        return
      case 'save':
        return same('a save:', text(a, 'result'), this.save())
      case 'load':
        return same('a load:', text(b, 'result'), this.load(object(a, 'configuration')))
      default:
        bad(`unknown step ${show(kind)}`)
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
    if (loaded === 'loadfail') {
      this.ended = true
      return 'loadfail'
    }
    this.device = loaded
    this.running = undefined
    return 'loaded'
  }

  digest(): Digest {
    const d = this.device
    const inside = this.model.inside(d)
    const held = inside.busy ? { response: EMPTY, responseOffset: 0 } : inside
    return {
      regs: Array.from({ length: WORDS }, (_, i) => this.model.read(d, 4 * i, 4)),
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

/** The first member of the digest that differs. */
function compare(end: Json, came: Digest): Left | undefined {
  const words = list(end.regs, 'end.regs')
  if (words.length !== WORDS) bad(`end.regs must have ${WORDS} words, has ${words.length}`)
  for (const [i, word] of words.entries()) {
    if (word === came.regs[i]) continue
    const name = registerAt(CRB, 4 * i)?.name ?? 'the reserved word'
    const wanted = hex(int(word, `end.regs[${i}]`), 8)
    return new Left(`at the end, ${name} at ${hex(4 * i, 2)}: ${wanted}`, hex(came.regs[i] as number, 8))
  }
  for (const k of Object.keys(came)) if (end[k] === undefined) bad(`end.${k} is missing`)
  for (const [k, wanted] of Object.entries(end)) {
    if (k !== 'regs' && wanted !== came[k]) return new Left(`at the end, ${k}: ${show(wanted)}`, show(came[k]))
  }
  return undefined
}

/** Whether a parsed line is, by its members, a CRB register sequence. It may still be malformed. */
export const isMmioSequence = (json: unknown): json is Json => {
  const config = (json as Json | null | undefined)?.config
  return typeof config === 'object' && config !== null && 'capChunk' in config
}

/**
 * Replays one sequence. @returns 'passed', or the first difference
 * @throws Error when the object is not a register sequence; its message names the step and the member
 */
export function replayMmio<D>(model: DeviceModel<D>, json: unknown): 'passed' | MmioDifference {
  const sequence = object(json, 'a sequence')
  const name = nameOf(sequence)
  const config = object(sequence.config, 'config')
  const replay = new Replay(model, readConfig(config), flag(config.autoComplete, 'config.autoComplete'))
  const differs = replaySteps(name, list(sequence.steps, 'steps'), s => replay.step(s))
  if (differs) return differs
  if (sequence.end === null) return 'passed'
  const left = compare(object(sequence.end, 'end'), replay.digest())
  return left ? { name, wanted: left.wanted, came: left.came } : 'passed'
}

/** Replays a line against QEMU's device model. */
export const checkMmio = { line: (json: unknown): 'passed' | MmioDifference => replayMmio(qemuCrb, json) }
