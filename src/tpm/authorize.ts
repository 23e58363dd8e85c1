// Authorizations: which the command needs, whether they are there, and whether they are right. Part 3, 5.5 and 5.6, in
// their order; Part 1, 16.4 (passwords), 16.6 (HMAC sessions), 16.7 (policy sessions), 16.8 (dictionary attacks).

import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { OBJECT, SESSION } from '../spec/attributes.ts'
import { CC } from '../spec/codes.ts'
import type { Role } from '../spec/command.ts'
import type { AuthCommand } from '../spec/frame.ts'
import { HT, handleType, isAct, RH } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import type { Command, Context } from './command.ts'
import { type Entity, entityOf, nameOf } from './entity.ts'
import { badSession, fail } from './errors.ts'
import { countFailure, isLockedOut } from './lockout.ts'
import { countPin, nvAuthAvailable } from './nv.ts'
import { isWritten } from './nv-memory.ts'
import { sessionParts } from './late.ts'
import type { Use } from './policy-check.ts'
import { sessionHmac } from './protect.ts'
import type { Session } from './sessions.ts'
import { amend } from './amend.ts'

/** One entry of the session area, and what it is for. */
export interface Given {
  readonly auth: AuthCommand
  /** Undefined for a password. */
  readonly session: Session | undefined
  /** The handle that it authorizes; undefined when it only audits, en- or decrypts. */
  readonly handle: number | undefined
  readonly role: Role
}

/** What the authorizations of one command are checked against. */
export interface Request {
  readonly command: Command
  readonly handles: { readonly [name: string]: number }
  readonly given: readonly Given[]
  readonly params: Bytes
  readonly cpHash: (alg: number) => Bytes
  readonly names: readonly Bytes[]
  readonly template: (alg: number) => Bytes | undefined
}

export const namesOf = (c: Context, command: Command, handles: { readonly [name: string]: number }): Bytes[] =>
  command.handles.map(([name]) => nameOf(c.tpm, handles[name] as number))

/** Checks the authorization of each handle that needs one, in order, and the HMACs of the sessions beside them. */
export function authorize(c: Context, request: Request): void {
  for (const [i, given] of request.given.entries()) {
    if (given.handle === undefined) {
      checkHmac(c, request, given, undefined, i + 1)
      continue
    }
    checkEntity(c, request, given, i + 1)
  }
  // A PIN Index has counted at once, whatever becomes of the command: Part 1, 34.2.8.
  if (c.tpm.nv !== c.before.nv) c.onFailure = { ...c.before, nv: c.tpm.nv }
}

/** @param n number of the session, from 1 */
function checkEntity(c: Context, request: Request, given: Given, n: number): void {
  const handle = given.handle as number
  const { code } = request.command.row
  const entity = entityOf(c.tpm, handle)
  if (!entity) throw fail(RC.AUTH_UNAVAILABLE)
  if (entity.object && !entity.object.sensitive) throw fail(RC.AUTH_UNAVAILABLE)
  if (handle === RH.PLATFORM && c.tpm.ppCommands.includes(code) && !c.tpm.physicalPresence) throw badSession(n, RC.PP)
  const { session } = given
  const policy = session?.policy
  const byValue = !policy || policy.authValue !== 'none'
  const means = !policy ? 'value' : byValue ? 'both' : 'policy'
  if (entity.index && !nvAuthAvailable(c.tpm, entity.index, code, means)) throw fail(RC.AUTH_UNAVAILABLE)
  // platformAuth stands in for the authValue of a timer, as long as there is a platform: Part 1, 40.2.
  if (isAct(handle) && byValue && !c.tpm.hierarchies.platform.enabled) throw fail(RC.AUTH_UNAVAILABLE)
  // PolicySecret is about the value itself: Part 3, 23.4.
  if (!byValue && code === CC.PolicySecret) throw badSession(n, RC.MODE)
  if (byValue) {
    checkLockout(c, entity, given, handle)
    noteUse(c, entity, given, handle)
  }
  if (policy) {
    const use: Use = {
      ...{ tpm: c.tpm, locality: c.locality, code, role: given.role, names: request.names, params: request.params },
      cpHash: request.cpHash,
      template: request.template,
    }
    sessionParts().checkPolicy(session as Session, entity, entity.index && isWritten(entity.index), use, n)
  } else checkRole(entity, given.role, handle, n)
  if (!session || policy?.authValue === 'password') checkPassword(c, given, entity, n)
  else checkHmac(c, request, given, entity, n)
  if (entity.index && byValue) c.tpm = countPin(c.tpm, handle, true)
  if (session) c.emit({ kind: 'session-used', handle: session.handle, for: handle })
}

const isCounted = (entity: Entity, { session }: Given): boolean => entity.da || session?.bound?.da === true

/** Part 3, 5.6, 3: no guess while the TPM is locked. */
function checkLockout(c: Context, entity: Entity, given: Given, handle: number): void {
  const { lockout } = c.tpm
  if (!isCounted(entity, given)) return
  if (handle === RH.LOCKOUT ? !lockout.authEnabled : isLockedOut(lockout)) throw fail(RC.LOCKOUT)
}

/** That a protected value was used: a loss of power from now on counts as a try. */
function noteUse(c: Context, entity: Entity, given: Given, handle: number): void {
  if (!isCounted(entity, given) || handle === RH.LOCKOUT || c.tpm.lockout.used) return
  c.tpm = amend(c.tpm, { lockout: { ...c.tpm.lockout, used: true } })
  if (c.tpm.profile.peculiar.has('retry-on-first-use')) {
    c.onFailure = c.tpm
    throw fail(RC.RETRY)
  }
}

/** Whether this role may be authorized without a policy. Part 3, 5.6, 4 to 7. */
function checkRole(entity: Entity, role: Role, handle: number, n: number): void {
  if (role === 'dup') throw fail(RC.AUTH_TYPE)
  // A PCR with a policy takes nothing else: Part 1, 14.7.
  if (handleType(handle) === HT.PCR && entity.policyAlg !== ALG.NULL) throw fail(RC.AUTH_TYPE)
  const attributes = entity.object?.publicArea.objectAttributes
  // ADMIN role of an NV Index or a hierarchy takes a policy only.
  if (role === 'admin' && (attributes === undefined || attributes & OBJECT.adminWithPolicy)) throw fail(RC.AUTH_TYPE)
  if (role === 'user' && attributes !== undefined && !(attributes & OBJECT.userWithAuth)) {
    throw badSession(n, RC.POLICY_FAIL)
  }
}

/** Zeros at the end of either value do not count (Part 1, 16.4). Looks at every octet whatever the content. */
function sameAuth(given: Bytes, wanted: Bytes): boolean {
  let difference = 0
  const length = Math.max(given.length, wanted.length)
  for (let i = 0; i < length; i++) difference |= (given[i] ?? 0) ^ (wanted[i] ?? 0)
  return difference === 0
}

/** An authValue without the zeros at its end: Part 1, 16.6.5. */
export function trimmed(auth: Bytes): Bytes {
  let n = auth.length
  while (n > 0 && auth[n - 1] === 0) n--
  return n === auth.length ? auth : auth.slice(0, n)
}

function checkPassword(c: Context, given: Given, entity: Entity, n: number): void {
  if (!sameAuth(given.auth.hmac, entity.auth)) refuse(c, given, entity, n)
}

/** No Name is empty: of the binding only that failures count is left. Part 1, 17.1, where the session audits. */
export const unbound = (bound: Session['bound']): Session['bound'] => bound && { ...bound, name: EMPTY }

/** Whether this is the entity that the session is bound to: its authValue is in the session key already. */
export const isBoundTo = ({ bound }: Session, entity: Entity): boolean =>
  bound !== undefined && sameAuth(bound.auth, entity.auth) && sameBytes(bound.name, entity.name)

const sameBytes = (a: Bytes, b: Bytes): boolean => a.length === b.length && sameAuth(a, b)

/** The authValue that goes into the HMAC key of a session. Part 1, 16.6.8 to 16.6.10 and 16.7.3. */
export function hmacAuth(s: Session, entity: Entity | undefined): Bytes {
  if (!entity) return EMPTY
  if (s.policy) return s.policy.authValue === 'hmac' ? trimmed(entity.auth) : EMPTY
  return isBoundTo(s, entity) ? EMPTY : trimmed(entity.auth)
}

function checkHmac(c: Context, request: Request, given: Given, entity: Entity | undefined, n: number): void {
  const s = given.session as Session
  const auth = hmacAuth(s, entity)
  // Nothing secret: no HMAC needed. Part 1, 16.6.16.
  if (s.key.length + auth.length === 0 && given.auth.hmac.length === 0) return
  const nonces = [given.auth.nonce, s.nonceTPM, ...(n === 1 ? extraNonces(request.given) : [])]
  const wanted = sessionHmac(s, auth, request.cpHash(s.hash), nonces, given.auth.sessionAttributes)
  if (!sameBytes(given.auth.hmac, wanted)) refuse(c, given, entity, n)
}

/** nonceTPM of sessions other than the first that decrypt or encrypt. Part 1, 16.6.5. */
function extraNonces(given: readonly Given[]): Bytes[] {
  const at = (bit: number): number => given.findIndex(g => g.auth.sessionAttributes & bit)
  const decrypt = at(SESSION.decrypt)
  const encrypt = at(SESSION.encrypt)
  const nonce = (i: number): Bytes => given[i]?.session?.nonceTPM ?? EMPTY
  return [...(decrypt > 0 ? [nonce(decrypt)] : []), ...(encrypt > 0 && encrypt !== decrypt ? [nonce(encrypt)] : [])]
}

/** A wrong value: counted where the entity, or the one that the session is bound to, is protected. */
function refuse(c: Context, given: Given, entity: Entity | undefined, n: number): never {
  const counted = entity !== undefined && isCounted(entity, given)
  if (entity) c.emit({ kind: 'auth-failed', handle: given.handle as number })
  if (!counted) {
    // A PIN Fail Index keeps its own count.
    if (entity?.index) c.onFailure = countPin(c.before, given.handle as number, false)
    throw badSession(n, entity ? RC.BAD_AUTH : RC.AUTH_FAIL)
  }
  const { lockout, clock } = c.tpm
  const next = countFailure(lockout, clock.time / 1000, given.handle === RH.LOCKOUT)
  c.onFailure = { ...c.before, lockout: next }
  throw badSession(n, RC.AUTH_FAIL)
}
