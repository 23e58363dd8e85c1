// Policy sessions of a recorded conversation: their digest, recomputed from the assertions that were seen, and whether an
// authValue goes with them. Part 1, 16.7; Part 3, 11 and 23.

import { encode } from '../../codec/codec.ts'
import { hash, isHash } from '../../crypto/hash.ts'
import { kdfa } from '../../crypto/kdf.ts'
import { be16, be32, bytes, type Bytes, concat, EMPTY, equal } from '../../lib/bytes.ts'
import { DIGEST_SIZE } from '../../spec/algorithms.ts'
import { TPML_PCR_SELECTION } from '../../spec/base.ts'
import { CC, ST, YES } from '../../spec/codes.ts'
import * as bind from '../../spec/commands/policy-bind.ts'
import * as sign from '../../spec/commands/policy-sign.ts'
import { PolicyRestart, StartAuthSession } from '../../spec/commands/session.ts'
import { RH } from '../../spec/handles.ts'
import { SE } from '../../spec/policy.ts'
import { on } from './observe.ts'
import { restart } from './sessions.ts'
import type { Session, World } from './world.ts'

/** Salt of a session; empty when there is none, undefined when nobody outside the TPM knows it. */
function saltOf(w: World, tpmKey: number, encrypted: Bytes): Bytes | undefined {
  if (tpmKey === RH.NULL) return EMPTY
  const key = w.entity(tpmKey)
  const secret = key?.secret?.()
  const salt = key?.publicArea && secret && w.keys.share(key.publicArea, secret, 'SECRET', encrypted)
  if (salt) w.ledger.ok('salts')
  else w.ledger.cannot('salts')
  return salt
}

const zeros = (s: Session): Bytes => new Uint8Array(DIGEST_SIZE[s.hash] ?? 0)

/** Folds a command code and its arguments in; an unknown argument makes the digest unknown. */
function fold(
  s: Session | undefined,
  from: Bytes | undefined,
  code: number,
  ...args: readonly (Bytes | undefined)[]
): void {
  if (!s) return
  const known = from && isHash(s.hash) && !args.includes(undefined)
  s.digest = known ? hash(s.hash, from, be32(code), ...(args as Bytes[])) : undefined
}

const assert = (s: Session | undefined, code: number, ...args: readonly (Bytes | undefined)[]): void =>
  fold(s, s?.digest, code, ...args)

/** PolicyUpdate(): Part 3, 23.2.3. */
function update(
  s: Session | undefined,
  from: Bytes | undefined,
  code: number,
  name: Bytes | undefined,
  ref?: Bytes,
): void {
  fold(s, from, code, name)
  if (s) s.digest = s.digest && ref && isHash(s.hash) ? hash(s.hash, s.digest, ref) : undefined
}

const compared = (s: Session | undefined, operandB?: Bytes, offset?: number, operation?: number): Bytes | undefined =>
  s && isHash(s.hash) && operandB && offset !== undefined && operation !== undefined
    ? hash(s.hash, operandB, be16(offset), be16(operation))
    : undefined

const flag = (v: number | undefined): Bytes | undefined => (v === undefined ? undefined : bytes(v))
const code32 = (v: number | undefined): Bytes | undefined => (v === undefined ? undefined : be32(v))

const sessionOf = (w: World, x: { readonly handles: { readonly policySession: number } }): Session | undefined =>
  w.sessions.get(x.handles.policySession)

export const policies = [
  on(StartAuthSession, (w, { handles, params, returns, handle }) => {
    const { sessionType: type, authHash, symmetric, nonceCaller, encryptedSalt } = params
    const nonceTPM = returns.nonceTPM
    if (type === undefined || authHash === undefined || !symmetric || !nonceTPM) return
    const salt = encryptedSalt && saltOf(w, handles.tpmKey, encryptedSalt)
    const entity = handles.bind === RH.NULL ? undefined : w.entity(handles.bind)
    const auth = handles.bind === RH.NULL ? EMPTY : entity && w.authOf(entity)
    let key: Bytes | undefined
    if (handles.bind === RH.NULL && handles.tpmKey === RH.NULL) key = EMPTY
    else if (salt && auth && nonceCaller && isHash(authHash)) {
      const bits = 8 * (DIGEST_SIZE[authHash] ?? 0)
      key = kdfa(authHash, concat(auth, salt), 'ATH', nonceTPM, nonceCaller, bits)
    }
    const bound = entity?.name && auth ? { name: entity.name, auth } : undefined
    const session: Session = {
      ...{ handle, type, hash: authHash, symmetric, key, bound, nonceTPM },
      ...{ digest: undefined, authValue: 'none', audit: undefined },
    }
    restart(session)
    w.sessions.set(handle, session)
  }),

  on(PolicyRestart, (w, { handles }) => {
    const s = w.sessions.get(handles.sessionHandle)
    if (s) restart(s)
  }),

  on(bind.PolicyGetDigest, (w, x) =>
    w.ledger.same('policy digests', 'policyDigest', x.returns.policyDigest, sessionOf(w, x)?.digest),
  ),

  on(bind.PolicyOR, (w, x) => {
    const s = sessionOf(w, x)
    const list = x.params.pHashList
    // Accepted, so that one of them was met.
    if (s?.type === SE.POLICY && s.digest && list) {
      const { digest } = s
      const met = list.find(d => equal(d, digest)) ?? list[0]
      w.ledger.same('policy digests', 'policy that TPM2_PolicyOR met', met, digest)
    }
    if (s) fold(s, zeros(s), CC.PolicyOR, ...(list ?? [undefined]))
  }),

  on(bind.PolicyPCR, (w, x) => {
    const s = sessionOf(w, x)
    const { pcrDigest, pcrs } = x.params
    if (!s || !pcrs) return
    const made = w.pcrDigest(s.hash, pcrs)
    if (s.type === SE.POLICY && pcrDigest && pcrDigest.length > 0 && made) {
      w.samePcrs('PCR values', 'digest of PCRs', pcrs, pcrDigest, made)
    }
    assert(s, CC.PolicyPCR, encode(TPML_PCR_SELECTION, pcrs), pcrDigest && pcrDigest.length > 0 ? pcrDigest : made)
  }),

  on(bind.PolicyLocality, (w, x) => assert(sessionOf(w, x), CC.PolicyLocality, flag(x.params.locality))),
  on(bind.PolicyCounterTimer, (w, x) => {
    const { operandB, offset, operation } = x.params
    assert(sessionOf(w, x), CC.PolicyCounterTimer, compared(sessionOf(w, x), operandB, offset, operation))
  }),
  on(bind.PolicyCommandCode, (w, x) => assert(sessionOf(w, x), CC.PolicyCommandCode, code32(x.params.code))),
  on(bind.PolicyPhysicalPresence, (w, x) => assert(sessionOf(w, x), CC.PolicyPhysicalPresence)),
  on(bind.PolicyCpHash, (w, x) => assert(sessionOf(w, x), CC.PolicyCpHash, x.params.cpHashA)),
  on(bind.PolicyNameHash, (w, x) => assert(sessionOf(w, x), CC.PolicyNameHash, x.params.nameHash)),
  on(bind.PolicyTemplate, (w, x) => assert(sessionOf(w, x), CC.PolicyTemplate, x.params.templateHash)),
  on(bind.PolicyParameters, (w, x) => assert(sessionOf(w, x), CC.PolicyParameters, x.params.pHash)),
  on(bind.PolicyNvWritten, (w, x) => assert(sessionOf(w, x), CC.PolicyNvWritten, flag(x.params.writtenSet))),
  on(bind.PolicyDuplicationSelect, (w, x) => {
    const { objectName, newParentName, includeObject } = x.params
    const object = includeObject === YES ? objectName : EMPTY
    assert(sessionOf(w, x), CC.PolicyDuplicationSelect, object, newParentName, flag(includeObject))
  }),
  on(bind.PolicyAuthValue, (w, x) => {
    const s = sessionOf(w, x)
    if (s) s.authValue = 'hmac'
    assert(s, CC.PolicyAuthValue)
  }),
  // Either may be used for the other: Part 3, 23.18.
  on(bind.PolicyPassword, (w, x) => {
    const s = sessionOf(w, x)
    if (s) s.authValue = 'password'
    assert(s, CC.PolicyAuthValue)
  }),
  on(bind.PolicyCapability, (w, x) => {
    const s = sessionOf(w, x)
    // What the capability's digest is made of is followed by no client that was recorded.
    if (s) s.digest = undefined
  }),

  on(sign.PolicySigned, (w, x) => {
    const s = sessionOf(w, x)
    const { nonceTPM, expiration, cpHashA, policyRef, auth } = x.params
    const key = w.entity(x.handles.authObject)?.publicArea
    const alg = auth && 'hash' in auth ? auth.hash : undefined
    if (s?.type === SE.POLICY && key && auth && alg !== undefined && isHash(alg) && nonceTPM && cpHashA && policyRef) {
      const digest = hash(alg, nonceTPM, be32((expiration ?? 0) >>> 0), cpHashA, policyRef)
      const good = w.keys.verify(key, digest, auth)
      if (good === false)
        w.ledger.differs('signature of the approval', 'good', 'not that of the key over what it approves')
      if (good) w.ledger.ok('signatures')
    }
    update(s, s?.digest, CC.PolicySigned, w.nameOf(x.handles.authObject), policyRef)
  }),
  on(sign.PolicySecret, (w, x) => {
    const s = sessionOf(w, x)
    update(s, s?.digest, CC.PolicySecret, w.nameOf(x.handles.authHandle), x.params.policyRef)
  }),
  on(sign.PolicyTicket, (w, x) => {
    const s = sessionOf(w, x)
    const { ticket, authName, policyRef } = x.params
    update(s, s?.digest, ticket?.tag === ST.AUTH_SIGNED ? CC.PolicySigned : CC.PolicySecret, authName, policyRef)
  }),
  on(sign.PolicyAuthorize, (w, x) => {
    const s = sessionOf(w, x)
    const { approvedPolicy, keySign, policyRef } = x.params
    if (s?.type === SE.POLICY && s.digest) w.ledger.same('policy digests', 'approvedPolicy', approvedPolicy, s.digest)
    if (s) update(s, zeros(s), CC.PolicyAuthorize, keySign, policyRef)
  }),
  on(sign.PolicyNV, (w, x) => {
    const s = sessionOf(w, x)
    const { operandB, offset, operation } = x.params
    assert(s, CC.PolicyNV, compared(s, operandB, offset, operation), w.nameOf(x.handles.nvIndex))
  }),
  on(sign.PolicyAuthorizeNV, (w, x) => {
    const s = sessionOf(w, x)
    if (s) fold(s, zeros(s), CC.PolicyAuthorizeNV, w.nameOf(x.handles.nvIndex))
  }),
]
