// Return codes: each with its number and what it means, and how a code is taken apart. Part 2, 6.6, Tables 13 to 18.

import type { Codec } from '../codec/codec.ts'
import { uint } from '../codec/combinators.ts'

const V = 0x100
const F = 0x080
const W = 0x900

const TABLE = {
  SUCCESS: [0x000, 'done'],
  BAD_TAG: [0x01e, 'the tag of the command is neither TPM_ST_NO_SESSIONS nor TPM_ST_SESSIONS'],
  INITIALIZE: [V + 0x000, 'TPM2_Startup() has not been done yet, or was done already'],
  FAILURE: [V + 0x001, 'the TPM is in failure mode and takes no commands'],
  SEQUENCE: [V + 0x003, 'a sequence handle is used in the wrong way'],
  PRIVATE: [V + 0x00b, 'not used'],
  HMAC: [V + 0x019, 'not used'],
  DISABLED: [V + 0x020, 'the command is disabled'],
  EXCLUSIVE: [V + 0x021, 'the audit session had to be exclusive and is not'],
  AUTH_TYPE: [V + 0x024, 'this kind of authorization does not fit the handle'],
  AUTH_MISSING: [V + 0x025, 'a handle needs an authorization and none is there'],
  POLICY: [V + 0x026, 'a policy cannot be computed or is not valid'],
  PCR: [V + 0x027, 'a PCR check failed'],
  PCR_CHANGED: [V + 0x028, 'a PCR has changed since it was checked'],
  UPGRADE: [V + 0x02d, 'the TPM is in field upgrade mode, or is not'],
  TOO_MANY_CONTEXTS: [V + 0x02e, 'the counter of context identifiers is at its maximum'],
  AUTH_UNAVAILABLE: [V + 0x02f, 'the authValue or authPolicy of the entity cannot be used'],
  REBOOT: [V + 0x030, 'power-on and Startup(CLEAR) are needed before anything else'],
  UNBALANCED: [V + 0x031, 'hash and symmetric algorithm differ too much in strength'],
  COMMAND_SIZE: [V + 0x042, 'the size in the header is not the size of the command'],
  COMMAND_CODE: [V + 0x043, 'the TPM does not know this command'],
  AUTHSIZE: [V + 0x044, 'the size of the authorization area is out of range or does not fit its content'],
  AUTH_CONTEXT: [V + 0x045, 'this command must not have an authorization session'],
  NV_RANGE: [V + 0x046, 'offset and size reach beyond the NV Index'],
  NV_SIZE: [V + 0x047, 'more NV memory is asked for than allowed'],
  NV_LOCKED: [V + 0x048, 'the NV Index is locked'],
  NV_AUTHORIZATION: [V + 0x049, 'the authorization does not allow this access to the NV Index'],
  NV_UNINITIALIZED: [V + 0x04a, 'the NV Index was never written, or the saved state cannot be restored'],
  NV_SPACE: [V + 0x04b, 'no NV memory is left'],
  NV_DEFINED: [V + 0x04c, 'the NV Index or persistent object exists already'],
  BAD_CONTEXT: [V + 0x050, 'the context is not valid'],
  CPHASH: [V + 0x051, 'the cpHash is set already or does not fit'],
  PARENT: [V + 0x052, 'the handle is not one of a parent'],
  NEEDS_TEST: [V + 0x053, 'a function must be tested first'],
  NO_RESULT: [V + 0x054, 'an internal function could not process the request'],
  SENSITIVE: [V + 0x055, 'the decrypted sensitive area is malformed'],
  READ_ONLY: [V + 0x056, 'the TPM is in Read-Only mode'],
  ASYMMETRIC: [F + 0x001, 'the asymmetric algorithm is not supported or not right here'],
  ATTRIBUTES: [F + 0x002, 'attributes contradict each other or the use'],
  HASH: [F + 0x003, 'the hash algorithm is not supported or not right here'],
  VALUE: [F + 0x004, 'a value is out of range or not right here'],
  HIERARCHY: [F + 0x005, 'the hierarchy is disabled or not right here'],
  KEY_SIZE: [F + 0x007, 'the key size is not supported'],
  MGF: [F + 0x008, 'the mask generation function is not supported'],
  MODE: [F + 0x009, 'the mode of operation is not supported'],
  TYPE: [F + 0x00a, 'the type is not right here'],
  HANDLE: [F + 0x00b, 'the handle is not right here'],
  KDF: [F + 0x00c, 'the key derivation function is not supported or not right here'],
  RANGE: [F + 0x00d, 'a value is out of its range'],
  AUTH_FAIL: [F + 0x00e, 'the authorization is wrong, and counts towards lockout'],
  NONCE: [F + 0x00f, 'a nonce has the wrong size or value'],
  PP: [F + 0x010, 'physical presence must be asserted'],
  SCHEME: [F + 0x012, 'the scheme is not supported or does not fit'],
  SIZE: [F + 0x015, 'a structure has the wrong size'],
  SYMMETRIC: [F + 0x016, 'the symmetric algorithm or its key size is not supported or not right here'],
  TAG: [F + 0x017, 'a structure has the wrong tag'],
  SELECTOR: [F + 0x018, 'a selector selects nothing in its union'],
  INSUFFICIENT: [F + 0x01a, 'the command ends before this value does'],
  SIGNATURE: [F + 0x01b, 'the signature is not valid'],
  KEY: [F + 0x01c, 'the key does not fit this use'],
  POLICY_FAIL: [F + 0x01d, 'a policy check failed'],
  INTEGRITY: [F + 0x01f, 'an integrity check failed'],
  TICKET: [F + 0x020, 'the ticket is not valid'],
  RESERVED_BITS: [F + 0x021, 'reserved bits are not zero'],
  BAD_AUTH: [F + 0x022, 'the authorization is wrong; it does not count towards lockout'],
  EXPIRED: [F + 0x023, 'the policy has expired'],
  POLICY_CC: [F + 0x024, 'the policy is for another command, or for one that is not implemented'],
  BINDING: [F + 0x025, 'public and sensitive part do not belong together'],
  CURVE: [F + 0x026, 'the curve is not supported'],
  ECC_POINT: [F + 0x027, 'the point is not on the curve'],
  FW_LIMITED: [F + 0x028, 'the hierarchy is firmware-limited and its secret is not available'],
  SVN_LIMITED: [F + 0x029, 'the hierarchy is SVN-limited and its secret is not available'],
  PARMS: [F + 0x02a, 'the parameter set is not supported'],
  EXT_MU: [F + 0x02b, 'external mu is not supported'],
  ONE_SHOT_SIGNATURE: [F + 0x02c, 'this key signs only a message that is given at once'],
  SIGN_CONTEXT_KEY: [F + 0x02d, 'the key is not the one that the sequence was started with'],
  CHANNEL: [F + 0x030, 'the command needs the protection of a secure channel'],
  CHANNEL_KEY: [F + 0x031, 'the secure channel was not made with the required keys'],
  CONTEXT_GAP: [W + 0x001, 'the gap between context identifiers is too large'],
  OBJECT_MEMORY: [W + 0x002, 'no slot for a transient object is free'],
  SESSION_MEMORY: [W + 0x003, 'no memory for a session is free'],
  MEMORY: [W + 0x004, 'not enough memory'],
  SESSION_HANDLES: [W + 0x005, 'no session handle is free'],
  OBJECT_HANDLES: [W + 0x006, 'no object handle is free until the next power-on'],
  LOCALITY: [W + 0x007, 'the locality does not allow this'],
  YIELDED: [W + 0x008, 'the TPM stopped in between; send the command again'],
  CANCELED: [W + 0x009, 'the command was cancelled'],
  TESTING: [W + 0x00a, 'the TPM is testing itself'],
  REFERENCE_H0: [W + 0x010, 'the 1st handle refers to something that is not loaded'],
  REFERENCE_H1: [W + 0x011, 'the 2nd handle refers to something that is not loaded'],
  REFERENCE_H2: [W + 0x012, 'the 3rd handle refers to something that is not loaded'],
  REFERENCE_H3: [W + 0x013, 'the 4th handle refers to something that is not loaded'],
  REFERENCE_H4: [W + 0x014, 'the 5th handle refers to something that is not loaded'],
  REFERENCE_H5: [W + 0x015, 'the 6th handle refers to something that is not loaded'],
  REFERENCE_H6: [W + 0x016, 'the 7th handle refers to something that is not loaded'],
  REFERENCE_S0: [W + 0x018, 'the 1st session is not loaded'],
  REFERENCE_S1: [W + 0x019, 'the 2nd session is not loaded'],
  REFERENCE_S2: [W + 0x01a, 'the 3rd session is not loaded'],
  REFERENCE_S3: [W + 0x01b, 'the 4th session is not loaded'],
  REFERENCE_S4: [W + 0x01c, 'the 5th session is not loaded'],
  REFERENCE_S5: [W + 0x01d, 'the 6th session is not loaded'],
  REFERENCE_S6: [W + 0x01e, 'the 7th session is not loaded'],
  NV_RATE: [W + 0x020, 'writes to NV are held back to prevent wear'],
  LOCKOUT: [W + 0x021, 'the TPM is in lockout'],
  RETRY: [W + 0x022, 'the TPM could not start the command; send it again'],
  NV_UNAVAILABLE: [W + 0x023, 'NV memory cannot be written at the moment'],
  NOT_USED: [W + 0x07f, 'reserved'],
} as const

export type RcName = keyof typeof TABLE
type Rcs = { readonly [K in RcName]: (typeof TABLE)[K][0] }
export const RC = Object.fromEntries(Object.entries(TABLE).map(([k, [v]]) => [k, v])) as unknown as Rcs

const BY_CODE = new Map<number, RcName>(Object.entries(TABLE).map(([k, [v]]) => [v, k as RcName]))

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
  readonly meaning: string
}

/** Takes a code apart. Part 2, 6.6.2: bit 7 is format one, then bit 6 is P, bits 8 to 11 are N (8 and more: sessions). */
export function returnCode(code: number): ReturnCode {
  const one = (code & F) !== 0
  const base = one ? code & 0x0bf : code
  const n = one ? (code >>> 8) & 15 : 0
  const parameter = one && (code & 0x40) !== 0
  const of = n === 0 ? undefined : parameter ? 'parameter' : n > 7 ? 'session' : 'handle'
  const name = BY_CODE.get(base)
  return {
    name: name ? `TPM_RC_${name}` : `0x${code.toString(16).padStart(3, '0')}`,
    base,
    of,
    number: of === 'session' ? n - 8 : n,
    warning: !one && (code & W) === W,
    meaning: name ? TABLE[name][1] : 'not a code of this specification',
  }
}

/** "TPM_RC_HASH, parameter 2". */
export function returnCodeName(code: number): string {
  const r = returnCode(code)
  return r.of ? `${r.name}, ${r.of} ${r.number}` : r.name
}

export const TPM_RC: Codec<number> = { ...uint('TPM_RC', 4), source: 'Part 2, 6.6.3, Table 18', text: returnCodeName }
