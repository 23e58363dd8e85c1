// Declarations: contexts. Part 3, 28.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_CONTEXT } from '../handles.ts'

export const FlushContext = declare({
  code: CC.FlushContext,
  name: 'TPM2_FlushContext',
  section: 'Part 3, 28.4',
  params: struct('TPM2_FlushContext', { flushHandle: doc('what to remove', TPMI_DH_CONTEXT) }),
  noSessions: true,
})
