// The scenario that the page opens with, apart from the others, which come after the first step can be taken.

import { command, scenario } from '../scenario.ts'
import { ABC_DIGEST, createPrimary, HASH_MLDSA_87, KEY, NO_CONTEXT, NULL_TICKET } from '../keys.ts'

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
