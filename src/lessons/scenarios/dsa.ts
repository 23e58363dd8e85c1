// ML-DSA and ML-KEM commands: the ones that outgrow the window, and their companions that do not.

import { count } from '../../lib/count.ts'
import { command, from, scenario } from '../scenario.ts'
import { ABC_DIGEST, createPrimary, HASH_MLDSA_87, KEY, NO_CONTEXT, NULL_TICKET } from '../keys.ts'
import {
  HASH_MLDSA_87_SIGNATURE,
  MLDSA_87,
  MLDSA_87_MU,
  MLDSA_87_SIGNATURE,
  MLKEM_1024,
  MU,
  PARAMS_AT,
} from '../more-keys.ts'
import { FIRST, signDigest } from './opening.ts'

const verifyDigest = command('verify', 'Verify a HashML-DSA-87 signature', 'VerifyDigestSignature', {
  handles: [KEY],
  params: [NO_CONTEXT, ABC_DIGEST, from('sign', PARAMS_AT, HASH_MLDSA_87_SIGNATURE)],
})
const signMu = command('sign', 'Sign an external mu with ML-DSA-87', 'SignDigest', {
  handles: [KEY],
  auths: 1,
  params: [NO_CONTEXT, ...MU, NULL_TICKET],
})
const verifyMu = command('verify', 'Verify an ML-DSA-87 signature over a mu', 'VerifyDigestSignature', {
  handles: [KEY],
  params: [NO_CONTEXT, ...MU, from('sign', PARAMS_AT, MLDSA_87_SIGNATURE)],
})

const SEQUENCE = KEY + 1
/** Bytes of the message in each update: the TPM's input buffer. */
const UPDATE = 4096
const update = (n: number) =>
  command(`update${n}`, `Send part ${n} of the message: ${count(UPDATE)} bytes`, 'SequenceUpdate', {
    handles: [SEQUENCE],
    auths: 1,
    params: [{ hex: '1000' }, { fill: UPDATE, seed: n }],
  })

/** TPM2B_SHARED_SECRET of 32 bytes before the ciphertext, in an answer without sessions. */
const CIPHERTEXT_AT = 10 + 2 + 32

export const DSA = [
  FIRST,
  scenario(
    'verify-mldsa87',
    'Verify an ML-DSA-87 signature',
    'A command of 4,683 bytes crosses a window of 3,968 bytes in two chunks.',
    [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest],
    [verifyDigest],
  ),
  scenario(
    'external-mu',
    'Sign and verify an external mu',
    'The caller hashes, the TPM signs the 64-byte mu: chunks in both directions.',
    [createPrimary('Make an ML-DSA-87 key that takes an external mu', MLDSA_87_MU)],
    [signMu, verifyMu],
  ),
  scenario(
    'sign-sequence',
    'Sign a long message',
    'Two updates of 4,096 bytes go out in chunks, the signature comes back in chunks.',
    [createPrimary('Make an ML-DSA-87 key', MLDSA_87)],
    [
      command('start', 'Start a signing sequence', 'SignSequenceStart', {
        handles: [KEY],
        params: [{ hex: '0000' }, NO_CONTEXT],
      }),
      update(1),
      update(2),
      command('complete', 'Finish and sign', 'SignSequenceComplete', {
        handles: [SEQUENCE, KEY],
        auths: 2,
        params: [{ hex: '000c' }, { fill: 12, seed: 3 }],
      }),
    ],
  ),
  scenario(
    'create-mldsa87',
    'Make an ML-DSA-87 key',
    'A public key of 2,592 bytes fits one window: no chunks.',
    [],
    [createPrimary('Make an ML-DSA-87 key', MLDSA_87)],
  ),
  scenario(
    'mlkem1024',
    'Share a secret with ML-KEM-1024',
    'Encapsulate to the key, then decapsulate: both sides hold the same 32 bytes.',
    [createPrimary('Make an ML-KEM-1024 key', MLKEM_1024)],
    [
      command('encapsulate', 'Encapsulate to the ML-KEM-1024 key', 'Encapsulate', { handles: [KEY] }),
      command('decapsulate', 'Decapsulate the ciphertext', 'Decapsulate', {
        handles: [KEY],
        auths: 1,
        params: [from('encapsulate', CIPHERTEXT_AT, 2 + 1568)],
      }),
    ],
  ),
]
export { verifyDigest }
