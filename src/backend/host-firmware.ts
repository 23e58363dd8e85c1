// What the host's firmware did with its TPM before any guest was there: start-up, self-test, a measurement, and for TPM 1.2
// the end of physical presence, which a guest therefore can never claim.

import { concat, be32, be16, type Bytes, fromHex, utf8 } from '../lib/bytes.ts'
import { PRESENCE, ST12 } from '../spec12/codes.ts'
import {
  ContinueSelfTest,
  Extend,
  PhysicalEnable,
  PhysicalPresence,
  PhysicalSetDeactivated,
  type Row12,
  Startup,
} from '../spec12/commands.ts'
import { request12 } from '../spec12/frame.ts'
import type { Backend } from './backend.ts'

/** Runs a command as the host does. */
export type AsHost = (b: Backend, command: Bytes) => { readonly backend: Backend; readonly response: Bytes }

const NOTHING = {} as never

/** What is measured: the name of a firmware, so that its PCR is not at its start value. */
const MEASURED = utf8('the host’s firmware')

const all = (b: Backend, commands: readonly Bytes[], run: AsHost): Backend =>
  commands.reduce((now, command) => run(now, command).backend, b)

const req = <P>(row: Row12<P>, params: P): Bytes => request12(row, params)

/** TPM2_PCR_Event on PCR 0, with an empty password: the TPM computes the digests. Part 3, 22.3. */
function pcrEvent(data: Bytes): Bytes {
  const body = concat(be32(0), fromHex('00000009400000090000000000'), be16(data.length), data)
  return concat(fromHex('8002'), be32(10 + body.length), be32(0x13c), body)
}

const digestOf = (text: Bytes): Bytes => concat(text, new Uint8Array(20)).slice(0, 20)

/** The host starts: its firmware is the first to use the TPM, and the only one that can start it. */
export function bootHost(b: Backend, run: AsHost): Backend {
  if (!b.behind?.tpm12) return all(b, [fromHex('80010000000c000001440000'), pcrEvent(MEASURED)], run)
  return all(
    b,
    [
      req(Startup, { startupType: ST12.CLEAR }),
      req(ContinueSelfTest, NOTHING),
      req(Extend, { pcrNum: 0, inDigest: digestOf(MEASURED) }),
      req(PhysicalPresence, { physicalPresence: PRESENCE.LOCK }),
    ],
    run,
  )
}

/** Somebody uses the menu of the host's firmware; a reset must follow. */
export function enableTpm(b: Backend, run: AsHost): Backend {
  if (!b.behind?.tpm12) return all(b, [fromHex('80010000000c000001440000')], run)
  return all(
    b,
    [
      req(Startup, { startupType: ST12.CLEAR }),
      req(PhysicalPresence, { physicalPresence: PRESENCE.PRESENT }),
      req(PhysicalEnable, NOTHING),
      req(PhysicalSetDeactivated, { state: 0 }),
    ],
    run,
  )
}
