// TPM2_ReadClock. Part 3, 29.1; Part 1, 33.

import { NO, YES } from '../../spec/codes.ts'
import { ReadClock } from '../../spec/commands/clock.ts'
import { implement } from '../command.ts'

const milliseconds = (microseconds: number): bigint => BigInt(Math.floor(microseconds / 1000))

export const clock = [
  implement(ReadClock, c => {
    const { time, clock, resetCount, restartCount, safe } = c.tpm.clock
    // Part 1, 33.3.3: whatever uses the value of Clock ends an orderly shutdown.
    if (c.tpm.shutdown.type !== 'none') c.tpm = { ...c.tpm, shutdown: { type: 'none' } }
    return {
      currentTime: {
        time: milliseconds(time),
        clockInfo: { clock: milliseconds(clock), resetCount, restartCount, safe: safe ? YES : NO },
      },
    }
  }),
]
