// Declarations: PCR allocation and authorization. Part 3, 22.5 to 22.7.

import { doc } from '../../codec/codec.ts'
import { struct, u32 } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH_OR_NULL } from '../algorithms.ts'
import { TPM2B_DIGEST, TPML_PCR_SELECTION } from '../base.ts'
import { CC, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_PCR, TPMI_RH_PLATFORM } from '../handle-types.ts'

export const PCR_Allocate = declare({
  code: CC.PCR_Allocate,
  name: 'TPM2_PCR_Allocate',
  section: 'Part 3, 22.5',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'who authorizes it' },
  },
  params: struct('TPM2_PCR_Allocate', {
    pcrAllocation: doc('banks and their PCRs', TPML_PCR_SELECTION),
  }),
  returns: struct('TPM2_PCR_Allocate', {
    allocationSuccess: doc('whether the next power-on will have them', TPMI_YES_NO),
    maxPCR: doc('PCRs that a bank may have', u32),
    sizeNeeded: doc('octets that the allocation needs', u32),
    sizeAvailable: doc('octets that there are', u32),
  }),
  nv: true,
})

export const PCR_SetAuthPolicy = declare({
  code: CC.PCR_SetAuthPolicy,
  name: 'TPM2_PCR_SetAuthPolicy',
  section: 'Part 3, 22.6',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'who authorizes it' },
  },
  params: struct('TPM2_PCR_SetAuthPolicy', {
    authPolicy: doc('the policy; empty for none', TPM2B_DIGEST),
    hashAlg: doc('hash of the policy', TPMI_ALG_HASH_OR_NULL),
    pcrNum: doc('the PCR', TPMI_DH_PCR),
  }),
  nv: true,
})

export const PCR_SetAuthValue = declare({
  code: CC.PCR_SetAuthValue,
  name: 'TPM2_PCR_SetAuthValue',
  section: 'Part 3, 22.7',
  handles: {
    pcrHandle: { codec: TPMI_DH_PCR, auth: 'user', doc: 'the PCR' },
  },
  params: struct('TPM2_PCR_SetAuthValue', {
    auth: doc('the new authValue', TPM2B_DIGEST),
  }),
})
