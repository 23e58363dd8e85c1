// Version 1.85: parameter sets, keys, signatures and ciphertexts of ML-KEM (FIPS 203) and ML-DSA (FIPS 204).
// Part 2, 11.2.6, 11.2.7, 11.3.4 and 12.2.3.6 to 12.2.3.8.

import { choice, sized, struct } from '../codec/combinators.ts'
import { implemented, TPMI_ALG_HASH } from './algorithms.ts'
import { TPMI_YES_NO } from './codes.ts'

export const MLKEM = { 512: 1, 768: 2, 1024: 3 } as const
export const MLDSA = { 44: 1, 65: 2, 87: 3 } as const

/** Bytes. Part 2, 11.2.6.1, Table 205; the secret has 32 always, the private seed (d, z) 64. */
export const MLKEM_SIZES: { readonly [set: number]: { readonly publicKey: number; readonly ciphertext: number } } = {
  1: { publicKey: 800, ciphertext: 768 },
  2: { publicKey: 1184, ciphertext: 1088 },
  3: { publicKey: 1568, ciphertext: 1568 },
}
/** Bytes. Part 2, 11.2.7.1, Table 208; the private seed (xi) has 32. */
export const MLDSA_SIZES: { readonly [set: number]: { readonly publicKey: number; readonly signature: number } } = {
  1: { publicKey: 1312, signature: 2420 },
  2: { publicKey: 1952, signature: 3309 },
  3: { publicKey: 2592, signature: 4627 },
}

export const TPMI_MLKEM_PARMS = implemented(
  'mlkem',
  'parms',
  choice(
    'TPMI_MLKEM_PARMS',
    2,
    { 1: 'TPM_MLKEM_512', 2: 'TPM_MLKEM_768', 3: 'TPM_MLKEM_1024' },
    'parms',
    'Part 2, 11.2.6.1, Table 205',
  ),
)
export const TPMI_MLDSA_PARMS = implemented(
  'mldsa',
  'parms',
  choice(
    'TPMI_MLDSA_PARMS',
    2,
    { 1: 'TPM_MLDSA_44', 2: 'TPM_MLDSA_65', 3: 'TPM_MLDSA_87' },
    'parms',
    'Part 2, 11.2.7.1, Table 208',
  ),
)

export const TPM2B_PUBLIC_KEY_MLKEM = sized('TPM2B_PUBLIC_KEY_MLKEM', 1568, { source: 'Part 2, 11.2.6.2, Table 206' })
/** d, then z. */
export const TPM2B_PRIVATE_KEY_MLKEM = sized('TPM2B_PRIVATE_KEY_MLKEM', 64, {
  min: 64,
  source: 'Part 2, 11.2.6.3, Table 207',
})
export const TPM2B_KEM_CIPHERTEXT = sized('TPM2B_KEM_CIPHERTEXT', 1568, { source: 'Part 2, 10.3.14, Table 102' })
export const TPM2B_PUBLIC_KEY_MLDSA = sized('TPM2B_PUBLIC_KEY_MLDSA', 2592, { source: 'Part 2, 11.2.7.3, Table 210' })
/** xi. */
export const TPM2B_PRIVATE_KEY_MLDSA = sized('TPM2B_PRIVATE_KEY_MLDSA', 32, {
  min: 32,
  source: 'Part 2, 11.2.7.4, Table 211',
})
export const TPM2B_SIGNATURE_MLDSA = sized('TPM2B_SIGNATURE_MLDSA', 4627, { source: 'Part 2, 11.3.4, Table 217' })
/** The arm of a TPMT_SIGNATURE. */
export const SIGNATURE_HASH_MLDSA = { hash: TPMI_ALG_HASH, signature: TPM2B_SIGNATURE_MLDSA }

/** The FIPS 204 context string, or an SM2 identity. */
export const TPM2B_SIGNATURE_CTX = sized('TPM2B_SIGNATURE_CTX', 255, { source: 'Part 2, 11.3.8, Table 221' })
/** R of an EdDSA signature (57 bytes at most); empty for every other scheme. */
export const TPM2B_SIGNATURE_HINT = sized('TPM2B_SIGNATURE_HINT', 57, { source: 'Part 2, 11.3.9, Table 222' })

export const TPMS_MLDSA_PARMS = struct(
  'TPMS_MLDSA_PARMS',
  { parameterSet: TPMI_MLDSA_PARMS, allowExternalMu: TPMI_YES_NO },
  'Part 2, 12.2.3.6, Table 230',
)
export const TPMS_HASH_MLDSA_PARMS = struct(
  'TPMS_HASH_MLDSA_PARMS',
  { parameterSet: TPMI_MLDSA_PARMS, hashAlg: TPMI_ALG_HASH },
  'Part 2, 12.2.3.7, Table 231',
)
