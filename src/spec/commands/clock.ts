// Declarations: clock. Part 3, 29.

import { doc } from '../../codec/codec.ts'
import { struct, u64 } from '../../codec/combinators.ts'
import { TPMS_TIME_INFO } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_RH_PROVISION } from '../handle-types.ts'
import { TPM_CLOCK_ADJUST } from '../policy.ts'

export const ReadClock = declare({
  code: CC.ReadClock,
  name: 'TPM2_ReadClock',
  section: 'Part 3, 29.1',
  returns: struct('TPM2_ReadClock', {
    currentTime: doc('milliseconds since power-on, clock, and counters', TPMS_TIME_INFO),
  }),
})

export const ClockSet = declare({
  code: CC.ClockSet,
  name: 'TPM2_ClockSet',
  section: 'Part 3, 29.2',
  handles: {
    auth: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
  },
  params: struct('TPM2_ClockSet', {
    newTime: doc('the new clock, in milliseconds', u64),
  }),
  nv: true,
})

export const ClockRateAdjust = declare({
  code: CC.ClockRateAdjust,
  name: 'TPM2_ClockRateAdjust',
  section: 'Part 3, 29.3',
  handles: {
    auth: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
  },
  params: struct('TPM2_ClockRateAdjust', {
    rateAdjust: doc('faster or slower', TPM_CLOCK_ADJUST),
  }),
})
