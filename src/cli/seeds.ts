// The primary seeds and proofs of a TPM from a file: {"EPSeed": hex, "SPSeed": …, "PPSeed": …, "phProof": …, "shProof": …,
// "ehProof": …}, 64 bytes each.

import { type Bytes, fromHex } from '../lib/bytes.ts'
import type { HierarchyName, Tpm } from '../tpm/tpm.ts'
import { readInput } from './command.ts'
import { failure } from './errors.ts'
import { amend } from '../tpm/amend.ts'

const SIZE = 64

/** Which member of the file is which secret of which hierarchy. */
const MEMBERS: readonly (readonly [member: string, hierarchy: HierarchyName, secret: 'seed' | 'proof'])[] = [
  ['EPSeed', 'endorsement', 'seed'],
  ['SPSeed', 'owner', 'seed'],
  ['PPSeed', 'platform', 'seed'],
  ['phProof', 'platform', 'proof'],
  ['shProof', 'owner', 'proof'],
  ['ehProof', 'endorsement', 'proof'],
]

export type Seeds = readonly {
  readonly hierarchy: HierarchyName
  readonly secret: 'seed' | 'proof'
  readonly value: Bytes
}[]

/** @throws CliError naming the file and what is wrong with it */
export function readSeeds(path: string): Seeds {
  let json: unknown
  try {
    json = JSON.parse(readInput(path))
  } catch (e) {
    if (e instanceof SyntaxError) throw failure('malformed seeds: not JSON', path)
    throw e
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw failure('malformed seeds: not a JSON object', path)
  }
  const members = json as { readonly [member: string]: unknown }
  for (const name of Object.keys(members)) {
    if (!MEMBERS.some(m => m[0] === name)) throw failure(`malformed seeds: unknown member "${name}"`, path)
  }
  return MEMBERS.map(([member, hierarchy, secret]) => {
    const text = members[member]
    if (typeof text !== 'string') throw failure(`malformed seeds: no text "${member}"`, path)
    let value: Bytes
    try {
      value = fromHex(text)
    } catch (e) {
      throw failure(`malformed seeds: "${member}": ${(e as Error).message}`, path)
    }
    if (value.length !== SIZE)
      throw failure(`malformed seeds: "${member}" has ${value.length} bytes, not ${SIZE}`, path)
    return { hierarchy, secret, value }
  })
}

/** A TPM that was made with these secrets in place of its own. */
export function withSeeds(tpm: Tpm, seeds: Seeds): Tpm {
  const hierarchies: { [H in HierarchyName]: Tpm['hierarchies'][H] } = { ...tpm.hierarchies }
  for (const { hierarchy, secret, value } of seeds) {
    hierarchies[hierarchy] = { ...hierarchies[hierarchy], [secret]: value }
  }
  return amend(tpm, { hierarchies })
}
