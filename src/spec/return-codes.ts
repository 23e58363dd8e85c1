// Return codes: their numbers, and how a code is taken apart. Part 2, 6.6, Tables 13 to 18. What they mean stands in
// return-code-meanings.ts.

import type { Codec } from '../codec/codec.ts'
import { uint } from '../codec/combinators.ts'

const V = 0x100
const F = 0x080
const W = 0x900

const TABLE = {
  SUCCESS: 0x000,
  BAD_TAG: 0x01e,
  INITIALIZE: V + 0x000,
  FAILURE: V + 0x001,
  SEQUENCE: V + 0x003,
  PRIVATE: V + 0x00b,
  HMAC: V + 0x019,
  DISABLED: V + 0x020,
  EXCLUSIVE: V + 0x021,
  AUTH_TYPE: V + 0x024,
  AUTH_MISSING: V + 0x025,
  POLICY: V + 0x026,
  PCR: V + 0x027,
  PCR_CHANGED: V + 0x028,
  UPGRADE: V + 0x02d,
  TOO_MANY_CONTEXTS: V + 0x02e,
  AUTH_UNAVAILABLE: V + 0x02f,
  REBOOT: V + 0x030,
  UNBALANCED: V + 0x031,
  COMMAND_SIZE: V + 0x042,
  COMMAND_CODE: V + 0x043,
  AUTHSIZE: V + 0x044,
  AUTH_CONTEXT: V + 0x045,
  NV_RANGE: V + 0x046,
  NV_SIZE: V + 0x047,
  NV_LOCKED: V + 0x048,
  NV_AUTHORIZATION: V + 0x049,
  NV_UNINITIALIZED: V + 0x04a,
  NV_SPACE: V + 0x04b,
  NV_DEFINED: V + 0x04c,
  BAD_CONTEXT: V + 0x050,
  CPHASH: V + 0x051,
  PARENT: V + 0x052,
  NEEDS_TEST: V + 0x053,
  NO_RESULT: V + 0x054,
  SENSITIVE: V + 0x055,
  READ_ONLY: V + 0x056,
  ASYMMETRIC: F + 0x001,
  ATTRIBUTES: F + 0x002,
  HASH: F + 0x003,
  VALUE: F + 0x004,
  HIERARCHY: F + 0x005,
  KEY_SIZE: F + 0x007,
  MGF: F + 0x008,
  MODE: F + 0x009,
  TYPE: F + 0x00a,
  HANDLE: F + 0x00b,
  KDF: F + 0x00c,
  RANGE: F + 0x00d,
  AUTH_FAIL: F + 0x00e,
  NONCE: F + 0x00f,
  PP: F + 0x010,
  SCHEME: F + 0x012,
  SIZE: F + 0x015,
  SYMMETRIC: F + 0x016,
  TAG: F + 0x017,
  SELECTOR: F + 0x018,
  INSUFFICIENT: F + 0x01a,
  SIGNATURE: F + 0x01b,
  KEY: F + 0x01c,
  POLICY_FAIL: F + 0x01d,
  INTEGRITY: F + 0x01f,
  TICKET: F + 0x020,
  RESERVED_BITS: F + 0x021,
  BAD_AUTH: F + 0x022,
  EXPIRED: F + 0x023,
  POLICY_CC: F + 0x024,
  BINDING: F + 0x025,
  CURVE: F + 0x026,
  ECC_POINT: F + 0x027,
  FW_LIMITED: F + 0x028,
  SVN_LIMITED: F + 0x029,
  PARMS: F + 0x02a,
  EXT_MU: F + 0x02b,
  ONE_SHOT_SIGNATURE: F + 0x02c,
  SIGN_CONTEXT_KEY: F + 0x02d,
  CHANNEL: F + 0x030,
  CHANNEL_KEY: F + 0x031,
  CONTEXT_GAP: W + 0x001,
  OBJECT_MEMORY: W + 0x002,
  SESSION_MEMORY: W + 0x003,
  MEMORY: W + 0x004,
  SESSION_HANDLES: W + 0x005,
  OBJECT_HANDLES: W + 0x006,
  LOCALITY: W + 0x007,
  YIELDED: W + 0x008,
  CANCELED: W + 0x009,
  TESTING: W + 0x00a,
  REFERENCE_H0: W + 0x010,
  REFERENCE_H1: W + 0x011,
  REFERENCE_H2: W + 0x012,
  REFERENCE_H3: W + 0x013,
  REFERENCE_H4: W + 0x014,
  REFERENCE_H5: W + 0x015,
  REFERENCE_H6: W + 0x016,
  REFERENCE_S0: W + 0x018,
  REFERENCE_S1: W + 0x019,
  REFERENCE_S2: W + 0x01a,
  REFERENCE_S3: W + 0x01b,
  REFERENCE_S4: W + 0x01c,
  REFERENCE_S5: W + 0x01d,
  REFERENCE_S6: W + 0x01e,
  NV_RATE: W + 0x020,
  LOCKOUT: W + 0x021,
  RETRY: W + 0x022,
  NV_UNAVAILABLE: W + 0x023,
  NOT_USED: W + 0x07f,
} as const

export type RcName = keyof typeof TABLE
export const RC = TABLE

const BY_CODE = new Map<number, RcName>(Object.entries(TABLE).map(([k, v]) => [v, k as RcName]))

export interface ReturnCode {
  /** "TPM_RC_HASH", or the number for a code that the specification does not have. */
  readonly name: string
  /** The code without handle, session or parameter number. */
  readonly base: number
  /** What the number counts; from 1. */
  readonly of: 'handle' | 'session' | 'parameter' | undefined
  readonly number: number
  /** A warning may go away when the command is sent again. */
  readonly warning: boolean
}

/** Takes a code apart. Part 2, 6.6.2: bit 7 is format one, then bit 6 is P, bits 8 to 11 are N (8 and more: sessions). */
/** Codes of TPM 1.2, which have bits 7 and 8 clear (Part 2, 6.6.1): named once a TPM 1.2 can answer. */
export const OLD_CODES: { [code: number]: string } = {}

export function returnCode(code: number): ReturnCode {
  const one = (code & F) !== 0
  const base = one ? code & 0x0bf : code
  const n = one ? (code >>> 8) & 15 : 0
  const parameter = one && (code & 0x40) !== 0
  const of = n === 0 ? undefined : parameter ? 'parameter' : n > 7 ? 'session' : 'handle'
  const name = BY_CODE.get(base)
  return {
    name: name ? `TPM_RC_${name}` : (OLD_CODES[code] ?? `0x${code.toString(16).padStart(3, '0')}`),
    base,
    of,
    number: of === 'session' ? n - 8 : n,
    warning: !one && (code & W) === W,
  }
}

/** "TPM_RC_HASH, parameter 2". */
export function returnCodeName(code: number): string {
  const r = returnCode(code)
  return r.of ? `${r.name}, ${r.of} ${r.number}` : r.name
}

export const TPM_RC: Codec<number> = { ...uint('TPM_RC', 4), source: 'Part 2, 6.6.3, Table 18', text: returnCodeName }
