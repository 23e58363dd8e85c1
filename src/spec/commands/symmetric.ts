// Declarations: ciphers, hashes and message authentication codes in one command. Part 3, 15.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_CIPHER_MODE_OR_NULL, TPMI_ALG_HASH, TPMI_ALG_MAC_SCHEME_OR_NULL } from '../algorithms.ts'
import { TPM2B_DIGEST, TPM2B_IV, TPM2B_MAX_BUFFER, TPMT_TK_HASHCHECK } from '../base.ts'
import { CC, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT, TPMI_RH_HIERARCHY } from '../handles.ts'

const cipherKey = { keyHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the symmetric key' } } as const
const decrypt = doc('YES to decrypt, NO to encrypt', TPMI_YES_NO)
const mode = doc('the mode, where the key leaves it open', TPMI_ALG_CIPHER_MODE_OR_NULL)
const ivIn = doc('the initial value that the mode needs', TPM2B_IV)
const inData = doc('what is encrypted or decrypted', TPM2B_MAX_BUFFER)
const outData = doc('what came of it', TPM2B_MAX_BUFFER)
const ivOut = doc('the initial value with which the next part goes on', TPM2B_IV)

export const EncryptDecrypt = declare({
  code: CC.EncryptDecrypt,
  name: 'TPM2_EncryptDecrypt',
  section: 'Part 3, 15.2',
  handles: cipherKey,
  params: struct('TPM2_EncryptDecrypt', { decrypt, mode, ivIn, inData }),
  returns: struct('TPM2_EncryptDecrypt', { outData, ivOut }),
})

export const EncryptDecrypt2 = declare({
  code: CC.EncryptDecrypt2,
  name: 'TPM2_EncryptDecrypt2',
  section: 'Part 3, 15.3',
  handles: cipherKey,
  params: struct('TPM2_EncryptDecrypt2', { inData, decrypt, mode, ivIn }),
  returns: struct('TPM2_EncryptDecrypt2', { outData, ivOut }),
})

export const Hash = declare({
  code: CC.Hash,
  name: 'TPM2_Hash',
  section: 'Part 3, 15.4',
  params: struct('TPM2_Hash', {
    data: doc('what is hashed', TPM2B_MAX_BUFFER),
    hashAlg: doc('with which hash', TPMI_ALG_HASH),
    hierarchy: doc('whose proof makes the ticket', TPMI_RH_HIERARCHY),
  }),
  returns: struct('TPM2_Hash', {
    outHash: doc('the digest', TPM2B_DIGEST),
    validation: doc('that the data did not look like a structure of the TPM', TPMT_TK_HASHCHECK),
  }),
})

/** With the code of TPM2_HMAC, which it can do too. */
export const MAC = declare({
  code: CC.MAC,
  name: 'TPM2_MAC',
  section: 'Part 3, 15.6',
  handles: { handle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the symmetric signing key' } },
  params: struct('TPM2_MAC', {
    buffer: doc('the message', TPM2B_MAX_BUFFER),
    inScheme: doc('a hash or CMAC, where the key leaves it open', TPMI_ALG_MAC_SCHEME_OR_NULL),
  }),
  returns: struct('TPM2_MAC', { outMAC: doc('the authentication code', TPM2B_DIGEST) }),
})
