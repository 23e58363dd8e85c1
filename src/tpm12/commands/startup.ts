// Start-up, saved state and self-test. TPM Main Specification 1.2, Part 3, 3 and 4.

import { be32 } from '../../lib/bytes.ts'
import { ST12 } from '../../spec12/codes.ts'
import { ContinueSelfTest, GetTestResult, SaveState, SelfTestFull, Startup } from '../../spec12/commands.ts'
import { type Command12, command12, NONE } from '../command.ts'
import { type Context12, stop } from '../context.ts'
import { NO_STCLEAR, rightsOf } from '../tpm.ts'

/** PCRs that can be reset stand for what does not survive a sleep: they are not brought back. */
const keeps = (pcr: number): boolean => rightsOf(pcr).reset === 0

function start(c: Context12, type: number): void {
  const { saved } = c.tpm
  switch (type) {
    case ST12.CLEAR:
      c.tpm = { ...c.tpm, stclear: { ...NO_STCLEAR, deactivated: c.tpm.permanent.flags.deactivated } }
      return
    case ST12.STATE:
      if (!saved) {
        c.tpm = { ...c.tpm, testState: 'failed' }
        return stop('FAILEDSELFTEST')
      }
      c.tpm = {
        ...c.tpm,
        stclear: saved.stclear,
        pcrs: c.tpm.pcrs.map((v, i) => (keeps(i) ? (saved.pcrs[i] ?? v) : v)),
        sessions: saved.sessions,
      }
      return
    case ST12.DEACTIVATED:
      c.tpm = { ...c.tpm, stclear: { ...NO_STCLEAR, deactivated: true } }
      return
    default:
      stop('BAD_PARAMETER')
  }
}

export const STARTUP: readonly Command12[] = [
  command12(Startup, { unstarted: true }, (c, { params }) => {
    if (!c.tpm.postInitialise) stop('INVALID_POSTINIT')
    // Whatever comes of it, there is no second try before the next TPM_Init.
    c.tpm = { ...c.tpm, postInitialise: false }
    try {
      start(c, params.startupType)
    } finally {
      c.tpm = { ...c.tpm, saved: undefined }
    }
    c.events.push({ kind: 'startup12' })
    return NONE
  }),
  command12(SaveState, {}, c => {
    const { stclear, pcrs, sessions } = c.tpm
    c.tpm = { ...c.tpm, saved: { stclear, pcrs, sessions } }
    return NONE
  }),
  command12(SelfTestFull, {}, c => {
    c.tpm = { ...c.tpm, testState: 'full' }
    c.events.push({ kind: 'self-test12' })
    return NONE
  }),
  command12(ContinueSelfTest, {}, c => {
    c.tpm = { ...c.tpm, testState: 'full' }
    c.events.push({ kind: 'self-test12' })
    return NONE
  }),
  // The content is the manufacturer's: here a number, 0 for "passed".
  command12(GetTestResult, { failed: true }, c => ({
    returns: { outData: be32(c.tpm.testState === 'failed' ? 1 : 0) },
  })),
]
