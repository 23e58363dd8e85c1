// How a command that is being built is approved: with a password, or in a session that the TPM on stage has. What a
// session asks for is worked out from what that TPM knows: session key, nonceTPM and authValue. Part 1, 16.4 to 16.7.

import { type Bytes, EMPTY, equal } from '../lib/bytes.ts'
import { algName } from '../spec/algorithms.ts'
import { SESSION } from '../spec/attributes.ts'
import type { CommandRow } from '../spec/command.ts'
import { type AuthCommand, password } from '../spec/frame.ts'
import { RH } from '../spec/handles.ts'
import type { Entity } from '../tpm/entity.ts'
import type { Session } from '../tpm/sessions.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { authHmac, cpHash, isBoundTo, keyedByValue } from '../trace/client/hmac.ts'
import { trimmed } from '../trace/client/world.ts'
import { word } from './format.ts'

/** The TPM on stage, as far as an approval depends on it. */
export interface Known {
  readonly sessions: readonly Session[]
  entity(handle: number): Entity | undefined
  /** The Name of what a handle refers to. */
  name(handle: number): Bytes
}

/** Who could approve. */
export interface Approver {
  /** TPM_RS_PW, or the handle of a session. */
  readonly value: number
  readonly text: string
}

const hashName = (s: Session): string => algName(s.hash).replace('TPM_ALG_', '')
const ASKS = { none: '', hmac: ', PolicyAuthValue', password: ', PolicyPassword' } as const

function sessionText(s: Session): string {
  const kind = s.policy ? `policy session${ASKS[s.policy.authValue]}` : 'HMAC session'
  return `${word(s.handle)}: ${kind}, ${hashName(s)}${s.bound && !s.policy ? ', bound' : ''}`
}

/** Sessions in the TPM's memory that can approve. */
export const sessionsOf = (tpm: Tpm): readonly Session[] =>
  tpm.sessions.flatMap(a => (a?.loaded && a.session.kind !== 'trial' ? [a.session] : []))

/** A password, and the sessions; what is chosen stays in the list when it has gone from the TPM. */
export function approversOf(sessions: readonly Session[], chosen: number): readonly Approver[] {
  const found = sessions.map(s => ({ value: s.handle, text: sessionText(s) }))
  const gone = chosen !== RH.PW && !found.some(f => f.value === chosen)
  return [
    { value: RH.PW, text: 'a password' },
    ...found,
    ...(gone ? [{ value: chosen, text: `${word(chosen)}: not in the TPM` }] : []),
  ]
}

/** What a session has to show for a handle. */
type Proof = 'password' | 'hmac' | 'nothing'

const isBound = (s: Session, e: Entity | undefined): boolean =>
  !s.policy && isBoundTo(s.bound, e && { name: e.name, auth: trimmed(e.auth) })

/** Whether the authValue is part of the HMAC key. */
const usesValue = (s: Session, e: Entity | undefined): boolean => keyedByValue(isBound(s, e), s.policy?.authValue)

function proofOf(s: Session | undefined): Proof {
  if (!s || s.policy?.authValue === 'password') return 'password'
  // A policy that asks for nothing, in a session without a key: nobody could make an HMAC that says anything.
  return s.policy?.authValue === 'none' && s.key.length === 0 ? 'nothing' : 'hmac'
}

/** Whether a password is to be typed. */
export const asksPassword = (sessions: readonly Session[], by: number): boolean =>
  by === RH.PW || sessions.find(s => s.handle === by)?.policy?.authValue === 'password'

/** What the approval consists of, in words. */
export function approvalText(s: Session, e: Entity | undefined): string {
  const proof = proofOf(s)
  if (proof === 'password') return 'The policy asks for the password itself.'
  if (proof === 'nothing') return 'The policy is enough: no HMAC.'
  const value = e && trimmed(e.auth).length === 0 ? 'authValue, which is empty' : 'authValue'
  const parts = [...(s.key.length > 0 ? ['session key'] : []), ...(usesValue(s, e) ? [value] : [])]
  const key = `HMAC keyed with the ${parts.join(' and the ')}.`
  return isBound(s, e) ? `${key} The session is bound to this entity: its authValue is in the session key.` : key
}

/** Why the TPM will not take it, as far as that can be told now. */
export function approvalWarning(s: Session, e: Entity | undefined): string | undefined {
  if (!s.policy || !e) return undefined
  if (e.policy.length === 0) return 'This entity has no authPolicy: a policy cannot approve its use.'
  if (e.policyAlg === s.hash && equal(e.policy, s.policy.digest)) return undefined
  return 'The policyDigest of the session is not the authPolicy of this entity, so far.'
}

/** One approval: of which handle, in which session, with which password where one is asked for. */
export interface Approving {
  readonly handle: number
  readonly by: number
  readonly password: Bytes
}

/** No chance here: all bits of the session's own nonce turned over. As fresh as that is, and the same in every replay. */
const nonceFor = (s: Session): Bytes => s.nonceTPM.map(octet => octet ^ 0xff)

/**
 * The authorization area of a command.
 * @param params its encoded parameters @param names of all its handles
 * @returns for each approval what goes along, or in words why that cannot be said
 */
export function approve(
  known: Known,
  row: CommandRow,
  params: Bytes,
  names: readonly Bytes[],
  approvals: readonly Approving[],
): readonly (AuthCommand | string)[] {
  return approvals.map(a => {
    if (a.by === RH.PW) return password(a.password)
    const s = known.sessions.find(one => one.handle === a.by)
    if (!s) return `there is no session ${word(a.by)} in the TPM that can approve`
    const entity = known.entity(a.handle)
    if (!entity) return `${word(a.handle)} is not in the TPM, so its Name and authValue are not known`
    const sessionAttributes = SESSION.continueSession
    const nonce = nonceFor(s)
    const proof = proofOf(s)
    const made = (): Bytes => {
      const value = usesValue(s, entity) ? trimmed(entity.auth) : EMPTY
      const pHash = cpHash(s.hash, { row, params }, names)
      return authHmac(s, value, pHash, [nonce, s.nonceTPM], sessionAttributes)
    }
    const hmac = proof === 'password' ? a.password : proof === 'hmac' ? made() : EMPTY
    return { sessionHandle: s.handle, nonce, sessionAttributes, hmac }
  })
}
