// The proofs of a recorded exchange: HMACs of command and response, passwords, encrypted parameters, and the state of the
// sessions that they leave. Part 1, 16.6 to 18.

import { hash, isHash } from '../../crypto/hash.ts'
import { kdfa, xorObfuscation } from '../../crypto/kdf.ts'
import { AES_BLOCK, cfbDecrypt } from '../../crypto/symmetric.ts'
import { be16, type Bytes, concat, EMPTY, equal, readBe16 } from '../../lib/bytes.ts'
import { ALG, DIGEST_SIZE } from '../../spec/algorithms.ts'
import { SESSION } from '../../spec/attributes.ts'
import type { AuthCommand } from '../../spec/frame.ts'
import { RH } from '../../spec/handles.ts'
import { RC } from '../../spec/return-codes.ts'
import { SE } from '../../spec/policy.ts'
import { type Request, type Response, rpInput } from './frame.ts'
import { authHmac, cpHash, isBoundTo, keyedByValue } from './hmac.ts'
import { type Entity, type Session, trimmed, type World } from './world.ts'

/** One authorization of a command, as it stood when the command was sent. */
export interface Proof {
  readonly auth: AuthCommand
  /** Undefined for a password, or a session that the recording does not show the beginning of. */
  readonly session: Session | undefined
  /** The handle that it authorizes. */
  readonly handle: number | undefined
  readonly entity: Entity | undefined
  readonly bound: boolean
  readonly authValue: Session['authValue']
}

const zeros = (n: number): Bytes => new Uint8Array(n)

export function proofsOf(w: World, q: Request): readonly Proof[] {
  const needing = Object.entries(q.row.handles).filter(([, h]) => h.auth)
  return q.auths.map((auth, i) => {
    const name = needing[i]?.[0]
    const handle = name === undefined ? undefined : q.handles[name]
    const entity = handle === undefined ? undefined : w.entity(handle)
    const session = w.sessions.get(auth.sessionHandle)
    const bound = session?.type === SE.HMAC && isBoundTo(session.bound, entity)
    return { auth, session, handle, entity, bound, authValue: session?.authValue ?? 'none' }
  })
}

/** A refusal after the authorizations were found right: one about a parameter. Part 3, 5.5 to 5.8. */
const PARAMETER_ERROR = 0xc0
const isAfterAuth = (rc: number): boolean => rc === RC.SUCCESS || (rc & PARAMETER_ERROR) === PARAMETER_ERROR

/** Whether the TPM found the value of session n wrong. */
const isRefused = (rc: number, n: number): boolean => {
  const { base, kind, number } = refusal(rc)
  return kind && number === n && (base === RC.AUTH_FAIL || base === RC.BAD_AUTH)
}
/** A response code about a session: Part 2, 6.6.2. */
const refusal = (rc: number) => ({ kind: (rc & 0x8c0) === 0x880, number: (rc >>> 8) & 7, base: rc & 0xbf })

const usesValue = ({ handle, bound, session, authValue }: Proof): boolean =>
  handle !== undefined && keyedByValue(bound, session && session.type !== SE.HMAC ? authValue : undefined)

/** authValues to try; undefined entity: none is used. */
function candidates(w: World, p: Proof): readonly Bytes[] {
  if (!usesValue(p)) return [EMPTY]
  if (!p.entity) return w.passwords
  const known = w.authOf(p.entity)
  return known ? [known] : w.passwords
}

/** nonceTPM of the sessions that de- and encrypt, for the HMAC of the first: Part 1, 16.6.5. */
function otherNonces(proofs: readonly Proof[]): Bytes[] {
  const at = (bit: number): number => proofs.findIndex(p => p.auth.sessionAttributes & bit)
  const [decrypt, encrypt] = [at(SESSION.decrypt), at(SESSION.encrypt)]
  const nonce = (i: number): Bytes => proofs[i]?.session?.nonceTPM ?? EMPTY
  return [...(decrypt > 0 ? [nonce(decrypt)] : []), ...(encrypt > 0 && encrypt !== decrypt ? [nonce(encrypt)] : [])]
}

const isPassword = (p: Proof): boolean => p.auth.sessionHandle === RH.PW || p.authValue === 'password'

function checkPassword(w: World, p: Proof, rc: number, n: number): void {
  const { entity } = p
  if (!entity || rc !== RC.SUCCESS) return
  const given = trimmed(p.auth.hmac)
  const known = w.authOf(entity)
  if (known === undefined) entity.auth = given
  else w.ledger.same('passwords', `password ${n}`, given, known)
}

/** Checks what came with the command, and learns authValues that are proved by it. */
export function checkCommand(w: World, q: Request, a: Response, proofs: readonly Proof[]): void {
  const names = Object.values(q.handles).map(h => w.nameOf(h))
  for (const [i, p] of proofs.entries()) {
    if (isPassword(p)) {
      checkPassword(w, p, a.rc, i + 1)
      continue
    }
    const s = p.session
    const must = isAfterAuth(a.rc)
    if (!s?.key || !isHash(s.hash) || names.includes(undefined)) {
      if (must) w.ledger.cannot('command HMACs')
      continue
    }
    const refused = isRefused(a.rc, i + 1)
    const [right, ...others] = candidates(w, p)
    const values = [right ?? EMPTY, ...(refused ? w.passwords : others)]
    if (p.auth.hmac.length === 0 && s.key.length === 0 && values.some(v => v.length === 0)) continue
    const pHash = cpHash(s.hash, q, names as Bytes[])
    const nonces = [p.auth.nonce, s.nonceTPM, ...(i === 0 ? otherNonces(proofs) : [])]
    const made = values.map(v => authHmac(s, v, pHash, nonces, p.auth.sessionAttributes))
    const at = made.findIndex(m => equal(m, p.auth.hmac))
    if (refused) {
      // What was wrong is often another of the passwords. The right one was not refused.
      if (at === 0 && others.length === 0) w.ledger.differs(`HMAC of session ${i + 1}`, 'refused', 'right')
      else if (at > 0) w.ledger.ok('command HMACs')
    } else if (at >= 0) {
      w.ledger.ok('command HMACs')
      if (p.entity && values.length > 1) p.entity.auth = values[at] as Bytes
    } else if (must) {
      if (values.length === 1) w.ledger.same('command HMACs', `HMAC of session ${i + 1}`, p.auth.hmac, made[0])
      else w.ledger.cannot('command HMACs')
    }
  }
}

/** The content of an encrypted parameter and the rest; undefined when the key is not known. */
function decrypted(w: World, p: Proof | undefined, newer: Bytes, older: Bytes, params: Bytes): Bytes | undefined {
  const s = p?.session
  if (!p || !s?.key || !isHash(s.hash)) return undefined
  const auth = p.handle === undefined ? EMPTY : p.entity && w.authOf(p.entity)
  if (!auth) return undefined
  const size = readBe16(params, 0)
  const key = concat(s.key, auth)
  const data = params.slice(2, 2 + size)
  const clear = (b: Bytes): Bytes => concat(be16(size), b, params.slice(2 + size))
  const { symmetric } = s
  if (symmetric.algorithm === ALG.XOR) return clear(xorObfuscation(s.hash, key, newer, older, data))
  if (symmetric.algorithm !== ALG.AES || symmetric.mode !== ALG.CFB) return undefined
  const { keyBits } = symmetric
  const made = kdfa(s.hash, key, 'CFB', newer, older, keyBits + 8 * AES_BLOCK)
  return clear(cfbDecrypt(made.slice(0, keyBits / 8), made.slice(keyBits / 8), data))
}

export function clearParams(w: World, q: Request, proofs: readonly Proof[]): Bytes | undefined {
  if (!q.encrypted) return q.params
  const p = proofs.find(one => one.auth.sessionAttributes & SESSION.decrypt)
  return decrypted(w, p, p?.auth.nonce ?? EMPTY, p?.session?.nonceTPM ?? EMPTY, q.params)
}

export function clearReturns(w: World, a: Response, proofs: readonly Proof[]): Bytes | undefined {
  if (!a.encrypted) return a.params
  const at = a.auths.findIndex(one => one.sessionAttributes & SESSION.encrypt)
  return decrypted(w, proofs[at], a.auths[at]?.nonce ?? EMPTY, proofs[at]?.auth.nonce ?? EMPTY, a.params)
}

/** Checks the acknowledgements of a command that went well, and rolls the nonces. `names` are those before it. */
export function checkResponse(w: World, q: Request, a: Response, proofs: readonly Proof[], names: Names): void {
  if (a.auths.length !== proofs.length) {
    w.ledger.differs('acknowledgements:', String(proofs.length), String(a.auths.length))
    return
  }
  for (const [i, p] of proofs.entries()) {
    const s = p.session
    const answer = a.auths[i]
    if (!s || !answer) {
      if (p.auth.sessionHandle !== RH.PW) w.ledger.cannot('response HMACs')
      continue
    }
    if (!isPassword(p)) checkAnswer(w, q, a, p, s, i)
    if (p.auth.sessionAttributes & SESSION.audit) {
      // What it was bound to is lost: Part 1, 17.1.
      s.bound = undefined
      audit(q, a, p, s, names)
    }
    if (!(answer.sessionAttributes & SESSION.continueSession)) w.sessions.delete(s.handle)
    s.nonceTPM = answer.nonce
    // Used for an authorization, a policy session begins anew.
    if (s.type === SE.POLICY && p.handle !== undefined) restart(s)
  }
}

type Names = readonly (Bytes | undefined)[]

export function restart(s: Session): void {
  s.digest = zeros(DIGEST_SIZE[s.hash] ?? 0)
  s.authValue = 'none'
}

function checkAnswer(w: World, q: Request, a: Response, p: Proof, s: Session, i: number): void {
  const answer = a.auths[i] as Response['auths'][number]
  const value = answerValue(w, q, p)
  if (!s.key || !isHash(s.hash) || value === undefined) return w.ledger.cannot('response HMACs')
  if (p.auth.hmac.length === 0 && s.key.length + value.length === 0) return undefined
  const rpHash = hash(s.hash, rpInput(q, a))
  const made = authHmac(s, value, rpHash, [answer.nonce, p.auth.nonce], answer.sessionAttributes)
  return w.ledger.same('response HMACs', `HMAC of the answer for session ${i + 1}`, answer.hmac, made)
}

/** The authValue after the command: it may have changed it, or removed the entity. Part 1, 16.6.8. */
function answerValue(w: World, q: Request, p: Proof): Bytes | undefined {
  if (p.handle === undefined || !usesValue(p)) return EMPTY
  // A sequence that is complete goes only after the answer was made.
  const entity = q.row.flushed ? p.entity : w.entity(p.handle)
  if (!entity) return p.entity ? EMPTY : undefined
  return w.authOf(entity)
}

/** Part 1, 17.2. */
function audit(q: Request, a: Response, p: Proof, s: Session, names: Names): void {
  const begins = s.audit === undefined || (p.auth.sessionAttributes & SESSION.auditReset) !== 0
  if (!isHash(s.hash) || names.includes(undefined)) return
  const old = begins ? zeros(DIGEST_SIZE[s.hash] as number) : (s.audit as Bytes)
  s.audit = hash(s.hash, old, cpHash(s.hash, q, names as Bytes[]), hash(s.hash, rpInput(q, a)))
}
