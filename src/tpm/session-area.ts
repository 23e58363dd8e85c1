// The authorization area: reading and validating it before the command runs (Part 3, 5.5), and answering for each session
// after it (Part 3, 5.9; Part 1, 16.6.5, 17 and 18).

import { Malformed } from '../codec/codec.ts'
import type { Reader } from '../codec/reader.ts'
import { hash } from '../crypto/hash.ts'
import { be32, type Bytes, concat, EMPTY, readBe16 } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { SESSION } from '../spec/attributes.ts'
import { ST } from '../spec/codes.ts'
import { authRoles } from '../spec/command.ts'
import { type AuthCommand, type AuthResponse, TPMS_AUTH_COMMAND } from '../spec/frame.ts'
import { HT, handleType, RH } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import { type Given, hmacAuth, isBoundTo, trimmed, unbound } from './authorize.ts'
import type { Command, Context } from './command.ts'
import { entityOf } from './entity.ts'
import { badSession, fail, rcOf } from './errors.ts'
import { cryptParameter, sessionHmac } from './protect.ts'
import { freshPolicy, replaceSession, type Session, sessionOf } from './sessions.ts'
import { amend } from './amend.ts'

/** A handle, two empty buffers and the attributes. Part 3, 5.5, 3.1. */
const MIN_SIZE = 9
const MAX_SESSIONS = 3
const NONE: readonly Given[] = []

/** Reads and validates the session area. Part 3, 5.5. */
export function readSessions(
  c: Context,
  r: Reader,
  command: Command,
  handles: { readonly [name: string]: number },
  tag: number,
): readonly Given[] {
  if (tag !== ST.SESSIONS) {
    if (command.auths > 0) throw fail(RC.AUTH_MISSING)
    return NONE
  }
  if (command.row.noSessions) throw fail(RC.AUTH_CONTEXT)
  if (r.left < 4) throw fail(RC.INSUFFICIENT)
  const size = r.u32()
  if (size < MIN_SIZE || size > r.left) throw fail(RC.AUTHSIZE)
  const outer = r.end
  r.end = r.at + size
  const auths: AuthCommand[] = []
  while (r.left > 0) {
    if (auths.length === MAX_SESSIONS) throw fail(RC.AUTHSIZE)
    auths.push(readSession(c, r, auths, auths.length + 1))
  }
  r.end = outer
  return assign(c, command, handles, auths)
}

/** @param n number of the session, from 1 */
function readSession(c: Context, r: Reader, before: readonly AuthCommand[], n: number): AuthCommand {
  const at = r.at
  let auth: AuthCommand
  try {
    auth = TPMS_AUTH_COMMAND.read(r)
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    // Part 3, 5.5, 4.1: what is no handle of a session.
    throw badSession(n, e.at === at && e.reason === 'value' ? RC.HANDLE : rcOf(e))
  }
  const { sessionHandle, sessionAttributes: bits } = auth
  const { audit, decrypt, encrypt } = SESSION
  if (sessionHandle === RH.PW) {
    if (auth.nonce.length > 0) throw badSession(n, RC.NONCE)
    if (bits & ~SESSION.continueSession) throw badSession(n, RC.ATTRIBUTES)
    return auth
  }
  const session = sessionOf(c.tpm, sessionHandle)
  if (!session) throw fail(RC.REFERENCE_S0 + n - 1)
  for (const one of [audit, decrypt, encrypt]) {
    if (bits & one && before.some(b => b.sessionAttributes & one)) throw badSession(n, RC.ATTRIBUTES)
  }
  if (bits & audit) {
    if (handleType(sessionHandle) !== HT.HMAC_SESSION) throw badSession(n, RC.ATTRIBUTES)
    // Its first use, or a reset, makes it exclusive: nothing to hold it against. Part 1, 17.2.
    const begins = session.audit === undefined || (bits & SESSION.auditReset) !== 0
    if (bits & SESSION.auditExclusive && !begins && c.tpm.exclusiveAudit !== sessionHandle) throw fail(RC.EXCLUSIVE)
  } else if (bits & (SESSION.auditExclusive | SESSION.auditReset)) throw badSession(n, RC.ATTRIBUTES)
  if (bits & (decrypt | encrypt) && session.symmetric.algorithm === ALG.NULL) throw badSession(n, RC.SYMMETRIC)
  return auth
}

/** Which session is for which handle, and whether the rest are for something. Part 3, 5.5, 4.4 and 5. */
function assign(
  c: Context,
  command: Command,
  handles: { readonly [name: string]: number },
  auths: readonly AuthCommand[],
): readonly Given[] {
  if (auths.length < command.auths) throw fail(RC.AUTH_MISSING)
  const needing = command.handles.filter(([, { auth }]) => auth)
  const roles = authRoles(command.row)
  const { audit, decrypt, encrypt } = SESSION
  return auths.map((auth, i) => {
    const n = i + 1
    const session = auth.sessionHandle === RH.PW ? undefined : sessionOf(c.tpm, auth.sessionHandle)
    const name = needing[i]?.[0]
    const handle = name === undefined ? undefined : handles[name]
    if (session) {
      if (session.kind === 'trial') throw badSession(n, RC.ATTRIBUTES)
      if (auths.findIndex(a => a.sessionHandle === auth.sessionHandle) !== i) throw badSession(n, RC.HANDLE)
    }
    const bits = auth.sessionAttributes
    if (handle === undefined && !(bits & (audit | decrypt | encrypt))) throw badSession(n, RC.ATTRIBUTES)
    if (bits & decrypt && !command.decryptable) throw badSession(n, RC.ATTRIBUTES)
    if (bits & encrypt && !command.encryptable) throw badSession(n, RC.ATTRIBUTES)
    return { auth, session, handle, role: roles[i] ?? 'user' }
  })
}

/**
 * The entity that a session authorizes, with the authValue it has now. A sequence that the command completed is gone
 * when the response is made; its authValue still proves it (Part 3, 17.8 makes no exception, as 31.5 does for an Index).
 */
function authorized(c: Context, handle: number) {
  const now = entityOf(c.tpm, handle)
  return now ?? (handleType(handle) === HT.TRANSIENT ? entityOf(c.before, handle) : undefined)
}

/** The authValue that en- and decryption use beside the session key: that of the entity it authorizes. Part 1, 18.2. */
const cipherAuth = (c: Context, given: Given): Bytes =>
  given.handle === undefined ? EMPTY : trimmed(authorized(c, given.handle)?.auth ?? EMPTY)

/** The parameters in the clear. Part 3, 5.7. */
export function decryptParameters(c: Context, given: readonly Given[], params: Bytes): Bytes {
  const index = given.findIndex(g => g.auth.sessionAttributes & SESSION.decrypt)
  if (index < 0) return params
  const g = given[index] as Given
  const s = g.session as Session
  const end = 2 + readBe16(params, 0)
  if (params.length < 2 || end > params.length) throw badSession(index + 1, RC.SIZE)
  const data = cryptParameter(s, cipherAuth(c, g), g.auth.nonce, s.nonceTPM, params.slice(2, end), 'decrypt')
  return concat(params.slice(0, 2), data, params.slice(end))
}

/** What answers a password: no nonce, no HMAC, continueSession set. Part 1, 16.4, Table 21. */
const ACKNOWLEDGED: AuthResponse = { nonce: EMPTY, sessionAttributes: SESSION.continueSession, hmac: EMPTY }
const NO_ACKNOWLEDGEMENT: readonly AuthResponse[] = []

export interface Answered {
  /** The parameters, the first of them encrypted where a session says so. */
  readonly params: Bytes
  readonly auths: readonly AuthResponse[]
}

/** Encrypts, audits, rolls nonces, and proves the response with each session. */
export function acknowledge(
  c: Context,
  code: number,
  given: readonly Given[],
  clear: Bytes,
  cpHash: (alg: number) => Bytes,
): Answered {
  if (given.every(g => !g.session)) {
    return { params: clear, auths: given.length === 0 ? NO_ACKNOWLEDGEMENT : given.map(() => ACKNOWLEDGED) }
  }
  const nonces = given.map(g => (g.session ? c.random(g.session.nonceTPM.length) : EMPTY))
  let params = clear
  const index = given.findIndex(g => g.auth.sessionAttributes & SESSION.encrypt)
  if (index >= 0) {
    const g = given[index] as Given
    const end = 2 + readBe16(clear, 0)
    const nonce = nonces[index] as Bytes
    const data = cryptParameter(
      g.session as Session,
      cipherAuth(c, g),
      nonce,
      g.auth.nonce,
      clear.slice(2, end),
      'encrypt',
    )
    params = concat(clear.slice(0, 2), data, clear.slice(end))
  }
  const rpHash = (alg: number): Bytes => hash(alg, be32(RC.SUCCESS), be32(code), params)
  const auths = given.map((g, i) =>
    g.session ? answer(c, g, g.session, nonces[i] as Bytes, cpHash, rpHash) : ACKNOWLEDGED,
  )
  return { params, auths }
}

type Digest = (alg: number) => Bytes

function answer(c: Context, given: Given, before: Session, nonce: Bytes, cpHash: Digest, rpHash: Digest): AuthResponse {
  const { auth, handle } = given
  let bits = auth.sessionAttributes & ~(SESSION.auditExclusive | SESSION.auditReset)
  // A policy command may have changed the very session; one that the command ended has no state left to change.
  let s = sessionOf(c.tpm, before.handle) ?? before
  if (bits & SESSION.audit) {
    const begins = s.audit === undefined || (auth.sessionAttributes & SESSION.auditReset) !== 0
    const old = begins ? new Uint8Array(digestSize(s.hash)) : (s.audit as Bytes)
    s = { ...s, audit: hash(s.hash, old, cpHash(s.hash), rpHash(s.hash)), bound: unbound(s.bound) }
    if (begins) c.tpm = amend(c.tpm, { exclusiveAudit: s.handle })
    if (c.tpm.exclusiveAudit === s.handle) bits |= SESSION.auditExclusive
  }
  const entity = handle === undefined ? undefined : authorized(c, handle)
  // Whether it was bound is decided by what the entity was when the command came: Part 1, 16.6.8.
  const then = handle === undefined ? undefined : entityOf(c.before, handle)
  const wasBound = !before.policy && then !== undefined && isBoundTo(before, then)
  const value = wasBound ? EMPTY : hmacAuth({ ...before, bound: undefined }, entity)
  const silent =
    before.policy?.authValue === 'password' || (s.key.length + value.length === 0 && auth.hmac.length === 0)
  const hmac = silent ? EMPTY : sessionHmac(s, value, rpHash(s.hash), [nonce, auth.nonce], bits)
  if (!sessionOf(c.tpm, before.handle)) return { nonce, sessionAttributes: bits, hmac }
  if (bits & SESSION.continueSession) {
    const startTime = Math.floor(c.tpm.clock.time / 1000)
    const policy = s.policy && handle !== undefined ? freshPolicy(digestSize(s.hash), c.tpm.timeEpoch) : s.policy
    c.tpm = replaceSession(c.tpm, { ...s, nonceTPM: nonce, startTime, policy })
  } else c.flushSession(s.handle)
  return { nonce, sessionAttributes: bits, hmac }
}

/** A command that can be audited and was not audited by the exclusive session ends its exclusivity. Part 1, 17.2. */
export function endExclusivity(c: Context, command: Command, given: readonly Given[]): void {
  const { exclusiveAudit } = c.tpm
  if (exclusiveAudit === undefined || command.row.noSessions) return
  const audited = given.some(g => g.session?.handle === exclusiveAudit && g.auth.sessionAttributes & SESSION.audit)
  if (!audited) c.tpm = amend(c.tpm, { exclusiveAudit: undefined })
}
