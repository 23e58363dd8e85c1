// The interface types of handle fields, but for the few in handles.ts. Part 2, 9.3 to 9.30 (Tables 49 to 76).

import type { Codec } from '../codec/codec.ts'
import { handle, handleType, HIERARCHIES, HT, isAct, isSession, PCR_LIMIT, RH, TRANSIENT_FIRST } from './handles.ts'

const only = (name: string, values: readonly number[], source: string): Codec<number> =>
  handle(name, h => values.includes(h), values, source)
const ranged = (name: string, types: readonly number[], more: readonly number[], source: string): Codec<number> =>
  handle(
    name,
    h => types.includes(handleType(h)) || more.includes(h),
    [...more, ...types.map(t => t * 0x1000000)],
    source,
  )
const OBJECTS = [HT.TRANSIENT, HT.PERSISTENT]

export const TPMI_DH_PCR = handle('TPMI_DH_PCR', h => h < PCR_LIMIT, [0, 10, 16, 23], 'Part 2, 9.7, Table 53')
export const TPMI_DH_PCR_OR_NULL = handle(
  'TPMI_DH_PCR+',
  h => h < PCR_LIMIT || h === RH.NULL,
  [0, 10, 16, 23, RH.NULL],
  'Part 2, 9.7, Table 53',
)
export const TPMI_DH_CONTEXT = handle(
  'TPMI_DH_CONTEXT',
  h => isSession(h) || handleType(h) === HT.TRANSIENT,
  [TRANSIENT_FIRST, 0x02000000, 0x03000000],
  'Part 2, 9.11, Table 57',
)
export const TPMI_RH_ENDORSEMENT = handle(
  'TPMI_RH_ENDORSEMENT',
  h => h === RH.ENDORSEMENT,
  [RH.ENDORSEMENT],
  'Part 2, 9.20, Table 66',
)
export const TPMI_DH_OBJECT_OR_NULL = ranged('TPMI_DH_OBJECT+', OBJECTS, [RH.NULL], 'Part 2, 9.3, Table 49')
export const TPMI_DH_PARENT = ranged('TPMI_DH_PARENT', OBJECTS, HIERARCHIES, 'Part 2, 9.4, Table 50')
export const TPMI_DH_PERSISTENT = ranged('TPMI_DH_PERSISTENT', [HT.PERSISTENT], [], 'Part 2, 9.5, Table 51')
const ENTITIES = [...OBJECTS, HT.NV_INDEX, HT.PCR]
const ENTITY_PERMANENT = [RH.OWNER, RH.ENDORSEMENT, RH.PLATFORM, RH.LOCKOUT]
export const TPMI_DH_ENTITY = ranged('TPMI_DH_ENTITY', ENTITIES, ENTITY_PERMANENT, 'Part 2, 9.6, Table 52')
export const TPMI_DH_ENTITY_OR_NULL = ranged(
  'TPMI_DH_ENTITY+',
  ENTITIES,
  [...ENTITY_PERMANENT, RH.NULL],
  'Part 2, 9.6, Table 52',
)
export const TPMI_SH_HMAC = ranged('TPMI_SH_HMAC', [HT.HMAC_SESSION], [], 'Part 2, 9.9, Table 55')
export const TPMI_SH_POLICY = ranged('TPMI_SH_POLICY', [HT.POLICY_SESSION], [], 'Part 2, 9.10, Table 56')
/** What a saved context holds: a session by its handle, an object, a sequence, an object with stClear. */
export const SAVED = { OBJECT: 0x80000000, SEQUENCE: 0x80000001, ST_CLEAR: 0x80000002 } as const
export const TPMI_DH_SAVED = ranged(
  'TPMI_DH_SAVED',
  [HT.HMAC_SESSION, HT.POLICY_SESSION],
  Object.values(SAVED),
  'Part 2, 9.12, Table 58',
)
export const TPMI_RH_ENABLES = only(
  'TPMI_RH_ENABLES',
  [RH.OWNER, RH.PLATFORM, RH.ENDORSEMENT, RH.PLATFORM_NV],
  'Part 2, 9.14, Table 60',
)
export const TPMI_RH_HIERARCHY_AUTH = only(
  'TPMI_RH_HIERARCHY_AUTH',
  [RH.OWNER, RH.PLATFORM, RH.ENDORSEMENT, RH.LOCKOUT],
  'Part 2, 9.15, Table 61',
)
const AUTHORITIES: readonly number[] = [RH.OWNER, RH.PLATFORM, RH.ENDORSEMENT, RH.LOCKOUT]
export const TPMI_RH_HIERARCHY_POLICY = handle(
  'TPMI_RH_HIERARCHY_POLICY',
  h => AUTHORITIES.includes(h) || isAct(h),
  [...AUTHORITIES, RH.ACT_0],
  'Part 2, 9.16, Table 62',
)
export const TPMI_RH_ACT = handle('TPMI_RH_ACT', isAct, [RH.ACT_0, RH.ACT_0 + 1], 'Part 2, 9.30, Table 76')
export const TPMI_RH_BASE_HIERARCHY = only(
  'TPMI_RH_BASE_HIERARCHY',
  [RH.OWNER, RH.PLATFORM, RH.ENDORSEMENT],
  'Part 2, 9.17, Table 63',
)
export const TPMI_RH_PLATFORM = only('TPMI_RH_PLATFORM', [RH.PLATFORM], 'Part 2, 9.18, Table 64')
export const TPMI_RH_PROVISION = only('TPMI_RH_PROVISION', [RH.OWNER, RH.PLATFORM], 'Part 2, 9.21, Table 67')
export const TPMI_RH_CLEAR = only('TPMI_RH_CLEAR', [RH.LOCKOUT, RH.PLATFORM], 'Part 2, 9.22, Table 68')
export const TPMI_RH_LOCKOUT = only('TPMI_RH_LOCKOUT', [RH.LOCKOUT], 'Part 2, 9.24, Table 70')
export const TPMI_RH_NV_AUTH = ranged(
  'TPMI_RH_NV_AUTH',
  [HT.NV_INDEX],
  [RH.PLATFORM, RH.OWNER],
  'Part 2, 9.23, Table 69',
)
export const TPMI_RH_NV_INDEX = ranged('TPMI_RH_NV_INDEX', [HT.NV_INDEX], [], 'Part 2, 9.25, Table 71')
