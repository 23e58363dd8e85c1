// QEMU's tpm-crb as a device model: no state machine, request bits that act inside the write, a direction of nextChunk
// that is guessed from whether an answer is still being read. Where PTP says otherwise, this follows QEMU.

import { type Bytes, concat, EMPTY, readBe32 } from '../lib/bytes.ts'
import { get as read, type Pages, put, zeros } from '../lib/pages.ts'
import { CRB, WINDOW_AT } from './crb.map.ts'
import type { AccessSize, DeviceConfig, DeviceModel, Effect, Ignored, Inside, Outcome, SavedDevice } from './device.ts'
import { set } from './registers.ts'

export interface Crb {
  readonly config: DeviceConfig
  /** The 32 words at 0x00 to 0x7c as they stand; LOC_STATE.tpmEstablished is computed when read. */
  readonly regs: readonly number[]
  readonly window: Pages
  readonly command: Bytes
  readonly response: Bytes
  readonly responseOffset: number
  readonly busy: boolean
}

const HEADER = 10
const START = 1
const RETRY = 2
const NEXT = 4

const word = (d: Crb, register: { readonly at: number }): number => d.regs[register.at >> 2] as number
const withWord = (d: Crb, register: { readonly at: number }, value: number): Crb => ({
  ...d,
  regs: d.regs.with(register.at >> 2, value >>> 0),
})

const resetWords = (config: DeviceConfig): readonly number[] => {
  const words = Array.from({ length: WINDOW_AT / 4 }, () => 0)
  for (const r of Object.values(CRB)) words[r.at >> 2] = r.reset
  const i = CRB.INTF_ID.at >> 2
  words[i] = set(CRB.INTF_ID, words[i] as number, { CapCRBChunk: config.capChunk ? 1 : 0 })
  words[CRB.CTRL_CMD_SIZE.at >> 2] = config.windowSize
  words[CRB.CTRL_RSP_SIZE.at >> 2] = config.windowSize
  return words
}

const ignored = (device: Crb, why: Ignored): Outcome<Crb> => ({ device, effects: [{ kind: 'ignored', why }] })

/** Puts the part of the answer at the offset into the window, zeroes the rest of the window, moves on. */
function fill(d: Crb, effects: Effect[], retry = false): Crb {
  const size = d.config.windowSize
  const offset = d.responseOffset
  const part = d.response.slice(offset, offset + size)
  const window = put(d.window, 0, concat(part, new Uint8Array(size - part.length)))
  effects.push({ kind: 'filled', offset, length: part.length, total: d.response.length, retry })
  return { ...d, window, responseOffset: offset + part.length }
}

/** tpmSts: sticky until reset. Everything held is dropped. */
function fatal(d: Crb, reason: string, effects: Effect[]): Crb {
  effects.push({ kind: 'fatal', reason })
  const sts = set(CRB.CTRL_STS, word(d, CRB.CTRL_STS), { tpmSts: 1 })
  const out = withWord(withWord(d, CRB.CTRL_STS, sts), CRB.CTRL_START, 0)
  return { ...out, command: EMPTY, response: EMPTY, responseOffset: 0, busy: false }
}

/** Appends what the window holds of the command. The announced size is read from its first bytes, once. */
function append(d: Crb, effects: Effect[]): Crb | undefined {
  const held = d.command.length
  const head = held === 0 ? read(d.window, 0, Math.min(HEADER, d.config.windowSize)) : d.command
  const announced = readBe32(head, 2)
  if (held === 0 && announced < HEADER) return undefined
  const total = Math.min(announced, d.config.backendBufferSize)
  const length = Math.max(Math.min(total - held, d.config.windowSize), 0)
  effects.push({ kind: 'taken', offset: held, length, total: announced })
  if (length === 0) return d
  return { ...d, command: concat(d.command, read(d.window, 0, length)) }
}

function writeStart(d: Crb, value: number): Outcome<Crb> {
  if ((word(d, CRB.LOC_STATE) & 2) === 0) return ignored(d, 'no-locality')
  if (d.busy) return ignored(d, 'busy')
  const effects: Effect[] = []
  const appended = (): Crb | undefined => append(d, effects)
  const refused = (): Outcome<Crb> => ({
    device: fatal(d, 'the command header announces fewer than 10 bytes', effects),
    effects,
  })
  if (value & START) {
    const next = appended()
    if (!next) return refused()
    effects.push({ kind: 'submit', command: next.command, room: d.config.backendBufferSize })
    const running = withWord(next, CRB.CTRL_START, START)
    return { device: { ...running, busy: true, response: EMPTY, responseOffset: 0 }, effects }
  }
  if (value & (NEXT | RETRY) && !d.config.capChunk) return ignored(d, 'chunking-off')
  if (value & NEXT) {
    if (d.responseOffset < d.response.length) return { device: fill(d, effects), effects }
    const next = appended()
    return next ? { device: next, effects } : refused()
  }
  if (value & RETRY) {
    if (d.response.length === 0) return ignored(d, 'nothing-held')
    return { device: fill({ ...d, responseOffset: 0 }, effects, true), effects }
  }
  return ignored(d, 'no-such-value')
}

function writeLocality(d: Crb, value: number): Outcome<Crb> {
  const assign = (v: 0 | 1, kind: 'granted' | 'relinquished'): Outcome<Crb> => {
    const state = set(CRB.LOC_STATE, word(d, CRB.LOC_STATE), { locAssigned: v })
    const sts = set(CRB.LOC_STS, word(d, CRB.LOC_STS), v ? { Granted: 1, beenSeized: 0 } : { Granted: 0 })
    return { device: withWord(withWord(d, CRB.LOC_STATE, state), CRB.LOC_STS, sts), effects: [{ kind }] }
  }
  if (value === 1) return assign(1, 'granted')
  if (value === 2) return assign(0, 'relinquished')
  return ignored(d, value === 8 ? 'not-implemented' : 'no-such-value')
}

function writeRequest(d: Crb, value: number): Outcome<Crb> {
  if (value !== 1 && value !== 2) return ignored(d, 'no-such-value')
  const idle = value === 2
  const sts = set(CRB.CTRL_STS, word(d, CRB.CTRL_STS), { tpmIdle: idle ? 1 : 0 })
  return { device: withWord(d, CRB.CTRL_STS, sts), effects: [{ kind: idle ? 'idle' : 'ready' }] }
}

function writeCancel(d: Crb, value: number): Outcome<Crb> {
  if (value !== 1) return ignored(d, 'no-such-value')
  return d.busy ? { device: d, effects: [{ kind: 'cancel' }] } : ignored(d, 'not-running')
}

function complete(d: Crb, answer: Bytes | 'failed'): Outcome<Crb> {
  const effects: Effect[] = []
  const room = d.config.backendBufferSize
  const done: Crb = { ...withWord(d, CRB.CTRL_START, 0), busy: false, command: EMPTY }
  if (answer === 'failed' || room < HEADER) {
    return { device: fill(fatal(done, 'the backend failed', effects), effects), effects }
  }
  const length = Math.min(readBe32(answer, 2), room)
  const padded = answer.length >= length ? answer.slice(0, length) : concat(answer, new Uint8Array(length - answer.length))
  effects.push({ kind: 'completed', length })
  return { device: fill({ ...done, response: padded, responseOffset: 0 }, effects), effects }
}

const create = (config: DeviceConfig): Crb => ({
  config,
  regs: resetWords(config),
  window: zeros(config.windowSize),
  command: EMPTY,
  response: EMPTY,
  responseOffset: 0,
  busy: false,
})

export const qemuCrb: DeviceModel<Crb> = {
  id: 'qemu',
  title: 'QEMU tpm-crb',
  create,
  read(d, offset, size) {
    let value = d.regs[offset >> 2] ?? 0
    // Computed only for reads that begin exactly at LOC_STATE.
    if (offset === CRB.LOC_STATE.at && !d.config.established) value |= 1
    const shifted = value >>> (8 * (offset & 3))
    return size === 4 ? shifted : shifted & (2 ** (8 * size) - 1)
  },
  write(d, offset, _size: AccessSize, value) {
    if (offset === CRB.CTRL_START.at) return writeStart(d, value)
    if (offset === CRB.CTRL_REQ.at) return writeRequest(d, value)
    if (offset === CRB.CTRL_CANCEL.at) return writeCancel(d, value)
    if (offset === CRB.LOC_CTRL.at) return writeLocality(d, value)
    return ignored(d, 'read-only')
  },
  readWindow(d, offset, length) {
    const at = offset - WINDOW_AT
    const inside = Math.max(Math.min(length, d.config.windowSize - at), 0)
    const part = read(d.window, Math.min(at, d.config.windowSize), inside)
    return inside === length ? part : concat(part, new Uint8Array(length - inside))
  },
  writeWindow(d, offset, data) {
    const at = offset - WINDOW_AT
    const room = d.config.windowSize - at
    if (room <= 0) return d
    return { ...d, window: put(d.window, at, data.length > room ? data.slice(0, room) : data) }
  },
  complete,
  reset: d => ({ ...create(d.config), window: d.window }),
  setEstablished: (d, established) => ({ ...d, config: { ...d.config, established } }),
  save(d) {
    const { capChunk, allowChunkMigration } = d.config
    if (capChunk && !allowChunkMigration) return 'blocked'
    const base = { registers: d.regs, window: read(d.window, 0, d.window.length) }
    if (!allowChunkMigration || (d.command.length === 0 && d.response.length === 0)) return base
    return { ...base, chunk: { command: d.command, response: d.response, responseOffset: d.responseOffset } }
  },
  load(config, saved: SavedDevice) {
    const { chunk } = saved
    const most = config.backendBufferSize
    if (chunk && (chunk.command.length > most || chunk.response.length > most)) return 'loadfail'
    const fresh = create(config)
    return { ...fresh, regs: saved.registers, window: put(fresh.window, 0, saved.window), ...(chunk ?? {}) }
  },
  inside: (d): Inside => d,
}
