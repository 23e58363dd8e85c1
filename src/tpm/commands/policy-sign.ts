// Policies that someone else approves. Part 3, 23.3 to 23.5 and 23.16.

import { hash } from '../../crypto/hash.ts'
import { be32, type Bytes, concat, EMPTY, equal, readBe16, readBe32 } from '../../lib/bytes.ts'
import { ALG, digestSize, HASHES } from '../../spec/algorithms.ts'
import { CC, ST } from '../../spec/codes.ts'
import { PolicyAuthorize, PolicySecret, PolicySigned, PolicyTicket } from '../../spec/commands/policy-sign.ts'
import type { Signature } from '../../spec/keys.ts'
import { NT, nvType } from '../../spec/nv.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { type Entity, entityOf, hierarchyOf } from '../entity.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import {
  approved,
  authTicket,
  checkApproval,
  COMMAND_OF,
  endOf,
  nullTicket,
  policyUpdate,
  setPolicy,
  timeoutBytes,
  zeroDigest,
} from '../policy.ts'
import { isSigning, verifyDigest, verifyMessage } from '../schemes.ts'
import type { Policy } from '../sessions.ts'
import { isVerified } from '../tickets.ts'
import type { LoadedObject } from '../tpm.ts'

/** Whether the key signed the message, with whatever scheme of its type the signature names. */
function hasSigned(key: LoadedObject, message: Bytes, signature: Signature): boolean {
  const { publicArea: p, sensitive } = key
  if (signature.sigAlg === ALG.MLDSA) {
    return verifyMessage(p, sensitive, { alg: ALG.MLDSA, hash: ALG.NULL }, EMPTY, message, signature)
  }
  const alg = signature.sigAlg === ALG.HMAC ? signature.hmac.hashAlg : 'hash' in signature ? signature.hash : undefined
  return alg !== undefined && verifyDigest(p, sensitive, EMPTY, hash(alg, message), signature)
}

export const policySign = [
  implement(PolicySigned, (c, { authObject, policySession }, p) => {
    const s = c.session(policySession)
    const key = c.object(authObject, atHandle(1, RC.KEY))
    const timeout = endOf(s, p.nonceTPM, p.expiration)
    if (s.kind !== 'trial') {
      checkApproval(c.tpm, s, { ...p, timeout, at: { nonce: 1, cpHash: 2, expiration: 4 } })
      if (!isSigning(key.publicArea)) throw badHandle(1, RC.KEY)
      const message = concat(p.nonceTPM, be32(p.expiration >>> 0), p.cpHashA, p.policyRef)
      if (!hasSigned(key, message, p.auth)) throw badParameter(5, RC.SIGNATURE)
    }

    setPolicy(c, s, approved(s, CC.PolicySigned, key.name, p.policyRef, { cpHashA: p.cpHashA, timeout }))

    if (p.expiration >= 0 || s.kind === 'trial') return { timeout: EMPTY, policyTicket: nullTicket(ST.AUTH_SIGNED) }
    const end = timeoutBytes(timeout, p.nonceTPM.length === 0)
    return {
      timeout: end,
      policyTicket: authTicket(c.tpm, ST.AUTH_SIGNED, key.hierarchy, { ...p, name: key.name, timeout: end }),
    }
  }),

  implement(PolicySecret, (c, { authHandle, policySession }, p) => {
    const s = c.session(policySession)
    const entity = entityOf(c.tpm, authHandle) as Entity
    const { name } = entity
    const timeout = endOf(s, p.nonceTPM, p.expiration)
    if (s.kind !== 'trial') checkApproval(c.tpm, s, { ...p, timeout, at: { nonce: 1, cpHash: 2, expiration: 4 } })

    setPolicy(c, s, approved(s, CC.PolicySecret, name, p.policyRef, { cpHashA: p.cpHashA, timeout }))

    // A ticket would go on approving when PIN Pass has no tries left: Part 1, 34.2.8.3.
    const { index } = entity
    const counted = index !== undefined && nvType(index.publicArea.attributes) === NT.PIN_PASS
    if (p.expiration >= 0 || s.kind === 'trial' || counted) {
      return { timeout: EMPTY, policyTicket: nullTicket(ST.AUTH_SECRET) }
    }
    const end = timeoutBytes(timeout, p.nonceTPM.length === 0)
    const hierarchy = hierarchyOf(c.tpm, authHandle)
    return {
      timeout: end,
      policyTicket: authTicket(c.tpm, ST.AUTH_SECRET, hierarchy, { ...p, name, timeout: end }),
    }
  }),

  implement(PolicyTicket, (c, { policySession }, p) => {
    const s = c.session(policySession)
    if (s.kind === 'trial') throw badHandle(1, RC.ATTRIBUTES)
    if (p.timeout.length !== 8) throw badParameter(1, RC.SIZE)
    const timeout = (readBe32(p.timeout, 0) & 0x7fffffff) * 2 ** 32 + readBe32(p.timeout, 4)
    checkApproval(c.tpm, s, {
      nonceTPM: EMPTY,
      cpHashA: p.cpHashA,
      timeout,
      at: { nonce: 0, cpHash: 2, expiration: 1 },
    })
    const tag = p.ticket.tag as typeof ST.AUTH_SIGNED
    const wanted = authTicket(c.tpm, tag, p.ticket.hierarchy, { ...p, name: p.authName })
    if (!equal(wanted.digest, p.ticket.digest)) throw badParameter(5, RC.TICKET)

    const code = COMMAND_OF[tag] as number
    setPolicy(c, s, approved(s, code, p.authName, p.policyRef, { cpHashA: p.cpHashA, timeout }))
  }),

  implement(PolicyAuthorize, (c, { policySession }, p) => {
    const s = c.session(policySession)
    const alg = readBe16(p.keySign, 0)
    if (p.keySign.length < 2 || !HASHES.includes(alg) || !c.tpm.profile.algorithms.includes(alg)) {
      throw badParameter(3, RC.HASH)
    }
    if (p.keySign.length !== 2 + digestSize(alg)) throw badParameter(3, RC.SIZE)
    const policy = s.policy as Policy
    if (s.kind !== 'trial') {
      if (!equal(policy.digest, p.approvedPolicy)) throw badParameter(1, RC.VALUE)
      const what = concat(p.approvedPolicy, p.policyRef)
      if (!isVerified(c.tpm, p.checkTicket, p.keySign, what, hash(alg, what))) throw fail(RC.POLICY)
    }

    setPolicy(c, s, {
      ...policy,
      digest: policyUpdate(s, zeroDigest(s), CC.PolicyAuthorize, p.keySign, p.policyRef),
    })
  }),
]
