// Declarations: clock. Part 3, 29.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPMS_TIME_INFO } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'

export const ReadClock = declare({
  code: CC.ReadClock,
  name: 'TPM2_ReadClock',
  section: 'Part 3, 29.1',
  returns: struct('TPM2_ReadClock', {
    currentTime: doc('milliseconds since power-on, clock, and counters', TPMS_TIME_INFO),
  }),
})
