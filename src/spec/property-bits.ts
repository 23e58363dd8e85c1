// Attributes that only TPM2_GetCapability tells of: those of the TPM itself, and of an algorithm. Part 2, 8 and 6.13.

import { flags } from '../codec/combinators.ts'
import { bit, bits } from './attributes.ts'

export const PERMANENT_BITS = {
  ownerAuthSet: bit(0),
  endorsementAuthSet: bit(1),
  lockoutAuthSet: bit(2),
  disableClear: bit(8),
  inLockout: bit(9),
  tpmGeneratedEPS: bit(10),
} as const
export const STARTUP_CLEAR_BITS = {
  phEnable: bit(0),
  shEnable: bit(1),
  ehEnable: bit(2),
  phEnableNV: bit(3),
  readOnly: bit(4),
  orderly: bit(31),
} as const
export const MEMORY_BITS = {
  sharedRAM: bit(0),
  sharedNV: bit(1),
  objectCopiedToRam: bit(2),
} as const
export const MODES_BITS = {
  FIPS_140_2: bit(0),
  FIPS_140_3: bit(1),
  FIPS_140_3_INDICATOR: bits(2, 2),
} as const
export const ML_PARAMETER_SET_BITS = {
  mlKem_512: bit(0),
  mlKem_768: bit(1),
  mlKem_1024: bit(2),
  mlDsa_44: bit(3),
  mlDsa_65: bit(4),
  mlDsa_87: bit(5),
  extMu: bit(6),
} as const

export const TPMA_ALGORITHM = flags(
  'TPMA_ALGORITHM',
  4,
  {
    asymmetric: bit(0),
    symmetric: bit(1),
    hash: bit(2),
    object: bit(3),
    signing: bit(8),
    encrypting: bit(9),
    method: bit(10),
  },
  'Part 2, 8.2, Table 36',
)
