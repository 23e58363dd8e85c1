// Declarations: starting up and shutting down. Part 3, 9.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { CC, TPM_SU } from '../codes.ts'
import { declare } from '../command.ts'

export const Startup = declare({
  code: CC.Startup,
  name: 'TPM2_Startup',
  section: 'Part 3, 9.3',
  params: struct('TPM2_Startup', {
    startupType: doc('CLEAR to start afresh, STATE to go on with what TPM2_Shutdown saved', TPM_SU),
  }),
  nv: true,
  noSessions: true,
})

export const Shutdown = declare({
  code: CC.Shutdown,
  name: 'TPM2_Shutdown',
  section: 'Part 3, 9.4',
  params: struct('TPM2_Shutdown', { shutdownType: doc('what the next TPM2_Startup shall find', TPM_SU) }),
  nv: true,
})
