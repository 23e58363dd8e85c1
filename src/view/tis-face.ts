// The TIS on the screen: the registers that matter, what the driver waits for, and words for bytes that go through a port.

import { TIS } from '../hw/tis.map.ts'
import type { Tis } from '../hw/tis.ts'
import { tisOf } from '../machine/device.ts'
import type { Machine } from '../machine/machine.ts'
import type { Face } from './face.ts'
import { count, hex } from './format.ts'

const PAGE = 0x1000
const device = (m: Machine): Tis | undefined => tisOf(m)
const EXECUTION = 3

export const TIS_FACE: Face = {
  title: 'TIS device',
  model: 'QEMU tpm-tis',
  port: 'Buffer',
  place: () => 'behind 024',
  map: TIS,
  hot: ['ACCESS', 'STS', 'DATA_FIFO'],
  drawn: ['ACCESS', 'INT_ENABLE', 'INT_STATUS', 'INTF_CAPABILITY', 'STS', 'DATA_FIFO', 'INTERFACE_ID'],
  paired: 'STS',
  clearsAtOnce: false,
  says: {
    ACCESS: on =>
      `${on('activeLocality') ? 'active' : on('requestUse') ? 'waiting' : 'not active'}${on('beenSeized') ? ', was seized' : ''}${
        on('pendingRequest') ? ', another waits' : ''
      }`,
    STS: on => {
      // No device sets these: they read 1 only where the locality is not active and all ones come back.
      if (on('tpmGo') && on('responseRetry')) return 'all ones: not active'
      if (on('dataAvail')) return 'an answer is there'
      if (on('Expect')) return 'expects bytes'
      return on('commandReady') ? 'ready for a command' : on('stsValid') ? 'expects nothing' : 'not ready'
    },
    INT_STATUS: on =>
      ['dataAvailIntOccurred', 'stsValidIntOccurred', 'localityChangeIntOccurred', 'commandReadyIntOccurred'].some(on)
        ? 'an interrupt occurred'
        : 'no interrupt',
    INT_ENABLE: on => (on('globalIntEnable') ? 'interrupts on' : 'interrupts off: polling'),
  },
  waits: {
    locality: { what: 'until activeLocality reads 1', met: 'The locality is ours' },
    commandReady: { what: 'until commandReady reads 1', met: 'commandReady reads 1' },
    stsValid: { what: 'until stsValid reads 1', met: 'stsValid reads 1' },
    burstCount: { what: 'until burstCount is not 0', met: 'burstCount is not 0' },
    dataAvail: { what: 'until dataAvail and stsValid read 1', met: 'dataAvail and stsValid read 1' },
    command: { what: 'until dataAvail and stsValid read 1', met: 'dataAvail and stsValid read 1' },
  },
  provesNothing: new Set(),
  copies({ dir, length, offset }, past) {
    const bytes = length === 1 ? '1 byte' : `${count(length)} bytes`
    const port = `the data port at ${hex(offset, 3)}, one by one`
    if (dir === 'in') return `The driver ${past ? 'wrote' : 'writes'} ${bytes} of the command to ${port}.`
    return `The driver ${past ? 'read' : 'reads'} ${bytes} of the answer from ${port}.`
  },
  took({ offset, length, total }) {
    const held = offset + length
    const of = total > 0 ? ` of ${count(total)}` : ''
    return `The device took ${length === 1 ? 'it' : 'them'}: ${count(held)}${of} bytes are held.`
  },
  // The driver's own locality, unless this step goes to another one.
  base: m => PAGE * (m.events.find(e => e.t === 'mmio')?.locality ?? 0),
  owner(m) {
    const active = device(m)?.active ?? -1
    return active < 0 ? 'no locality' : `locality ${active}`
  },
  levels(m) {
    const d = device(m)
    return { start: d?.loc.some(l => l.state === EXECUTION) ? 1 : 0, idle: (d?.active ?? -1) < 0 ? 1 : 0 }
  },
}
