// How a command fails: a return code with the number of the handle, session or parameter that it is about, and the words
// of the codec turned into return codes. Part 2, 6.6; Part 3, 5.8.2.

import type { Malformed } from '../codec/codec.ts'
import { RC } from '../spec/return-codes.ts'

/** Ends a command with `rc`, which bears its handle, session or parameter number already. */
export class TpmError extends Error {
  readonly rc: number
  constructor(rc: number) {
    super(`return code 0x${rc.toString(16).padStart(3, '0')}`)
    this.name = 'TpmError'
    this.rc = rc
  }
}

const FORMAT_ONE = 0x080
const P = 0x040
const S = 0x800

/** `rc` about the n-th parameter, from 1. Codes of format zero bear no number. */
export const atParameter = (n: number, rc: number): number => (rc & FORMAT_ONE ? rc + P + n * 0x100 : rc)
/** `rc` about the n-th handle, from 1. */
export const atHandle = (n: number, rc: number): number => (rc & FORMAT_ONE ? rc + n * 0x100 : rc)
/** `rc` about the n-th session, from 1. */
export const atSession = (n: number, rc: number): number => (rc & FORMAT_ONE ? rc + S + n * 0x100 : rc)

export const fail = (rc: number): TpmError => new TpmError(rc)
export const badParameter = (n: number, rc: number): TpmError => new TpmError(atParameter(n, rc))
export const badHandle = (n: number, rc: number): TpmError => new TpmError(atHandle(n, rc))
export const badSession = (n: number, rc: number): TpmError => new TpmError(atSession(n, rc))

/** The reasons that the declarations of spec/ and the codec give. Part 3, 5.8.2, Table 2 and the tables of Part 2. */
const BY_REASON: { readonly [reason: string]: number } = {
  authsize: RC.AUTHSIZE,
  'bad tag': RC.BAD_TAG,
  'command code': RC.COMMAND_CODE,
  'command size': RC.COMMAND_SIZE,
  curve: RC.CURVE,
  hash: RC.HASH,
  insufficient: RC.INSUFFICIENT,
  kdf: RC.KDF,
  mode: RC.MODE,
  parms: RC.PARMS,
  reserved: RC.RESERVED_BITS,
  scheme: RC.SCHEME,
  selector: RC.SELECTOR,
  size: RC.SIZE,
  symmetric: RC.SYMMETRIC,
  tag: RC.TAG,
  type: RC.TYPE,
  value: RC.VALUE,
}

/** The return code of a parse failure, without number. @throws Error for a reason that no declaration should give. */
export function rcOf(e: Malformed): number {
  const rc = BY_REASON[e.reason]
  if (rc === undefined) throw new Error(`defect: no return code for "${e.reason}"`)
  return rc
}

export { BY_REASON as REASONS }
