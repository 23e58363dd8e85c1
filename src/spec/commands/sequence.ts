// Declarations: sequences over messages that come in parts, to hash, sign or verify. Part 3, 17.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH_OR_NULL, TPMI_ALG_MAC_SCHEME_OR_NULL } from '../algorithms.ts'
import { TPM2B_AUTH, TPM2B_DIGEST, TPM2B_MAX_BUFFER, TPML_DIGEST_VALUES, TPMT_TK_HASHCHECK } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT, TPMI_RH_HIERARCHY } from '../handles.ts'
import { TPMI_DH_PCR_OR_NULL } from '../handle-types.ts'
import { TPM2B_SIGNATURE_CTX, TPM2B_SIGNATURE_HINT } from '../pqc.ts'

const sequence = { name: 'sequenceHandle', codec: TPMI_DH_OBJECT, doc: 'the sequence' } as const

/** With the code of TPM2_HMAC_Start, which it can do too. */
export const MAC_Start = declare({
  code: CC.MAC_Start,
  name: 'TPM2_MAC_Start',
  section: 'Part 3, 17.3',
  handles: { handle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the symmetric signing key' } },
  params: struct('TPM2_MAC_Start', {
    auth: doc('the authValue of the sequence', TPM2B_AUTH),
    inScheme: doc('a hash or CMAC, where the key leaves it open', TPMI_ALG_MAC_SCHEME_OR_NULL),
  }),
  responseHandle: sequence,
})

export const HashSequenceStart = declare({
  code: CC.HashSequenceStart,
  name: 'TPM2_HashSequenceStart',
  section: 'Part 3, 17.4',
  params: struct('TPM2_HashSequenceStart', {
    auth: doc('the authValue of the sequence', TPM2B_AUTH),
    hashAlg: doc('with which hash; TPM_ALG_NULL for every PCR bank', TPMI_ALG_HASH_OR_NULL),
  }),
  responseHandle: sequence,
})

export const SignSequenceStart = declare({
  code: CC.SignSequenceStart,
  name: 'TPM2_SignSequenceStart',
  section: 'Part 3, 17.5',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the signing key' } },
  params: struct('TPM2_SignSequenceStart', {
    auth: doc('the authValue of the sequence', TPM2B_AUTH),
    context: doc('context string of ML-DSA, at most 255 octets', TPM2B_SIGNATURE_CTX),
  }),
  responseHandle: sequence,
  since: 185,
})

export const VerifySequenceStart = declare({
  code: CC.VerifySequenceStart,
  name: 'TPM2_VerifySequenceStart',
  section: 'Part 3, 17.6',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the public key' } },
  params: struct('TPM2_VerifySequenceStart', {
    auth: doc('the authValue of the sequence', TPM2B_AUTH),
    hint: doc('R of an EdDSA signature; empty for all others', TPM2B_SIGNATURE_HINT),
    context: doc('context string of ML-DSA, at most 255 octets', TPM2B_SIGNATURE_CTX),
  }),
  responseHandle: sequence,
  since: 185,
})

export const SequenceUpdate = declare({
  code: CC.SequenceUpdate,
  name: 'TPM2_SequenceUpdate',
  section: 'Part 3, 17.7',
  handles: { sequenceHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' } },
  params: struct('TPM2_SequenceUpdate', { buffer: doc('a part of the message', TPM2B_MAX_BUFFER) }),
})

export const SequenceComplete = declare({
  code: CC.SequenceComplete,
  name: 'TPM2_SequenceComplete',
  section: 'Part 3, 17.8',
  handles: { sequenceHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' } },
  params: struct('TPM2_SequenceComplete', {
    buffer: doc('a part of the message', TPM2B_MAX_BUFFER),
    hierarchy: doc('whose proof makes the ticket', TPMI_RH_HIERARCHY),
  }),
  returns: struct('TPM2_SequenceComplete', {
    result: doc('the digest of the whole message', TPM2B_DIGEST),
    validation: doc('that the message did not look like a structure of the TPM', TPMT_TK_HASHCHECK),
  }),
  flushed: true,
})

export const EventSequenceComplete = declare({
  code: CC.EventSequenceComplete,
  name: 'TPM2_EventSequenceComplete',
  section: 'Part 3, 17.9',
  handles: {
    pcrHandle: { codec: TPMI_DH_PCR_OR_NULL, auth: 'user', doc: 'the PCR to extend; TPM_RH_NULL for none' },
    sequenceHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' },
  },
  params: struct('TPM2_EventSequenceComplete', { buffer: doc('the last part of the event', TPM2B_MAX_BUFFER) }),
  returns: struct('TPM2_EventSequenceComplete', { results: doc('one digest for each bank', TPML_DIGEST_VALUES) }),
  nv: true,
  flushed: true,
})
