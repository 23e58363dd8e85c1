// The scenario that the page opens with. All others come with the rest of the engine, after the first step.

import { ABC_DIGEST, createPrimary, HASH_MLDSA_87, KEY, NO_CONTEXT, NULL_TICKET } from '../keys.ts'
import { command, scenario } from '../scenario.ts'

export const signDigest = command('sign', 'Sign a digest with HashML-DSA-87', 'SignDigest', {
  handles: [KEY],
  auths: 1,
  params: [NO_CONTEXT, ABC_DIGEST, NULL_TICKET],
})

export const FIRST = scenario(
  'sign-mldsa87',
  'Sign with ML-DSA-87',
  'Make a key, then sign: an answer of 4,652 bytes comes back through a window of 3,968 bytes in two chunks.',
  [],
  [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest],
)
