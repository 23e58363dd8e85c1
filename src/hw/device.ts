// What a TPM interface device is to the rest of the machine: a value, and pure functions over it. QEMU's device is one
// such model; a strict reading of the TCG PC Client Platform TPM Profile (PTP) can be another, behind the same interface.

import type { Bytes } from '../lib/bytes.ts'
import type { TisEffect } from './tis.effects.ts'

export type AccessSize = 1 | 2 | 4

export interface DeviceConfig {
  /** The device offers chunking: TPM_CRB_INTF_ID.CapCRBChunk (bit 10). */
  readonly capChunk: boolean
  /** Largest command and response of the backend, in bytes. */
  readonly backendBufferSize: number
  /** Half-sent commands and half-read responses may be part of the saved state. */
  readonly allowChunkMigration: boolean
  /** The backend's "TPM established" flag; LOC_STATE.tpmEstablished reads as its inverse. */
  readonly established: boolean
  /** Size of the data window in bytes: 3968 is the real one; 1024, 256 and 64 are teaching windows. */
  readonly windowSize: number
}

/** Why the device did nothing with a write: on QEMU it looks exactly like success, so the screen must say it. */
export type Ignored =
  | 'no-locality'
  | 'busy'
  | 'chunking-off'
  | 'nothing-held'
  | 'not-running'
  | 'read-only'
  | 'no-such-value'
  | 'not-implemented'
  | 'failed'

/** What the device did, in order. The machine turns these into events; `submit` and `cancel` go to the backend. */
export type Effect =
  | { readonly kind: 'granted' }
  | { readonly kind: 'relinquished' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'idle' }
  /** Command bytes copied from the window: `offset` of the first one in the command, `length` now, `total` announced. */
  | { readonly kind: 'taken'; readonly offset: number; readonly length: number; readonly total: number }
  /** Response bytes copied into the window; `retry` when crbRspRetry asked for the first chunk again. */
  | {
      readonly kind: 'filled'
      readonly offset: number
      readonly length: number
      readonly total: number
      readonly retry: boolean
    }
  /** `locality`: that of the command, where there is more than locality 0. */
  | { readonly kind: 'submit'; readonly command: Bytes; readonly room: number; readonly locality?: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'completed'; readonly length: number }
  /** tpmSts was set: a command header announced fewer than 10 bytes, or the backend failed. */
  | { readonly kind: 'fatal'; readonly reason: string }
  | { readonly kind: 'ignored'; readonly why: Ignored }
  | TisEffect

export interface Outcome<D> {
  readonly device: D
  readonly effects: readonly Effect[]
}

/** A read that may have changed the device: a data port gives each byte once. */
export interface Taken<D> extends Outcome<D> {
  readonly value: number
}

/** What the device knows and the guest cannot read, for the screen, digests and tests. */
export interface Inside {
  /** Command bytes collected so far. */
  readonly command: Bytes
  /** The response held, and how much of it has been put into the window. */
  readonly response: Bytes
  readonly responseOffset: number
  /** A command is with the backend. */
  readonly busy: boolean
}

/** `D` is the device's state: an immutable value. Offsets count from the head of the locality-0 page. */
export interface DeviceModel<D, C = DeviceConfig, S = SavedDevice> {
  readonly id: string
  readonly title: string
  /** Pages that the device answers, one a locality, from locality 0 on. Nothing is mapped after them. */
  readonly localities: number
  /** First byte of plain memory in a page; below it are registers. A whole page: no memory. */
  readonly memoryAt: number
  create(config: C): D
  /** What a read shows, already cut by the bus to an aligned access of 1, 2 or 4 bytes. No side effects. */
  read(device: D, offset: number, size: AccessSize): number
  /** A guest's read, where reading has effects. Absent: every read is pure, and `read` is all there is to it. */
  take?(device: D, offset: number, size: AccessSize): Taken<D>
  /** A data port: what `data.length` single-byte writes to an offset do, and `length` single-byte reads. */
  readonly port?: {
    feed(device: D, offset: number, data: Bytes): Outcome<D>
    drain(device: D, offset: number, length: number): Outcome<D> & { readonly data: Bytes }
  }
  /** At least one effect: what the device did, or `ignored` and why. */
  write(device: D, offset: number, size: AccessSize, value: number): Outcome<D>
  /**
   * Plain memory: bytes of the data window, `offset` counted from the head of the page (0x080 …). Beyond the window of the
   * device, bytes read 0 and are lost when written.
   */
  readWindow(device: D, offset: number, length: number): Bytes
  writeWindow(device: D, offset: number, data: Bytes): D
  /** The backend answered, or failed ("failed": no response). */
  complete(device: D, answer: Bytes | 'failed'): Outcome<D>
  reset(device: D): D
  setEstablished(device: D, established: boolean): D
  /** A running command is to be completed first. */
  save(device: D): S | 'blocked'
  /** @returns 'loadfail' when saved buffers are larger than the new backend's, or registers or window of another size. */
  load(config: C, saved: S): D | 'loadfail'
  inside(device: D): Inside
}

/** What the bus asks of a model, whatever it is configured and saved with. */
export type OnBus<D> = Pick<
  DeviceModel<D>,
  'localities' | 'memoryAt' | 'read' | 'take' | 'write' | 'readWindow' | 'writeWindow'
>

/** A snapshot: register words and window always, the chunk section where there was one (QEMU's subsection). */
export interface SavedDevice {
  readonly registers: readonly number[]
  readonly window: Bytes
  readonly chunk?: { readonly command: Bytes; readonly response: Bytes; readonly responseOffset: number }
}
