// Why the device did nothing with a write, in words.

import type { Ignored } from '../hw/device.ts'

export const WHY_IGNORED: { readonly [W in Ignored]: string } = {
  'no-locality': 'no locality is assigned',
  busy: 'a command is running',
  'chunking-off': 'the device offers no chunks',
  'nothing-held': 'no answer is held',
  'not-running': 'no command is running',
  'read-only': 'the register is read-only',
  'no-such-value': 'the value asks for nothing',
  'not-implemented': 'the device does not have this',
  failed: 'the command header was refused',
}
