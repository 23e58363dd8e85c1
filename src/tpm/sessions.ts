// Sessions: what the TPM keeps of each, where their handles come from, and how contexts that were saved stay apart.
// Part 1, 16.6, 16.7.8 and 27 (context management); Part 3, 11.1.

import type { Bytes } from '../lib/bytes.ts'
import { HT } from '../spec/handles.ts'
import type { SymDef } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import type { Context } from './command.ts'
import { fail } from './errors.ts'
import type { Tpm } from './tpm.ts'
import { amend } from './amend.ts'

/** A digest that a policy demands, and what it is the digest of. They share one place: Part 1, 16.7.8. */
export interface Demand {
  readonly of: 'cpHash' | 'nameHash' | 'template' | 'parameters'
  readonly digest: Bytes
}

/** What the assertions of a policy have left to check when the session is used. Part 1, 16.7.8. */
export interface Policy {
  readonly digest: Bytes
  readonly demand: Demand | undefined
  /** The only command that may be authorized. */
  readonly commandCode: number | undefined
  /** TPMA_LOCALITY; undefined for any. */
  readonly locality: number | undefined
  /** Time since power-on in milliseconds, after which the policy is no longer met. */
  readonly timeout: number | undefined
  /** To which power-on the timeout belongs. */
  readonly epoch: number
  /** PCR update counter at TPM2_PolicyPCR. */
  readonly pcrCounter: number | undefined
  readonly nvWritten: boolean | undefined
  readonly authValue: 'none' | 'hmac' | 'password'
  readonly physicalPresence: boolean
  /** A secure channel is needed: empty for any, or the digest of the Names of its keys. Part 3, 23.25. */
  readonly channel: Bytes | undefined
}

export interface Session {
  readonly handle: number
  readonly kind: 'hmac' | 'policy' | 'trial'
  readonly hash: number
  readonly symmetric: SymDef
  /** Empty when neither salted nor bound. */
  readonly key: Bytes
  readonly nonceTPM: Bytes
  /** Name and authValue of the entity to which it is bound: Part 1, 16.6.8. The Name is empty when that is lost. */
  readonly bound: { readonly name: Bytes; readonly auth: Bytes; readonly da: boolean } | undefined
  /** The audit digest, once it has been used for audit. */
  readonly audit: Bytes | undefined
  /** Undefined for an HMAC session. */
  readonly policy: Policy | undefined
  /** Time since power-on in milliseconds, when its nonce last changed. */
  readonly startTime: number
}

/** A session in the TPM's memory, or what is kept of one whose context was saved. */
export type ActiveSession =
  | { readonly loaded: true; readonly session: Session }
  | { readonly loaded: false; readonly handle: number; readonly sequence: number }

export const NO_POLICY_YET: Omit<Policy, 'digest' | 'epoch'> = {
  demand: undefined,
  commandCode: undefined,
  locality: undefined,
  timeout: undefined,
  pcrCounter: undefined,
  nvWritten: undefined,
  authValue: 'none',
  physicalPresence: false,
  channel: undefined,
}
export const freshPolicy = (size: number, epoch: number): Policy => ({
  digest: new Uint8Array(size),
  epoch,
  ...NO_POLICY_YET,
})

const indexOf = (handle: number): number => handle & 0xffffff
const typeOf = (kind: Session['kind']): number => (kind === 'hmac' ? HT.HMAC_SESSION : HT.POLICY_SESSION)

/** The loaded session of a handle; undefined when there is none, or its context is saved. */
export function sessionOf(tpm: Tpm, handle: number): Session | undefined {
  const active = tpm.sessions[indexOf(handle)]
  return active?.loaded && active.session.handle === handle ? active.session : undefined
}

/** What is known of a handle, saved contexts included. */
export function activeSession(tpm: Tpm, handle: number): ActiveSession | undefined {
  const active = tpm.sessions[indexOf(handle)]
  return active && (active.loaded ? active.session.handle : active.handle) === handle ? active : undefined
}

export const loadedSessions = (tpm: Tpm): readonly Session[] => {
  const out: Session[] = []
  for (const a of tpm.sessions) if (a?.loaded) out.push(a.session)
  return out
}
export const savedSessions = (tpm: Tpm): readonly { handle: number; sequence: number }[] => {
  const out: { handle: number; sequence: number }[] = []
  for (const a of tpm.sessions) if (a && !a.loaded) out.push(a)
  return out
}

/** Whether the same sessions have their contexts saved outside. */
export function sameTracking({ sessions: a }: Tpm, { sessions: b }: Tpm): boolean {
  if (a === b) return true
  const saved = (s: ActiveSession | undefined): number | undefined => (s && !s.loaded ? s.sequence : undefined)
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => saved(a[i]) === saved(b[i])).every(Boolean)
}

const put = (tpm: Tpm, handle: number, active: ActiveSession | undefined): Tpm => {
  const sessions = [...tpm.sessions]
  sessions[indexOf(handle)] = active
  return amend(tpm, { sessions })
}
export const replaceSession = (tpm: Tpm, session: Session): Tpm => put(tpm, session.handle, { loaded: true, session })
export const parkSession = (tpm: Tpm, handle: number, sequence: number): Tpm =>
  put(tpm, handle, { loaded: false, handle, sequence })
export const dropSession = (tpm: Tpm, handle: number): Tpm => {
  const without = put(tpm, handle, undefined)
  return tpm.exclusiveAudit === handle ? { ...without, exclusiveAudit: undefined } : without
}

/** PT_CONTEXT_GAP_MAX: how far apart the oldest saved context and the next may be. */
export const CONTEXT_GAP = 0xffff

/** @throws TPM_RC_CONTEXT_GAP when the next session context could not be told from the oldest saved one */
export function checkGap(tpm: Tpm): void {
  for (const { sequence } of savedSessions(tpm)) {
    if (tpm.sessionCounter - sequence >= CONTEXT_GAP) throw fail(RC.CONTEXT_GAP)
  }
}

/** Places a new session. @throws TPM_RC_SESSION_MEMORY, TPM_RC_SESSION_HANDLES, TPM_RC_CONTEXT_GAP */
export function addSession(c: Context, session: Omit<Session, 'handle'>): Session {
  const { profile, sessions } = c.tpm
  needRoom(c.tpm)
  let index = sessions.findIndex(s => s === undefined)
  if (index < 0) index = sessions.length
  if (index >= profile.activeSessions) throw fail(RC.SESSION_HANDLES)
  checkGap(c.tpm)
  const made: Session = { ...session, handle: typeOf(session.kind) * 0x1000000 + index }
  c.tpm = replaceSession(amend(c.tpm, { sessionCounter: c.tpm.sessionCounter + 1 }), made)
  return made
}

/** @throws TPM_RC_SESSION_MEMORY when every place for a loaded session is taken */
export function needRoom(tpm: Tpm): void {
  if (loadedSessions(tpm).length >= tpm.profile.sessions) throw fail(RC.SESSION_MEMORY)
}

export const NO_SESSIONS: Pick<Tpm, 'sessions' | 'sessionCounter' | 'objectCounter' | 'exclusiveAudit'> = {
  sessions: [],
  sessionCounter: 0,
  objectCounter: 0n,
  exclusiveAudit: undefined,
}
