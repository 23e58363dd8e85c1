// Numbers of TPM 1.2: tags, ordinals, return codes, and the constants of the commands that are carried out here. TPM Main
// Specification 1.2, revision 116, Part 2 (structures); the sections are those of that part.

import { constant } from '../codec/combinators.ts'

/** 6: tags of requests and responses, by how many authorizations come along. */
export const TAG = {
  RQU_COMMAND: 0x00c1,
  RQU_AUTH1_COMMAND: 0x00c2,
  RQU_AUTH2_COMMAND: 0x00c3,
  RSP_COMMAND: 0x00c4,
  RSP_AUTH1_COMMAND: 0x00c5,
  RSP_AUTH2_COMMAND: 0x00c6,
} as const

/** 3.1: tags of structures. */
export const STRUCTURE = {
  TRANSPORT_AUTH: 0x001d,
  TRANSPORT_PUBLIC: 0x001e,
  PERMANENT_FLAGS: 0x001f,
  STCLEAR_FLAGS: 0x0020,
  KEY12: 0x0028,
  CAP_VERSION_INFO: 0x0030,
} as const

/** 17: every ordinal that has a name here; the other commands of TPM 1.2 are answered TPM_BAD_ORDINAL. */
export const ORD = {
  OIAP: 0x0a,
  OSAP: 0x0b,
  TakeOwnership: 0x0d,
  Extend: 0x14,
  PcrRead: 0x15,
  GetRandom: 0x46,
  StirRandom: 0x47,
  SelfTestFull: 0x50,
  ContinueSelfTest: 0x53,
  GetTestResult: 0x54,
  OwnerClear: 0x5b,
  DisableOwnerClear: 0x5c,
  ForceClear: 0x5d,
  DisableForceClear: 0x5e,
  GetCapability: 0x65,
  OwnerSetDisable: 0x6e,
  PhysicalEnable: 0x6f,
  PhysicalDisable: 0x70,
  SetOwnerInstall: 0x71,
  PhysicalSetDeactivated: 0x72,
  SetTempDeactivated: 0x73,
  ReadPubek: 0x7c,
  Init: 0x97,
  SaveState: 0x98,
  Startup: 0x99,
  PCR_Reset: 0xc8,
  EstablishTransport: 0xe6,
  ExecuteTransport: 0xe7,
  PhysicalPresence: 0x4000000a,
} as const

const ordinalName = (name: string): string => (name === 'PhysicalPresence' ? 'TSC_PhysicalPresence' : `TPM_${name}`)

export const ORDINAL_NAMES: { readonly [ordinal: number]: string } = Object.fromEntries(
  Object.entries(ORD).map(([name, code]) => [code, ordinalName(name)]),
)

/** 16: return codes, in the order of their numbers from 0 on; what is empty has no name. */
const CODES =
  'SUCCESS AUTHFAIL BADINDEX BAD_PARAMETER AUDITFAILURE CLEAR_DISABLED DEACTIVATED DISABLED DISABLED_CMD FAIL ' +
  'BAD_ORDINAL INSTALL_DISABLED INVALID_KEYHANDLE KEYNOTFOUND INAPPROPRIATE_ENC MIGRATEFAIL INVALID_PCR_INFO NOSPACE ' +
  'NOSRK NOTSEALED_BLOB OWNER_SET RESOURCES SHORTRANDOM SIZE WRONGPCRVAL BAD_PARAM_SIZE SHA_THREAD SHA_ERROR ' +
  'FAILEDSELFTEST AUTH2FAIL BADTAG IOERROR ENCRYPT_ERROR DECRYPT_ERROR INVALID_AUTHHANDLE NO_ENDORSEMENT ' +
  'INVALID_KEYUSAGE WRONG_ENTITYTYPE INVALID_POSTINIT INAPPROPRIATE_SIG BAD_KEY_PROPERTY BAD_MIGRATION BAD_SCHEME ' +
  'BAD_DATASIZE BAD_MODE BAD_PRESENCE BAD_VERSION NO_WRAP_TRANSPORT AUDITFAIL_UNSUCCESSFUL AUDITFAIL_SUCCESSFUL ' +
  'NOTRESETABLE NOTLOCAL BAD_TYPE INVALID_RESOURCE NOTFIPS INVALID_FAMILY NO_NV_PERMISSION REQUIRES_SIGN ' +
  'KEY_NOTSUPPORTED AUTH_CONFLICT AREA_LOCKED BAD_LOCALITY READ_ONLY PER_NOWRITE FAMILYCOUNT WRITE_LOCKED ' +
  'BAD_ATTRIBUTES INVALID_STRUCTURE KEY_OWNER_CONTROL BAD_COUNTER NOT_FULLWRITE CONTEXT_GAP MAXNVWRITES NOOPERATOR'

type Names =
  | 'SUCCESS'
  | 'AUTHFAIL'
  | 'BADINDEX'
  | 'BAD_PARAMETER'
  | 'CLEAR_DISABLED'
  | 'DEACTIVATED'
  | 'DISABLED'
  | 'DISABLED_CMD'
  | 'FAIL'
  | 'BAD_ORDINAL'
  | 'INSTALL_DISABLED'
  | 'INVALID_KEYHANDLE'
  | 'INAPPROPRIATE_ENC'
  | 'INVALID_PCR_INFO'
  | 'NOSRK'
  | 'OWNER_SET'
  | 'RESOURCES'
  | 'BAD_PARAM_SIZE'
  | 'FAILEDSELFTEST'
  | 'BADTAG'
  | 'DECRYPT_ERROR'
  | 'INVALID_AUTHHANDLE'
  | 'INVALID_KEYUSAGE'
  | 'INVALID_POSTINIT'
  | 'BAD_KEY_PROPERTY'
  | 'BAD_MODE'
  | 'BAD_PRESENCE'
  | 'NO_WRAP_TRANSPORT'
  | 'NOTRESETABLE'
  | 'NOTLOCAL'
  | 'BAD_LOCALITY'
  | 'BAD_SCHEME'
  | 'NOOPERATOR'
const LIST = CODES.split(' ')
export const RC12 = Object.fromEntries(LIST.map((name, code) => [name, code])) as { readonly [N in Names]: number }

/** All codes have bits 7 and 8 clear, by which a reader tells them from those of a TPM 2.0. */
export const RETURN_NAMES: { readonly [code: number]: string } = {
  ...Object.fromEntries(LIST.map((name, code) => [code, `TPM_${name}`])),
  0x800: 'TPM_RETRY',
  0x801: 'TPM_NEEDS_SELFTEST',
  0x802: 'TPM_DOING_SELFTEST',
  0x803: 'TPM_DEFEND_LOCK_RUNNING',
}

/** 4.5, Startup. */
export const ST12 = { CLEAR: 1, STATE: 2, DEACTIVATED: 3 } as const
/** 4.3, protocols of authorization sessions. */
export const PID = { OIAP: 1, OSAP: 2, OWNER: 5 } as const
/** 4.3, entities of OSAP. */
export const ET = { KEYHANDLE: 1, OWNER: 2, SRK: 4 } as const
/** 4.4.1: handles that stand for themselves. */
export const KH = { SRK: 0x40000000, OWNER: 0x40000001, TRANSPORT: 0x40000004 } as const
/** 4.8, algorithms; 5.8, key usage; 5.10 and 10.1, schemes and key flags. */
export const ALG12 = { RSA: 1, SHA: 4, MGF1: 7 } as const
export const KEY_USAGE = { SIGNING: 0x10, STORAGE: 0x11 } as const
export const ES = { NONE: 1, OAEP_SHA1_MGF1: 3 } as const
export const SS = { NONE: 1 } as const
export const KEY_FLAG = { MIGRATABLE: 2 } as const
export const AUTH_USAGE = { NEVER: 0, ALWAYS: 1 } as const

/** 4.9: bits of TSC_PhysicalPresence. */
export const PRESENCE = {
  LOCK: 0x0004,
  PRESENT: 0x0008,
  NOTPRESENT: 0x0010,
  CMD_ENABLE: 0x0020,
  HW_ENABLE: 0x0040,
  LIFETIME_LOCK: 0x0080,
  CMD_DISABLE: 0x0100,
  HW_DISABLE: 0x0200,
} as const

/** 21.1: capability areas, and those of their parts that are known here. */
export const CAP = {
  ORD: 1,
  ALG: 2,
  PID: 3,
  FLAG: 4,
  PROPERTY: 5,
  VERSION: 6,
  KEY_HANDLE: 7,
  VERSION_VAL: 0x1a,
} as const
export const CAP_FLAG = { PERMANENT: 0x108, VOLATILE: 0x109 } as const
export const CAP_PROP = {
  PCR: 0x101,
  DIR: 0x102,
  MANUFACTURER: 0x103,
  KEYS: 0x104,
  AUTHSESS: 0x10a,
  TRANSESS: 0x10b,
  MAX_AUTHSESS: 0x10d,
  MAX_TRANSESS: 0x10e,
  MAX_KEYS: 0x110,
  OWNER: 0x111,
  TIS_TIMEOUT: 0x115,
  DURATION: 0x120,
  INPUT_BUFFER: 0x124,
} as const
const SUB_NAMES: { readonly [value: number]: string } = Object.fromEntries([
  ...Object.entries(CAP_PROP).map(([n, v]) => [v, `TPM_CAP_PROP_${n}`]),
  ...Object.entries(CAP_FLAG).map(([n, v]) => [v, `TPM_CAP_FLAG_${n}`]),
])
export const subCapName = (value: number): string | undefined => SUB_NAMES[value]

/** 15.1: transport attributes. */
export const TRANSPORT = { ENCRYPT: 1, LOG: 2, EXCLUSIVE: 4 } as const

const named = (prefix: string, table: { readonly [name: string]: number }): { readonly [value: number]: string } =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [value, prefix + name]))

export const TPM_TAG = constant('TPM_TAG', 2, named('TPM_TAG_', TAG), 'TPM 1.2, Part 2, 6')
export const TPM_COMMAND_CODE = constant('TPM_COMMAND_CODE', 4, ORDINAL_NAMES, 'TPM 1.2, Part 2, 17')
export const TPM_RESULT = constant('TPM_RESULT', 4, RETURN_NAMES, 'TPM 1.2, Part 2, 16')
export const TPM_STARTUP_TYPE = constant('TPM_STARTUP_TYPE', 2, named('TPM_ST_', ST12), 'TPM 1.2, Part 2, 4.5')
export const TPM_PROTOCOL_ID = constant('TPM_PROTOCOL_ID', 2, named('TPM_PID_', PID), 'TPM 1.2, Part 2, 4.6')
export const TPM_ENTITY_TYPE = constant('TPM_ENTITY_TYPE', 2, named('TPM_ET_', ET), 'TPM 1.2, Part 2, 4.3')
export const TPM_CAPABILITY_AREA = constant('TPM_CAPABILITY_AREA', 4, named('TPM_CAP_', CAP), 'TPM 1.2, Part 2, 21.1')
export const TPM_STRUCTURE_TAG = constant('TPM_STRUCTURE_TAG', 2, named('TPM_TAG_', STRUCTURE), 'TPM 1.2, Part 2, 3.1')
