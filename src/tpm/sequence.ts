// What all sequences share: the message that was given so far, and the rule about TPM_GENERATED_VALUE. Part 3, 17.

import { type Bytes, concat, EMPTY, readBe32 } from '../lib/bytes.ts'
import { GENERATED_VALUE } from '../spec/codes.ts'
import { RC } from '../spec/return-codes.ts'
import { fail } from './errors.ts'
import type { Profile } from './profile.ts'
import type { Message } from './tpm.ts'

export const NO_MESSAGE: Message = { parts: [], length: 0 }

/** The message with one more part. @throws TPM_RC_MEMORY when it becomes longer than the profile allows */
export function append(message: Message, part: Bytes, profile: Profile): Message {
  const length = message.length + part.length
  if (length > profile.maxSequence) throw fail(RC.MEMORY)
  // An empty first part counts: it makes the digest unsafe to sign.
  return { parts: [...message.parts, part], length }
}

export const wholeOf = (message: Message): Bytes =>
  message.parts.length === 1 ? (message.parts[0] as Bytes) : message.length === 0 ? EMPTY : concat(...message.parts)

/**
 * Whether a restricted key may sign a digest of a message that begins with `first`: it must not look like something that
 * only a TPM makes, and be long enough to tell. Part 3, 17.7.1 and 17.8.1.
 */
export const isSafeStart = (first: Bytes): boolean => first.length >= 4 && readBe32(first, 0) !== GENERATED_VALUE
