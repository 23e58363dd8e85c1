// The interface of a recorded configuration: read, checked, and refused with the name of the member.

import type { Habit } from '../guest/drivers.ts'
import { HABITS } from '../guest/tis-driver.ts'
import type { InterfaceChoice, TisChoice } from './device.ts'
import { fail, type Json, object } from './recording-checks.ts'

export function readInterface(o: Json): InterfaceChoice {
  if (o.interface !== undefined && o.interface !== 'tis') {
    fail('config.interface', `only "tis" is known, not ${JSON.stringify(o.interface)}`)
  }
  if (o.tis !== undefined && o.interface === undefined) fail('config.tis', 'needs config.interface')
  if (o.interface === undefined) return {}
  if (o.tis === undefined) return { interface: 'tis' }
  const { buffer, habit } = object(o.tis, 'config.tis')
  if (buffer !== undefined && buffer !== 8192) fail('config.tis.buffer', 'must be 8192, or absent for 4096')
  if (habit !== undefined && !HABITS.includes(habit as Habit)) {
    fail('config.tis.habit', `must be one of ${HABITS.join(', ')}`)
  }
  const tis = { ...(buffer === 8192 ? { buffer } : {}), ...(habit === undefined ? {} : { habit: habit as Habit }) }
  return { interface: 'tis', tis: tis as TisChoice }
}
