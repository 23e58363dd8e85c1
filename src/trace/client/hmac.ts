// What authorizes a command in a session: cpHash, authHMAC, and whether the authValue of the entity is part of its key.
// Part 1, 16.6.5, 16.6.6, 16.6.8 and 16.7.3. For recorded conversations, and for commands that are built by hand.

import { hash, hmac } from '../../crypto/hash.ts'
import { bytes, type Bytes, concat, EMPTY, equal } from '../../lib/bytes.ts'
import { cpInput, type Request } from './frame.ts'

export interface Keyed {
  readonly hash: number
  /** Undefined when it is not known; then it counts as empty. */
  readonly key: Bytes | undefined
}

export const cpHash = (alg: number, q: Pick<Request, 'row' | 'params'>, names: readonly Bytes[]): Bytes =>
  hash(alg, cpInput(q, names))

/** Part 1, 16.6.5, Equation 17. @param value the authValue that is part of the key */
export const authHmac = (s: Keyed, value: Bytes, pHash: Bytes, nonces: readonly Bytes[], attributes: number): Bytes =>
  hmac(s.hash, concat(s.key ?? EMPTY, value), pHash, ...nonces, bytes(attributes))

interface Named {
  readonly name: Bytes | undefined
  readonly auth: Bytes | undefined
}

/** Whether the session is bound to this entity as it is now: its authValue is in the session key already. */
export const isBoundTo = (bound: Named | undefined, entity: Named | undefined): boolean =>
  bound?.name !== undefined &&
  bound.auth !== undefined &&
  entity?.name !== undefined &&
  entity.auth !== undefined &&
  equal(bound.name, entity.name) &&
  equal(bound.auth, entity.auth)

/** Whether the authValue is part of the HMAC key. @param policy undefined for an HMAC session */
export const keyedByValue = (bound: boolean, policy: 'none' | 'hmac' | 'password' | undefined): boolean =>
  !bound && (policy === undefined || policy === 'hmac')
