// The profile crbscope with something else about it, for tests that tell more that way.

import { ALG } from '../../src/spec/algorithms.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'

const { crbscope } = PROFILES

/** PCRs in two banks only, so that there are empty ones; and algorithms that a self-test has to look at first. */
export const TWO_BANKS: Profile = { ...crbscope, banks: [ALG.SHA256, ALG.SHA384], untestedAtInit: crbscope.algorithms }
