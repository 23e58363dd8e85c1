// Attribute words (TPMA_*). Part 2, 8, Tables 36 to 47. What each bit means stands in attribute-meanings.ts.

import type { FlagField, FlagFields } from '../codec/codec.ts'
import { flags } from '../codec/combinators.ts'

export const bit = (low: number): FlagField => ({ low, width: 1 })
export const bits = (low: number, width: number): FlagField => ({ low, width })

/** The mask of each field: masks(F).sign is the bit itself. */
export const masks = <F extends FlagFields>(fields: F): { readonly [K in keyof F]: number } =>
  Object.fromEntries(Object.entries(fields).map(([k, f]) => [k, ((2 ** f.width - 1) * 2 ** f.low) >>> 0])) as {
    [K in keyof F]: number
  }

export const OBJECT_BITS = {
  fixedTPM: bit(1),
  stClear: bit(2),
  fixedParent: bit(4),
  sensitiveDataOrigin: bit(5),
  userWithAuth: bit(6),
  adminWithPolicy: bit(7),
  firmwareLimited: bit(8),
  svnLimited: bit(9),
  noDA: bit(10),
  encryptedDuplication: bit(11),
  restricted: bit(16),
  decrypt: bit(17),
  sign: bit(18),
  x509sign: bit(19),
} as const
export const OBJECT = masks(OBJECT_BITS)
export const TPMA_OBJECT = flags('TPMA_OBJECT', 4, OBJECT_BITS, 'Part 2, 8.3, Table 37')

export const SESSION_BITS = {
  continueSession: bit(0),
  auditExclusive: bit(1),
  auditReset: bit(2),
  decrypt: bit(5),
  encrypt: bit(6),
  audit: bit(7),
} as const
export const SESSION = masks(SESSION_BITS)
export const TPMA_SESSION = flags('TPMA_SESSION', 1, SESSION_BITS, 'Part 2, 8.4, Table 38')

export const TPMA_LOCALITY = flags(
  'TPMA_LOCALITY',
  1,
  {
    TPM_LOC_ZERO: bit(0),
    TPM_LOC_ONE: bit(1),
    TPM_LOC_TWO: bit(2),
    TPM_LOC_THREE: bit(3),
    TPM_LOC_FOUR: bit(4),
    Extended: bits(5, 3),
  },
  'Part 2, 8.5, Table 39',
)

export const CC_BITS = {
  commandIndex: bits(0, 16),
  nv: bit(22),
  extensive: bit(23),
  flushed: bit(24),
  cHandles: bits(25, 3),
  rHandle: bit(28),
  V: bit(29),
} as const
export const TPMA_CC = flags('TPMA_CC', 4, CC_BITS, 'Part 2, 8.9, Table 43')

const ACT_BITS = { signaled: bit(0), preserveSignaled: bit(1) } as const
export const ACT = masks(ACT_BITS)
export const TPMA_ACT = flags('TPMA_ACT', 4, ACT_BITS, 'Part 2, 8.12, Table 46')
