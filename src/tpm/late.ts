// What only sessions need: no session can be before the commands that start one, and those come after the page's first
// step (commands/all.ts), with this.

import { later } from '../lib/later.ts'
import type { cryptCfb } from './parameter-cipher.ts'
import type { checkPolicy } from './policy-check.ts'

export interface SessionParts {
  readonly cryptCfb: typeof cryptCfb
  readonly checkPolicy: typeof checkPolicy
}

export const [addSessionParts, sessionParts] = later<SessionParts>('a session before the engine is whole')
