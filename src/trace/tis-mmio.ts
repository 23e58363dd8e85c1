// Recorded register sequences of a TIS device: like those of a CRB (mmio.ts), with a data port instead of a window, and
// five localities in the digest. The format is described beside the recordings: tests/vectors/tis-mmio/README.md.

import { busTake, busWrite } from '../hw/bus.ts'
import type { DeviceModel, Effect, Outcome } from '../hw/device.ts'
import { LOCALITIES } from '../hw/tis.map.ts'
import { executing, qemuTis, type SavedTis, selfTestDone, type Tis, type TisConfig } from '../hw/tis.ts'
import { type Bytes, EMPTY, fromHex, readBe32 } from '../lib/bytes.ts'
import { get } from '../lib/pages.ts'
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

/** The buffer of the recorded device. */
const BUFFER = 4096
const MOST_BYTES = 65_536
/** TPM2_SelfTest, which the scripted backend reports as done when its command is exactly that. */
const SELF_TEST = 0x53

type Model = DeviceModel<Tis, TisConfig, SavedTis>

const versionOf = (v: unknown): TisConfig['tpmVersion'] =>
  v === '2.0' || v === '1.2' || v === 'none' ? v : bad(`tpmVersion must be "2.0", "1.2" or "none", is ${show(v)}`)

const readConfig = (v: Json): TisConfig => ({
  bufferSize: BUFFER,
  backendBufferSize: int(v.backendBufferSize, 'backendBufferSize'),
  tpmVersion: versionOf(v.tpmVersion),
  established: flag(v.established, 'established'),
})

/** A pair of hexadecimal digits for each byte. */
const bytesOf = (v: unknown): Bytes => fromHex(text(v, 'bytes'))

/** One replay: the device, the scripted backend, and the counters that the digest reports. */
class Replay {
  private readonly model: Model
  private readonly auto: boolean
  private device: Tis
  private running: { readonly command: Bytes; readonly room: number } | undefined
  private cancelled = false
  private saved: SavedTis | undefined
  private requests = 0
  private cancels = 0
  private resets = 0
  private last: Bytes = EMPTY
  private lastLocality = -1

  constructor(model: Model, config: TisConfig, auto: boolean) {
    this.model = model
    this.auto = auto
    this.device = model.create(config)
  }

  private effect(e: Effect): void {
    if (e.kind === 'submit') {
      this.running = { command: e.command, room: e.room }
      this.cancelled = false
      this.requests += 1
      this.last = e.command
      this.lastLocality = e.locality ?? 0
    } else if (e.kind === 'cancel') {
      this.cancels += 1
      this.cancelled = true
    } else if (e.kind === 'tis' && e.what === 'reset-establishment') this.resets += 1
  }

  private take(done: Outcome<Tis>): void {
    this.device = done.device
    for (const e of done.effects) this.effect(e)
  }

  private finish(): number {
    if (!this.running) return 0
    const { command, room } = this.running
    const reply = this.cancelled ? CANCELED : answer(command, room)
    this.running = undefined
    const tested = !this.cancelled && reply !== 'failed' && command.length >= 10 && readBe32(command, 6) === SELF_TEST
    if (tested) this.device = selfTestDone(this.device)
    this.take(this.model.complete(this.device, reply))
    return 1
  }

  private write(offset: number, size: 1 | 2 | 4 | 8, value: bigint | number): void {
    this.take(busWrite(this.model, this.device, offset, size, value))
    if (this.auto) this.finish()
  }

  private read(offset: number, size: 1 | 2 | 4 | 8): bigint | number {
    const done = busTake(this.model, this.device, offset, size)
    this.take(done)
    return done.value
  }

  step(s: readonly unknown[]): void {
    const [kind, a, b, c, d] = s
    switch (kind) {
      case 'w':
        return this.write(int(a, 'offset'), sizeOf(b), BigInt(`0x${valueOf(c, sizeOf(b))}`))
      case 'r': {
        const [offset, size] = [int(a, 'offset'), sizeOf(b)]
        const wanted = text(c, 'value').toLowerCase()
        const came = this.read(offset, size)
          .toString(16)
          .padStart(2 * size, '0')
        return same(`a read of ${size} at ${hex(offset, 4)}:`, wanted, came)
      }
      case 'F':
      case 'FP': {
        const offset = int(a, 'offset')
        const data = kind === 'F' ? bytesOf(b) : pattern(int(b, 'length', MOST_BYTES), int(c, 'seed'), int(d, 'start'))
        for (let i = 0; i < data.length; i++) this.write(offset, 1, data[i] as number)
        return
      }
      case 'FR': {
        const [offset, length] = [int(a, 'offset'), int(b, 'length', MOST_BYTES)]
        const data = Uint8Array.from({ length }, () => Number(this.read(offset, 1)))
        return same(`CRC-32 of ${length} bytes read at ${hex(offset, 4)}:`, text(c, 'crc').toLowerCase(), crcHex(data))
      }
      case 'complete':
        return same('commands completed:', int(a, 'n', 1), this.finish())
      case 'est':
        this.device = this.model.setEstablished(this.device, int(a, 'established', 1) === 1)
        return
      case 'startupError':
        this.device = { ...this.device, startupError: int(a, 'startupError', 1) === 1 }
        return
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
    this.finish()
    const saved = this.model.save(this.device)
    if (saved === 'blocked') return 'blocked'
    this.saved = saved
    return 'saved'
  }

  private load(to: Json): string {
    if (!this.saved) return 'nostream'
    const { config, irq } = this.device
    const loaded = this.model.load(
      { ...config, backendBufferSize: int(to.backendBufferSize, 'backendBufferSize') },
      this.saved,
    )
    if (loaded === 'loadfail') return 'loadfail'
    // The line is a wire of the board: it keeps its level.
    this.device = { ...loaded, irq }
    this.running = undefined
    return 'loaded'
  }

  digest(): Json {
    const d = this.device
    return {
      loc: d.loc,
      active: d.active,
      aborting: d.aborting,
      next: d.next,
      offset: d.offset,
      irq: d.irq,
      buf: crcHex(get(d.buffer, 0, BUFFER)),
      busy: executing(d) >= 0 ? 1 : 0,
      requests: this.requests,
      cancels: this.cancels,
      estResets: this.resets,
      lastReqLoc: this.lastLocality,
      lastReqLen: this.last.length,
      lastReqCrc: crcHex(this.last),
    }
  }
}

/** The first member of a part of the digest that differs. */
function differing(what: string, end: Json, came: Json): Left | undefined {
  for (const k of Object.keys(came)) if (end[k] === undefined) bad(`${what}.${k} is missing`)
  for (const [k, wanted] of Object.entries(end)) {
    if (k !== 'loc' && wanted !== came[k]) return new Left(`at the end, ${what}.${k}: ${show(wanted)}`, show(came[k]))
  }
  return undefined
}

function compare(end: Json, came: Json): Left | undefined {
  const localities = list(end.loc, 'end.loc')
  if (localities.length !== LOCALITIES) bad(`end.loc must have ${LOCALITIES} localities, has ${localities.length}`)
  const ours = came.loc as readonly Json[]
  for (const [i, l] of localities.entries()) {
    const left = differing(`end.loc[${i}]`, object(l, `end.loc[${i}]`), ours[i] as Json)
    if (left) return left
  }
  return differing('end', end, came)
}

/** Whether a parsed line is, by its members, a TIS register sequence. It may still be malformed. */
export const isTisSequence = (json: unknown): json is Json => {
  const config = (json as Json | null | undefined)?.config
  return typeof config === 'object' && config !== null && 'tpmVersion' in config
}

/**
 * Replays one sequence. @returns 'passed', or the first difference
 * @throws Error when the object is not a register sequence; its message names the step and the member
 */
export function replayTis(model: Model, json: unknown): 'passed' | MmioDifference {
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
export const checkTis = { line: (json: unknown): 'passed' | MmioDifference => replayTis(qemuTis, json) }
