// NV Indexes: attributes, types and public areas. Part 2, 13.

import type { Of } from '../codec/codec.ts'
import { choice, flags, sized, sizedOf, struct, u16, u32, variant } from '../codec/combinators.ts'
import { TPMI_ALG_HASH } from './algorithms.ts'
import { bit, masks } from './attributes.ts'
import { TPM2B_DIGEST } from './base.ts'
import { HT, TPMI_RH_NV_DEFINED_INDEX } from './handles.ts'

export const NV_BITS = {
  PPWRITE: bit(0),
  OWNERWRITE: bit(1),
  AUTHWRITE: bit(2),
  POLICYWRITE: bit(3),
  TPM_NT: { low: 4, width: 4 },
  POLICY_DELETE: bit(10),
  WRITELOCKED: bit(11),
  WRITEALL: bit(12),
  WRITEDEFINE: bit(13),
  WRITE_STCLEAR: bit(14),
  GLOBALLOCK: bit(15),
  PPREAD: bit(16),
  OWNERREAD: bit(17),
  AUTHREAD: bit(18),
  POLICYREAD: bit(19),
  NO_DA: bit(25),
  ORDERLY: bit(26),
  CLEAR_STCLEAR: bit(27),
  READLOCKED: bit(28),
  WRITTEN: bit(29),
  PLATFORMCREATE: bit(30),
  READ_STCLEAR: bit(31),
} as const
export const NV = masks(NV_BITS)
export const TPMA_NV = flags('TPMA_NV', 4, NV_BITS, 'Part 2, 13.4, Table 249')

/** TPM_NT: Part 2, 13.2, Table 247. */
export const NT = { ORDINARY: 0, COUNTER: 1, BITS: 2, EXTEND: 4, PIN_FAIL: 8, PIN_PASS: 9 } as const
export const nvType = (attributes: number): number => (attributes >>> 4) & 0xf

export const TPMS_NV_PIN_COUNTER_PARAMETERS = struct(
  'TPMS_NV_PIN_COUNTER_PARAMETERS',
  { pinCount: u32, pinLimit: u32 },
  'Part 2, 13.3, Table 248',
)

const PUBLIC = {
  nvIndex: TPMI_RH_NV_DEFINED_INDEX,
  nameAlg: TPMI_ALG_HASH,
  attributes: TPMA_NV,
  authPolicy: TPM2B_DIGEST,
  dataSize: u16,
}
export const TPMS_NV_PUBLIC = struct('TPMS_NV_PUBLIC', PUBLIC, 'Part 2, 13.6, Table 251')
export type NvPublic = Of<typeof TPMS_NV_PUBLIC>
export const TPM2B_NV_PUBLIC = sizedOf('TPM2B_NV_PUBLIC', TPMS_NV_PUBLIC, 'Part 2, 13.7, Table 252')

/** Of the kinds of Index that version 1.83 added none is there: external and permanent ones. */
const TPM_HT_NV = choice('TPM_HT', 1, { [HT.NV_INDEX]: 'TPM_HT_NV_INDEX' }, 'value', 'Part 2, 7.2, Table 33')
export const TPMT_NV_PUBLIC_2 = variant(
  'TPMT_NV_PUBLIC_2',
  'handleType',
  TPM_HT_NV,
  {},
  { [HT.NV_INDEX]: PUBLIC },
  {
    reason: 'selector',
    source: 'Part 2, 13.10, Table 255',
  },
)
export const TPM2B_NV_PUBLIC_2 = sizedOf('TPM2B_NV_PUBLIC_2', TPMT_NV_PUBLIC_2, 'Part 2, 13.11, Table 256')

/** The largest piece that any profile takes at once; the profile has its own limit. */
export const TPM2B_MAX_NV_BUFFER = sized('TPM2B_MAX_NV_BUFFER', 2048, { source: 'Part 2, 10.3.9, Table 97' })
