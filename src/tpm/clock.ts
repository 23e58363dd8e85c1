// The time as a TPM reports it: milliseconds and counters. Part 1, 33.

import type { Of } from '../codec/codec.ts'
import type { TPMS_TIME_INFO } from '../spec/base.ts'
import { NO, YES } from '../spec/codes.ts'
import type { Context } from './command.ts'

const milliseconds = (microseconds: number): bigint => BigInt(Math.floor(microseconds / 1000))

/** What is reported ends an orderly shutdown: Part 1, 33.3.3. */
export function reportTime(c: Context): Of<typeof TPMS_TIME_INFO> {
  const { time, clock, resetCount, restartCount, safe } = c.tpm.clock
  if (c.tpm.shutdown.type !== 'none') c.tpm = { ...c.tpm, shutdown: { type: 'none' } }
  return {
    time: milliseconds(time),
    clockInfo: { clock: milliseconds(clock), resetCount, restartCount, safe: safe ? YES : NO },
  }
}
