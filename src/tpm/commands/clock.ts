// TPM2_ReadClock. Part 3, 29.1; Part 1, 33.

import { ReadClock } from '../../spec/commands/clock.ts'
import { implement } from '../command.ts'
import { timeInfo } from '../time.ts'

export const clock = [
  implement(ReadClock, c => {
    // Part 1, 33.3.3: whatever uses the value of Clock ends an orderly shutdown.
    if (c.tpm.shutdown.type !== 'none') c.tpm = { ...c.tpm, shutdown: { type: 'none' } }
    return { currentTime: timeInfo(c.tpm) }
  }),
]
