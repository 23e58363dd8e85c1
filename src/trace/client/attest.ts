// What the TPM signed in a recorded conversation: statements with what they attest, and signatures by keys whose public
// area was seen. Part 3, 18 and 20; Part 2, 10.11.

import { encode, type Of } from '../../codec/codec.ts'
import { hash, isHash } from '../../crypto/hash.ts'
import { type Bytes, concat } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { type Attest, TPMS_ATTEST } from '../../spec/attest.ts'
import { ST } from '../../spec/codes.ts'
import * as attestation from '../../spec/commands/attestation.ts'
import { GetCommandAuditDigest } from '../../spec/commands/attestation.ts'
import { NV_Certify } from '../../spec/commands/nv.ts'
import { Sign, VerifySignature } from '../../spec/commands/signing.ts'
import { RH } from '../../spec/handles.ts'
import type { Signature, TPMT_SIGNATURE_OR_NULL } from '../../spec/keys.ts'
import { on } from './observe.ts'
import type { Entity, World } from './world.ts'

type GivenSignature = Of<typeof TPMT_SIGNATURE_OR_NULL>

/** Part 1, 44.3.3.3: a signature that does not tell who signed takes the data of the caller along. */
const isAnonymous = (s: GivenSignature | undefined): boolean => s?.sigAlg === ALG.ECDAA

const hashOf = (s: GivenSignature | undefined): number | undefined =>
  s && 'hmac' in s ? s.hmac.hashAlg : s && 'hash' in s ? s.hash : undefined

/** Whether the key of a handle signed a digest. */
function checkSignature(
  w: World,
  handle: number,
  digest: Bytes | undefined,
  signature: GivenSignature | undefined,
): void {
  if (!signature || signature.sigAlg === ALG.NULL) return
  const p = w.entity(handle)?.publicArea
  const good = p && digest && w.keys.verify(p, digest, signature as Signature)
  if (good === undefined) w.ledger.cannot('signatures')
  else if (good) w.ledger.ok('signatures')
  else w.ledger.differs('signature', 'good', 'not that of the key over this')
}

/** What all statements have in common. @returns what it attests, of the wanted type */
function checkStatement(
  w: World,
  signer: number,
  data: Bytes | undefined,
  made: Attest | undefined,
  signature: GivenSignature | undefined,
): Attest['statement'] | undefined {
  if (!made) return undefined
  const { statement } = made
  const anonymous = isAnonymous(signature)
  if (!anonymous) {
    if (data) w.ledger.agrees('extraData', statement.extraData, data)
    const key: Entity | undefined = w.entity(signer)
    const wanted = key?.qualifiedName
    if (wanted) w.ledger.same('Qualified Names', 'Qualified Name of the signer', statement.qualifiedSigner, wanted)
  }
  const alg = hashOf(signature)
  if (alg !== undefined && isHash(alg)) {
    const digest = hash(alg, encode(TPMS_ATTEST, made))
    const signed = anonymous && data ? hash(alg, concat(data, digest)) : digest
    if (signer !== RH.NULL) checkSignature(w, signer, signed, signature)
  }
  return statement
}

const nameOfIndex = 'Name of the Index in the statement'

export const attested = [
  on(attestation.Quote, (w, { handles, params, returns }) => {
    const says = checkStatement(w, handles.signHandle, params.qualifyingData, returns.quoted, returns.signature)
    if (says?.type !== ST.ATTEST_QUOTE) return
    const { pcrSelect, pcrDigest } = says.attested
    const alg = hashOf(returns.signature)
    const made = alg === undefined ? undefined : w.pcrDigest(alg, pcrSelect)
    w.samePcrs('quotes', 'pcrDigest', pcrSelect, pcrDigest, made)
  }),

  on(attestation.Certify, (w, { handles, params, returns }) => {
    const says = checkStatement(w, handles.signHandle, params.qualifyingData, returns.certifyInfo, returns.signature)
    if (says?.type !== ST.ATTEST_CERTIFY) return
    const object = w.entity(handles.objectHandle)
    w.ledger.same('Names', 'certified Name', says.attested.name, object?.name)
    w.ledger.same('Qualified Names', 'certified Qualified Name', says.attested.qualifiedName, object?.qualifiedName)
  }),

  on(attestation.CertifyCreation, (w, { handles, params, returns }) => {
    const says = checkStatement(w, handles.signHandle, params.qualifyingData, returns.certifyInfo, returns.signature)
    if (says?.type !== ST.ATTEST_CREATION) return
    w.ledger.same('Names', 'certified Name', says.attested.objectName, w.entity(handles.objectHandle)?.name)
    w.ledger.same('creation hashes', 'certified creationHash', says.attested.creationHash, params.creationHash)
  }),

  on(attestation.GetSessionAuditDigest, (w, { handles, params, returns }) => {
    const says = checkStatement(w, handles.signHandle, params.qualifyingData, returns.auditInfo, returns.signature)
    if (says?.type !== ST.ATTEST_SESSION_AUDIT) return
    const made = w.sessions.get(handles.sessionHandle)?.audit
    w.ledger.same('audit digests', 'sessionDigest', says.attested.sessionDigest, made)
  }),

  on(GetCommandAuditDigest, (w, { handles, params, returns }) => {
    checkStatement(w, handles.signHandle, params.qualifyingData, returns.auditInfo, returns.signature)
  }),

  on(attestation.GetTime, (w, { handles, params, returns }) => {
    checkStatement(w, handles.signHandle, params.qualifyingData, returns.timeInfo, returns.signature)
  }),

  on(NV_Certify, (w, { handles, params, returns }) => {
    const says = checkStatement(w, handles.signHandle, params.qualifyingData, returns.certifyInfo, returns.signature)
    const name = w.nameOf(handles.nvIndex)
    if (says?.type === ST.ATTEST_NV || says?.type === ST.ATTEST_NV_DIGEST) {
      w.ledger.same('Names', nameOfIndex, says.attested.indexName, name)
    }
  }),

  on(Sign, (w, { handles, params, returns }) => checkSignature(w, handles.keyHandle, params.digest, returns.signature)),
  on(VerifySignature, (w, { handles, params }) =>
    checkSignature(w, handles.keyHandle, params.digest, params.signature),
  ),
]
