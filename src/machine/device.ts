// Which device model a machine has: the CRB is always there; the TIS comes late (tis.ts) and says so here before a machine
// that needs it is powered on.

import type { DriverName, Habit } from '../guest/drivers.ts'
import { type Crb, qemuCrb } from '../hw/crb.ts'
import type { DeviceConfig, DeviceModel, SavedDevice } from '../hw/device.ts'
import type { TisEffect } from '../hw/tis.effects.ts'
import type { SavedTis, Tis, TisConfig } from '../hw/tis.ts'
import type { MachineConfig } from './machine.ts'

/** The state of the machine's interface: a CRB, unless its configuration says `interface: 'tis'`. */
export type Device = Crb | Tis
export type Model = DeviceModel<Device, DeviceConfig | TisConfig, SavedDevice | SavedTis>

export interface TisParts {
  readonly model: DeviceModel<Tis, TisConfig, SavedTis>
  /** What the device did, in words. */
  readonly describe: (e: TisEffect) => string
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

const HABITS: readonly Habit[] = ['trusts', 'one-byte', 'blind']

/** The interface of a recorded configuration. @param fail throws in words, with the member's name first */
export function readInterface(
  o: { readonly [member: string]: unknown },
  fail: (where: string, what: string) => never,
): InterfaceChoice {
  if (o.interface !== undefined && o.interface !== 'tis') {
    fail('config.interface', `only "tis" is known, not ${JSON.stringify(o.interface)}`)
  }
  if (o.tis !== undefined && o.interface === undefined) fail('config.tis', 'needs config.interface')
  if (o.interface === undefined) return {}
  if (o.tis === undefined) return { interface: 'tis' }
  if (typeof o.tis !== 'object' || o.tis === null) fail('config.tis', 'must be an object')
  const { buffer, habit } = o.tis as { readonly [member: string]: unknown }
  if (buffer !== undefined && buffer !== 8192) fail('config.tis.buffer', 'must be 8192, or absent for 4096')
  if (habit !== undefined && !HABITS.includes(habit as Habit)) {
    fail('config.tis.habit', `must be one of ${HABITS.join(', ')}`)
  }
  const tis = { ...(buffer === 8192 ? { buffer } : {}), ...(habit === undefined ? {} : { habit: habit as Habit }) }
  return { interface: 'tis', tis: tis as TisChoice }
}

export const modelOf = (config: InterfaceChoice): Model => (config.interface === undefined ? qemuCrb : tisParts().model)

/** The device of a machine that is powered on. The backend has measured no dynamic launch. */
export function createDevice(config: MachineConfig): Device {
  const { backendBufferSize, window: windowSize, capChunk } = config
  if (config.interface === 'tis') {
    const bufferSize = config.tis?.buffer ?? 4096
    return tisParts().model.create({ bufferSize, backendBufferSize, tpmVersion: '2.0', established: false })
  }
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
