// A TPM with the seeds and proofs of the recorded one (tests/vectors/tpm2-primary-seeds), and its PCR banks.

import { readFileSync } from 'node:fs'
import { fromHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { type Profile, PROFILES } from '../../src/tpm/profile.ts'
import type { Hierarchy } from '../../src/tpm/tpm.ts'
import { Driver } from './driver.ts'

export const recordedSeeds = JSON.parse(
  readFileSync(new URL('../vectors/tpm2-primary-seeds/seeds.json', import.meta.url), 'utf8'),
) as { readonly [name: string]: string }

/** Before its Startup. */
export function recorded(): Driver {
  const profile: Profile = { ...PROFILES.crbscope, banks: [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512] }
  const d = new Driver(profile)
  const { hierarchies: h } = d.tpm
  const of = (hierarchy: Hierarchy, seed: string, proof: string): Hierarchy => ({
    ...hierarchy,
    seed: fromHex(recordedSeeds[seed] as string),
    proof: fromHex(recordedSeeds[proof] as string),
  })
  const hierarchies = {
    ...h,
    owner: of(h.owner, 'SPSeed', 'shProof'),
    endorsement: of(h.endorsement, 'EPSeed', 'ehProof'),
    platform: of(h.platform, 'PPSeed', 'phProof'),
  }
  d.tpm = { ...d.tpm, hierarchies }
  return d
}
