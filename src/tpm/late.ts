// What only sessions need: no session can be before the commands that start one, and those come after the page's first
// step (commands/all.ts), with this.

import type { Bytes } from '../lib/bytes.ts'
import { later } from '../lib/later.ts'
import type { checkPolicy } from './policy-check.ts'

export interface SessionParts {
  /** The block ciphers of parameter encryption in CFB mode; `ivSize` in octets. Part 1, 18.3. */
  readonly cipher: {
    ivSize(alg: number): number
    encrypt(key: Bytes, iv: Bytes, data: Bytes, alg: number): Bytes
    decrypt(key: Bytes, iv: Bytes, data: Bytes, alg: number): Bytes
  }
  readonly checkPolicy: typeof checkPolicy
}

export const [addSessionParts, sessionParts] = later<SessionParts>('a session before the engine is whole')
