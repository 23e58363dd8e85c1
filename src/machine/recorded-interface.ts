// The interface of a recorded configuration: read, checked, and refused with the name of the member.

import type { Habit } from '../guest/drivers.ts'
import type { InterfaceChoice, TisChoice } from './device.ts'

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
