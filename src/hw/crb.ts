// QEMU's tpm-crb as a device model: no state machine, request bits that act inside the write, a direction of nextChunk
// that is guessed from whether a response is still being read. Where PTP says otherwise, this follows QEMU.

import { type Bytes, concat, EMPTY, raw, readBe32 } from '../lib/bytes.ts'
import { get as bytesAt, type Pages, put, zeros } from '../lib/pages.ts'
import { CRB, WINDOW_AT, WORDS } from './crb.map.ts'
import type { DeviceConfig, DeviceModel, Effect, Ignored, Inside, Outcome } from './device.ts'
import { get, maskOf, registerAt, resetWords, set } from './registers.ts'

export interface Crb {
  readonly config: DeviceConfig
  /** The words at 0x00 to 0x7c as they stand; LOC_STATE.tpmEstablished is computed when read. */
  readonly regs: readonly number[]
  readonly window: Pages
  /** Command bytes collected so far. Kept while the command runs, emptied by its completion. */
  readonly command: Bytes
  /** The response held, until the next Start, a failure or a reset; and how much of it has been put into the window. */
  readonly response: Bytes
  readonly responseOffset: number
}

/** Bytes of a command or response header: tag, size, code. */
const HEADER = 10

const START = maskOf(CRB.CTRL_START, 'Start')
const RETRY = maskOf(CRB.CTRL_START, 'crbRspRetry')
const NEXT = maskOf(CRB.CTRL_START, 'nextChunk')
const REQUEST_ACCESS = maskOf(CRB.LOC_CTRL, 'requestAccess')
const RELINQUISH = maskOf(CRB.LOC_CTRL, 'relinquish')
const SEIZE = maskOf(CRB.LOC_CTRL, 'seize')
const RESET_ESTABLISHMENT = maskOf(CRB.LOC_CTRL, 'resetEstablishmentBit')
const READY = maskOf(CRB.CTRL_REQ, 'cmdReady')
const IDLE = maskOf(CRB.CTRL_REQ, 'goIdle')
const CANCEL = 1
const START_WORD = CRB.CTRL_START.at >> 2

const running = (d: Crb): boolean => ((d.regs[START_WORD] as number) & START) !== 0
const ignored = (device: Crb, why: Ignored): Outcome<Crb> => ({ device, effects: [{ kind: 'ignored', why }] })

function create(config: DeviceConfig): Crb {
  let regs = resetWords(CRB, WORDS)
  regs = set(CRB, regs, 'INTF_ID', { CapCRBChunk: config.capChunk ? 1 : 0 })
  regs = set(CRB, regs, 'CTRL_CMD_SIZE', { Size: config.windowSize })
  regs = set(CRB, regs, 'CTRL_RSP_SIZE', { Size: config.windowSize })
  return { config, regs, window: zeros(config.windowSize), command: EMPTY, response: EMPTY, responseOffset: 0 }
}

/** Puts the response from its offset on into the window, zeroes the rest of the window, moves on. */
function fill(d: Crb, retry: boolean, effects: Effect[]): Crb {
  const offset = d.responseOffset
  const page = new Uint8Array(d.config.windowSize)
  const length = Math.max(Math.min(page.length, d.response.length - offset), 0)
  page.set(raw(d.response).subarray(offset, offset + length))
  effects.push({ kind: 'filled', offset, length, total: d.response.length, retry })
  return { ...d, window: put(d.window, 0, page), responseOffset: offset + length }
}

/** tpmSts is sticky until reset, and stops nothing. Everything held is dropped. */
function fatal(d: Crb, reason: string, effects: Effect[]): Crb {
  effects.push({ kind: 'fatal', reason })
  const regs = set(CRB, set(CRB, d.regs, 'CTRL_STS', { tpmSts: 1 }), 'CTRL_START', { Start: 0 })
  return { ...d, regs, command: EMPTY, response: EMPTY, responseOffset: 0 }
}

/**
 * Appends what the window holds of the command. The size is announced by the first header, and cut to what the backend
 * takes; later windows are only data. @returns undefined after a header that announces too little: fatal
 */
function append(d: Crb, effects: Effect[]): Crb | undefined {
  const held = d.command.length
  const announced = readBe32(held === 0 ? bytesAt(d.window, 0, HEADER) : d.command, 2)
  if (held === 0 && announced < HEADER) return undefined
  const total = Math.min(announced, d.config.backendBufferSize)
  const length = Math.max(Math.min(total - held, d.config.windowSize), 0)
  effects.push({ kind: 'taken', offset: held, length, total: announced })
  return length === 0 ? d : { ...d, command: concat(d.command, bytesAt(d.window, 0, length)) }
}

const refused = (d: Crb, effects: Effect[]): Outcome<Crb> => ({
  device: fatal(d, 'the command header announces fewer than 10 bytes', effects),
  effects,
})

function writeStart(d: Crb, value: number): Outcome<Crb> {
  if (get(CRB, d.regs, 'LOC_STATE', 'locAssigned') === 0) return ignored(d, 'no-locality')
  if (running(d)) return ignored(d, 'busy')
  const effects: Effect[] = []
  if (value & START) {
    const next = append(d, effects)
    if (!next) return refused(d, effects)
    effects.push({ kind: 'submit', command: next.command, room: d.config.backendBufferSize })
    const regs = set(CRB, next.regs, 'CTRL_START', { Start: 1 })
    return { device: { ...next, regs, response: EMPTY, responseOffset: 0 }, effects }
  }
  if ((value & (NEXT | RETRY)) === 0) return ignored(d, 'no-such-value')
  if (!d.config.capChunk) return ignored(d, 'chunking-off')
  if (value & NEXT) {
    // A guess at the state: unread response bytes mean that the guest is reading.
    if (d.responseOffset < d.response.length) return { device: fill(d, false, effects), effects }
    const next = append(d, effects)
    return next ? { device: next, effects } : refused(d, effects)
  }
  if (d.response.length === 0) return ignored(d, 'nothing-held')
  return { device: fill({ ...d, responseOffset: 0 }, true, effects), effects }
}

function writeLocality(d: Crb, value: number): Outcome<Crb> {
  if (value === REQUEST_ACCESS) {
    const regs = set(CRB, d.regs, 'LOC_STATE', { locAssigned: 1 })
    return {
      device: { ...d, regs: set(CRB, regs, 'LOC_STS', { Granted: 1, beenSeized: 0 }) },
      effects: [{ kind: 'granted' }],
    }
  }
  if (value === RELINQUISH) {
    const regs = set(CRB, d.regs, 'LOC_STATE', { locAssigned: 0 })
    return { device: { ...d, regs: set(CRB, regs, 'LOC_STS', { Granted: 0 }) }, effects: [{ kind: 'relinquished' }] }
  }
  return ignored(d, value === SEIZE || value === RESET_ESTABLISHMENT ? 'not-implemented' : 'no-such-value')
}

function writeRequest(d: Crb, value: number): Outcome<Crb> {
  if (value !== READY && value !== IDLE) return ignored(d, 'no-such-value')
  const idle = value === IDLE
  const regs = set(CRB, d.regs, 'CTRL_STS', { tpmIdle: idle ? 1 : 0 })
  return { device: { ...d, regs }, effects: [{ kind: idle ? 'idle' : 'ready' }] }
}

function writeCancel(d: Crb, value: number): Outcome<Crb> {
  if (value !== CANCEL) return ignored(d, 'no-such-value')
  return running(d) ? { device: d, effects: [{ kind: 'cancel' }] } : ignored(d, 'not-running')
}

/** Why a write that acts on nothing is lost. The device decodes exact offsets: within a word there is no register. */
function lost(d: Crb, offset: number): Outcome<Crb> {
  const found = registerAt(CRB, offset)
  if (!found || found.register.at !== offset || ABSENT.has(found.name)) return ignored(d, 'not-implemented')
  return ignored(d, 'read-only')
}
const ABSENT: ReadonlySet<string> = new Set<keyof typeof CRB>([
  ...(['DATA_CSUM_ENABLE', 'DATA_CSUM', 'CTRL_EXT', 'CTRL_EXT_HI', 'INT_ENABLE', 'INT_STS'] as const),
])

function complete(d: Crb, answer: Bytes | 'failed'): Outcome<Crb> {
  if (!running(d)) return ignored(d, 'not-running')
  const effects: Effect[] = []
  const room = d.config.backendBufferSize
  if (answer === 'failed' || room < HEADER) {
    const reason = answer === 'failed' ? 'the backend failed' : 'the backend has no room for a response header'
    return { device: fill(fatal(d, reason, effects), false, effects), effects }
  }
  // The header decides, not what came: a response that claims more shows the room behind it, which is zero.
  const length = Math.min(readBe32(answer, 2), room)
  const response =
    answer.length >= length ? answer.slice(0, length) : concat(answer, new Uint8Array(length - answer.length))
  effects.push({ kind: 'completed', length })
  const regs = set(CRB, d.regs, 'CTRL_START', { Start: 0 })
  return { device: fill({ ...d, regs, command: EMPTY, response, responseOffset: 0 }, false, effects), effects }
}

/** Bytes of an access to the window that lie within it. */
const within = (d: Crb, at: number, length: number): number => Math.max(Math.min(length, d.config.windowSize - at), 0)

export const qemuCrb: DeviceModel<Crb> = {
  id: 'qemu',
  title: 'QEMU tpm-crb',
  localities: 1,
  memoryAt: WINDOW_AT,
  create,
  read(d, offset, size) {
    let word = d.regs[offset >> 2] ?? 0
    if (offset === CRB.LOC_STATE.at && !d.config.established) word |= 1
    if (size === 4) return word >>> (8 * (offset & 3))
    return (word >>> (8 * (offset & 3))) & (size === 1 ? 0xff : 0xffff)
  },
  write(d, offset, _size, value) {
    if (offset === CRB.CTRL_START.at) return writeStart(d, value)
    if (offset === CRB.CTRL_REQ.at) return writeRequest(d, value)
    if (offset === CRB.CTRL_CANCEL.at) return writeCancel(d, value)
    if (offset === CRB.LOC_CTRL.at) return writeLocality(d, value)
    return lost(d, offset)
  },
  readWindow(d, offset, length) {
    const at = offset - WINDOW_AT
    const inside = within(d, at, length)
    if (inside === length) return bytesAt(d.window, at, length)
    const out = new Uint8Array(length)
    if (inside > 0) out.set(raw(bytesAt(d.window, at, inside)))
    return out
  },
  writeWindow(d, offset, data) {
    const at = offset - WINDOW_AT
    const inside = within(d, at, data.length)
    if (inside === 0) return d
    const window = put(d.window, at, inside === data.length ? data : data.slice(0, inside))
    return window === d.window ? d : { ...d, window }
  },
  complete,
  reset: d => ({ ...create(d.config), window: d.window }),
  setEstablished: (d, established) => ({ ...d, config: { ...d.config, established } }),
  save(d) {
    const { capChunk, allowChunkMigration } = d.config
    if (capChunk && !allowChunkMigration) return 'blocked'
    const saved = { registers: d.regs, window: bytesAt(d.window, 0, d.window.length) }
    if (!allowChunkMigration || (d.command.length === 0 && d.response.length === 0)) return saved
    return { ...saved, chunk: { command: d.command, response: d.response, responseOffset: d.responseOffset } }
  },
  load(config, { registers, window, chunk }) {
    if (registers.length !== WORDS || window.length !== config.windowSize) return 'loadfail'
    const most = config.backendBufferSize
    if (chunk && (chunk.command.length > most || chunk.response.length > most)) return 'loadfail'
    const fresh = create(config)
    return { ...fresh, regs: registers, window: put(fresh.window, 0, window), ...chunk }
  },
  inside: (d): Inside => ({
    command: d.command,
    response: d.response,
    responseOffset: d.responseOffset,
    busy: running(d),
  }),
}
