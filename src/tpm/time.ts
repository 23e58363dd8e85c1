// The times that a TPM reports. Part 1, 33; Part 2, 10.10.

import type { Of } from '../codec/codec.ts'
import type { TPMS_TIME_INFO } from '../spec/base.ts'
import { NO, YES } from '../spec/codes.ts'
import type { Context } from './command.ts'
import type { Tpm } from './tpm.ts'
import { amend } from './amend.ts'

const milliseconds = (microseconds: number): bigint => BigInt(Math.floor(microseconds / 1000))

/** TPMS_TIME_INFO as of now. */
export const timeInfo = (tpm: Tpm): Of<typeof TPMS_TIME_INFO> => {
  const { time, clock, offset, resetCount, restartCount, safe } = tpm.clock
  return {
    time: milliseconds(time),
    clockInfo: { clock: milliseconds(clock) + offset, resetCount, restartCount, safe: safe ? YES : NO },
  }
}

/** The same; what is reported ends an orderly shutdown: Part 1, 33.3.3. */
export function reportTime(c: Context): Of<typeof TPMS_TIME_INFO> {
  if (c.tpm.shutdown.type !== 'none') c.tpm = amend(c.tpm, { shutdown: { type: 'none' } })
  return timeInfo(c.tpm)
}
