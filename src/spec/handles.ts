// Handles: ranges by their most significant octet, permanent handles, and the interface types of the handles that every
// machine needs from its first step. The others: handle-types.ts. Part 2, 7 (Tables 33 to 35) and 9 (Tables 49 to 76).

import type { Codec, Names } from '../codec/codec.ts'
import { constant, where } from '../codec/combinators.ts'
import { implemented, namesOf } from './algorithms.ts'

/** The first octet of a handle says what it refers to. */
export const HT = {
  PCR: 0x00,
  NV_INDEX: 0x01,
  HMAC_SESSION: 0x02,
  POLICY_SESSION: 0x03,
  EXTERNAL_NV: 0x11,
  PERMANENT_NV: 0x12,
  PERMANENT: 0x40,
  TRANSIENT: 0x80,
  PERSISTENT: 0x81,
  AC: 0x90,
} as const
export const handleType = (h: number): number => h >>> 24

export const RH = {
  OWNER: 0x40000001,
  NULL: 0x40000007,
  UNASSIGNED: 0x40000008,
  PW: 0x40000009,
  LOCKOUT: 0x4000000a,
  ENDORSEMENT: 0x4000000b,
  PLATFORM: 0x4000000c,
  PLATFORM_NV: 0x4000000d,
  ACT_0: 0x40000110,
  ACT_F: 0x4000011f,
  FW_OWNER: 0x40000140,
  FW_ENDORSEMENT: 0x40000141,
  FW_PLATFORM: 0x40000142,
  FW_NULL: 0x40000143,
} as const
export const TRANSIENT_FIRST = 0x80000000
export const PERSISTENT_FIRST = 0x81000000
/** Persistent handles from here on are the platform's. Part 2, 7.4. */
export const PLATFORM_PERSISTENT = 0x81800000
/** The number of handles that the PCR range has; how many PCRs there are is the profile's affair. */
export const PCR_LIMIT = 32

const RH_NAMES: Names = { ...namesOf(RH, 'TPM_RH_'), [RH.PW]: 'TPM_RS_PW' }

const hex8 = (h: number): string => `0x${h.toString(16).padStart(8, '0')}`

/** An Authenticated Countdown Timer. */
export const isAct = (h: number): boolean => h >= RH.ACT_0 && h <= RH.ACT_F

/** "PCR 16", "TPM_RH_OWNER", "transient 0x80000000". */
export function handleName(h: number): string {
  const name = RH_NAMES[h]
  if (name) return name
  if (isAct(h)) return `TPM_RH_ACT_${(h & 0xf).toString(16).toUpperCase()}`
  switch (handleType(h)) {
    case HT.PCR:
      return `PCR ${h}`
    case HT.NV_INDEX:
      return `NV ${hex8(h)}`
    case HT.HMAC_SESSION:
      return `HMAC session ${hex8(h)}`
    case HT.POLICY_SESSION:
      return `policy session ${hex8(h)}`
    case HT.TRANSIENT:
      return `transient ${hex8(h)}`
    case HT.PERSISTENT:
      return `persistent ${hex8(h)}`
    default:
      return hex8(h)
  }
}

export const TPM_HANDLE: Codec<number> = {
  ...constant('TPM_HANDLE', 4, RH_NAMES, 'Part 2, 7.1, Table 32'),
  text: handleName,
}

export const handle = (
  name: string,
  ok: (h: number) => boolean,
  samples: readonly number[],
  source: string,
): Codec<number> => ({
  ...where(name, 4, ok, 'value', Object.fromEntries(samples.map(h => [h, handleName(h)])), source),
  text: handleName,
})

export const isObject = (h: number): boolean => handleType(h) === HT.TRANSIENT || handleType(h) === HT.PERSISTENT
export const isSession = (h: number): boolean =>
  handleType(h) === HT.HMAC_SESSION || handleType(h) === HT.POLICY_SESSION

export const TPMI_DH_OBJECT = handle(
  'TPMI_DH_OBJECT',
  isObject,
  [TRANSIENT_FIRST, TRANSIENT_FIRST + 1, PERSISTENT_FIRST],
  'Part 2, 9.3, Table 49',
)
export const TPMI_SH_AUTH_SESSION = handle(
  'TPMI_SH_AUTH_SESSION+',
  h => isSession(h) || h === RH.PW,
  [RH.PW, 0x02000000, 0x03000000],
  'Part 2, 9.8, Table 54',
)

/** Those that every TPM has. */
export const HIERARCHIES: readonly number[] = [RH.OWNER, RH.PLATFORM, RH.ENDORSEMENT, RH.NULL]
/** Firmware-limited hierarchies, and SVN-limited ones (the low two octets are the minimum SVN). */
const isLimited = (h: number): boolean => (h >= RH.FW_OWNER && h <= RH.FW_NULL) || (h >= 0x40010000 && h <= 0x4004ffff)
export const TPMI_RH_HIERARCHY = implemented(
  'hierarchy',
  'value',
  handle('TPMI_RH_HIERARCHY', h => HIERARCHIES.includes(h) || isLimited(h), HIERARCHIES, 'Part 2, 9.13, Table 59'),
)
export const TPMI_RH_NV_DEFINED_INDEX = handle(
  'TPMI_RH_NV_DEFINED_INDEX',
  h => handleType(h) === HT.NV_INDEX,
  [HT.NV_INDEX * 0x1000000],
  'Part 2, 9.26, Table 72',
)
