// Declarations: attached components. Part 3, 32; only the policy, which needs none to be there.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_NAME } from '../base.ts'
import { CC, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_SH_POLICY } from '../handle-types.ts'

export const Policy_AC_SendSelect = declare({
  code: CC.Policy_AC_SendSelect,
  name: 'TPM2_Policy_AC_SendSelect',
  section: 'Part 3, 32.4',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_Policy_AC_SendSelect', {
    objectName: doc('Name of the object to be sent', TPM2B_NAME),
    authHandleName: doc('Name of who authorizes the sending', TPM2B_NAME),
    acName: doc('Name of the attached component', TPM2B_NAME),
    includeObject: doc('whether the Name of the object goes into the policyDigest', TPMI_YES_NO),
  }),
})
