// What TPM2_GetCapability returns: lists of algorithms, handles, commands and properties. Part 2, 10.7 to 10.9.

import { constant, list, sized, struct, u32, variant } from '../codec/combinators.ts'
import { TPM_ALG_ID, TPM_ECC_CURVE } from './algorithms.ts'
import { TPMA_ACT, TPMA_CC } from './attributes.ts'
import { TPMA_ALGORITHM } from './property-bits.ts'
import { TPM2B_NAME, TPML_PCR_SELECTION, TPMS_PCR_SELECT, TPMT_HA_OR_NULL } from './base.ts'
import { CAP, TPM_CAP, TPM_CC } from './codes.ts'
import { TPM_HANDLE } from './handles.ts'
import { TPM2B_PUBLIC } from './keys.ts'
import { PT_NAMES, PT_PCR_NAMES } from './properties.ts'

/** Bytes that the list of one answer may have: MAX_CAP_DATA with MAX_CAP_BUFFER 1024. Part 2, 10.9.1. */
export const MAX_CAP_BUFFER = 1024
export const MAX_CAP_DATA = MAX_CAP_BUFFER - 4 - 4
const most = (size: number): number => Math.floor(MAX_CAP_DATA / size)
export const MAX_CAP = {
  CC: most(4),
  HANDLES: most(4),
  ALGS: most(6),
  PROPERTIES: most(8),
  PCR: most(9),
  CURVES: most(2),
  POLICIES: most(70),
  ACT: most(12),
} as const

const MAX_ALG_LIST = 128
export const TPML_ALG = list('TPML_ALG', TPM_ALG_ID, MAX_ALG_LIST, { source: 'Part 2, 10.8.3, Table 124' })

const TPMS_ALG_PROPERTY = struct(
  'TPMS_ALG_PROPERTY',
  { alg: TPM_ALG_ID, algProperties: TPMA_ALGORITHM },
  'Part 2, 10.7.1, Table 116',
)
const TPMS_TAGGED_PROPERTY = struct(
  'TPMS_TAGGED_PROPERTY',
  { property: constant('TPM_PT', 4, PT_NAMES, 'Part 2, 6.13, Table 28'), value: u32 },
  'Part 2, 10.7.2, Table 117',
)
const TPMS_TAGGED_PCR_SELECT = struct(
  'TPMS_TAGGED_PCR_SELECT',
  { tag: constant('TPM_PT_PCR', 4, PT_PCR_NAMES, 'Part 2, 6.14, Table 29'), pcrSelect: TPMS_PCR_SELECT },
  'Part 2, 10.7.3, Table 118',
)
const TPMS_TAGGED_POLICY = struct(
  'TPMS_TAGGED_POLICY',
  { handle: TPM_HANDLE, policyHash: TPMT_HA_OR_NULL },
  'Part 2, 10.7.4, Table 119',
)
const TPMS_ACT_DATA = struct(
  'TPMS_ACT_DATA',
  { handle: TPM_HANDLE, timeout: u32, attributes: TPMA_ACT },
  'Part 2, 10.7.5, Table 120',
)
const TPMS_SPDM_SESSION_INFO = struct(
  'TPMS_SPDM_SESSION_INFO',
  { reqKeyName: TPM2B_NAME, tpmKeyName: TPM2B_NAME },
  'Part 2, 10.7.6, Table 121',
)
const source = (table: number) => ({ source: `Part 2, 10.8.${table - 121}, Table ${table}` })

export const TPML_CC = list('TPML_CC', TPM_CC, MAX_CAP.CC, source(122))

export const TPMS_CAPABILITY_DATA = variant(
  'TPMS_CAPABILITY_DATA',
  'capability',
  TPM_CAP,
  {},
  {
    [CAP.ALGS]: { algorithms: list('TPML_ALG_PROPERTY', TPMS_ALG_PROPERTY, MAX_CAP.ALGS, source(129)) },
    [CAP.HANDLES]: { handles: list('TPML_HANDLE', TPM_HANDLE, MAX_CAP.HANDLES, source(125)) },
    [CAP.COMMANDS]: { command: list('TPML_CCA', TPMA_CC, MAX_CAP.CC, source(123)) },
    [CAP.PP_COMMANDS]: { ppCommands: TPML_CC },
    [CAP.AUDIT_COMMANDS]: { auditCommands: TPML_CC },
    [CAP.PCRS]: { assignedPCR: TPML_PCR_SELECTION },
    [CAP.TPM_PROPERTIES]: {
      tpmProperties: list('TPML_TAGGED_TPM_PROPERTY', TPMS_TAGGED_PROPERTY, MAX_CAP.PROPERTIES, source(130)),
    },
    [CAP.PCR_PROPERTIES]: {
      pcrProperties: list('TPML_TAGGED_PCR_PROPERTY', TPMS_TAGGED_PCR_SELECT, MAX_CAP.PCR, source(131)),
    },
    [CAP.ECC_CURVES]: { eccCurves: list('TPML_ECC_CURVE', TPM_ECC_CURVE, MAX_CAP.CURVES, source(132)) },
    [CAP.AUTH_POLICIES]: {
      authPolicies: list('TPML_TAGGED_POLICY', TPMS_TAGGED_POLICY, MAX_CAP.POLICIES, source(133)),
    },
    [CAP.ACT]: { actData: list('TPML_ACT_DATA', TPMS_ACT_DATA, MAX_CAP.ACT, source(134)) },
    [CAP.PUB_KEYS]: { pubKeys: list('TPML_PUB_KEY', TPM2B_PUBLIC, 1, source(135)) },
    [CAP.SPDM_SESSION_INFO]: {
      spdmSessionInfo: list('TPML_SPDM_SESSION_INFO', TPMS_SPDM_SESSION_INFO, 1, source(136)),
    },
    [CAP.VENDOR_PROPERTY]: {
      vendorData: list('TPML_VENDOR_PROPERTY', sized('TPM2B_VENDOR_PROPERTY', 512), 1, source(137)),
    },
  },
  { reason: 'value', source: 'Part 2, 10.9.2, Table 139' },
)
