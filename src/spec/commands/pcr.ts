// Declarations: platform configuration registers. Part 3, 22.

import { doc } from '../../codec/codec.ts'
import { struct, u32 } from '../../codec/combinators.ts'
import { TPM2B_EVENT, TPML_DIGEST, TPML_DIGEST_VALUES, TPML_PCR_SELECTION } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_PCR, TPMI_DH_PCR_OR_NULL } from '../handle-types.ts'

const pcr = { codec: TPMI_DH_PCR_OR_NULL, auth: 'user', doc: 'the PCR; TPM_RH_NULL to change none' } as const

export const PCR_Extend = declare({
  code: CC.PCR_Extend,
  name: 'TPM2_PCR_Extend',
  section: 'Part 3, 22.2',
  handles: { pcrHandle: pcr },
  params: struct('TPM2_PCR_Extend', { digests: doc('one digest for each bank', TPML_DIGEST_VALUES) }),
  nv: true,
})

export const PCR_Event = declare({
  code: CC.PCR_Event,
  name: 'TPM2_PCR_Event',
  section: 'Part 3, 22.3',
  handles: { pcrHandle: pcr },
  params: struct('TPM2_PCR_Event', { eventData: doc('what is hashed', TPM2B_EVENT) }),
  returns: struct('TPM2_PCR_Event', { digests: doc('one digest for each bank', TPML_DIGEST_VALUES) }),
  nv: true,
})

export const PCR_Read = declare({
  code: CC.PCR_Read,
  name: 'TPM2_PCR_Read',
  section: 'Part 3, 22.4',
  params: struct('TPM2_PCR_Read', { pcrSelectionIn: doc('which PCRs of which banks', TPML_PCR_SELECTION) }),
  returns: struct('TPM2_PCR_Read', {
    pcrUpdateCounter: doc('counts changes of PCRs', u32),
    pcrSelectionOut: doc('the PCRs whose values follow', TPML_PCR_SELECTION),
    pcrValues: doc('the values', TPML_DIGEST),
  }),
})

export const PCR_Reset = declare({
  code: CC.PCR_Reset,
  name: 'TPM2_PCR_Reset',
  section: 'Part 3, 22.8',
  handles: { pcrHandle: { codec: TPMI_DH_PCR, auth: 'user', doc: 'the PCR' } },
  nv: true,
})
