// TPM2_Policy_AC_SendSelect: a policy that can be written for a TPM with attached components; this one has none, so none
// of its commands meets it. Part 3, 32.4.

import { hash } from '../../crypto/hash.ts'
import { bytes, EMPTY } from '../../lib/bytes.ts'
import { CC, YES } from '../../spec/codes.ts'
import { Policy_AC_SendSelect } from '../../spec/commands/attached.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { fail } from '../errors.ts'
import { assertPolicy, demand } from '../policy.ts'

export const attached = [
  implement(Policy_AC_SendSelect, (c, { policySession }, { objectName, authHandleName, acName, includeObject }) => {
    const s = c.session(policySession)
    const next = demand(s, 'nameHash', hash(s.hash, objectName, authHandleName, acName), 1, false)
    const old = s.policy?.commandCode
    if (old !== undefined && old !== CC.AC_Send) throw fail(RC.COMMAND_CODE)

    const object = includeObject === YES ? objectName : EMPTY
    const args = [object, authHandleName, acName, bytes(includeObject)]
    assertPolicy(c, s, CC.Policy_AC_SendSelect, args, { demand: next, commandCode: CC.AC_Send })
  }),
]
