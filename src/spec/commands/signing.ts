// Declarations: signing and verifying. Part 3, 20.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_DIGEST, TPM2B_MAX_BUFFER, TPMT_TK_HASHCHECK, TPMT_TK_VERIFIED } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPMT_SIG_SCHEME, TPMT_SIGNATURE } from '../keys.ts'
import { TPM2B_SIGNATURE_CTX } from '../pqc.ts'

const publicKey = { codec: TPMI_DH_OBJECT, doc: 'the public key' } as const
const signingKey = { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the signing key' } as const
const sequence = { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sequence' } as const

export const VerifySignature = declare({
  code: CC.VerifySignature,
  name: 'TPM2_VerifySignature',
  section: 'Part 3, 20.2',
  handles: { keyHandle: publicKey },
  params: struct('TPM2_VerifySignature', {
    digest: doc('the digest of the message, or the 64-octet mu', TPM2B_DIGEST),
    signature: doc('the signature', TPMT_SIGNATURE),
  }),
  returns: struct('TPM2_VerifySignature', {
    validation: doc('ticket: this TPM verified the signature', TPMT_TK_VERIFIED),
  }),
})

export const VerifySequenceComplete = declare({
  code: CC.VerifySequenceComplete,
  name: 'TPM2_VerifySequenceComplete',
  section: 'Part 3, 20.3',
  handles: { sequenceHandle: sequence, keyHandle: publicKey },
  params: struct('TPM2_VerifySequenceComplete', { signature: doc('the signature', TPMT_SIGNATURE) }),
  returns: struct('TPM2_VerifySequenceComplete', {
    validation: doc('ticket: this TPM verified the signature', TPMT_TK_VERIFIED),
  }),
  flushed: true,
  since: 185,
})

export const VerifyDigestSignature = declare({
  code: CC.VerifyDigestSignature,
  name: 'TPM2_VerifyDigestSignature',
  section: 'Part 3, 20.4',
  handles: { keyHandle: publicKey },
  params: struct('TPM2_VerifyDigestSignature', {
    context: doc('context string of ML-DSA, at most 255 octets', TPM2B_SIGNATURE_CTX),
    digest: doc('the digest of the message, or the 64-octet mu', TPM2B_DIGEST),
    signature: doc('the signature', TPMT_SIGNATURE),
  }),
  returns: struct('TPM2_VerifyDigestSignature', {
    validation: doc('ticket: this TPM verified the signature', TPMT_TK_VERIFIED),
  }),
  since: 185,
})

export const Sign = declare({
  code: CC.Sign,
  name: 'TPM2_Sign',
  section: 'Part 3, 20.5',
  handles: { keyHandle: signingKey },
  params: struct('TPM2_Sign', {
    digest: doc('the digest of the message, or the 64-octet mu', TPM2B_DIGEST),
    inScheme: doc('the scheme, where the key leaves it open', TPMT_SIG_SCHEME),
    validation: doc('ticket that the digest is safe to sign; needed by restricted keys', TPMT_TK_HASHCHECK),
  }),
  returns: struct('TPM2_Sign', { signature: doc('the signature', TPMT_SIGNATURE) }),
})

export const SignSequenceComplete = declare({
  code: CC.SignSequenceComplete,
  name: 'TPM2_SignSequenceComplete',
  section: 'Part 3, 20.6',
  handles: { sequenceHandle: sequence, keyHandle: signingKey },
  params: struct('TPM2_SignSequenceComplete', { buffer: doc('the last part of the message', TPM2B_MAX_BUFFER) }),
  returns: struct('TPM2_SignSequenceComplete', { signature: doc('the signature', TPMT_SIGNATURE) }),
  flushed: true,
  since: 185,
})

export const SignDigest = declare({
  code: CC.SignDigest,
  name: 'TPM2_SignDigest',
  section: 'Part 3, 20.7',
  handles: { keyHandle: signingKey },
  params: struct('TPM2_SignDigest', {
    context: doc('context string of ML-DSA, at most 255 octets', TPM2B_SIGNATURE_CTX),
    digest: doc('the digest of the message, or the 64-octet mu', TPM2B_DIGEST),
    validation: doc('ticket that the digest is safe to sign; needed by restricted keys', TPMT_TK_HASHCHECK),
  }),
  returns: struct('TPM2_SignDigest', { signature: doc('the signature', TPMT_SIGNATURE) }),
  since: 185,
})
