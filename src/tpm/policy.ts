// What the policy commands share: how the policyDigest grows, and the checks and tickets of authorizations that someone
// else gives. Part 3, 23.2; Part 2, 10.6.6.

import { hash, hmac } from '../crypto/hash.ts'
import { be16, be32, type Bytes, concat, EMPTY, equal } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { CC, ST } from '../spec/codes.ts'
import { RH } from '../spec/handles.ts'
import type { AuthTicket } from '../spec/policy.ts'
import { RC } from '../spec/return-codes.ts'
import type { Context } from './command.ts'
import { badParameter, fail } from './errors.ts'
import { type Demand, type Policy, replaceSession, type Session } from './sessions.ts'
import { hierarchyName, type Tpm } from './tpm.ts'

/** Writes the policy of a session back. */
export function setPolicy(c: Context, s: Session, policy: Policy): void {
  const old = (s.policy as Policy).digest
  c.tpm = replaceSession(c.tpm, { ...s, policy })
  if (policy.digest !== old) c.emit({ kind: 'policy', handle: s.handle, old, new: policy.digest })
}

/** policyDigest with a command code and its arguments folded in. */
export const extended = (s: Session, from: Bytes, code: number, ...args: readonly Bytes[]): Bytes =>
  hash(s.hash, from, be32(code), ...args)

/** Folds in and keeps what else the assertion has to say. */
export function assertPolicy(
  c: Context,
  s: Session,
  code: number,
  args: readonly Bytes[],
  more: Partial<Policy> = {},
): void {
  const policy = s.policy as Policy
  setPolicy(c, s, { ...policy, ...more, digest: extended(s, policy.digest, code, ...args) })
}

/** PolicyUpdate(): two steps, since both arguments vary in size. Part 3, 23.2.3. */
export const policyUpdate = (s: Session, from: Bytes, code: number, name: Bytes, ref: Bytes): Bytes =>
  hash(s.hash, extended(s, from, code, name), ref)

export const zeroDigest = (s: Session): Bytes => new Uint8Array(digestSize(s.hash))

/**
 * The place that cpHash, nameHash, template and parameters share. @param again whether the same may be set twice
 * @throws TPM_RC_CPHASH, or TPM_RC_SIZE at parameter n
 */
export function demand(s: Session, of: Demand['of'], digest: Bytes, n: number, again: boolean): Demand {
  const old = s.policy?.demand
  if (old && !(again && old.of === of && equal(old.digest, digest))) throw fail(RC.CPHASH)
  if (digest.length !== digestSize(s.hash)) throw badParameter(n, RC.SIZE)
  return { of, digest }
}

/** What is approved, and until when; the numbers of the parameters for the return codes. */
export interface Approval {
  readonly nonceTPM: Bytes
  readonly cpHashA: Bytes
  /** Milliseconds of Time; 0 for no end. */
  readonly timeout: number
  readonly at: { readonly nonce: number; readonly cpHash: number; readonly expiration: number }
}

/** When an expiration in seconds ends. Part 3, 23.2.2, 3 and 4. */
export const endOf = (s: Session, nonceTPM: Bytes, expiration: number): number =>
  expiration === 0 ? 0 : Math.abs(expiration) * 1000 + (nonceTPM.length > 0 ? s.startTime : 0)

/** Part 3, 23.2.2. */
export function checkApproval(tpm: Tpm, s: Session, a: Approval): void {
  if (a.nonceTPM.length > 0 && !equal(a.nonceTPM, s.nonceTPM)) throw badParameter(a.at.nonce, RC.VALUE)
  if (a.timeout !== 0 && (a.timeout < Math.floor(tpm.clock.time / 1000) || s.policy?.epoch !== tpm.timeEpoch)) {
    throw badParameter(a.at.expiration, RC.EXPIRED)
  }
  if (a.cpHashA.length > 0) {
    const old = s.policy?.demand
    if (old && !(old.of === 'cpHash' && equal(old.digest, a.cpHashA))) throw fail(RC.CPHASH)
    if (a.cpHashA.length !== digestSize(s.hash)) throw badParameter(a.at.cpHash, RC.SIZE)
  }
}

/** The policy after an approval: Part 3, 23.2.3 and 23.2.4. */
export function approved(
  s: Session,
  code: number,
  name: Bytes,
  ref: Bytes,
  a: Pick<Approval, 'cpHashA' | 'timeout'>,
): Policy {
  const policy = s.policy as Policy
  const earlier = a.timeout !== 0 && (policy.timeout === undefined || a.timeout < policy.timeout)
  return {
    ...policy,
    ...(earlier ? { timeout: a.timeout } : {}),
    ...(a.cpHashA.length > 0 ? { demand: { of: 'cpHash', digest: a.cpHashA } } : {}),
    digest: policyUpdate(s, policy.digest, code, name, ref),
  }
}

/** TPM2B_TIMEOUT: the time in milliseconds; the highest bit when a reset ends it too, for want of a nonce. */
export const timeoutBytes = (timeout: number, untilReset: boolean): Bytes =>
  timeout === 0
    ? EMPTY
    : concat(be32(Math.floor(timeout / 2 ** 32) + (untilReset ? 0x80000000 : 0)), be32(timeout % 2 ** 32))

type AuthTag = typeof ST.AUTH_SIGNED | typeof ST.AUTH_SECRET
export const COMMAND_OF: { readonly [tag: number]: number } = {
  [ST.AUTH_SIGNED]: CC.PolicySigned,
  [ST.AUTH_SECRET]: CC.PolicySecret,
}
export const nullTicket = (tag: AuthTag): AuthTicket => ({ tag, hierarchy: RH.NULL, digest: EMPTY })

/** TPMT_TK_AUTH: that this TPM checked the authorization. Part 2, 10.6.6, Equation 6. */
export function authTicket(
  tpm: Tpm,
  tag: AuthTag,
  hierarchy: number,
  a: { readonly cpHashA: Bytes; readonly policyRef: Bytes; readonly name: Bytes; readonly timeout: Bytes },
): AuthTicket {
  const { proof } = tpm.hierarchies[hierarchyName(hierarchy) ?? 'null']
  const untilReset = ((a.timeout[0] ?? 0) & 0x80) !== 0
  const digest = hmac(
    tpm.profile.contextHash,
    proof,
    concat(
      ...[be16(tag), a.cpHashA, a.policyRef, a.name, a.timeout],
      ...(a.timeout.length > 0 ? [be32(tpm.timeEpoch)] : []),
      ...(untilReset ? [be32(tpm.clock.resetCount)] : []),
    ),
  )
  return { tag, hierarchy, digest }
}
