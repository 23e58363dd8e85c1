// Declarations: shared secrets of elliptic curve keys, curve parameters, encryption. Part 3, 14.4 to 14.9.

import { doc } from '../../codec/codec.ts'
import { struct, u16 } from '../../codec/combinators.ts'
import { TPMI_ECC_CURVE, TPMI_ECC_KEY_EXCHANGE } from '../algorithms.ts'
import { TPM2B_DIGEST, TPM2B_MAX_BUFFER } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPM2B_ECC_POINT, TPMS_ALGORITHM_DETAIL_ECC, TPMT_KDF_SCHEME } from '../keys.ts'

const publicKey = { codec: TPMI_DH_OBJECT, doc: 'the ECC key, of which the public part is enough' } as const
const privateKey = { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the ECC key' } as const
const kdf = doc('KDF2 and its hash, where the key names no function', TPMT_KDF_SCHEME)
const C1 = doc('the ephemeral public key', TPM2B_ECC_POINT)
const C2 = doc('the data, hidden', TPM2B_MAX_BUFFER)
const C3 = doc('the integrity value', TPM2B_DIGEST)

export const ECDH_KeyGen = declare({
  code: CC.ECDH_KeyGen,
  name: 'TPM2_ECDH_KeyGen',
  section: 'Part 3, 14.4',
  handles: { keyHandle: publicKey },
  returns: struct('TPM2_ECDH_KeyGen', {
    zPoint: doc('the shared point', TPM2B_ECC_POINT),
    pubPoint: doc('the ephemeral public key', TPM2B_ECC_POINT),
  }),
})

export const ECDH_ZGen = declare({
  code: CC.ECDH_ZGen,
  name: 'TPM2_ECDH_ZGen',
  section: 'Part 3, 14.5',
  handles: { keyHandle: privateKey },
  params: struct('TPM2_ECDH_ZGen', { inPoint: doc('the public key of the other party', TPM2B_ECC_POINT) }),
  returns: struct('TPM2_ECDH_ZGen', { outPoint: doc('the shared point', TPM2B_ECC_POINT) }),
})

export const ECC_Parameters = declare({
  code: CC.ECC_Parameters,
  name: 'TPM2_ECC_Parameters',
  section: 'Part 3, 14.6',
  params: struct('TPM2_ECC_Parameters', { curveID: doc('the curve', TPMI_ECC_CURVE) }),
  returns: struct('TPM2_ECC_Parameters', { parameters: doc('its numbers', TPMS_ALGORITHM_DETAIL_ECC) }),
})

export const ZGen_2Phase = declare({
  code: CC.ZGen_2Phase,
  name: 'TPM2_ZGen_2Phase',
  section: 'Part 3, 14.7',
  handles: { keyA: privateKey },
  params: struct('TPM2_ZGen_2Phase', {
    inQsB: doc('the static public key of the other party', TPM2B_ECC_POINT),
    inQeB: doc('its ephemeral public key', TPM2B_ECC_POINT),
    inScheme: doc('the key exchange', TPMI_ECC_KEY_EXCHANGE),
    counter: doc('from TPM2_EC_Ephemeral: which ephemeral key of ours', u16),
  }),
  returns: struct('TPM2_ZGen_2Phase', {
    outZ1: doc('the first shared point', TPM2B_ECC_POINT),
    outZ2: doc('the second; empty where the scheme has only one', TPM2B_ECC_POINT),
  }),
})

export const ECC_Encrypt = declare({
  code: CC.ECC_Encrypt,
  name: 'TPM2_ECC_Encrypt',
  section: 'Part 3, 14.8',
  handles: { keyHandle: publicKey },
  params: struct('TPM2_ECC_Encrypt', { plainText: doc('what is to be hidden', TPM2B_MAX_BUFFER), inScheme: kdf }),
  returns: struct('TPM2_ECC_Encrypt', { C1, C2, C3 }),
  since: 183,
})

export const ECC_Decrypt = declare({
  code: CC.ECC_Decrypt,
  name: 'TPM2_ECC_Decrypt',
  section: 'Part 3, 14.9',
  handles: { keyHandle: privateKey },
  params: struct('TPM2_ECC_Decrypt', { C1, C2, C3, inScheme: kdf }),
  returns: struct('TPM2_ECC_Decrypt', { plainText: doc('what was hidden', TPM2B_MAX_BUFFER) }),
  since: 183,
})
