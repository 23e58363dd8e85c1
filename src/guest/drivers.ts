// The drivers that a guest can have: the CRB's is always there, those of other interfaces come late and are added here
// before a machine that needs one is powered on.

import { DRIVER } from './driver.ts'
import type { Guest } from './guest.ts'
import type { Func, Line } from './program.ts'

/**
 * What a TIS driver does wrong: believes a status that no device can have; reads one byte of burstCount; sends without
 * looking at burstCount and Expect.
 */
export type Habit = 'trusts' | 'one-byte' | 'blind'
export type DriverName = 'tis' | `tis-${Habit}`

export interface Driver {
  readonly functions: { readonly [name: string]: Func }
  /** The functions that run once, for each command, and when a command is to be cancelled. */
  readonly probe: string
  readonly transmit: string
  readonly cancel: string
  /** What steps in before the line of the next step is executed; undefined: nothing does. */
  readonly interrupt?: (g: Guest, next: Line | undefined) => Guest | undefined
}

const CRB_DRIVER: Driver = {
  functions: DRIVER,
  probe: 'crb_probe',
  transmit: 'crb_transmit',
  cancel: 'crb_cancel',
}
const late = new Map<DriverName, Driver>()

export const addDriver = (name: DriverName, driver: Driver): void => {
  late.set(name, driver)
}

/** Programs that come late: the firmware, and what the operating system does besides driving the TPM. */
const programs: { [name: string]: Func } = {}
export const addPrograms = (funcs: readonly Func[]): void => {
  for (const f of funcs) programs[f.name] = f
}
export const programNamed = (name: string): Func | undefined => programs[name]
/** A function that the guest can be in: of its driver, or of a program. */
export const functionOf = (g: Pick<Guest, 'driver'>, name: string): Func | undefined =>
  driverFor(g).functions[name] ?? programs[name]

export function driverFor({ driver }: Pick<Guest, 'driver'>): Driver {
  if (driver === undefined) return CRB_DRIVER
  const found = late.get(driver)
  if (!found) throw new Error(`defect: driver ${driver} before its part of the program is there`)
  return found
}
