// Which device model a machine has: the CRB is always there; the TIS comes late (tis.ts) and says so here before a machine
// that needs it is powered on.

import type { Io } from '../guest/advance.ts'
import type { DriverName, Habit } from '../guest/drivers.ts'
import { type Crb, qemuCrb } from '../hw/crb.ts'
import type { DeviceConfig, DeviceModel, Outcome, SavedDevice } from '../hw/device.ts'
import type { TisEffect } from '../hw/tis.effects.ts'
import type { SavedTis, Tis, TisConfig } from '../hw/tis.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Event } from './events.ts'
import type { MachineConfig, WindowContent } from './machine.ts'

/** The state of the machine's interface: a CRB, unless its configuration says `interface: 'tis'`. */
export type Device = Crb | Tis
export type Model = DeviceModel<Device, DeviceConfig | TisConfig, SavedDevice | SavedTis>

export interface TisParts {
  readonly model: DeviceModel<Tis, TisConfig, SavedTis>
  /** The device of a configuration. */
  readonly create: (config: MachineConfig) => Tis
  /** What the device did, in words. */
  readonly describe: (e: TisEffect) => string
  /** Moves bytes through the data port. */
  readonly move: (device: Tis, io: PortIo, command: Bytes) => Moved
}

type PortIo = Extract<Io, { kind: 'feed' | 'drain' }>
export interface Moved extends Outcome<Tis> {
  readonly data: Bytes
  readonly event: Event
  /** What the buffer holds after that; undefined: what it held before. */
  readonly content: WindowContent | undefined
}

let late: TisParts | undefined

export const addTisParts = (parts: TisParts): void => {
  late = parts
}

export function tisParts(): TisParts {
  if (!late) throw new Error('defect: a TIS before its part of the program is there')
  return late
}

/** What a machine's configuration says of its interface. Absent: a CRB. */
export interface InterfaceChoice {
  readonly interface?: 'tis'
  readonly tis?: TisChoice
}

export interface TisChoice {
  /** Bytes of the device's own buffer; QEMU's 4096 when absent. */
  readonly buffer?: 8192
  /** The driver has a bad habit, which Linux's has not (any more). */
  readonly habit?: Habit
}

export const modelOf = (config: InterfaceChoice): Model => (config.interface === undefined ? qemuCrb : tisParts().model)

/** The device of a machine that is powered on. The backend has measured no dynamic launch. */
export function createDevice(config: MachineConfig): Device {
  const { backendBufferSize, window: windowSize, capChunk } = config
  if (config.interface) return tisParts().create(config)
  return qemuCrb.create({ capChunk, backendBufferSize, allowChunkMigration: true, established: false, windowSize })
}

/** The driver for the interface: a key of its drivers, or undefined for the CRB's. */
export const driverOf = ({ interface: to, tis }: InterfaceChoice): DriverName | undefined =>
  to === undefined ? undefined : tis?.habit === undefined ? to : `${to}-${tis.habit}`

/** The device as a CRB. @throws Error when it is none: a defect of the caller */
export function crbOf(m: { readonly device: Device }): Crb {
  if ('loc' in m.device) throw new Error('defect: the interface is a TIS')
  return m.device
}

/** The device as a TIS, or undefined. */
export const tisOf = (m: { readonly device: Device }): Tis | undefined => ('loc' in m.device ? m.device : undefined)
