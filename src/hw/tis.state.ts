// The state of a TIS device as a value, and the transitions that several registers share: who is active, aborts, raising
// the interrupt line. Five localities have registers of their own; they share one buffer and one position in it.

import { type Pages, zeros } from '../lib/pages.ts'
import type { Effect } from './device.ts'
import { getIn, maskOf, setIn } from './registers.ts'
import { LOCALITIES, TIS } from './tis.map.ts'

export interface TisConfig {
  /** Size of the device's own buffer: QEMU's is 4096; a device with 8192 takes what post-quantum commands need. */
  readonly bufferSize: 4096 | 8192
  /** Largest command and response of the backend; the device uses at most its own buffer of it. */
  readonly backendBufferSize: number
  readonly tpmVersion: '2.0' | '1.2' | 'none'
  /** The backend's "TPM established" flag; ACCESS.tpmEstablishment reads as its inverse. */
  readonly established: boolean
}

/** What a locality does. The numbers are those of the saved state. */
export const IDLE = 0
export const READY = 1
export const COMPLETION = 2
export const EXECUTION = 3
export const RECEPTION = 4
export type TisState = 0 | 1 | 2 | 3 | 4

/** Stands for a locality where there is none. */
export const NOBODY = -1

export interface Locality {
  readonly state: TisState
  /** ACCESS as it stands: with a pending seize that reads never show, without what reads compute. */
  readonly access: number
  /** STS without burstCount, which reads compute. */
  readonly sts: number
  readonly ifaceId: number
  readonly intEnable: number
  readonly intStatus: number
}

export interface Tis {
  readonly config: TisConfig
  readonly loc: readonly Locality[]
  /** The locality that may use the interface, or -1. */
  readonly active: number
  /** The locality whose command is being aborted, and the one that is active after that; -1 when there is no abort. */
  readonly aborting: number
  readonly next: number
  /** Position in the buffer: bytes of the command received, or of the answer read. */
  readonly offset: number
  /** Commands and answers share it. */
  readonly buffer: Pages
  /** Level of the interrupt line. */
  readonly irq: 0 | 1
  /** The backend could not be started: reads 0, writes are lost. */
  readonly startupError: boolean
}

/** A state while an access changes it; the localities in `loc` are replaced, never written to. */
export type Work = { -readonly [K in keyof Tis]: K extends 'loc' ? Locality[] : Tis[K] } & {
  readonly effects: Effect[]
}

export const ACTIVE = maskOf(TIS.ACCESS, 'activeLocality')
export const REQUEST = maskOf(TIS.ACCESS, 'requestUse')
export const SEIZE = maskOf(TIS.ACCESS, 'Seize')
export const BEEN_SEIZED = maskOf(TIS.ACCESS, 'beenSeized')
export const LOCK = maskOf(TIS.INTERFACE_ID, 'IntfSelLock')
const ENABLED = maskOf(TIS.INT_ENABLE, 'globalIntEnable')
/** What survives a change of the status: it belongs to the TPM, not to a transfer. */
const STICKY = maskOf(TIS.STS, 'selfTestDone', 'tpmFamily')

export const INT_DATA = maskOf(TIS.INT_STATUS, 'dataAvailIntOccurred')
export const INT_VALID = maskOf(TIS.INT_STATUS, 'stsValidIntOccurred')
export const INT_LOCALITY = maskOf(TIS.INT_STATUS, 'localityChangeIntOccurred')
export const INT_READY = maskOf(TIS.INT_STATUS, 'commandReadyIntOccurred')

/** What the device can use of its buffer: the smaller of its own and the backend's. */
export const roomOf = (config: TisConfig): number => Math.min(config.backendBufferSize, config.bufferSize)

const family = (v: TisConfig['tpmVersion']): number => (v === '2.0' ? 1 : 0)

export function create(config: TisConfig): Tis {
  const locality: Locality = {
    state: IDLE,
    access: TIS.ACCESS.reset,
    sts: setIn(TIS.STS, 0, { tpmFamily: family(config.tpmVersion) }),
    ifaceId: config.tpmVersion === '1.2' ? 0xffff_ffff : config.tpmVersion === 'none' ? 0 : TIS.INTERFACE_ID.reset,
    intEnable: TIS.INT_ENABLE.reset,
    intStatus: 0,
  }
  return {
    config,
    loc: Array.from({ length: LOCALITIES }, () => locality),
    active: NOBODY,
    aborting: NOBODY,
    next: NOBODY,
    offset: 0,
    buffer: zeros(config.bufferSize),
    irq: 0,
    startupError: false,
  }
}

export const begin = (d: Tis): Work => ({ ...d, loc: d.loc.slice(), effects: [] })

/** The state that an access left behind; the old one when nothing in it changed. */
export function finish(d: Tis, w: Work): Tis {
  const loc = w.loc.every((l, i) => l === d.loc[i]) ? d.loc : w.loc
  const same =
    loc === d.loc &&
    w.active === d.active &&
    w.aborting === d.aborting &&
    w.next === d.next &&
    w.offset === d.offset &&
    w.buffer === d.buffer &&
    w.irq === d.irq &&
    w.config === d.config
  if (same) return d
  const { effects: _, ...rest } = w
  return { ...rest, loc }
}

export const at = (w: { readonly loc: readonly Locality[] }, n: number): Locality => w.loc[n] as Locality

export function change(w: Work, n: number, parts: Partial<Locality>): void {
  const old = at(w, n)
  for (const k in parts) {
    const name = k as keyof Locality
    if (parts[name] !== old[name]) {
      w.loc[n] = { ...old, ...parts }
      return
    }
  }
}

/** A new status: everything but what belongs to the TPM is replaced. */
export const setStatus = (w: Work, n: number, flags: number): void =>
  change(w, n, { sts: ((at(w, n).sts & STICKY) | flags) >>> 0 })

/** @param sources bits of INT_STATUS */
export function raise(w: Work, n: number, sources: number): void {
  if (n === NOBODY) return
  const l = at(w, n)
  const wanted = l.intEnable & sources
  if ((l.intEnable & ENABLED) === 0 || wanted === 0) return
  w.irq = 1
  change(w, n, { intStatus: (l.intStatus | sources) >>> 0 })
  w.effects.push({ kind: 'tis', what: 'raises', source: wanted })
}

/** Another locality becomes active, or none. The old one loses what it had, and is told if it was seized. */
export function activate(w: Work, to: number): void {
  const from = w.active
  if (from !== to && from !== NOBODY) {
    const seized = to !== NOBODY && (at(w, to).access & SEIZE) !== 0
    const access = at(w, from).access & ~(seized ? ACTIVE : ACTIVE | REQUEST)
    change(w, from, { access: seized ? access | BEEN_SEIZED : access })
  }
  const bySeize = to !== NOBODY && (at(w, to).access & SEIZE) !== 0
  w.active = to
  if (to !== NOBODY) change(w, to, { access: (at(w, to).access | ACTIVE) & ~(REQUEST | SEIZE) })
  if (from === to) return
  w.effects.push({ kind: 'tis', what: 'active', locality: to, from, seized: bySeize && from !== NOBODY })
  raise(w, to, INT_LOCALITY)
}

/** The abort is done: the position goes back, an aborted locality that stays active is ready for the next command. */
export function abortNow(w: Work): void {
  w.offset = 0
  const { aborting, next } = w
  if (aborting === next && aborting !== NOBODY) {
    w.effects.push({ kind: 'tis', what: 'aborted', locality: aborting })
    change(w, aborting, { state: READY })
    setStatus(w, aborting, maskOf(TIS.STS, 'commandReady'))
    raise(w, aborting, INT_READY)
  }
  activate(w, next)
  w.next = NOBODY
  w.aborting = NOBODY
}

/** Aborts what `locality` does, then `next` is active; while a command executes that waits, and the backend is told. */
export function abort(w: Work, locality: number, next: number): void {
  w.aborting = locality
  w.next = next
  if (w.loc.some(l => l.state === EXECUTION)) {
    w.effects.push({ kind: 'tis', what: 'aborting', locality, next }, { kind: 'cancel' })
  } else abortNow(w)
}

/** Another locality than `n` asks for the interface. */
export const pending = (d: Tis, n: number): boolean =>
  d.loc.some((l, i) => i !== n && getIn(TIS.ACCESS, l.access, 'requestUse') === 1)
