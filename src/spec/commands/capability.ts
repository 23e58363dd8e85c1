// Declarations: capabilities. Part 3, 30.

import { doc } from '../../codec/codec.ts'
import { struct, u32 } from '../../codec/combinators.ts'
import { TPMS_CAPABILITY_DATA } from '../capability.ts'
import { CC, TPM_CAP, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMT_PUBLIC_PARMS } from '../keys.ts'

export const GetCapability = declare({
  code: CC.GetCapability,
  name: 'TPM2_GetCapability',
  section: 'Part 3, 30.2',
  params: struct('TPM2_GetCapability', {
    capability: doc('which group', TPM_CAP),
    property: doc('the first one wanted', u32),
    propertyCount: doc('how many at most', u32),
  }),
  returns: struct('TPM2_GetCapability', {
    moreData: doc('YES when more follow', TPMI_YES_NO),
    capabilityData: doc('the list', TPMS_CAPABILITY_DATA),
  }),
  failureMode: true,
})

export const TestParms = declare({
  code: CC.TestParms,
  name: 'TPM2_TestParms',
  section: 'Part 3, 30.3',
  params: struct('TPM2_TestParms', { parameters: doc('type and parameters of a key', TPMT_PUBLIC_PARMS) }),
})
