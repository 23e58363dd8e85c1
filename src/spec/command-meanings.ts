// What each command is for, in a line. Apart from the declarations: whoever only runs them need not load the words.

export const COMMAND_MEANINGS: { readonly [name: string]: string } = {
  TPM2_CreatePrimary: 'Makes a key from the seed of a hierarchy and a template: the same template gives the same key.',
  TPM2_PCR_Event: 'Hashes event data with every bank and extends a PCR with the digests.',
  TPM2_PCR_Reset: 'Sets a PCR back to zero in all banks, where its attributes and the locality allow it.',
  TPM2_SequenceComplete: 'Adds the last part and returns the digest, with a ticket that lets a restricted key sign it.',
  TPM2_IncrementalSelfTest: 'Tests the named algorithms and tells which ones are still untested.',
  TPM2_SelfTest: 'Tests every algorithm (fullTest), or those that were not tested yet.',
  TPM2_Startup: 'The first command after power-on: start afresh, or go on with the state that TPM2_Shutdown saved.',
  TPM2_Shutdown: 'Prepares for the loss of power; with STATE, most volatile state can be restored.',
  TPM2_StirRandom: 'Adds data to the state of the random number generator.',
  TPM2_SequenceUpdate: 'Adds a part of the message to a sequence.',
  TPM2_Sign: 'Signs a digest (deprecated: TPM2_SignDigest).',
  TPM2_FlushContext: 'Removes a transient object, a sequence or a session from the TPM. Its handle is a parameter.',
  TPM2_LoadExternal:
    'Loads a key that is not protected by this TPM: a public key, or a whole key that is in the clear.',
  TPM2_ReadPublic: 'The public area of a loaded object, its Name and its Qualified Name.',
  TPM2_VerifySignature: 'Verifies the signature of a digest (deprecated: TPM2_VerifyDigestSignature).',
  TPM2_GetCapability:
    'What the TPM implements and what is loaded: algorithms, handles, commands, properties, PCRs, curves.',
  TPM2_GetRandom: 'Random octets, at most as many as the largest digest has.',
  TPM2_GetTestResult: 'How the self-tests went; the one command, with TPM2_GetCapability, that works in failure mode.',
  TPM2_Hash: 'The digest of data in one go, with a ticket that lets a restricted key sign it.',
  TPM2_PCR_Read: 'The values of selected PCRs, at most eight at a time.',
  TPM2_ReadClock: 'Time since power-on, the clock, and the counters of resets and restarts.',
  TPM2_PCR_Extend: 'Folds digests into a PCR: new value = hash of old value and digest, bank by bank.',
  TPM2_HashSequenceStart:
    'Starts a hash sequence; with TPM_ALG_NULL an event sequence, which hashes with every PCR bank.',
  TPM2_TestParms: 'Does the TPM support this combination of algorithm parameters?',
  TPM2_VerifySequenceComplete: 'Ends a verify sequence: is this the signature of its message?',
  TPM2_SignSequenceComplete: 'Adds the last part to a sign sequence and signs its message.',
  TPM2_VerifyDigestSignature: 'Verifies the signature of a digest, or of the external mu of ML-DSA.',
  TPM2_SignDigest: 'Signs a digest, or the external mu of ML-DSA.',
  TPM2_RSA_Encrypt: 'Encrypts a short message with a public RSA key; without padding, raises it to the exponent.',
  TPM2_RSA_Decrypt: 'Decrypts with a private RSA key and takes the padding off.',
  TPM2_Encapsulate:
    'Makes a shared secret, and the ciphertext from which the owner of the KEM key gets the same secret.',
  TPM2_Decapsulate: 'Gets the shared secret out of a ciphertext with the private KEM key.',
  TPM2_VerifySequenceStart: 'Starts a sequence over a message whose signature is to be verified.',
  TPM2_SignSequenceStart: 'Starts a sequence whose message the key is to sign.',
}
