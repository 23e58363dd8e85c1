// Where a profile answers as the TPM that it is made after does, and the text says otherwise or leaves it open. Each is a
// fact about that TPM; the profile `crbscope` has none.

export type Peculiarity =
  /** The first use of a value under dictionary attack protection answers TPM_RC_RETRY: the TPM notes it in NV first. */
  | 'retry-on-first-use'
  /** TPM2_GetTestResult tells success while algorithms are untested. Part 3, 10.4 has TPM_RC_NEEDS_TEST. */
  | 'success-before-tests'
  /** TPMT_TK_HASHCHECK covers the hash algorithm too. Part 2, 10.6.7 has the digest alone. */
  | 'algorithm-in-hash-ticket'
  /** unique of a symmetric parent is an HMAC with the seed as its key. Part 3, 12.1, Equation 1 has a plain hash. */
  | 'hmac-unique-of-parents'
  /** ivOut after a short last block of CFB keeps the rest of the key stream. Part 3, 15.2 only tells its size. */
  | 'key-stream-in-iv'
  /** RSA_Encrypt of a message that is too large answers TPM_RC_FAILURE, without failure mode. */
  | 'failure-for-large-messages'
  /** A storage key may have any mode; CFB is used all the same. Part 2, Table 163 wants CFB to be written there. */
  | 'any-mode-of-parents'
  /** Of two negative operands of a policy the one with the larger octets is the lesser: TPMs before 1.83. Part 2, 6.8. */
  | 'sign-and-magnitude'
  /** TPM2_NV_DefineSpace refuses locks that Part 3, 31.3 leaves open: of PIN Indexes, and of what Startup clears anyway. */
  | 'fewer-nv-locks'
  /** A policy session for TPM2_PolicySecret asks an NV Index for TPMA_NV_POLICYREAD. Part 3, 23.4 has TPMA_NV_AUTHREAD. */
  | 'policyread-for-secret'
  /** OAEP of a shared secret takes nameAlg. Part 1, 43.10 has the hash of the key's own scheme, where it has one. */
  | 'name-hash-in-secrets'
