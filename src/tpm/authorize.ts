// Authorizations: which the command needs, whether they are there, and whether they are right. Passwords only, for now: no
// session can be started yet, so every handle of a session is one that is not loaded. Part 3, 5.5 and 5.6; Part 1, 16.4.

import { Malformed } from '../codec/codec.ts'
import type { Reader } from '../codec/reader.ts'
import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { OBJECT, SESSION } from '../spec/attributes.ts'
import { ST } from '../spec/codes.ts'
import type { Role } from '../spec/command.ts'
import { type AuthCommand, type AuthResponse, TPMS_AUTH_COMMAND } from '../spec/frame.ts'
import { HT, handleType, RH } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import type { Command, Context } from './command.ts'
import { badSession, fail, rcOf } from './errors.ts'
import { hierarchyName } from './tpm.ts'

/** A handle, two empty buffers and the attributes. Part 3, 5.5, 3.1. */
const MIN_SIZE = 9
const MAX_SESSIONS = 3
const NONE: readonly AuthCommand[] = []

/** Reads and validates the session area. Part 3, 5.5. */
export function readSessions(r: Reader, command: Command, tag: number): readonly AuthCommand[] {
  if (tag !== ST.SESSIONS) {
    if (command.auths > 0) throw fail(RC.AUTH_MISSING)
    return NONE
  }
  if (command.row.noSessions) throw fail(RC.AUTH_CONTEXT)
  if (r.left < 4) throw fail(RC.AUTHSIZE)
  const size = r.u32()
  if (size < MIN_SIZE || size > r.left) throw fail(RC.AUTHSIZE)
  const outer = r.end
  r.end = r.at + size
  const sessions: AuthCommand[] = []
  while (r.left > 0) {
    if (sessions.length === MAX_SESSIONS) throw fail(RC.AUTHSIZE)
    sessions.push(readSession(r, sessions.length + 1))
  }
  r.end = outer
  // A password authorizes a handle and can do nothing else.
  if (sessions.length > command.auths) throw badSession(command.auths + 1, RC.ATTRIBUTES)
  if (sessions.length < command.auths) throw fail(RC.AUTH_MISSING)
  return sessions
}

/** @param n number of the session, from 1 */
function readSession(r: Reader, n: number): AuthCommand {
  const at = r.at
  let session: AuthCommand
  try {
    session = TPMS_AUTH_COMMAND.read(r)
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    // Part 3, 5.5, 4.1: what is no handle of a session.
    throw badSession(n, e.at === at && e.reason === 'value' ? RC.HANDLE : rcOf(e))
  }
  if (session.sessionHandle !== RH.PW) throw fail(RC.REFERENCE_S0 + n - 1)
  if (session.nonce.length > 0) throw badSession(n, RC.NONCE)
  if (session.sessionAttributes & ~SESSION.continueSession) throw badSession(n, RC.ATTRIBUTES)
  return session
}

/** Checks the authorization of each handle that needs one, in order. Part 3, 5.6. */
export function authorize(
  c: Context,
  command: Command,
  handles: { readonly [name: string]: number },
  sessions: readonly AuthCommand[],
): void {
  let n = 0
  for (const [name, { auth }] of command.handles) {
    if (!auth) continue
    n++
    checkPassword(c, handles[name] as number, auth, (sessions[n - 1] as AuthCommand).hmac, n)
  }
}

/** @param n number of the session, from 1 */
function checkPassword(c: Context, handle: number, role: Role, given: Bytes, n: number): void {
  const { value, lockout } = entityOf(c, handle, role, n)
  if (sameAuth(given, value)) return
  c.emit({ kind: 'auth-failed', handle })
  throw badSession(n, lockout ? RC.AUTH_FAIL : RC.BAD_AUTH)
}

interface Entity {
  readonly value: Bytes
  /** Wrong tries count towards lockout. */
  readonly lockout: boolean
}

/** The authValue of a handle, where a password may be used with it. @throws TpmError where it may not */
function entityOf(c: Context, handle: number, role: Role, n: number): Entity {
  const { tpm } = c
  const hierarchy = hierarchyName(handle)
  if (hierarchy) return { value: tpm.hierarchies[hierarchy].auth, lockout: false }
  if (handle === RH.LOCKOUT) return { value: tpm.lockout.auth, lockout: true }
  // No PCR has an authValue of its own: Part 1, 17.7 leaves that to the platform specification, and PC Client has none.
  if (handleType(handle) === HT.PCR) return { value: EMPTY, lockout: false }
  const slot = c.slot(handle)
  if (!slot) throw fail(RC.AUTH_UNAVAILABLE)
  if (slot.kind !== 'object') return { value: slot.auth, lockout: false }
  if (!slot.sensitive) throw fail(RC.AUTH_UNAVAILABLE)
  const attributes = slot.publicArea.objectAttributes
  if (role === 'dup' || (role === 'admin' && attributes & OBJECT.adminWithPolicy)) throw fail(RC.AUTH_TYPE)
  if (role === 'user' && !(attributes & OBJECT.userWithAuth)) throw badSession(n, RC.POLICY_FAIL)
  return { value: slot.sensitive.authValue, lockout: !(attributes & OBJECT.noDA) }
}

/** Zeros at the end of either value do not count (Part 1, 16.4). Looks at every octet whatever the content. */
function sameAuth(given: Bytes, wanted: Bytes): boolean {
  let difference = 0
  const length = Math.max(given.length, wanted.length)
  for (let i = 0; i < length; i++) difference |= (given[i] ?? 0) ^ (wanted[i] ?? 0)
  return difference === 0
}

/** What answers a password: no nonce, no HMAC, continueSession set. Part 1, 16.4, Table 21. */
const ACKNOWLEDGED: AuthResponse = { nonce: EMPTY, sessionAttributes: SESSION.continueSession, hmac: EMPTY }
const NO_ACKNOWLEDGEMENT: readonly AuthResponse[] = []

export const acknowledge = (sessions: readonly AuthCommand[]): readonly AuthResponse[] =>
  sessions.length === 0 ? NO_ACKNOWLEDGEMENT : sessions.map(() => ACKNOWLEDGED)
