// How a TPM 1.2 is when a story begins: as new, with an owner since long ago, or disabled and deactivated. The owner's
// secrets are SHA-1 of passwords, as the tools of TPM 1.2 made them, so that a reader can use them too.

import { type Bytes, utf8 } from '../lib/bytes.ts'
import { sha1 } from './authorize.ts'
import { ENDORSEMENT, STORAGE_ROOT } from './factory-keys.ts'
import { manufacture12, type Owner, type Tpm12 } from './tpm.ts'

const OWNER_SECRET = sha1(utf8('owner'))
const SRK_SECRET = sha1(utf8('srk'))

const owner = (): Owner => ({
  auth: OWNER_SECRET,
  srk: { ...STORAGE_ROOT, usageAuth: SRK_SECRET, authDataUsage: 1, keyFlags: 0, digest: sha1(STORAGE_ROOT.n) },
  proof: sha1(utf8('proof')),
})

export function delivered12(seed: Bytes, how: 'new' | 'owned' | 'off'): Tpm12 {
  if (how === 'owned') return manufacture12(seed, ENDORSEMENT, { owner: owner() })
  return manufacture12(seed, ENDORSEMENT, how === 'off' ? { disable: true, deactivated: true } : {})
}
