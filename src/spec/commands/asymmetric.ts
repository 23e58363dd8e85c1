// Declarations: RSA encryption and key encapsulation. Part 3, 14.2, 14.3, 14.10 and 14.11 (version 1.85).

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_DATA, TPM2B_SHARED_SECRET } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPM2B_PUBLIC_KEY_RSA, TPMT_RSA_DECRYPT } from '../keys.ts'
import { TPM2B_KEM_CIPHERTEXT } from '../pqc.ts'

const label = doc('label that both sides give, ending with a zero octet; empty for none', TPM2B_DATA)
const inScheme = doc('the padding, where the key leaves it open', TPMT_RSA_DECRYPT)

export const RSA_Encrypt = declare({
  code: CC.RSA_Encrypt,
  name: 'TPM2_RSA_Encrypt',
  section: 'Part 3, 14.2',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the public RSA key' } },
  params: struct('TPM2_RSA_Encrypt', {
    message: doc('what is to be encrypted', TPM2B_PUBLIC_KEY_RSA),
    inScheme,
    label,
  }),
  returns: struct('TPM2_RSA_Encrypt', { outData: doc('the encrypted message', TPM2B_PUBLIC_KEY_RSA) }),
})

export const RSA_Decrypt = declare({
  code: CC.RSA_Decrypt,
  name: 'TPM2_RSA_Decrypt',
  section: 'Part 3, 14.3',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the RSA key' } },
  params: struct('TPM2_RSA_Decrypt', {
    cipherText: doc('what is to be decrypted, as long as the modulus', TPM2B_PUBLIC_KEY_RSA),
    inScheme,
    label,
  }),
  returns: struct('TPM2_RSA_Decrypt', { message: doc('the message, its padding removed', TPM2B_PUBLIC_KEY_RSA) }),
})

export const Encapsulate = declare({
  code: CC.Encapsulate,
  name: 'TPM2_Encapsulate',
  section: 'Part 3, 14.10',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, doc: 'the public KEM key' } },
  returns: struct('TPM2_Encapsulate', {
    sharedSecret: doc('what both sides now know', TPM2B_SHARED_SECRET),
    ciphertext: doc('what only the private key turns into the secret', TPM2B_KEM_CIPHERTEXT),
  }),
  since: 185,
})

export const Decapsulate = declare({
  code: CC.Decapsulate,
  name: 'TPM2_Decapsulate',
  section: 'Part 3, 14.11',
  handles: { keyHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the KEM key' } },
  params: struct('TPM2_Decapsulate', {
    ciphertext: doc('what only the private key turns into the secret', TPM2B_KEM_CIPHERTEXT),
  }),
  returns: struct('TPM2_Decapsulate', { sharedSecret: doc('what both sides now know', TPM2B_SHARED_SECRET) }),
  since: 185,
})
