// What the TPM tells of itself: ordinals, algorithms, flags, properties and versions. TPM Main Specification 1.2, Part 3,
// 7.1; Part 2, 21.

import { encode } from '../../codec/codec.ts'
import { be16, be32, type Bytes, bytes, concat, readBe16, readBe32, utf8 } from '../../lib/bytes.ts'
import { ALG12, CAP, CAP_FLAG, CAP_PROP, PID, STRUCTURE } from '../../spec12/codes.ts'
import { GetCapability, rowOf } from '../../spec12/commands.ts'
import {
  PERMANENT_FLAGS,
  STCLEAR_FLAGS,
  TPM_CAP_VERSION_INFO,
  TPM_PERMANENT_FLAGS,
  TPM_STCLEAR_FLAGS,
} from '../../spec12/structures.ts'
import { type Command12, command12 } from '../command.ts'
import { stop } from '../context.ts'
import { PCRS, type Tpm12 } from '../tpm.ts'

const bool = (v: boolean): Bytes => bytes(v ? 1 : 0)
/** Asymmetric ones are meant: what keys can be of. */
const ALGORITHMS: ReadonlySet<number> = new Set([ALG12.RSA])
const PROTOCOLS: ReadonlySet<number> = new Set(Object.values(PID))
const SESSIONS = 3
const TRANSPORTS = 3
export const BUFFER = 4096
/** Microseconds: TIMEOUT_A to TIMEOUT_D, and the durations of short, medium and long commands. */
const TIMEOUTS = [750_000, 2_000_000, 750_000, 750_000]
const DURATIONS = [2_000_000, 5_000_000, 60_000_000]
const VENDOR = utf8('CRBS')

const words = (list: readonly number[]): Bytes => concat(...list.map(be32))

function property(tpm: Tpm12, sub: number): Bytes {
  switch (sub) {
    case CAP_PROP.PCR:
      return be32(PCRS)
    case CAP_PROP.DIR:
      return be32(1)
    case CAP_PROP.MANUFACTURER:
      return VENDOR
    // No command here loads a key.
    case CAP_PROP.KEYS:
    case CAP_PROP.MAX_KEYS:
      return be32(0)
    case CAP_PROP.AUTHSESS:
      return be32(SESSIONS - tpm.sessions.length)
    case CAP_PROP.MAX_AUTHSESS:
      return be32(SESSIONS)
    case CAP_PROP.TRANSESS:
      return be32(TRANSPORTS - tpm.transports.length)
    case CAP_PROP.MAX_TRANSESS:
      return be32(TRANSPORTS)
    case CAP_PROP.OWNER:
      return bool(tpm.permanent.owner !== undefined)
    case CAP_PROP.TIS_TIMEOUT:
      return words(TIMEOUTS)
    case CAP_PROP.DURATION:
      return words(DURATIONS)
    case CAP_PROP.INPUT_BUFFER:
      return be32(BUFFER)
    default:
      return stop('BAD_MODE')
  }
}

const ones = (names: readonly string[], flags: { readonly [name: string]: boolean }): { [name: string]: number } =>
  Object.fromEntries(names.map(n => [n, flags[n] ? 1 : 0]))

function flags(tpm: Tpm12, sub: number): Bytes {
  if (sub === CAP_FLAG.PERMANENT) {
    const value = { tag: STRUCTURE.PERMANENT_FLAGS, ...ones(PERMANENT_FLAGS, tpm.permanent.flags) }
    return encode(TPM_PERMANENT_FLAGS, value)
  }
  if (sub === CAP_FLAG.VOLATILE) {
    return encode(TPM_STCLEAR_FLAGS, { tag: STRUCTURE.STCLEAR_FLAGS, ...ones(STCLEAR_FLAGS, tpm.stclear) })
  }
  return stop('BAD_MODE')
}

export function capability(tpm: Tpm12, area: number, subCap: Bytes): Bytes {
  const sub = (): number => (subCap.length === 4 ? readBe32(subCap, 0) : stop('BAD_MODE'))
  switch (area) {
    case CAP.ORD:
      return bool(rowOf(sub()) !== undefined)
    case CAP.ALG:
      return bool(ALGORITHMS.has(sub()))
    case CAP.PID:
      return bool(PROTOCOLS.has(subCap.length === 2 ? readBe16(subCap, 0) : stop('BAD_MODE')))
    case CAP.FLAG:
      return flags(tpm, sub())
    case CAP.PROPERTY:
      return property(tpm, sub())
    // "The Major and Minor must indicate 1.1": what TPM 1.2 is says the next one.
    case CAP.VERSION:
      return bytes(1, 1, 0, 0)
    case CAP.VERSION_VAL:
      return encode(TPM_CAP_VERSION_INFO, {
        tag: STRUCTURE.CAP_VERSION_INFO,
        version: { major: 1, minor: 2, revMajor: 0, revMinor: 1 },
        specLevel: 2,
        errataRev: 3,
        tpmVendorID: VENDOR,
        vendorSpecific: [],
      })
    case CAP.KEY_HANDLE:
      return be16(0)
    default:
      return stop('BAD_MODE')
  }
}

/** What a TPM tells of itself while it is tested, and when it failed. */
const ALWAYS: ReadonlySet<number> = new Set([CAP_PROP.MANUFACTURER, CAP_PROP.TIS_TIMEOUT, CAP_PROP.DURATION])
const early = (area: number, subCap: Bytes): boolean =>
  area === CAP.VERSION || area === CAP.VERSION_VAL || (area === CAP.PROPERTY && ALWAYS.has(readBe32(subCap, 0)))

export const CAPABILITY12: readonly Command12[] = [
  command12(GetCapability, { failed: true }, (c, { params: { capArea, subCap } }) => {
    if (!early(capArea, subCap)) {
      if (c.tpm.testState === 'failed') stop('FAILEDSELFTEST')
      c.tpm = { ...c.tpm, testState: 'full' }
    }
    return { returns: { resp: capability(c.tpm, capArea, subCap) } }
  }),
]
