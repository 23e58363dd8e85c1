// Declarations: signing and verifying. Part 3, 20.

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
  doc: 'Verifies the signature of a digest (deprecated: TPM2_VerifyDigestSignature).',
  handles: { keyHandle: publicKey },
  params: struct('TPM2_VerifySignature', { digest: TPM2B_DIGEST, signature: TPMT_SIGNATURE }),
  returns: struct('TPM2_VerifySignature', { validation: TPMT_TK_VERIFIED }),
})

export const VerifySequenceComplete = declare({
  code: CC.VerifySequenceComplete,
  name: 'TPM2_VerifySequenceComplete',
  section: 'Part 3, 20.3',
  doc: 'Ends a verify sequence: is this the signature of its message?',
  handles: { sequenceHandle: sequence, keyHandle: publicKey },
  params: struct('TPM2_VerifySequenceComplete', { signature: TPMT_SIGNATURE }),
  returns: struct('TPM2_VerifySequenceComplete', { validation: TPMT_TK_VERIFIED }),
  flushed: true,
  since: 185,
})

export const VerifyDigestSignature = declare({
  code: CC.VerifyDigestSignature,
  name: 'TPM2_VerifyDigestSignature',
  section: 'Part 3, 20.4',
  doc: 'Verifies the signature of a digest, or of the external mu of ML-DSA.',
  handles: { keyHandle: publicKey },
  params: struct('TPM2_VerifyDigestSignature', {
    context: TPM2B_SIGNATURE_CTX,
    digest: TPM2B_DIGEST,
    signature: TPMT_SIGNATURE,
  }),
  returns: struct('TPM2_VerifyDigestSignature', { validation: TPMT_TK_VERIFIED }),
  since: 185,
})

export const Sign = declare({
  code: CC.Sign,
  name: 'TPM2_Sign',
  section: 'Part 3, 20.5',
  doc: 'Signs a digest (deprecated: TPM2_SignDigest).',
  handles: { keyHandle: signingKey },
  params: struct('TPM2_Sign', { digest: TPM2B_DIGEST, inScheme: TPMT_SIG_SCHEME, validation: TPMT_TK_HASHCHECK }),
  returns: struct('TPM2_Sign', { signature: TPMT_SIGNATURE }),
})

export const SignSequenceComplete = declare({
  code: CC.SignSequenceComplete,
  name: 'TPM2_SignSequenceComplete',
  section: 'Part 3, 20.6',
  doc: 'Adds the last part to a sign sequence and signs its message.',
  handles: { sequenceHandle: sequence, keyHandle: signingKey },
  params: struct('TPM2_SignSequenceComplete', { buffer: TPM2B_MAX_BUFFER }),
  returns: struct('TPM2_SignSequenceComplete', { signature: TPMT_SIGNATURE }),
  flushed: true,
  since: 185,
})

export const SignDigest = declare({
  code: CC.SignDigest,
  name: 'TPM2_SignDigest',
  section: 'Part 3, 20.7',
  doc: 'Signs a digest, or the external mu of ML-DSA.',
  handles: { keyHandle: signingKey },
  params: struct('TPM2_SignDigest', {
    context: TPM2B_SIGNATURE_CTX,
    digest: TPM2B_DIGEST,
    validation: TPMT_TK_HASHCHECK,
  }),
  returns: struct('TPM2_SignDigest', { signature: TPMT_SIGNATURE }),
  since: 185,
})
