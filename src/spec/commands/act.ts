// Declarations: Authenticated Countdown Timers. Part 3, 33.

import { doc } from '../../codec/codec.ts'
import { struct, u32 } from '../../codec/combinators.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_RH_ACT } from '../handle-types.ts'

export const ACT_SetTimeout = declare({
  code: CC.ACT_SetTimeout,
  name: 'TPM2_ACT_SetTimeout',
  section: 'Part 3, 33.2',
  handles: { actHandle: { codec: TPMI_RH_ACT, auth: 'user', doc: 'the timer' } },
  params: struct('TPM2_ACT_SetTimeout', {
    startTimeout: doc('seconds until it signals', u32),
  }),
})
