// Declarations: which commands are audited. Part 3, 21.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH_OR_NULL } from '../algorithms.ts'
import { TPML_CC } from '../capability.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_RH_PROVISION } from '../handle-types.ts'

export const SetCommandCodeAuditStatus = declare({
  code: CC.SetCommandCodeAuditStatus,
  name: 'TPM2_SetCommandCodeAuditStatus',
  section: 'Part 3, 21.2',
  handles: { auth: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' } },
  params: struct('TPM2_SetCommandCodeAuditStatus', {
    auditAlg: doc('the hash of the audit digest; TPM_ALG_NULL to keep it', TPMI_ALG_HASH_OR_NULL),
    setList: doc('commands to audit from now on', TPML_CC),
    clearList: doc('commands to audit no longer', TPML_CC),
  }),
  nv: true,
})
