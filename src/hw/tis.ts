// QEMU's tpm-tis as a device model: the FIFO interface with five localities, after PTP 1.07. Reading the data port takes
// a byte away, so a read may leave another device behind; everything else that is read is pure.

import { type Bytes, EMPTY, fromHex } from '../lib/bytes.ts'
import { get, put } from '../lib/pages.ts'
import { PAGE_SIZE } from './crb.map.ts'
import type { AccessSize, DeviceModel, Inside, Outcome } from './device.ts'
import { maskOf, registerAt } from './registers.ts'
import { drop, writeAccess } from './tis.access.ts'
import { answered, answerLength, drain, feed, statusOf, writeStatus } from './tis.data.ts'
import { LOCALITIES, TIS, XFIFO_AT, XFIFO_END } from './tis.map.ts'
import * as S from './tis.state.ts'
import type { Locality, Tis, TisConfig, Work } from './tis.state.ts'

/** A snapshot: the buffer as one array of the device's size, the position, who is active, and every locality. */
export interface SavedTis {
  readonly buffer: Bytes
  readonly offset: number
  readonly active: number
  readonly aborting: number
  readonly next: number
  readonly loc: readonly Locality[]
}

/** What the backend leaves in the buffer when it fails: an error of TPM 1.2, TPM_FAIL, whatever the TPM is. */
const FAILED: Bytes = fromHex('00c40000000a00000009')
/** The highest locality belongs to the chipset: software cannot write to it. */
const CHIPSET = 4

const SUPPORTED = maskOf(
  TIS.INT_STATUS,
  ...(['dataAvailIntOccurred', 'stsValidIntOccurred', 'localityChangeIntOccurred', 'commandReadyIntOccurred'] as const),
)
const ENABLE = maskOf(
  TIS.INT_ENABLE,
  ...(['dataAvailIntEnable', 'stsValidIntEnable', 'localityChangeIntEnable'] as const),
  ...(['typePolarity', 'commandReadyEnable', 'globalIntEnable'] as const),
)
const CAPABILITY = { '2.0': TIS.INTF_CAPABILITY.reset, '1.2': 0x2000_0697, none: 0 } as const
const NOTHING = 0xffff_ffff

const localityOf = (offset: number): number => Math.floor(offset / PAGE_SIZE)
const inPage = (offset: number): number => offset % PAGE_SIZE
const isPort = (at: number): boolean =>
  (at >= TIS.DATA_FIFO.at && at < TIS.DATA_FIFO.at + 4) || (at >= XFIFO_AT && at < XFIFO_END)
/** Bytes of an access to the port that are data: it ends with its word. */
const portBytes = (at: number, size: number): number => Math.min(size, 4 - (at & 3))

/** The word of a register as a read shows it; the port is not one of them. */
function word(d: Tis, n: number, at: number, size: AccessSize): number {
  const l = S.at(d, n)
  switch (at & ~3) {
    case TIS.ACCESS.at: {
      const waits = S.pending(d, n) ? maskOf(TIS.ACCESS, 'pendingRequest') : 0
      return (l.access & ~S.SEIZE) | waits | (d.config.established ? 0 : 1)
    }
    case TIS.INT_ENABLE.at:
      return l.intEnable
    case TIS.INT_VECTOR.at:
      return TIS.INT_VECTOR.reset
    case TIS.INT_STATUS.at:
      return l.intStatus
    case TIS.INTF_CAPABILITY.at:
      return CAPABILITY[d.config.tpmVersion]
    case TIS.STS.at:
      return d.active === n ? statusOf(d, n, size) : NOTHING
    case TIS.INTERFACE_ID.at:
      return l.ifaceId
    case TIS.DID_VID.at:
      return TIS.DID_VID.reset
    case TIS.RID.at:
      return TIS.RID.reset
    default:
      return NOTHING
  }
}

const cut = (value: number, size: AccessSize): number =>
  size === 4 ? value >>> 0 : (value & (size === 1 ? 0xff : 0xffff)) >>> 0
const little = (data: Bytes): number => {
  let value = 0
  for (let i = data.length - 1; i >= 0; i--) value = value * 256 + (data[i] as number)
  return value
}

/** A device whose port was changed by `act`. */
function changed(d: Tis, act: (w: Work) => void): Outcome<Tis> {
  const w = S.begin(d)
  act(w)
  return { device: S.finish(d, w), effects: w.effects }
}

function portRead(d: Tis, offset: number, length: number): Outcome<Tis> & { readonly data: Bytes } {
  let data: Bytes = new Uint8Array(length).fill(0xff)
  if (d.startupError) {
    const lost = changed(d, w => drop(w, 'startup-error', length))
    return { ...lost, data: new Uint8Array(length) }
  }
  const n = localityOf(offset)
  const done = changed(d, w => {
    if (d.active === n) data = drain(w, n, length)
    else drop(w, 'not-active', length)
  })
  return { ...done, data }
}

/** Whether a write to locality `n` can act at all. */
function heard(d: Tis, w: Work, n: number, length: number): boolean {
  if (n === CHIPSET) drop(w, 'locality-4', length)
  else if (d.startupError) drop(w, 'startup-error', length)
  else return true
  return false
}

const portWrite = (d: Tis, offset: number, data: Bytes, width: number): Outcome<Tis> =>
  changed(d, w => {
    const n = localityOf(offset)
    if (!heard(d, w, n, data.length)) return
    if (d.active !== n) drop(w, 'not-active', data.length)
    else feed(w, n, data, width)
  })

function writeInterrupts(w: Work, n: number, at: number, value: number, kept: number): void {
  const l = S.at(w, n)
  if (at === TIS.INT_ENABLE.at) {
    const intEnable = ((l.intEnable & kept) | (value & ENABLE)) >>> 0
    S.change(w, n, { intEnable })
    w.effects.push({ kind: 'tis', what: 'interrupts', enabled: intEnable })
    return
  }
  const cleared = value & SUPPORTED
  if ((cleared & l.intStatus) === 0) drop(w, 'asks-nothing')
  if (cleared === 0) return
  const intStatus = (l.intStatus & ~cleared) >>> 0
  S.change(w, n, { intStatus })
  if (l.intStatus !== 0 && intStatus === 0) {
    w.irq = 0
    w.effects.push({ kind: 'tis', what: 'lowers' })
  }
}

function writeRegister(w: Work, n: number, offset: number, size: AccessSize, written: number): void {
  const shift = 8 * (offset & 3)
  const mask = size === 4 ? 0xffff_ffff : 2 ** (8 * size) - 1
  const value = (written << shift) >>> 0
  const kept = ~(mask << shift)
  const at = offset & ~3
  switch (at) {
    case TIS.ACCESS.at:
      return writeAccess(w, n, value)
    case TIS.INT_ENABLE.at:
    case TIS.INT_STATUS.at:
      return w.active === n ? writeInterrupts(w, n, at, value, kept) : drop(w, 'not-active')
    case TIS.STS.at:
      return w.active === n ? writeStatus(w, n, value) : drop(w, 'not-active')
    case TIS.INTERFACE_ID.at:
      if ((value & S.LOCK) === 0) return drop(w, 'read-only')
      for (let i = 0; i < LOCALITIES; i++) S.change(w, i, { ifaceId: (S.at(w, i).ifaceId | S.LOCK) >>> 0 })
      w.effects.push({ kind: 'tis', what: 'locked' })
      return
    default:
      drop(w, registerAt(TIS, at) ? 'read-only' : 'not-a-register')
  }
}

const bytesOf = (value: number, length: number): Bytes => Uint8Array.from({ length }, (_, i) => value >>> (8 * i))

/** The locality whose command the backend has, or -1. */
export const executing = (d: Tis): number => d.loc.findIndex(l => l.state === S.EXECUTION)

export const qemuTis: DeviceModel<Tis, TisConfig, SavedTis> = {
  id: 'qemu-tis',
  title: 'QEMU tpm-tis',
  localities: LOCALITIES,
  memoryAt: PAGE_SIZE,
  create: S.create,
  /** What a read would show; `take` is the read itself. */
  read(d, offset, size) {
    if (d.startupError) return 0
    const at = inPage(offset)
    if (isPort(at)) return little(portRead(d, offset, portBytes(at, size)).data)
    return cut(word(d, localityOf(offset), at, size) >>> (8 * (at & 3)), size)
  },
  take(d, offset, size) {
    const at = inPage(offset)
    if (!isPort(at)) return { value: qemuTis.read(d, offset, size), device: d, effects: [] }
    const { data, ...done } = portRead(d, offset, portBytes(at, size))
    return { value: little(data), ...done }
  },
  write(d, offset, size, value) {
    const at = inPage(offset)
    if (isPort(at)) return portWrite(d, offset, bytesOf(value, portBytes(at, size)), 4)
    return changed(d, w => {
      const n = localityOf(offset)
      if (heard(d, w, n, 0)) writeRegister(w, n, at, size, value)
    })
  },
  port: {
    feed: (d, offset, data) => portWrite(d, offset, data, 1),
    drain: portRead,
  },
  readWindow: (_, __, length) => new Uint8Array(length),
  writeWindow: d => d,
  complete(d, answer) {
    const n = executing(d)
    if (n === S.NOBODY) return { device: d, effects: [{ kind: 'ignored', why: 'not-running' }] }
    return changed(d, w => {
      const all = answer === 'failed' ? FAILED : answer
      w.buffer = put(w.buffer, 0, all.slice(0, S.roomOf(d.config)))
      answered(w, n, answerLength(w))
    })
  },
  reset: d => ({ ...S.create(d.config), buffer: d.buffer, irq: d.irq }),
  setEstablished: (d, established) => ({ ...d, config: { ...d.config, established } }),
  save: ({ buffer, offset, active, aborting, next, loc }) => ({
    buffer: get(buffer, 0, buffer.length),
    offset,
    active,
    aborting,
    next,
    loc,
  }),
  load(config, { buffer, ...saved }) {
    const fresh = S.create(config)
    if (buffer.length !== fresh.buffer.length || saved.loc.length !== LOCALITIES) return 'loadfail'
    return { ...fresh, ...saved, buffer: put(fresh.buffer, 0, buffer) }
  },
  inside(d): Inside {
    const runs = executing(d)
    const l = runs >= 0 ? runs : d.active
    const state = l === S.NOBODY ? S.IDLE : S.at(d, l).state
    const command = state === S.RECEPTION || state === S.EXECUTION ? get(d.buffer, 0, d.offset) : EMPTY
    const response = state === S.COMPLETION ? get(d.buffer, 0, Math.max(answerLength(d), 0)) : EMPTY
    return { command, response, responseOffset: response.length > 0 ? d.offset : 0, busy: runs >= 0 }
  },
}

/** The TPM has finished its self-test: every locality says so until reset. */
export const selfTestDone = (d: Tis): Tis => ({
  ...d,
  loc: d.loc.map(l => ({ ...l, sts: (l.sts | maskOf(TIS.STS, 'selfTestDone')) >>> 0 })),
})

export type { Tis, TisConfig } from './tis.state.ts'
