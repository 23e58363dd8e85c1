// TPM2_GetRandom and TPM2_StirRandom. Part 3, 16.

import { stir } from '../../crypto/drbg.ts'
import { DIGEST_SIZE } from '../../spec/algorithms.ts'
import { GetRandom, StirRandom } from '../../spec/commands/random.ts'
import { implement } from '../command.ts'
import type { Profile } from '../profile.ts'
import { amend } from '../amend.ts'

/** What fits into a TPM2B_DIGEST of this TPM. */
const largestDigest = (profile: Profile): number => Math.max(...profile.algorithms.map(a => DIGEST_SIZE[a] ?? 0))

export const random = [
  implement(GetRandom, (c, _, { bytesRequested }) => {
    const length = Math.min(bytesRequested, largestDigest(c.tpm.profile))
    const randomBytes = c.random(length)
    c.emit({ kind: 'random', length })
    return { randomBytes }
  }),

  implement(StirRandom, (c, _, { inData }) => {
    c.tpm = amend(c.tpm, { drbg: stir(c.tpm.drbg, inData) })
    c.emit({ kind: 'stir', length: inData.length })
  }),
]
