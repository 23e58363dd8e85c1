// What power does to the TPM behind the interface: _TPM_Init, start-up by a firmware that is not shown, and the line that
// says that somebody is present. Part 1, 9.2; Part 3, 9.2.

import { encodeCommand } from '../spec/frame.ts'
import { SU } from '../spec/codes.ts'
import { Startup } from '../spec/commands/startup.ts'
import { RC } from '../spec/return-codes.ts'
import { ST12 } from '../spec12/codes.ts'
import { Startup as Startup12 } from '../spec12/commands.ts'
import { request12 } from '../spec12/frame.ts'
import { readBe32 } from '../lib/bytes.ts'
import { amend } from '../tpm/amend.ts'
import { elapse, powerOn } from '../tpm/tpm.ts'
import type { Backend } from './backend.ts'
import { others } from './behind.ts'
import { runNow } from './emulator.ts'

/**
 * Power goes and comes back, or the reset line is pulled: the same to a TPM. Nothing may be executing.
 * @param off virtual time at which it went
 * @param on virtual time at which it came back: a TPM without power counts no time
 */
export function initTpm(b: Backend, off: number, on: number): Backend {
  // The host's TPM keeps its power, and nobody tells it of the guest's.
  if (b.behind?.host) return others().init(b)
  const before = b.clock === undefined ? b.tpm : elapse(b.tpm, off - b.clock)
  if (b.behind) return { ...others().init({ ...b, tpm: before }), clock: b.clock === undefined ? undefined : on }
  return { ...b, tpm: powerOn(before), pending: undefined, clock: b.clock === undefined ? undefined : on }
}

/** TPM2_Startup of a firmware that is not shown: STATE after sleep where that can be, otherwise CLEAR. */
export function startUnseen(b: Backend, wake: boolean): Backend {
  // A TPM that belongs to a host was started by the host's firmware.
  if (b.behind?.host) return b
  if (b.behind?.tpm12) return startUnseen12(b, wake)
  const start = (startupType: number) => runNow(b, encodeCommand(Startup, {}, { startupType }))
  if (wake) {
    const done = start(SU.STATE)
    if (readBe32(done.response, 6) === RC.SUCCESS) return done.backend
  }
  return start(SU.CLEAR).backend
}

/** TPM_Startup of a TPM 1.2. */
function startUnseen12(b: Backend, wake: boolean): Backend {
  const start = (startupType: number) => runNow(b, request12(Startup12, { startupType }))
  if (wake) {
    const done = start(ST12.STATE)
    if (readBe32(done.response, 6) === 0) return done.backend
  }
  return start(ST12.CLEAR).backend
}

/** The line of a TPM that is the guest's own; that of a host's TPM leads to the host. */
export const setPresence = (b: Backend, on: boolean): Backend =>
  b.behind?.host ? b : { ...b, tpm: amend(b.tpm, { physicalPresence: on }) }
