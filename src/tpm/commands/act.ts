// TPM2_ACT_SetTimeout. Part 3, 33.2; Part 1, 40.

import { ACT_SetTimeout } from '../../spec/commands/act.ts'
import { type Act, actNumber, withTimeout } from '../act.ts'
import { implement } from '../command.ts'
import { amend } from '../amend.ts'

export const act = [
  implement(ACT_SetTimeout, (c, { actHandle }, { startTimeout }) => {
    const n = actNumber(actHandle) as number

    c.tpm = amend(c.tpm, { acts: c.tpm.acts.with(n, withTimeout(c.tpm.acts[n] as Act, startTimeout)) })
  }),
]
