// The commands of the TPM 1.2 engine, by ordinal.

import type { Command12 } from '../command.ts'
import { CAPABILITY12 } from './capability.ts'
import { OWNER } from './owner.ts'
import { PLAIN12 } from './plain.ts'
import { STARTUP } from './startup.ts'
import { SWITCHES } from './switches.ts'

export const PLAIN_COMMANDS: readonly Command12[] = [
  ...[...STARTUP, ...SWITCHES, ...OWNER, ...CAPABILITY12, ...PLAIN12],
]
