// Sessions as tests use them: started without secrets unless told otherwise, and their entries in a command's session area.

import { type Bytes, EMPTY } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { SESSION } from '../../src/spec/attributes.ts'
import { StartAuthSession } from '../../src/spec/commands/session.ts'
import type { AuthCommand } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { SE } from '../../src/spec/policy.ts'
import type { Driver } from './driver.ts'

interface Options {
  readonly tpmKey?: number
  readonly bind?: number
  readonly encryptedSalt?: Bytes
}
export const NONCE: Bytes = new Uint8Array(16).fill(0x5a)

const args = (sessionType: number, o: Options) =>
  [
    StartAuthSession,
    { tpmKey: o.tpmKey ?? RH.NULL, bind: o.bind ?? RH.NULL },
    {
      nonceCaller: NONCE,
      encryptedSalt: o.encryptedSalt ?? EMPTY,
      sessionType,
      symmetric: { algorithm: ALG.NULL },
      authHash: ALG.SHA256,
    },
  ] as const

/** @returns the handle. @throws Error when it fails */
export const start = (d: Driver, sessionType: number = SE.POLICY, o: Options = {}): number =>
  d.ok(...args(sessionType, o)).handle as number
/** The return code in words. */
export const startFails = (d: Driver, sessionType: number = SE.POLICY, o: Options = {}): string =>
  d.fails(...args(sessionType, o))

/** A session that is still there afterwards. @param hmac a password where the policy asks for one */
export const by = (sessionHandle: number, hmac: Bytes = EMPTY, more = 0): AuthCommand => ({
  sessionHandle,
  nonce: EMPTY,
  sessionAttributes: SESSION.continueSession | more,
  hmac,
})
