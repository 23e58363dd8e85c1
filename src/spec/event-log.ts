// The event log that firmware leaves for the operating system: what was measured, in which order, and why. TCG PC Client
// Platform Firmware Profile, 10: the crypto-agile format. Everything is little-endian, digests are as hash functions make
// them.

import { doc, type Of } from '../codec/codec.ts'
import { opaque, struct, u8, variant } from '../codec/combinators.ts'
import { constantLe, listLe, sizedLe, u16le, u32le } from '../codec/little.ts'
import { ALG, algName, DIGEST_SIZE } from './algorithms.ts'

/** Platform Firmware Profile, 10.4.1: event types. */
export const EV = {
  POST_CODE: 0x00000001,
  NO_ACTION: 0x00000003,
  SEPARATOR: 0x00000004,
  ACTION: 0x00000005,
  EVENT_TAG: 0x00000006,
  S_CRTM_CONTENTS: 0x00000007,
  S_CRTM_VERSION: 0x00000008,
  CPU_MICROCODE: 0x00000009,
  PLATFORM_CONFIG_FLAGS: 0x0000000a,
  TABLE_OF_DEVICES: 0x0000000b,
  COMPACT_HASH: 0x0000000c,
  IPL: 0x0000000d,
  IPL_PARTITION_DATA: 0x0000000e,
  NONHOST_CODE: 0x0000000f,
  OMIT_BOOT_DEVICE_EVENTS: 0x00000012,
  EFI_VARIABLE_DRIVER_CONFIG: 0x80000001,
  EFI_VARIABLE_BOOT: 0x80000002,
  EFI_BOOT_SERVICES_APPLICATION: 0x80000003,
  EFI_BOOT_SERVICES_DRIVER: 0x80000004,
  EFI_RUNTIME_SERVICES_DRIVER: 0x80000005,
  EFI_GPT_EVENT: 0x80000006,
  EFI_ACTION: 0x80000007,
  EFI_PLATFORM_FIRMWARE_BLOB: 0x80000008,
  EFI_HANDOFF_TABLES: 0x80000009,
} as const

const NAMES: { readonly [value: number]: string } = Object.fromEntries(
  Object.entries(EV).map(([name, value]) => [value, `EV_${name}`]),
)
export const eventTypeName = (type: number): string => NAMES[type] ?? `type ${type.toString(16).padStart(8, '0')}`

/** No event is longer: a limit of this program, so that a wrong size is found. */
const MOST_DATA = 65_536
const MOST_DIGESTS = 16

const EVENT_TYPE = constantLe('TCG_EVENTTYPE', 4, NAMES, 'Platform Firmware Profile, 10.4.1')
const ALGORITHM = constantLe(
  'TPM_ALG_ID',
  2,
  Object.fromEntries(Object.values(ALG).map(alg => [alg, algName(alg)])),
  'Part 2, 6.3, Table 11',
)
const SHA1_SIZE = 20
const SIGNATURE_SIZE = 16

/** "Spec ID Event03" and a zero: what makes a log crypto-agile. */
export const SPEC_ID_SIGNATURE = 'Spec ID Event03\0'

const ALGORITHM_SIZE = struct(
  'TCG_EfiSpecIdEventAlgorithmSize',
  { algorithmId: doc('a hash algorithm', ALGORITHM), digestSize: doc('octets of its digests', u16le) },
  'Platform Firmware Profile, 10.4.5.1',
)

/** The event data of the first event: how to read all others. */
export const SPEC_ID_EVENT = struct(
  'TCG_EfiSpecIDEvent',
  {
    signature: doc('"Spec ID Event03", ended by a zero', opaque('BYTE[]', SIGNATURE_SIZE)),
    platformClass: doc('0 for a client, 1 for a server', u32le),
    specVersionMinor: doc('of the profile', u8),
    specVersionMajor: doc('of the profile', u8),
    specErrata: doc('of the profile', u8),
    uintnSize: doc('1 where UINTN has 32 bits, 2 where it has 64', u8),
    digestSizes: doc(
      'each hash algorithm in the log, and how long its digests are',
      listLe('digestSizes', ALGORITHM_SIZE, MOST_DIGESTS),
    ),
    vendorInfo: doc('whatever the vendor adds', sizedLe('vendorInfo', 1, 255)),
  },
  'Platform Firmware Profile, 10.4.5.1',
)

/** The old form of an event, with room for SHA-1 only. In a crypto-agile log the first event has it. */
export const TCG_PCR_EVENT = struct(
  'TCG_PCClientPCREvent',
  {
    pcrIndex: doc('the PCR that was extended', u32le),
    eventType: doc('what kind of thing was measured', EVENT_TYPE),
    digest: doc('what it was extended with; zeros where it was not', opaque('BYTE[]', SHA1_SIZE)),
    event: doc('what was measured, for people and verifiers', sizedLe('event', 4, MOST_DATA)),
  },
  'Platform Firmware Profile, 10.2.1',
)

const digestOf = (alg: number) => ({ digest: opaque('digest', DIGEST_SIZE[alg] as number) })
const ARMS = {
  [ALG.SHA1]: digestOf(ALG.SHA1),
  [ALG.SHA256]: digestOf(ALG.SHA256),
  [ALG.SHA384]: digestOf(ALG.SHA384),
  [ALG.SHA512]: digestOf(ALG.SHA512),
}
type Arms = { readonly [K in keyof typeof ARMS]: (typeof ARMS)[K] }
/** A digest with its algorithm, little-endian: TPMT_HA as a log has it. */
const LOGGED_DIGEST = variant('TPMT_HA', 'hashAlg', ALGORITHM, {}, ARMS as Arms, {
  source: 'Platform Firmware Profile, 10.2.2',
})

/** An event of a crypto-agile log. */
export const TCG_PCR_EVENT2 = struct(
  'TCG_PCR_EVENT2',
  {
    pcrIndex: doc('the PCR that was extended', u32le),
    eventType: doc('what kind of thing was measured', EVENT_TYPE),
    digests: doc('what each bank was extended with', listLe('TPML_DIGEST_VALUES', LOGGED_DIGEST, MOST_DIGESTS)),
    event: doc('what was measured, for people and verifiers', sizedLe('event', 4, MOST_DATA)),
  },
  'Platform Firmware Profile, 10.2.2',
)
export type LogEvent = Of<typeof TCG_PCR_EVENT2>
export type LogHeader = Of<typeof TCG_PCR_EVENT>
export type SpecId = Of<typeof SPEC_ID_EVENT>
