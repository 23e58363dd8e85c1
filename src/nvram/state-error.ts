// Why a stored state is refused: one reason each, so that a missing key is never told as a damaged file. The patch of 2011
// told the first four apart; the others are this project's.

import type { Malformed } from '../codec/codec.ts'

export type StateReason =
  /** [text] Encrypted, and no key was given. */
  | 'missing-key'
  /** [text] A key was given, and the data are in clear. */
  | 'needless-key'
  /** [text] An encryption that this program does not know. */
  | 'unsupported'
  /** [text] Cannot be read with this key. */
  | 'wrong-key'
  /** A key where a passphrase was used, or the other way round, or one of another length. */
  | 'key-kind'
  | 'newer'
  | 'no-room'
  | 'outside'
  | 'overlap'
  | 'checksum'
  | 'damaged'
  | 'truncated'
  | 'empty'
  /** A layout of this project or of 2011, but not the one that is read here. */
  | 'other-layout'
  /** No state at all. */
  | 'foreign'

/** The message says what, and where. */
export class StateError extends Error {
  override readonly name = 'StateError'
  readonly reason: StateReason
  constructor(reason: StateReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** What a declaration refused, in the words of a stored state: its reason is one of the above, or the bytes end too early. */
export function refused(e: Malformed): StateError {
  const where = e.path.length > 0 ? ` (${e.path.join('.')})` : ''
  if (e.reason === 'insufficient') return new StateError('truncated', `truncated: ${e.message}${where}`)
  if (e.reason === 'newer' || e.reason === 'unsupported') return new StateError(e.reason, `${e.message}${where}`)
  return new StateError('damaged', `damaged at offset ${e.at}: ${e.message}${where}`)
}
