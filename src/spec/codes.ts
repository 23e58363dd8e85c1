// Command codes, structure tags, startup types, capability and public key selectors. Part 2, 6.5 (Table 12), 6.9 to 6.16.

import { choice, constant } from '../codec/combinators.ts'
import { namesOf } from './algorithms.ts'

export const CC = {
  NV_UndefineSpaceSpecial: 0x11f,
  EvictControl: 0x120,
  HierarchyControl: 0x121,
  NV_UndefineSpace: 0x122,
  ChangeEPS: 0x124,
  ChangePPS: 0x125,
  Clear: 0x126,
  ClearControl: 0x127,
  ClockSet: 0x128,
  HierarchyChangeAuth: 0x129,
  NV_DefineSpace: 0x12a,
  PCR_Allocate: 0x12b,
  PCR_SetAuthPolicy: 0x12c,
  PP_Commands: 0x12d,
  SetPrimaryPolicy: 0x12e,
  FieldUpgradeStart: 0x12f,
  ClockRateAdjust: 0x130,
  CreatePrimary: 0x131,
  NV_GlobalWriteLock: 0x132,
  GetCommandAuditDigest: 0x133,
  NV_Increment: 0x134,
  NV_SetBits: 0x135,
  NV_Extend: 0x136,
  NV_Write: 0x137,
  NV_WriteLock: 0x138,
  DictionaryAttackLockReset: 0x139,
  DictionaryAttackParameters: 0x13a,
  NV_ChangeAuth: 0x13b,
  PCR_Event: 0x13c,
  PCR_Reset: 0x13d,
  SequenceComplete: 0x13e,
  SetAlgorithmSet: 0x13f,
  SetCommandCodeAuditStatus: 0x140,
  FieldUpgradeData: 0x141,
  IncrementalSelfTest: 0x142,
  SelfTest: 0x143,
  Startup: 0x144,
  Shutdown: 0x145,
  StirRandom: 0x146,
  ActivateCredential: 0x147,
  Certify: 0x148,
  PolicyNV: 0x149,
  CertifyCreation: 0x14a,
  Duplicate: 0x14b,
  GetTime: 0x14c,
  GetSessionAuditDigest: 0x14d,
  NV_Read: 0x14e,
  NV_ReadLock: 0x14f,
  ObjectChangeAuth: 0x150,
  PolicySecret: 0x151,
  Rewrap: 0x152,
  Create: 0x153,
  ECDH_ZGen: 0x154,
  // TPM_CC_HMAC in a TPM without CMAC.
  MAC: 0x155,
  Import: 0x156,
  Load: 0x157,
  Quote: 0x158,
  RSA_Decrypt: 0x159,
  // TPM_CC_HMAC_Start in a TPM without CMAC.
  MAC_Start: 0x15b,
  SequenceUpdate: 0x15c,
  Sign: 0x15d,
  Unseal: 0x15e,
  PolicySigned: 0x160,
  ContextLoad: 0x161,
  ContextSave: 0x162,
  ECDH_KeyGen: 0x163,
  EncryptDecrypt: 0x164,
  FlushContext: 0x165,
  LoadExternal: 0x167,
  MakeCredential: 0x168,
  NV_ReadPublic: 0x169,
  PolicyAuthorize: 0x16a,
  PolicyAuthValue: 0x16b,
  PolicyCommandCode: 0x16c,
  PolicyCounterTimer: 0x16d,
  PolicyCpHash: 0x16e,
  PolicyLocality: 0x16f,
  PolicyNameHash: 0x170,
  PolicyOR: 0x171,
  PolicyTicket: 0x172,
  ReadPublic: 0x173,
  RSA_Encrypt: 0x174,
  StartAuthSession: 0x176,
  VerifySignature: 0x177,
  ECC_Parameters: 0x178,
  FirmwareRead: 0x179,
  GetCapability: 0x17a,
  GetRandom: 0x17b,
  GetTestResult: 0x17c,
  Hash: 0x17d,
  PCR_Read: 0x17e,
  PolicyPCR: 0x17f,
  PolicyRestart: 0x180,
  ReadClock: 0x181,
  PCR_Extend: 0x182,
  PCR_SetAuthValue: 0x183,
  NV_Certify: 0x184,
  EventSequenceComplete: 0x185,
  HashSequenceStart: 0x186,
  PolicyPhysicalPresence: 0x187,
  PolicyDuplicationSelect: 0x188,
  PolicyGetDigest: 0x189,
  TestParms: 0x18a,
  Commit: 0x18b,
  PolicyPassword: 0x18c,
  ZGen_2Phase: 0x18d,
  EC_Ephemeral: 0x18e,
  PolicyNvWritten: 0x18f,
  PolicyTemplate: 0x190,
  CreateLoaded: 0x191,
  PolicyAuthorizeNV: 0x192,
  EncryptDecrypt2: 0x193,
  AC_GetCapability: 0x194,
  AC_Send: 0x195,
  Policy_AC_SendSelect: 0x196,
  CertifyX509: 0x197,
  ACT_SetTimeout: 0x198,
  ECC_Encrypt: 0x199,
  ECC_Decrypt: 0x19a,
  PolicyCapability: 0x19b,
  PolicyParameters: 0x19c,
  NV_DefineSpace2: 0x19d,
  NV_ReadPublic2: 0x19e,
  SetCapability: 0x19f,
  ReadOnlyControl: 0x1a0,
  PolicyTransportSPDM: 0x1a1,
  VerifySequenceComplete: 0x1a3,
  SignSequenceComplete: 0x1a4,
  VerifyDigestSignature: 0x1a5,
  SignDigest: 0x1a6,
  Encapsulate: 0x1a7,
  Decapsulate: 0x1a8,
  VerifySequenceStart: 0x1a9,
  SignSequenceStart: 0x1aa,
} as const
const CC_NAMES = namesOf(CC, 'TPM_CC_')

/** "TPM2_PCR_Extend"; the number in words when no command of the specification has it. */
/** Ordinals of TPM 1.2, all below the command codes of TPM 2.0 or of a vendor's: named once a TPM 1.2 can be asked. */
export const OLD_COMMANDS: { [ordinal: number]: string } = {}

export const commandName = (code: number): string =>
  OLD_COMMANDS[code] ?? CC_NAMES[code]?.replace('TPM_CC_', 'TPM2_') ?? `command 0x${code.toString(16).padStart(8, '0')}`

export const TPM_CC = constant('TPM_CC', 4, CC_NAMES, 'Part 2, 6.5.2, Table 12')

/** Structure tags. Part 2, 6.9, Table 21. */
export const ST = {
  RSP_COMMAND: 0x00c4,
  NULL: 0x8000,
  NO_SESSIONS: 0x8001,
  SESSIONS: 0x8002,
  ATTEST_NV: 0x8014,
  ATTEST_COMMAND_AUDIT: 0x8015,
  ATTEST_SESSION_AUDIT: 0x8016,
  ATTEST_CERTIFY: 0x8017,
  ATTEST_QUOTE: 0x8018,
  ATTEST_TIME: 0x8019,
  ATTEST_CREATION: 0x801a,
  ATTEST_NV_DIGEST: 0x801c,
  CREATION: 0x8021,
  VERIFIED: 0x8022,
  AUTH_SECRET: 0x8023,
  HASHCHECK: 0x8024,
  AUTH_SIGNED: 0x8025,
  MESSAGE_VERIFIED: 0x8026,
  DIGEST_VERIFIED: 0x8027,
  FU_MANIFEST: 0x8029,
} as const
export const TPM_ST = constant('TPM_ST', 2, namesOf(ST, 'TPM_ST_'), 'Part 2, 6.9, Table 21')

/** A tag that must be one of `only`, else "tag". */
export const tag = (...only: readonly number[]) =>
  choice('TPM_ST', 2, namesOf(ST, 'TPM_ST_', only), 'tag', 'Part 2, 6.9, Table 21')

export const TPMI_ST_COMMAND_TAG = choice(
  'TPMI_ST_COMMAND_TAG',
  2,
  namesOf(ST, 'TPM_ST_', [ST.NO_SESSIONS, ST.SESSIONS]),
  'bad tag',
  'Part 2, 9.39, Table 85',
)

export const SU = { CLEAR: 0x0000, STATE: 0x0001 } as const
export const TPM_SU = choice('TPM_SU', 2, namesOf(SU, 'TPM_SU_'), 'value', 'Part 2, 6.10, Table 22')

export const CAP = {
  ALGS: 0x0,
  HANDLES: 0x1,
  COMMANDS: 0x2,
  PP_COMMANDS: 0x3,
  AUDIT_COMMANDS: 0x4,
  PCRS: 0x5,
  TPM_PROPERTIES: 0x6,
  PCR_PROPERTIES: 0x7,
  ECC_CURVES: 0x8,
  AUTH_POLICIES: 0x9,
  ACT: 0xa,
  PUB_KEYS: 0xb,
  SPDM_SESSION_INFO: 0xc,
  VENDOR_PROPERTY: 0x100,
} as const
export const TPM_CAP = choice('TPM_CAP', 4, namesOf(CAP, 'TPM_CAP_'), 'value', 'Part 2, 6.12, Table 24')

/** First four bytes of every structure that only a TPM makes ("\xffTCG"). Part 2, 6.2, Table 7. */
export const GENERATED_VALUE = 0xff544347

export const YES = 1
export const NO = 0
export const TPMI_YES_NO = choice('TPMI_YES_NO', 1, { 0: 'NO', 1: 'YES' }, 'value', 'Part 2, 9.2, Table 48')
