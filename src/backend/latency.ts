// How long a command takes, in virtual microseconds: a model, not a measurement. Chosen so that the order of magnitude is
// that of a software TPM (fwtpm and libtpms answer in milliseconds) and a waiting driver polls a handful of times.

const BY_CODE: { readonly [code: number]: number } = {
  0x131: 6_000, // TPM2_CreatePrimary
  0x143: 4_000, // TPM2_SelfTest
  0x15d: 7_000, // TPM2_Sign
  0x177: 3_000, // TPM2_VerifySignature
  0x167: 2_000, // TPM2_LoadExternal
  0x1a3: 4_000, // TPM2_VerifySequenceComplete
  0x1a4: 9_000, // TPM2_SignSequenceComplete
  0x1a5: 4_000, // TPM2_VerifyDigestSignature
  0x1a6: 9_000, // TPM2_SignDigest
  0x1a7: 2_000, // TPM2_Encapsulate
  0x1a8: 2_000, // TPM2_Decapsulate
}
const OTHER = 1_500
/** A command of fewer than ten bytes, or cancelled: the answer is an error, found at once. */
export const REFUSAL = 200

/** @param code command code, or undefined when the command is too short to have one. */
export const latency = (code: number | undefined): number => (code === undefined ? REFUSAL : (BY_CODE[code] ?? OTHER))
