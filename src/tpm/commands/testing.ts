// TPM2_SelfTest, TPM2_IncrementalSelfTest, TPM2_GetTestResult. Part 3, 10. Tests are done before the answer is given, so
// that TPM_RC_TESTING never comes.

import { EMPTY } from '../../lib/bytes.ts'
import { YES } from '../../spec/codes.ts'
import { GetTestResult, IncrementalSelfTest, SelfTest } from '../../spec/commands/testing.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { fail } from '../errors.ts'
import { selfTest } from '../selftest.ts'
import { amend } from '../amend.ts'

/** Tests the algorithms; one failure puts the TPM into failure mode, whatever becomes of the command. */
function test(c: Context, algorithms: readonly number[]): void {
  const passed = !c.tpm.failSelfTest && algorithms.every(selfTest)
  c.emit({ kind: 'self-test', algorithms, passed })
  if (!passed) {
    c.onFailure = amend(c.tpm, { power: 'failure' })
    throw fail(RC.FAILURE)
  }
  c.tpm = amend(c.tpm, { untested: c.tpm.untested.filter(a => !algorithms.includes(a)) })
}

export const testing = [
  implement(SelfTest, (c, _, { fullTest }) => {
    const { profile, untested } = c.tpm
    test(c, fullTest === YES ? profile.algorithms : untested)
  }),

  implement(IncrementalSelfTest, (c, _, { toTest }) => {
    const wanted = toTest.filter(a => c.tpm.untested.includes(a))
    if (wanted.length > 0) test(c, wanted)
    return { toDoList: c.tpm.untested }
  }),

  implement(GetTestResult, c => {
    const { power, untested, profile } = c.tpm
    const needed = untested.length > 0 && !profile.peculiar.has('success-before-tests')
    const testResult = power === 'failure' ? RC.FAILURE : needed ? RC.NEEDS_TEST : RC.SUCCESS
    return { outData: EMPTY, testResult }
  }),
]
