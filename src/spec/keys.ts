// Keys: schemes, public and sensitive areas, signatures, what a creation takes and gives. Part 2, 11, 12 and 15.

import { type Codec, doc, type Of } from '../codec/codec.ts'
import { choice, sized, sizedOf, sizedOrEmpty, struct, u16, u32, variant } from '../codec/combinators.ts'
import {
  ALG,
  implemented,
  TPM_ALG_ID,
  TPM_ECC_CURVE,
  TPMI_ALG_ECC_SCHEME_OR_NULL,
  TPMI_ALG_HASH,
  TPMI_ALG_HASH_OR_NULL,
  TPMI_ALG_KDF_OR_NULL,
  TPMI_ALG_KEYEDHASH_SCHEME_OR_NULL,
  TPMI_ALG_PUBLIC,
  TPMI_ALG_RSA_DECRYPT_OR_NULL,
  TPMI_ALG_RSA_SCHEME_OR_NULL,
  TPMI_ALG_SIG_SCHEME,
  TPMI_ALG_SIG_SCHEME_OR_NULL,
  TPMI_ALG_SYM_MODE_OR_NULL,
  TPMI_ALG_SYM_OR_NULL,
  TPMI_ALG_SYM_OBJECT,
  TPMI_ALG_SYM_OBJECT_OR_NULL,
  TPMI_ECC_CURVE,
} from './algorithms.ts'
import { TPMA_LOCALITY, TPMA_OBJECT } from './attributes.ts'
import {
  TPM2B_AUTH,
  TPM2B_DATA,
  TPM2B_DIGEST,
  TPM2B_NAME,
  TPM2B_SENSITIVE_DATA,
  TPML_PCR_SELECTION,
  TPMT_HA,
} from './base.ts'
import {
  SIGNATURE_HASH_MLDSA,
  TPM2B_PRIVATE_KEY_MLDSA,
  TPM2B_PRIVATE_KEY_MLKEM,
  TPM2B_PUBLIC_KEY_MLDSA,
  TPM2B_PUBLIC_KEY_MLKEM,
  TPM2B_SIGNATURE_MLDSA,
  TPMI_MLKEM_PARMS,
  TPMS_HASH_MLDSA_PARMS,
  TPMS_MLDSA_PARMS,
} from './pqc.ts'

const ofCipher = (keyBits: Codec<number>) => ({ keyBits, mode: TPMI_ALG_SYM_MODE_OR_NULL })
const sizes = (cipher: string, ...bits: number[]) =>
  choice(
    `TPMI_${cipher}_KEY_BITS`,
    2,
    Object.fromEntries(bits.map(s => [s, `${s} bits`])),
    'value',
    'Part 2, 11.1.2, Table 158',
  )
const keyBits = (cipher: string, ...bits: number[]) => ofCipher(implemented('symBits', 'value', sizes(cipher, ...bits)))
const CIPHERS = {
  // Who has it has two keys and three.
  [ALG.TDES]: ofCipher(sizes('TDES', 128, 192)),
  [ALG.AES]: keyBits('AES', 128, 192, 256),
  [ALG.SM4]: keyBits('SM4', 128),
  [ALG.CAMELLIA]: keyBits('CAMELLIA', 128, 192, 256),
}
const symmetric = { reason: 'symmetric', source: 'Part 2, 11.1.7, Table 163' }
export const TPMT_SYM_DEF_OBJECT = variant(
  'TPMT_SYM_DEF_OBJECT',
  'algorithm',
  TPMI_ALG_SYM_OBJECT,
  {},
  CIPHERS,
  symmetric,
)
export const TPMT_SYM_DEF_OBJECT_OR_NULL = variant(
  'TPMT_SYM_DEF_OBJECT+',
  'algorithm',
  TPMI_ALG_SYM_OBJECT_OR_NULL,
  {},
  { ...CIPHERS, [ALG.NULL]: {} },
  symmetric,
)

/** How a session encrypts parameters: a block cipher, or XOR with a hash in the place of the key size. */
export const TPMT_SYM_DEF_OR_NULL = variant(
  'TPMT_SYM_DEF+',
  'algorithm',
  TPMI_ALG_SYM_OR_NULL,
  {},
  { ...CIPHERS, [ALG.XOR]: { keyBits: TPMI_ALG_HASH }, [ALG.NULL]: {} },
  { reason: 'symmetric', source: 'Part 2, 11.1.6, Table 162' },
)
export type SymDef = Of<typeof TPMT_SYM_DEF_OR_NULL>

const hashAlg = { hashAlg: TPMI_ALG_HASH }
const scheme = (table: number, clause: string) => ({ reason: 'selector', source: `Part 2, ${clause}, Table ${table}` })

export const TPMT_KEYEDHASH_SCHEME = variant(
  'TPMT_KEYEDHASH_SCHEME+',
  'scheme',
  TPMI_ALG_KEYEDHASH_SCHEME_OR_NULL,
  {},
  { [ALG.HMAC]: hashAlg, [ALG.XOR]: { hashAlg: TPMI_ALG_HASH, kdf: TPMI_ALG_KDF_OR_NULL }, [ALG.NULL]: {} },
  scheme(179, '11.1.23'),
)
/** ML-DSA has no arm: its keys carry no scheme (Table 182). */
export const TPMT_SIG_SCHEME = variant(
  'TPMT_SIG_SCHEME+',
  'scheme',
  TPMI_ALG_SIG_SCHEME_OR_NULL,
  {},
  {
    [ALG.RSASSA]: hashAlg,
    [ALG.RSAPSS]: hashAlg,
    [ALG.ECDSA]: hashAlg,
    [ALG.ECDAA]: { hashAlg: TPMI_ALG_HASH, count: u16 },
    [ALG.SM2]: hashAlg,
    [ALG.ECSCHNORR]: hashAlg,
    [ALG.EDDSA]: {},
    [ALG.HASH_EDDSA]: {},
    [ALG.HMAC]: hashAlg,
    [ALG.NULL]: {},
  },
  scheme(183, '11.2.1.5'),
)
export const TPMT_KDF_SCHEME = variant(
  'TPMT_KDF_SCHEME+',
  'scheme',
  TPMI_ALG_KDF_OR_NULL,
  {},
  {
    [ALG.MGF1]: hashAlg,
    [ALG.KDF2]: hashAlg,
    [ALG.KDF1_SP800_56A]: hashAlg,
    [ALG.KDF1_SP800_108]: hashAlg,
    [ALG.HKDF]: hashAlg,
    [ALG.NULL]: {},
  },
  scheme(188, '11.2.3.3'),
)
export const TPMT_RSA_SCHEME = variant(
  'TPMT_RSA_SCHEME+',
  'scheme',
  TPMI_ALG_RSA_SCHEME_OR_NULL,
  {},
  { [ALG.RSASSA]: hashAlg, [ALG.RSAES]: {}, [ALG.RSAPSS]: hashAlg, [ALG.OAEP]: hashAlg, [ALG.NULL]: {} },
  scheme(191, '11.2.4.3'),
)
export const TPMT_RSA_DECRYPT = variant(
  'TPMT_RSA_DECRYPT+',
  'scheme',
  TPMI_ALG_RSA_DECRYPT_OR_NULL,
  {},
  { [ALG.RSAES]: {}, [ALG.OAEP]: hashAlg, [ALG.NULL]: {} },
  scheme(193, '11.2.4.5'),
)
export const TPMT_ECC_SCHEME = variant(
  'TPMT_ECC_SCHEME+',
  'scheme',
  TPMI_ALG_ECC_SCHEME_OR_NULL,
  {},
  {
    [ALG.ECDSA]: hashAlg,
    [ALG.ECDAA]: { hashAlg: TPMI_ALG_HASH, count: u16 },
    [ALG.SM2]: hashAlg,
    [ALG.ECSCHNORR]: hashAlg,
    [ALG.EDDSA]: {},
    [ALG.HASH_EDDSA]: {},
    [ALG.ECDH]: hashAlg,
    [ALG.ECMQV]: hashAlg,
    [ALG.NULL]: {},
  },
  scheme(203, '11.2.5.7'),
)

const MAX_RSA_BYTES = 512
const MAX_ECC_BYTES = 66
export const TPM2B_PUBLIC_KEY_RSA = sized('TPM2B_PUBLIC_KEY_RSA', MAX_RSA_BYTES, {
  source: 'Part 2, 11.2.4.6, Table 194',
})
export const TPM2B_PRIVATE_KEY_RSA = sized('TPM2B_PRIVATE_KEY_RSA', MAX_RSA_BYTES / 2, {
  source: 'Part 2, 11.2.4.8, Table 196',
})
export const TPM2B_ECC_PARAMETER = sized('TPM2B_ECC_PARAMETER', MAX_ECC_BYTES, {
  source: 'Part 2, 11.2.5.1, Table 197',
})
export const TPMS_ECC_POINT = struct(
  'TPMS_ECC_POINT',
  { x: TPM2B_ECC_PARAMETER, y: TPM2B_ECC_PARAMETER },
  'Part 2, 11.2.5.2, Table 198',
)
export const TPM2B_ECC_POINT = sizedOf('TPM2B_ECC_POINT', TPMS_ECC_POINT, 'Part 2, 11.2.5.3, Table 199')
const TPM2B_SYM_KEY = sized('TPM2B_SYM_KEY', 64, { source: 'Part 2, 11.1.8, Table 164' })
export const TPMS_ALGORITHM_DETAIL_ECC = struct(
  'TPMS_ALGORITHM_DETAIL_ECC',
  {
    curveID: TPM_ECC_CURVE,
    keySize: u16,
    kdf: TPMT_KDF_SCHEME,
    sign: TPMT_ECC_SCHEME,
    p: TPM2B_ECC_PARAMETER,
    a: TPM2B_ECC_PARAMETER,
    b: TPM2B_ECC_PARAMETER,
    gX: TPM2B_ECC_PARAMETER,
    gY: TPM2B_ECC_PARAMETER,
    n: TPM2B_ECC_PARAMETER,
    h: TPM2B_ECC_PARAMETER,
  },
  'Part 2, 11.2.5.8, Table 204',
)
const TPMI_RSA_KEY_BITS = implemented(
  'rsaBits',
  'value',
  choice(
    'TPMI_RSA_KEY_BITS',
    2,
    { 1024: '1024 bits', 2048: '2048 bits', 3072: '3072 bits', 4096: '4096 bits' },
    'value',
    'Part 2, 11.2.4.7, Table 195',
  ),
)

const TPMS_KEYEDHASH_PARMS = struct(
  'TPMS_KEYEDHASH_PARMS',
  { scheme: TPMT_KEYEDHASH_SCHEME },
  'Part 2, 12.2.3.3, Table 227',
)
const TPMS_SYMCIPHER_PARMS = struct('TPMS_SYMCIPHER_PARMS', { sym: TPMT_SYM_DEF_OBJECT }, 'Part 2, 11.1.9, Table 165')
const TPMS_RSA_PARMS = struct(
  'TPMS_RSA_PARMS',
  { symmetric: TPMT_SYM_DEF_OBJECT_OR_NULL, scheme: TPMT_RSA_SCHEME, keyBits: TPMI_RSA_KEY_BITS, exponent: u32 },
  'Part 2, 12.2.3.4, Table 228',
)
const TPMS_ECC_PARMS = struct(
  'TPMS_ECC_PARMS',
  { symmetric: TPMT_SYM_DEF_OBJECT_OR_NULL, scheme: TPMT_ECC_SCHEME, curveID: TPMI_ECC_CURVE, kdf: TPMT_KDF_SCHEME },
  'Part 2, 12.2.3.5, Table 229',
)
const TPMS_MLKEM_PARMS = struct(
  'TPMS_MLKEM_PARMS',
  { symmetric: TPMT_SYM_DEF_OBJECT_OR_NULL, parameterSet: TPMI_MLKEM_PARMS },
  'Part 2, 12.2.3.8, Table 232',
)
const PARMS = {
  [ALG.RSA]: { parameters: TPMS_RSA_PARMS },
  [ALG.KEYEDHASH]: { parameters: TPMS_KEYEDHASH_PARMS },
  [ALG.ECC]: { parameters: TPMS_ECC_PARMS },
  [ALG.SYMCIPHER]: { parameters: TPMS_SYMCIPHER_PARMS },
  [ALG.MLKEM]: { parameters: TPMS_MLKEM_PARMS },
  [ALG.MLDSA]: { parameters: TPMS_MLDSA_PARMS },
  [ALG.HASH_MLDSA]: { parameters: TPMS_HASH_MLDSA_PARMS },
}
export const TPMT_PUBLIC_PARMS = variant('TPMT_PUBLIC_PARMS', 'type', TPMI_ALG_PUBLIC, {}, PARMS, {
  reason: 'type',
  source: 'Part 2, 12.2.3.10, Table 234',
})

const before = (nameAlg: Codec<number>) => ({
  nameAlg: doc('the hash of the Name', nameAlg),
  objectAttributes: doc('what the object may do', TPMA_OBJECT),
  authPolicy: doc('digest of the policy that can approve its use; empty for none', TPM2B_DIGEST),
})

const area = (name: string, nameAlg: Codec<number>) =>
  variant(
    name,
    'type',
    TPMI_ALG_PUBLIC,
    before(nameAlg),
    {
      [ALG.RSA]: { parameters: TPMS_RSA_PARMS, unique: TPM2B_PUBLIC_KEY_RSA },
      [ALG.KEYEDHASH]: { parameters: TPMS_KEYEDHASH_PARMS, unique: TPM2B_DIGEST },
      [ALG.ECC]: { parameters: TPMS_ECC_PARMS, unique: TPMS_ECC_POINT },
      [ALG.SYMCIPHER]: { parameters: TPMS_SYMCIPHER_PARMS, unique: TPM2B_DIGEST },
      [ALG.MLKEM]: { parameters: TPMS_MLKEM_PARMS, unique: TPM2B_PUBLIC_KEY_MLKEM },
      [ALG.MLDSA]: { parameters: TPMS_MLDSA_PARMS, unique: TPM2B_PUBLIC_KEY_MLDSA },
      [ALG.HASH_MLDSA]: { parameters: TPMS_HASH_MLDSA_PARMS, unique: TPM2B_PUBLIC_KEY_MLDSA },
    },
    { reason: 'type', source: 'Part 2, 12.2.4, Table 235' },
  )
export const TPMT_PUBLIC = area('TPMT_PUBLIC', TPMI_ALG_HASH)
const TPM2B_LABEL = sized('TPM2B_LABEL', 32, { source: 'Part 2, 10.3.9, Table 97' })
/** What tells one derived object from another. */
export const TPMS_DERIVE = struct(
  'TPMS_DERIVE',
  { label: TPM2B_LABEL, context: TPM2B_LABEL },
  'Part 2, 11.1.11, Table 167',
)
/** A template of an object that is derived: label and context in the place of unique. Part 3, 12.9. */
export const DERIVED_TEMPLATE = variant(
  'TPMT_PUBLIC',
  'type',
  TPMI_ALG_PUBLIC,
  before(TPMI_ALG_HASH),
  {
    [ALG.RSA]: { parameters: TPMS_RSA_PARMS, unique: TPMS_DERIVE },
    [ALG.KEYEDHASH]: { parameters: TPMS_KEYEDHASH_PARMS, unique: TPMS_DERIVE },
    [ALG.ECC]: { parameters: TPMS_ECC_PARMS, unique: TPMS_DERIVE },
    [ALG.SYMCIPHER]: { parameters: TPMS_SYMCIPHER_PARMS, unique: TPMS_DERIVE },
    [ALG.MLKEM]: { parameters: TPMS_MLKEM_PARMS, unique: TPMS_DERIVE },
    [ALG.MLDSA]: { parameters: TPMS_MLDSA_PARMS, unique: TPMS_DERIVE },
    [ALG.HASH_MLDSA]: { parameters: TPMS_HASH_MLDSA_PARMS, unique: TPMS_DERIVE },
  },
  { reason: 'type', source: 'Part 2, 12.2.4, Table 235' },
)
/** nameAlg may be TPM_ALG_NULL: the object then has no Name. */
export const TPMT_PUBLIC_OR_NULL = area('TPMT_PUBLIC+', TPMI_ALG_HASH_OR_NULL)
export type Public = Of<typeof TPMT_PUBLIC>
export type PublicParms = Of<typeof TPMT_PUBLIC_PARMS>
export type PublicOf<T extends Public['type']> = Extract<Public, { type: T }>
export const TPM2B_PUBLIC = sizedOf('TPM2B_PUBLIC', TPMT_PUBLIC, 'Part 2, 12.2.5, Table 236')
export const TPM2B_PUBLIC_OR_NULL = sizedOf('TPM2B_PUBLIC+', TPMT_PUBLIC_OR_NULL, 'Part 2, 12.2.5, Table 236')

export const TPMT_SENSITIVE = variant(
  'TPMT_SENSITIVE',
  'sensitiveType',
  TPMI_ALG_PUBLIC,
  {
    authValue: doc('the password of the object', TPM2B_AUTH),
    seedValue: doc('protects children, or hides the data in unique', TPM2B_DIGEST),
  },
  {
    [ALG.RSA]: { sensitive: TPM2B_PRIVATE_KEY_RSA },
    [ALG.KEYEDHASH]: { sensitive: TPM2B_SENSITIVE_DATA },
    [ALG.ECC]: { sensitive: TPM2B_ECC_PARAMETER },
    [ALG.SYMCIPHER]: { sensitive: TPM2B_SYM_KEY },
    [ALG.MLKEM]: { sensitive: TPM2B_PRIVATE_KEY_MLKEM },
    [ALG.MLDSA]: { sensitive: TPM2B_PRIVATE_KEY_MLDSA },
    [ALG.HASH_MLDSA]: { sensitive: TPM2B_PRIVATE_KEY_MLDSA },
  },
  { reason: 'type', source: 'Part 2, 12.3.2.4, Table 240' },
)
export type Sensitive = Of<typeof TPMT_SENSITIVE>
/** Empty (undefined) when only the public part is loaded. */
export const TPM2B_SENSITIVE = sizedOrEmpty('TPM2B_SENSITIVE', TPMT_SENSITIVE, 'Part 2, 12.3.3, Table 241')

export const TPMS_SENSITIVE_CREATE = struct(
  'TPMS_SENSITIVE_CREATE',
  {
    userAuth: doc('the password of the new object', TPM2B_AUTH),
    data: doc('secret data that the caller brings; empty for a key that the TPM makes', TPM2B_SENSITIVE_DATA),
  },
  'Part 2, 11.1.15, Table 171',
)
export const TPM2B_SENSITIVE_CREATE = sizedOf(
  'TPM2B_SENSITIVE_CREATE',
  TPMS_SENSITIVE_CREATE,
  'Part 2, 11.1.16, Table 172',
)

export const TPMS_CREATION_DATA = struct(
  'TPMS_CREATION_DATA',
  {
    pcrSelect: TPML_PCR_SELECTION,
    pcrDigest: TPM2B_DIGEST,
    locality: TPMA_LOCALITY,
    parentNameAlg: TPM_ALG_ID,
    parentName: TPM2B_NAME,
    parentQualifiedName: TPM2B_NAME,
    outsideInfo: TPM2B_DATA,
  },
  'Part 2, 15.1, Table 261',
)
export type CreationData = Of<typeof TPMS_CREATION_DATA>
export const TPM2B_CREATION_DATA = sizedOf('TPM2B_CREATION_DATA', TPMS_CREATION_DATA, 'Part 2, 15.2, Table 262')

const RSA_SIGNATURE = { hash: TPMI_ALG_HASH, sig: TPM2B_PUBLIC_KEY_RSA }
const ECC_SIGNATURE = { hash: TPMI_ALG_HASH, signatureR: TPM2B_ECC_PARAMETER, signatureS: TPM2B_ECC_PARAMETER }
const EDDSA_SIGNATURE = { signature: sized('TPM2B_SIGNATURE_EDDSA', 114, { source: 'Part 2, 11.3.3, Table 216' }) }
const SIGNATURES = {
  [ALG.RSASSA]: RSA_SIGNATURE,
  [ALG.RSAPSS]: RSA_SIGNATURE,
  [ALG.ECDSA]: ECC_SIGNATURE,
  [ALG.ECDAA]: ECC_SIGNATURE,
  [ALG.SM2]: ECC_SIGNATURE,
  [ALG.ECSCHNORR]: ECC_SIGNATURE,
  [ALG.EDDSA]: EDDSA_SIGNATURE,
  [ALG.HASH_EDDSA]: EDDSA_SIGNATURE,
  [ALG.MLDSA]: { signature: TPM2B_SIGNATURE_MLDSA },
  [ALG.HASH_MLDSA]: SIGNATURE_HASH_MLDSA,
  [ALG.HMAC]: { hmac: TPMT_HA },
}
export const TPMT_SIGNATURE = variant('TPMT_SIGNATURE', 'sigAlg', TPMI_ALG_SIG_SCHEME, {}, SIGNATURES, {
  reason: 'selector',
  source: 'Part 2, 11.3.6, Table 219',
})
export type Signature = Of<typeof TPMT_SIGNATURE>
/** With the NULL Signature: what an attestation without key ends with. */
export const TPMT_SIGNATURE_OR_NULL = variant(
  'TPMT_SIGNATURE+',
  'sigAlg',
  TPMI_ALG_SIG_SCHEME_OR_NULL,
  {},
  { ...SIGNATURES, [ALG.NULL]: {} },
  { reason: 'selector', source: 'Part 2, 11.3.6, Table 219' },
)
