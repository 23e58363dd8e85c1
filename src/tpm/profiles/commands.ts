// Which commands a profile may have. A TPM has those of them that the engine implements.

import { CC } from '../../spec/codes.ts'

export const ALL_COMMANDS: readonly number[] = Object.values(CC)
