// Declarations: sequences over messages that come in parts, to hash, sign or verify. Part 3, 17.

import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH_OR_NULL } from '../algorithms.ts'
import { TPM2B_AUTH, TPM2B_DIGEST, TPM2B_MAX_BUFFER, TPMT_TK_HASHCHECK } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT, TPMI_RH_HIERARCHY } from '../handles.ts'
import { TPM2B_SIGNATURE_CTX, TPM2B_SIGNATURE_HINT } from '../pqc.ts'

const sequence = { name: 'sequenceHandle', codec: TPMI_DH_OBJECT, doc: 'the sequence' } as const

export const HashSequenceStart = declare({
  code: CC.HashSequenceStart,
  name: 'TPM2_HashSequenceStart',
  section: 'Part 3, 17.4',
  doc: 'Starts a hash sequence; with TPM_ALG_NULL an event sequence, which hashes with every PCR bank.',
  params: struct('TPM2_HashSequenceStart', { auth: TPM2B_AUTH, hashAlg: TPMI_ALG_HASH_OR_NULL }),
  responseHandle: sequence,
})

export const SignSequenceStart = declare({
  code: CC.SignSequenceStart,
  name: 'TPM2_SignSequenceStart',
  section: 'Part 3, 17.5',
  doc: 'Starts a sequence whose message the key is to sign.',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the signing key' } },
  params: struct('TPM2_SignSequenceStart', { auth: TPM2B_AUTH, context: TPM2B_SIGNATURE_CTX }),
  responseHandle: sequence,
  since: 185,
})

export const VerifySequenceStart = declare({
  code: CC.VerifySequenceStart,
  name: 'TPM2_VerifySequenceStart',
  section: 'Part 3, 17.6',
  doc: 'Starts a sequence over a message whose signature is to be verified.',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the public key' } },
  params: struct('TPM2_VerifySequenceStart', {
    auth: TPM2B_AUTH,
    hint: TPM2B_SIGNATURE_HINT,
    context: TPM2B_SIGNATURE_CTX,
  }),
  responseHandle: sequence,
  since: 185,
})

export const SequenceUpdate = declare({
  code: CC.SequenceUpdate,
  name: 'TPM2_SequenceUpdate',
  section: 'Part 3, 17.7',
  doc: 'Adds a part of the message to a sequence.',
  handles: { sequenceHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' } },
  params: struct('TPM2_SequenceUpdate', { buffer: TPM2B_MAX_BUFFER }),
})

export const SequenceComplete = declare({
  code: CC.SequenceComplete,
  name: 'TPM2_SequenceComplete',
  section: 'Part 3, 17.8',
  doc: 'Adds the last part and returns the digest, with a ticket that lets a restricted key sign it.',
  handles: { sequenceHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' } },
  params: struct('TPM2_SequenceComplete', { buffer: TPM2B_MAX_BUFFER, hierarchy: TPMI_RH_HIERARCHY }),
  returns: struct('TPM2_SequenceComplete', { result: TPM2B_DIGEST, validation: TPMT_TK_HASHCHECK }),
  flushed: true,
})
