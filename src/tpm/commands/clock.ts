// TPM2_ReadClock, TPM2_ClockSet and TPM2_ClockRateAdjust. Part 3, 29; Part 1, 33.

import { ClockRateAdjust, ClockSet, ReadClock } from '../../spec/commands/clock.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { badParameter } from '../errors.ts'
import { reportTime, timeInfo } from '../time.ts'
import { amend } from '../amend.ts'

const LATEST = 0xffff000000000000n
/** Parts in 10,000: what coarse, medium and fine mean here, and how far from nominal the clock may run. */
const STEP = [0, 1, 10, 100] as const
const FURTHEST = 1500

export const clock = [
  implement(ReadClock, c => ({ currentTime: reportTime(c) })),

  implement(ClockSet, (c, _, { newTime }) => {
    const { clock: now } = timeInfo(c.tpm).clockInfo
    if (newTime < now || newTime > LATEST) throw badParameter(1, RC.VALUE)

    const { clock: old } = c.tpm
    // What was set is kept over a loss of power, and no earlier value will be reported again.
    c.tpm = amend(c.tpm, { clock: { ...old, offset: old.offset + newTime - now, stored: old.clock } })
  }),

  implement(ClockRateAdjust, (c, _, { rateAdjust }) => {
    const { clock: old } = c.tpm
    const signed = rateAdjust > 127 ? rateAdjust - 256 : rateAdjust
    const rate = old.rate + Math.sign(signed) * (STEP[Math.abs(signed)] ?? 0)
    if (Math.abs(rate) > FURTHEST) throw badParameter(1, RC.VALUE)

    c.tpm = amend(c.tpm, { clock: { ...old, rate } })
  }),
]
