// Declarations: self-tests. Part 3, 10.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_MAX_BUFFER } from '../base.ts'
import { TPML_ALG } from '../capability.ts'
import { CC, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import { TPM_RC } from '../return-codes.ts'

export const SelfTest = declare({
  code: CC.SelfTest,
  name: 'TPM2_SelfTest',
  section: 'Part 3, 10.2',
  params: struct('TPM2_SelfTest', {
    fullTest: doc('YES to test all again, NO only what was not tested yet', TPMI_YES_NO),
  }),
  nv: true,
})

export const IncrementalSelfTest = declare({
  code: CC.IncrementalSelfTest,
  name: 'TPM2_IncrementalSelfTest',
  section: 'Part 3, 10.3',
  params: struct('TPM2_IncrementalSelfTest', { toTest: doc('algorithms to test', TPML_ALG) }),
  returns: struct('TPM2_IncrementalSelfTest', { toDoList: doc('algorithms that are still untested', TPML_ALG) }),
  nv: true,
})

export const GetTestResult = declare({
  code: CC.GetTestResult,
  name: 'TPM2_GetTestResult',
  section: 'Part 3, 10.4',
  returns: struct('TPM2_GetTestResult', {
    outData: doc('particulars of the manufacturer', TPM2B_MAX_BUFFER),
    testResult: doc('how the tests ended', TPM_RC),
  }),
  failureMode: true,
})
