// Deferred assertions: what a policy session has to meet at the moment when it authorizes a command. Part 3, 5.6, 8.

import { hash } from '../crypto/hash.ts'
import { type Bytes, concat, equal } from '../lib/bytes.ts'
import { RC } from '../spec/return-codes.ts'
import type { Role } from '../spec/command.ts'
import { badSession, fail } from './errors.ts'
import type { Entity } from './entity.ts'
import type { Policy, Session } from './sessions.ts'
import type { Tpm } from './tpm.ts'

/** What the policy is held against. */
export interface Use {
  readonly tpm: Tpm
  readonly locality: number
  readonly code: number
  readonly role: Role
  /** Names of all handles, in order. */
  readonly names: readonly Bytes[]
  /** The parameters as they were sent. */
  readonly params: Bytes
  readonly cpHash: (alg: number) => Bytes
  /** The digest of the template, for commands that create. */
  readonly template: (alg: number) => Bytes | undefined
}

/** Part 2, 8.5: one bit a locality up to 4, or the number of an extended one. */
export const allowsLocality = (mask: number, locality: number): boolean =>
  mask >= 32 ? mask === locality : locality < 5 && ((mask >>> locality) & 1) === 1

function demanded(s: Session, p: Policy, use: Use): boolean {
  if (!p.demand) return true
  switch (p.demand.of) {
    case 'cpHash':
      return equal(p.demand.digest, use.cpHash(s.hash))
    case 'nameHash':
      return equal(p.demand.digest, hash(s.hash, concat(...use.names)))
    case 'parameters':
      return equal(p.demand.digest, hash(s.hash, parametersOf(use)))
    default: {
      const template = use.template(s.hash)
      return template !== undefined && equal(p.demand.digest, template)
    }
  }
}

const parametersOf = (use: Use): Bytes =>
  concat(Uint8Array.of(use.code >>> 24, use.code >>> 16, use.code >>> 8, use.code), use.params)

/** @param n number of the session, from 1. @throws TpmError when an assertion does not hold */
export function checkPolicy(s: Session, entity: Entity, written: boolean | undefined, use: Use, n: number): void {
  const p = s.policy as Policy
  const now = Math.floor(use.tpm.clock.time / 1000)
  const late = p.timeout !== undefined && (now > p.timeout || p.epoch !== use.tpm.timeEpoch)
  if (late) throw badSession(n, RC.EXPIRED)
  if (p.commandCode !== undefined && p.commandCode !== use.code) throw badSession(n, RC.POLICY_CC)
  // ADMIN and DUP role: the policy has to name the command. Part 3, 5.6, 6.
  if (use.role !== 'user' && p.commandCode === undefined) throw badSession(n, RC.POLICY_FAIL)
  if (entity.policyAlg !== s.hash || !equal(p.digest, entity.policy)) throw badSession(n, RC.POLICY_FAIL)
  if (p.pcrCounter !== undefined && p.pcrCounter !== use.tpm.pcrs.updateCounter) throw fail(RC.PCR_CHANGED)
  if (p.locality !== undefined && !allowsLocality(p.locality, use.locality)) throw fail(RC.LOCALITY)
  if (p.physicalPresence && !use.tpm.physicalPresence) throw fail(RC.PP)
  // Nothing that carries commands to this TPM is such a channel.
  if (p.channel !== undefined) throw badSession(n, RC.CHANNEL)
  if (!demanded(s, p, use)) throw badSession(n, RC.POLICY_FAIL)
  if (p.nvWritten !== undefined && p.nvWritten !== written) throw badSession(n, RC.POLICY_FAIL)
}
