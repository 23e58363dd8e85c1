// Algorithm identifiers, curves and what is known of each: digest sizes and the attributes that TPM2_GetCapability
// reports. Part 2, 6.3 (Table 8), 6.4 (Table 9), 8.2 (Table 36); numbers that Table 77 uses but Table 8 lacks are those of
// the TCG Algorithm Registry. Which of them a TPM implements is its profile's affair.

import type { Codec, Names } from '../codec/codec.ts'
import { choice, constant } from '../codec/combinators.ts'

export const ALG = {
  RSA: 0x0001,
  TDES: 0x0003,
  SHA1: 0x0004,
  HMAC: 0x0005,
  AES: 0x0006,
  MGF1: 0x0007,
  KEYEDHASH: 0x0008,
  XOR: 0x000a,
  SHA256: 0x000b,
  SHA384: 0x000c,
  SHA512: 0x000d,
  SHA256_192: 0x000e,
  NULL: 0x0010,
  SM3_256: 0x0012,
  SM4: 0x0013,
  RSASSA: 0x0014,
  RSAES: 0x0015,
  RSAPSS: 0x0016,
  OAEP: 0x0017,
  ECDSA: 0x0018,
  ECDH: 0x0019,
  ECDAA: 0x001a,
  SM2: 0x001b,
  ECSCHNORR: 0x001c,
  ECMQV: 0x001d,
  HKDF: 0x001f,
  KDF1_SP800_56A: 0x0020,
  KDF2: 0x0021,
  KDF1_SP800_108: 0x0022,
  ECC: 0x0023,
  SYMCIPHER: 0x0025,
  CAMELLIA: 0x0026,
  SHA3_256: 0x0027,
  SHA3_384: 0x0028,
  SHA3_512: 0x0029,
  SHAKE256_192: 0x002c,
  SHAKE256_256: 0x002d,
  SHAKE256_512: 0x002e,
  CMAC: 0x003f,
  CTR: 0x0040,
  OFB: 0x0041,
  CBC: 0x0042,
  CFB: 0x0043,
  ECB: 0x0044,
  EDDSA: 0x0060,
  HASH_EDDSA: 0x0061,
  MLKEM: 0x00a0,
  MLDSA: 0x00a1,
  HASH_MLDSA: 0x00a2,
} as const
export type AlgName = keyof typeof ALG

export const CURVE = {
  NONE: 0x0000,
  NIST_P192: 0x0001,
  NIST_P224: 0x0002,
  NIST_P256: 0x0003,
  NIST_P384: 0x0004,
  NIST_P521: 0x0005,
  BN_P256: 0x0010,
  BN_P638: 0x0011,
  SM2_P256: 0x0020,
  BP_P256_R1: 0x0030,
  BP_P384_R1: 0x0031,
  BP_P512_R1: 0x0032,
  CURVE_25519: 0x0040,
  CURVE_448: 0x0041,
} as const

/** Names by value, with a prefix: { 11: 'TPM_ALG_SHA256' }. */
export const namesOf = (table: { readonly [name: string]: number }, prefix: string, only?: readonly number[]): Names =>
  Object.fromEntries(
    Object.entries(table)
      .filter(([, v]) => !only || only.includes(v))
      .map(([k, v]) => [v, prefix + k]),
  )

const ALG_NAMES = namesOf(ALG, 'TPM_ALG_')
const CURVE_NAMES = namesOf(CURVE, 'TPM_ECC_')

export const algName = (alg: number): string => ALG_NAMES[alg] ?? `algorithm 0x${alg.toString(16).padStart(4, '0')}`
export const curveName = (curve: number): string =>
  CURVE_NAMES[curve] ?? `curve 0x${curve.toString(16).padStart(4, '0')}`

/** Bytes of a digest; undefined for what is no hash. */
export const DIGEST_SIZE: { readonly [alg: number]: number } = {
  [ALG.SHA1]: 20,
  [ALG.SHA256]: 32,
  [ALG.SHA384]: 48,
  [ALG.SHA512]: 64,
  [ALG.SM3_256]: 32,
  [ALG.SHA3_256]: 32,
  [ALG.SHA3_384]: 48,
  [ALG.SHA3_512]: 64,
  [ALG.SHA256_192]: 24,
  [ALG.SHAKE256_192]: 24,
  [ALG.SHAKE256_256]: 32,
  [ALG.SHAKE256_512]: 64,
}
export const MAX_DIGEST = 64

/** @param hash a hash algorithm of Table 77. */
export function digestSize(hash: number): number {
  const size = DIGEST_SIZE[hash]
  if (size === undefined) throw new RangeError(`${algName(hash)} is not a hash algorithm`)
  return size
}

/** TPMA_ALGORITHM of each algorithm: Part 2, 8.2, Table 36; letters of the Algorithm Registry. */
const A = 1
const S = 2
const H = 4
const O = 8
const X = 0x100
const E = 0x200
const M = 0x400
export const ALG_ATTRIBUTES: { readonly [alg: number]: number } = {
  [ALG.RSA]: A | O,
  [ALG.TDES]: S,
  [ALG.SHA1]: H,
  [ALG.HMAC]: H | X,
  [ALG.AES]: S,
  [ALG.MGF1]: H | M,
  [ALG.KEYEDHASH]: H | O | X | E,
  [ALG.XOR]: H | S,
  [ALG.SHA256]: H,
  [ALG.SHA384]: H,
  [ALG.SHA512]: H,
  [ALG.NULL]: 0,
  [ALG.SM3_256]: H,
  [ALG.SM4]: S,
  [ALG.RSASSA]: A | X,
  [ALG.RSAES]: A | E,
  [ALG.RSAPSS]: A | X,
  [ALG.OAEP]: A | E,
  [ALG.ECDSA]: A | X,
  [ALG.ECDH]: A | M,
  [ALG.ECDAA]: A | X,
  [ALG.SM2]: A | X | E,
  [ALG.ECSCHNORR]: A | X,
  [ALG.ECMQV]: A | M,
  [ALG.HKDF]: H | M,
  [ALG.KDF1_SP800_56A]: H | M,
  [ALG.KDF2]: H | M,
  [ALG.KDF1_SP800_108]: H | M,
  [ALG.ECC]: A | O,
  [ALG.SYMCIPHER]: O | S,
  [ALG.CAMELLIA]: S,
  [ALG.SHA3_256]: H,
  [ALG.SHA3_384]: H,
  [ALG.SHA3_512]: H,
  [ALG.SHA256_192]: H,
  [ALG.SHAKE256_192]: H,
  [ALG.SHAKE256_256]: H,
  [ALG.SHAKE256_512]: H,
  [ALG.CMAC]: S | X,
  [ALG.CTR]: S | E,
  [ALG.OFB]: S | E,
  [ALG.CBC]: S | E,
  [ALG.CFB]: S | E,
  [ALG.ECB]: S | E,
  [ALG.EDDSA]: A | X,
  [ALG.HASH_EDDSA]: A | X,
  [ALG.MLKEM]: A | O | E,
  [ALG.MLDSA]: A | O | X,
  [ALG.HASH_MLDSA]: A | O | X,
}

/** What a profile can leave out; the first argument of codec Rules. */
export type Kind =
  | 'alg'
  | 'curve'
  | 'mlkem'
  | 'mldsa'
  | 'rsaBits'
  | 'symBits'
  | 'buffer'
  | 'pcrSelect'
  | 'hashCount'
  | 'hierarchy'

/** The same type, refused with `reason` when the reading TPM does not implement the value. */
export const implemented = (kind: Kind, reason: string, codec: Codec<number>): Codec<number> => ({
  ...codec,
  read(r) {
    const at = r.at
    const v = codec.read(r)
    if (r.rules && !r.rules(kind, v)) {
      throw r.malformed(reason, `${codec.text?.(v) ?? v} is not implemented by this TPM`, at)
    }
    return v
  },
})

const interfaceType = (
  name: string,
  values: readonly number[],
  reason: string,
  table: number,
  orNull = false,
  clause = `9.${table - 46}`,
) =>
  implemented(
    'alg',
    reason,
    choice(
      name + (orNull ? '+' : ''),
      2,
      namesOf(ALG, 'TPM_ALG_', orNull ? [...values, ALG.NULL] : values),
      reason,
      `Part 2, ${clause}, Table ${table}`,
    ),
  )

export const HASHES: readonly number[] = Object.keys(DIGEST_SIZE).map(Number)
const SYM_OBJECTS = [ALG.TDES, ALG.AES, ALG.SM4, ALG.CAMELLIA]
const MODES = [ALG.CTR, ALG.OFB, ALG.CBC, ALG.CFB, ALG.ECB, ALG.CMAC]
const KDFS = [ALG.MGF1, ALG.KDF2, ALG.KDF1_SP800_56A, ALG.KDF1_SP800_108, ALG.HKDF]
const SIG_SCHEMES = [
  ...[ALG.RSASSA, ALG.RSAPSS, ALG.ECDSA, ALG.ECDAA, ALG.SM2, ALG.ECSCHNORR, ALG.EDDSA, ALG.HASH_EDDSA],
  ...[ALG.MLDSA, ALG.HASH_MLDSA, ALG.HMAC],
]

export const TPM_ALG_ID = constant('TPM_ALG_ID', 2, ALG_NAMES, 'Part 2, 6.3, Table 8')
export const TPMI_ALG_HASH = interfaceType('TPMI_ALG_HASH', HASHES, 'hash', 77)
export const TPMI_ALG_HASH_OR_NULL = interfaceType('TPMI_ALG_HASH', HASHES, 'hash', 77, true)
export const TPMI_ALG_SYM_OBJECT = interfaceType('TPMI_ALG_SYM_OBJECT', SYM_OBJECTS, 'symmetric', 80)
export const TPMI_ALG_SYM_OBJECT_OR_NULL = interfaceType('TPMI_ALG_SYM_OBJECT', SYM_OBJECTS, 'symmetric', 80, true)
export const TPMI_ALG_SYM_OR_NULL = interfaceType('TPMI_ALG_SYM', [...SYM_OBJECTS, ALG.XOR], 'symmetric', 79, true)
export const TPMI_ALG_SYM_MODE_OR_NULL = interfaceType('TPMI_ALG_SYM_MODE', MODES, 'mode', 81, true)
export const TPMI_ALG_KDF_OR_NULL = interfaceType('TPMI_ALG_KDF', KDFS, 'kdf', 82, true)
export const TPMI_ALG_SIG_SCHEME = interfaceType('TPMI_ALG_SIG_SCHEME', SIG_SCHEMES, 'scheme', 83)
export const TPMI_ALG_SIG_SCHEME_OR_NULL = interfaceType('TPMI_ALG_SIG_SCHEME', SIG_SCHEMES, 'scheme', 83, true)
export const TPMI_ALG_KEYEDHASH_SCHEME_OR_NULL = interfaceType(
  'TPMI_ALG_KEYEDHASH_SCHEME',
  [ALG.HMAC, ALG.XOR],
  'value',
  175,
  true,
  '11.1.19',
)
export const TPMI_ALG_RSA_SCHEME_OR_NULL = interfaceType(
  'TPMI_ALG_RSA_SCHEME',
  [ALG.RSASSA, ALG.RSAES, ALG.RSAPSS, ALG.OAEP],
  'value',
  189,
  true,
  '11.2.4.1',
)
export const TPMI_ALG_RSA_DECRYPT_OR_NULL = interfaceType(
  'TPMI_ALG_RSA_DECRYPT',
  [ALG.RSAES, ALG.OAEP],
  'value',
  192,
  true,
  '11.2.4.4',
)
export const TPMI_ALG_ECC_SCHEME_OR_NULL = interfaceType(
  'TPMI_ALG_ECC_SCHEME',
  [...[ALG.ECDSA, ALG.ECDAA, ALG.SM2, ALG.ECSCHNORR, ALG.EDDSA, ALG.HASH_EDDSA], ...[ALG.ECDH, ALG.ECMQV]],
  'scheme',
  200,
  true,
  '11.2.5.4',
)
/** Block cipher modes and hashes for message authentication: Part 2 gives TPM_RC_SYMMETRIC for all others. */
export const TPMI_ALG_MAC_SCHEME_OR_NULL = interfaceType(
  'TPMI_ALG_MAC_SCHEME',
  [ALG.CMAC, ...HASHES],
  'symmetric',
  86,
  true,
)
export const TPMI_ALG_CIPHER_MODE_OR_NULL = interfaceType(
  'TPMI_ALG_CIPHER_MODE',
  [ALG.CTR, ALG.OFB, ALG.CBC, ALG.CFB, ALG.ECB],
  'mode',
  87,
  true,
)
export const TPMI_ECC_KEY_EXCHANGE = interfaceType(
  'TPMI_ECC_KEY_EXCHANGE',
  [ALG.ECDH, ALG.SM2, ALG.ECMQV],
  'scheme',
  84,
)
export const TPMI_ALG_PUBLIC = interfaceType(
  'TPMI_ALG_PUBLIC',
  [ALG.RSA, ALG.KEYEDHASH, ALG.ECC, ALG.SYMCIPHER, ALG.MLDSA, ALG.HASH_MLDSA, ALG.MLKEM],
  'type',
  225,
  false,
  '12.2.2',
)
export const TPM_ECC_CURVE = constant('TPM_ECC_CURVE', 2, CURVE_NAMES, 'Part 2, 6.4, Table 9')
export const TPMI_ECC_CURVE = implemented(
  'curve',
  'curve',
  choice(
    'TPMI_ECC_CURVE',
    2,
    namesOf(CURVE, 'TPM_ECC_', Object.values(CURVE).slice(1)),
    'curve',
    'Part 2, 11.2.5.5, Table 201',
  ),
)
