// A TPM with the primary seeds and proofs of a recorded one, and the lines of its recording.

import { readFileSync } from 'node:fs'
import { fromHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import type { Hierarchy } from '../../src/tpm/tpm.ts'
import { Driver } from './driver.ts'

export interface RecordedLine {
  readonly seq: number
  readonly test: string
  readonly commandName?: string
  readonly event?: string
  readonly name: string
  readonly cmdHex: string
  readonly rspHex: string
  readonly det: string
}

const read = (path: string): string => readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8')

export const recordedLines = (path: string): readonly RecordedLine[] =>
  read(path)
    .split('\n')
    .filter(l => l !== '')
    .map(l => JSON.parse(l) as RecordedLine)

/** The algorithms and sizes of the recorded TPMs, as far as answers show them. */
const RECORDED: Partial<Profile> = {
  banks: [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512],
  symBits: [128, 256],
  inputBuffer: 1024,
}

/** @param set the folder with the seeds */
export function recordedTpm(set: string): Driver {
  const seeds = JSON.parse(read(`${set}/seeds.json`)) as { readonly [name: string]: string }
  const d = new Driver({ ...PROFILES.crbscope, ...RECORDED })
  const { hierarchies: h } = d.tpm
  const of = (hierarchy: Hierarchy, seed: string, proof: string): Hierarchy => ({
    ...hierarchy,
    seed: fromHex(seeds[seed] as string),
    proof: fromHex(seeds[proof] as string),
  })
  d.tpm = {
    ...d.tpm,
    hierarchies: {
      ...h,
      owner: of(h.owner, 'SPSeed', 'shProof'),
      endorsement: of(h.endorsement, 'EPSeed', 'ehProof'),
      platform: of(h.platform, 'PPSeed', 'phProof'),
    },
  }
  return d
}

/** Before its Startup. */
export const recorded = (): Driver => recordedTpm('tpm2-primary-seeds')
