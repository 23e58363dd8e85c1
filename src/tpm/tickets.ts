// Tickets: HMACs with the proof of a hierarchy, by which the TPM knows again what it checked before. Part 2, 10.6.

import { hmac } from '../crypto/hash.ts'
import { be16, type Bytes, EMPTY } from '../lib/bytes.ts'
import { ST } from '../spec/codes.ts'
import { RH } from '../spec/handles.ts'
import { hierarchyName, type Tpm } from './tpm.ts'

/** A ticket that a digest is safe to sign with a restricted key; the NULL ticket when it is not. Part 2, 10.6.7. */
export function hashCheckTicket(tpm: Tpm, hierarchy: number, digest: Bytes, safe: boolean) {
  const name = hierarchyName(hierarchy)
  if (!safe || !name || name === 'null') return { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: EMPTY }
  const { proof } = tpm.hierarchies[name]
  return { tag: ST.HASHCHECK, hierarchy, digest: hmac(tpm.profile.contextHash, proof, be16(ST.HASHCHECK), digest) }
}
