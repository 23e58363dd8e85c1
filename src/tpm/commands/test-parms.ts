// TPM2_TestParms. Part 3, 30.3: what the parser accepted is implemented, but for external mu.

import { TestParms } from '../../spec/commands/capability.ts'
import type { PublicParms } from '../../spec/keys.ts'
import { implement } from '../command.ts'
import { badParameter } from '../errors.ts'
import { kindOf } from '../kinds/kind.ts'

export const testParms = [
  implement(TestParms, (c, _, { parameters }) => {
    const wrong = kindOf(parameters as PublicParms).checkParms?.(parameters as PublicParms, c.tpm.profile)
    if (wrong !== undefined) throw badParameter(1, wrong)
  }),
]
