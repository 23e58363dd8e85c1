// The TPM's state with some members changed. Written out, since engines of JavaScript make a literal of one shape many
// times faster than a spread of what came from a spread, and every command does this several times.

import type { Tpm } from './tpm.ts'

type Draft = { -readonly [M in keyof Tpm]: Tpm[M] }

/** Every member; the type says when one is missing. */
const copy = (t: Tpm): Draft => ({
  profile: t.profile,
  power: t.power,
  drbg: t.drbg,
  hierarchies: t.hierarchies,
  phEnableNV: t.phEnableNV,
  readOnly: t.readOnly,
  physicalPresence: t.physicalPresence,
  disableClear: t.disableClear,
  ppCommands: t.ppCommands,
  pcrs: t.pcrs,
  allocation: t.allocation,
  nextAllocation: t.nextAllocation,
  pcrAuth: t.pcrAuth,
  objects: t.objects,
  nv: t.nv,
  persistent: t.persistent,
  sessions: t.sessions,
  sessionCounter: t.sessionCounter,
  objectCounter: t.objectCounter,
  timeEpoch: t.timeEpoch,
  totalResets: t.totalResets,
  clearCount: t.clearCount,
  exclusiveAudit: t.exclusiveAudit,
  clock: t.clock,
  lockout: t.lockout,
  commits: t.commits,
  audit: t.audit,
  shutdown: t.shutdown,
  orderly: t.orderly,
  startupLocality: t.startupLocality,
  untested: t.untested,
  acts: t.acts,
  nvAvailable: t.nvAvailable,
  failSelfTest: t.failSelfTest,
  hashSequence: t.hashSequence,
  hcrtm: t.hcrtm,
})

/** @returns a new state; what is not in `changes` is shared with the old one */
export function amend(tpm: Tpm, changes: Partial<Tpm>): Tpm {
  const next = copy(tpm)
  const draft = next as { [member: string]: unknown }
  const given = changes as { readonly [member: string]: unknown }
  for (const member in changes) draft[member] = given[member]
  return next
}
