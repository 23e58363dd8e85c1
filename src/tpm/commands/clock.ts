// TPM2_ReadClock. Part 3, 29.1; Part 1, 33.

import { ReadClock } from '../../spec/commands/clock.ts'
import { reportTime } from '../clock.ts'
import { implement } from '../command.ts'

export const clock = [implement(ReadClock, c => ({ currentTime: reportTime(c) }))]
