// Declarations: key encapsulation. Part 3, 14.10 and 14.11 (version 1.85).

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_SHARED_SECRET } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPM2B_KEM_CIPHERTEXT } from '../pqc.ts'

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
