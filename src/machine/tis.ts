// The TIS as a part of the machine that comes late: a configuration with `interface: 'tis'` needs it before power-on.

import { addDriver } from '../guest/drivers.ts'
import { tisDriver } from '../guest/tis-driver.ts'
import { qemuTis } from '../hw/tis.ts'
import { addTisParts } from './device.ts'
import { describeTis } from './tis-words.ts'

/** From here on machines may have a TIS. Once is enough; again does no harm. */
export function withTis(): void {
  addTisParts({ model: qemuTis, describe: describeTis })
  addDriver('tis', tisDriver())
  for (const habit of ['trusts', 'one-byte', 'blind'] as const) addDriver(`tis-${habit}`, tisDriver(habit))
}
