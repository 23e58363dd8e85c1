// Attribute words (TPMA_*), each bit with its meaning. Part 2, 8, Tables 36 to 47.

import type { FlagField, FlagFields } from '../codec/codec.ts'
import { flags } from '../codec/combinators.ts'

const bit = (low: number, doc: string): FlagField => ({ low, width: 1, doc })
const bits = (low: number, width: number, doc: string): FlagField => ({ low, width, doc })

/** The mask of each field: masks(F).sign is the bit itself. */
export const masks = <F extends FlagFields>(fields: F): { readonly [K in keyof F]: number } =>
  Object.fromEntries(Object.entries(fields).map(([k, f]) => [k, ((2 ** f.width - 1) * 2 ** f.low) >>> 0])) as {
    [K in keyof F]: number
  }

export const OBJECT_BITS = {
  fixedTPM: bit(1, 'the object cannot leave this TPM: its hierarchy is fixed'),
  stClear: bit(2, 'saved contexts cannot be loaded after Startup(CLEAR)'),
  fixedParent: bit(4, 'the parent cannot change: the object cannot be duplicated by itself'),
  sensitiveDataOrigin: bit(5, 'the TPM made all of the sensitive data'),
  userWithAuth: bit(6, 'the USER role may be approved with the authValue'),
  adminWithPolicy: bit(7, 'the ADMIN role needs a policy session'),
  firmwareLimited: bit(8, 'exists only in a firmware-limited hierarchy'),
  svnLimited: bit(9, 'exists only in an SVN-limited hierarchy'),
  noDA: bit(10, 'wrong authorizations do not count towards lockout'),
  encryptedDuplication: bit(11, 'duplication needs inner and outer encryption'),
  restricted: bit(16, 'signs or decrypts only structures that the TPM made or knows'),
  decrypt: bit(17, 'the private part may decrypt'),
  sign: bit(18, 'the private part may sign (encrypt, for a symmetric cipher)'),
  x509sign: bit(19, 'signs X.509 certificates only'),
} as const
export const OBJECT = masks(OBJECT_BITS)
export const TPMA_OBJECT = flags('TPMA_OBJECT', 4, OBJECT_BITS, 'Part 2, 8.3, Table 37')

export const SESSION_BITS = {
  continueSession: bit(0, 'the session stays open after this command'),
  auditExclusive: bit(1, 'the audit must have been exclusive'),
  auditReset: bit(2, 'the audit digest starts anew'),
  decrypt: bit(5, 'the first parameter of the command is encrypted'),
  encrypt: bit(6, 'the first parameter of the response is encrypted'),
  audit: bit(7, 'the session is for audit'),
} as const
export const SESSION = masks(SESSION_BITS)
export const TPMA_SESSION = flags('TPMA_SESSION', 1, SESSION_BITS, 'Part 2, 8.4, Table 38')

export const TPMA_LOCALITY = flags(
  'TPMA_LOCALITY',
  1,
  {
    TPM_LOC_ZERO: bit(0, 'locality 0'),
    TPM_LOC_ONE: bit(1, 'locality 1'),
    TPM_LOC_TWO: bit(2, 'locality 2'),
    TPM_LOC_THREE: bit(3, 'locality 3'),
    TPM_LOC_FOUR: bit(4, 'locality 4'),
    Extended: bits(5, 3, 'when not 0, the whole octet is an extended locality, 32 to 255'),
  },
  'Part 2, 8.5, Table 39',
)

export const PERMANENT_BITS = {
  ownerAuthSet: bit(0, 'ownerAuth was changed since the last TPM2_Clear()'),
  endorsementAuthSet: bit(1, 'endorsementAuth was changed since the last TPM2_Clear()'),
  lockoutAuthSet: bit(2, 'lockoutAuth was changed since the last TPM2_Clear()'),
  disableClear: bit(8, 'TPM2_Clear() is disabled'),
  inLockout: bit(9, 'too many wrong authorizations: the TPM is in lockout'),
  tpmGeneratedEPS: bit(10, 'the TPM made its Endorsement Primary Seed itself'),
} as const
export const STARTUP_CLEAR_BITS = {
  phEnable: bit(0, 'the Platform hierarchy is enabled'),
  shEnable: bit(1, 'the Storage hierarchy is enabled'),
  ehEnable: bit(2, 'the Endorsement hierarchy is enabled'),
  phEnableNV: bit(3, 'NV Indexes of the platform can be used'),
  readOnly: bit(4, 'the TPM is in Read-Only mode'),
  orderly: bit(31, 'the TPM was shut down in order before this power-on'),
} as const
export const MEMORY_BITS = {
  sharedRAM: bit(0, 'sessions and transient objects share memory'),
  sharedNV: bit(1, 'persistent objects and NV Indexes share memory'),
  objectCopiedToRam: bit(2, 'a persistent object in use takes a transient slot'),
} as const
export const MODES_BITS = {
  FIPS_140_2: bit(0, 'designed to comply with FIPS 140-2'),
  FIPS_140_3: bit(1, 'designed to comply with FIPS 140-3'),
  FIPS_140_3_INDICATOR: bits(2, 2, 'the security service indicator of FIPS 140-3'),
} as const
export const ML_PARAMETER_SET_BITS = {
  mlKem_512: bit(0, 'ML-KEM-512'),
  mlKem_768: bit(1, 'ML-KEM-768'),
  mlKem_1024: bit(2, 'ML-KEM-1024'),
  mlDsa_44: bit(3, 'ML-DSA-44'),
  mlDsa_65: bit(4, 'ML-DSA-65'),
  mlDsa_87: bit(5, 'ML-DSA-87'),
  extMu: bit(6, 'external mu with ML-DSA'),
} as const

export const CC_BITS = {
  commandIndex: bits(0, 16, 'the command'),
  nv: bit(22, 'may write to NV'),
  extensive: bit(23, 'may flush any number of loaded contexts'),
  flushed: bit(24, 'flushes the context of its transient handles'),
  cHandles: bits(25, 3, 'handles in the command'),
  rHandle: bit(28, 'the response has a handle'),
  V: bit(29, 'vendor-specific'),
} as const
export const TPMA_CC = flags('TPMA_CC', 4, CC_BITS, 'Part 2, 8.9, Table 43')

export const TPMA_ALGORITHM = flags(
  'TPMA_ALGORITHM',
  4,
  {
    asymmetric: bit(0, 'has a public and a private part'),
    symmetric: bit(1, 'a symmetric block cipher'),
    hash: bit(2, 'a hash algorithm'),
    object: bit(3, 'may be the type of an object'),
    signing: bit(8, 'signs'),
    encrypting: bit(9, 'encrypts and decrypts'),
    method: bit(10, 'a method such as a key derivation function'),
  },
  'Part 2, 8.2, Table 36',
)

export const TPMA_ACT = flags(
  'TPMA_ACT',
  4,
  { signaled: bit(0, 'the timer has signaled'), preserveSignaled: bit(1, 'it had, before the last Resume') },
  'Part 2, 8.12, Table 46',
)
