// Tickets: HMACs with the proof of a hierarchy, by which the TPM knows again what it checked before. Part 2, 10.6.

import { hash, hmac, isHash } from '../crypto/hash.ts'
import { be16, type Bytes, EMPTY, equal } from '../lib/bytes.ts'
import type { Of } from '../codec/codec.ts'
import { ALG } from '../spec/algorithms.ts'
import type { TPMT_TK_VERIFIED } from '../spec/base.ts'
import { ST } from '../spec/codes.ts'
import { RH } from '../spec/handles.ts'
import { hierarchyName, type LoadedObject, type Tpm } from './tpm.ts'

/** A ticket that a digest is safe to sign with a restricted key; the NULL ticket when it is not. Part 2, 10.6.7. */
export function hashCheckTicket(tpm: Tpm, hierarchy: number, hashAlg: number, digest: Bytes, safe: boolean) {
  const name = hierarchyName(hierarchy)
  if (!safe || !name || name === 'null') return { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: EMPTY }
  const { proof } = tpm.hierarchies[name]
  const alg = tpm.profile.peculiar.has('algorithm-in-hash-ticket') ? be16(hashAlg) : EMPTY
  return {
    tag: ST.HASHCHECK,
    hierarchy,
    digest: hmac(tpm.profile.contextHash, proof, be16(ST.HASHCHECK), alg, digest),
  }
}

/** Whether a ticket is one that this TPM made for the digest. A NULL ticket proves nothing. Part 3, 20.5. */
export function isHashCheck(
  tpm: Tpm,
  ticket: { hierarchy: number; digest: Bytes },
  hashAlg: number,
  digest: Bytes,
): boolean {
  const wanted = hashCheckTicket(tpm, ticket.hierarchy, hashAlg, digest, true)
  return wanted.hierarchy !== RH.NULL && equal(wanted.digest, ticket.digest)
}

const proofOf = (tpm: Tpm, hierarchy: number): Bytes | undefined => {
  const name = hierarchyName(hierarchy)
  return name === undefined || name === 'null' ? undefined : tpm.hierarchies[name].proof
}

/** Binds creation data to the object that was made. Part 2, 10.6.3. The NULL hierarchy has a proof of its own. */
export function creationTicket(tpm: Tpm, hierarchy: number, objectName: Bytes, creationHash: Bytes) {
  const proof = tpm.hierarchies[hierarchyName(hierarchy) ?? 'null'].proof
  const digest = hmac(tpm.profile.contextHash, proof, be16(ST.CREATION), objectName, creationHash)
  return { tag: ST.CREATION, hierarchy, digest }
}

type Verified = Of<typeof TPMT_TK_VERIFIED>
type VerifiedTag = typeof ST.VERIFIED | typeof ST.MESSAGE_VERIFIED | typeof ST.DIGEST_VERIFIED

/**
 * That the key verified a signature over `what`. Part 2, 10.6.5. For a key without Name or hierarchy the NULL ticket:
 * Table 111 gives the ticket of a digest its algorithm always, so the NULL ticket has it too.
 * @param hashAlg the metadata of a digest's ticket
 */
export function verifiedTicket(tpm: Tpm, tag: VerifiedTag, key: LoadedObject, what: Bytes, hashAlg: number): Verified {
  const proof = key.publicArea.nameAlg === ALG.NULL ? undefined : proofOf(tpm, key.hierarchy)
  const metadata = tag === ST.DIGEST_VERIFIED ? be16(hashAlg) : EMPTY
  const hmacValue = proof ? hmac(tpm.profile.contextHash, proof, be16(tag), what, key.name, metadata) : EMPTY
  const hierarchy = proof ? key.hierarchy : RH.NULL
  return tag === ST.DIGEST_VERIFIED
    ? { tag, hierarchy, metadata: hashAlg, hmac: hmacValue }
    : { tag, hierarchy, hmac: hmacValue }
}

/**
 * Whether the ticket says that the key of this Name verified a signature over the message. Part 3, 23.16.
 * @param digest of the message by the nameAlg of the key: what TPM2_VerifySignature was given
 */
export function isVerified(tpm: Tpm, ticket: Verified, name: Bytes, message: Bytes, digest: Bytes): boolean {
  const proof = proofOf(tpm, ticket.hierarchy)
  if (!proof) return false
  const metadata = 'metadata' in ticket ? be16(ticket.metadata) : EMPTY
  let what = digest
  if (ticket.tag === ST.MESSAGE_VERIFIED) what = message
  if ('metadata' in ticket) {
    // An external mu cannot be told from the message alone.
    if (!isHash(ticket.metadata)) return false
    what = hash(ticket.metadata, message)
  }
  return equal(ticket.hmac, hmac(tpm.profile.contextHash, proof, be16(ticket.tag), what, name, metadata))
}
