// Authorizations of TPM 1.2: OIAP and OSAP with rolling nonces, HMAC-SHA1 over digests of what goes in and out. TPM Main
// Specification 1.2, Part 1, 13 (protocols); Part 3, 18 and the "actions" of each authorized command.

import { hash, hmac } from '../crypto/hash.ts'
import { be32, type Bytes, bytes, concat, equal } from '../lib/bytes.ts'
import type { AuthRequest } from '../spec12/structures.ts'
import { type Context12, stop } from './context.ts'
import type { Auth } from './tpm.ts'

const SHA1 = 0x0004

export const sha1 = (...parts: readonly Bytes[]): Bytes => hash(SHA1, ...parts)
export const hmac1 = (key: Bytes, ...parts: readonly Bytes[]): Bytes => hmac(SHA1, key, ...parts)

/** What a proof of a request covers: ordinal and parameters, without handles. */
export const inDigest = (ordinal: number, params: Bytes): Bytes => sha1(be32(ordinal), params)
/** What a proof of a response covers. */
export const outDigest = (ordinal: number, returns: Bytes, code = 0): Bytes => sha1(be32(code), be32(ordinal), returns)

export const proof = (key: Bytes, digest: Bytes, even: Bytes, odd: Bytes, goOn: number): Bytes =>
  hmac1(key, digest, even, odd, bytes(goOn))

/** Whose secret a command asks for. */
export type Entity = 'owner' | 'srk'

/** How the response is proved once the command has run. */
export interface Proven {
  readonly session: Auth
  readonly key: Bytes
  readonly request: AuthRequest
}

const find = (c: Context12, handle: number): Auth =>
  c.tpm.sessions.find(s => s.handle === handle) ?? stop('INVALID_AUTHHANDLE')

function keyFor(c: Context12, session: Auth, entity: Entity): Bytes {
  const { owner } = c.tpm.permanent
  if (!owner) return stop('AUTHFAIL')
  const [secret, digest] = entity === 'owner' ? [owner.auth, owner.auth] : [owner.srk.usageAuth, owner.srk.digest]
  if (session.kind === 'OIAP') return secret
  // A session of another entity, or of an owner that is gone.
  return equal(session.entityDigest, digest) ? session.secret : stop('AUTHFAIL')
}

/** Checks the proof of a request. @param key where the secret is not that of owner or SRK: TPM_TakeOwnership's */
export function authorize(
  c: Context12,
  request: AuthRequest,
  digest: Bytes,
  whose: Entity | { readonly key: Bytes },
): Proven {
  const session = find(c, request.authHandle)
  if (typeof whose === 'object' && session.kind !== 'OIAP') return stop('BAD_MODE')
  const key = typeof whose === 'object' ? whose.key : keyFor(c, session, whose)
  const wanted = proof(key, digest, session.nonceEven, request.nonceOdd, request.continueAuthSession)
  if (!equal(wanted, request.authData)) stop('AUTHFAIL')
  return { session, key, request }
}

/** The session is over. */
export function close(c: Context12, handle: number): void {
  c.tpm = { ...c.tpm, sessions: c.tpm.sessions.filter(s => s.handle !== handle) }
}

/** The authorization of a response, with a new nonce of the TPM; ends the session unless it goes on. */
export function answerProof(c: Context12, { session, key, request }: Proven, digest: Bytes, goOn: boolean): Bytes {
  const nonceEven = c.random(20)
  const there = c.tpm.sessions.some(s => s.handle === session.handle)
  const on = goOn && there && request.continueAuthSession !== 0
  if (on) {
    const sessions = c.tpm.sessions.map(s => (s.handle === session.handle ? { ...s, nonceEven } : s))
    c.tpm = { ...c.tpm, sessions }
  } else close(c, session.handle)
  return concat(nonceEven, bytes(on ? 1 : 0), proof(key, digest, nonceEven, request.nonceOdd, on ? 1 : 0))
}
