// The scenario that the page opens with, and all that it has before the rest of the engine comes.

import { createPrimary, HASH_MLDSA_87, signDigest } from '../keys.ts'
import { type Scenario, scenario } from '../scenario.ts'

export const FIRST: Scenario = scenario(
  'sign-mldsa87',
  'Sign with ML-DSA-87',
  'Make a key, then sign: an answer of 4,652 bytes comes back through a window of 3,968 bytes in two chunks.',
  [],
  [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest],
)
