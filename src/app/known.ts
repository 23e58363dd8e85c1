// What the engine knows of who approves, for the command builder: the same look-ups that authorizations are checked with.

import { entityOf, nameOf } from '../tpm/entity.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { type Known, sessionsOf } from '../view/builder-approve.ts'

export const knownOf = (tpm: Tpm): Known => ({
  sessions: sessionsOf(tpm),
  entity: h => entityOf(tpm, h),
  name: h => nameOf(tpm, h),
})
