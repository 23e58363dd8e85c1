// Structures of TPM 1.2 that its commands here carry. Integers are big-endian; sizes before byte strings have four octets,
// not two as in TPM 2.0. TPM Main Specification 1.2, Part 2.

import { type Codec, doc, type Of } from '../codec/codec.ts'
import { choice, constant, flags, list, opaque, rest, struct, uint, u8, u16, u32 } from '../codec/combinators.ts'
import { type Bytes, toHex } from '../lib/bytes.ts'
import { ALG12, ES, KEY_USAGE, PRESENCE, SS, TPM_STRUCTURE_TAG, TRANSPORT } from './codes.ts'

const words = (v: Bytes): string =>
  v.length === 0 ? 'empty' : v.length <= 16 ? toHex(v) : `${toHex(v.slice(0, 16))}… (${v.length} bytes)`

const SIZE = uint('UINT32', 4)
const BODY = rest('BYTE[]')

/** A 32-bit size and that many bytes. @param said what they say in words, where that is more than their digits */
export const sized32 = (name: string, max: number, said: (v: Bytes) => string = words): Codec<Bytes> => ({
  name,
  shape: { kind: 'sized', min: 0, max },
  read(r) {
    const at = r.at
    const n = r.field('size', SIZE)
    if (n > max) throw r.malformed('size', `size ${n} is more than ${max} of ${name}`, at)
    return r.within(n, () => (n > 0 ? r.field('buffer', { ...BODY, text: said }) : r.take(0)))
  },
  write(w, v) {
    w.u32(v.length)
    w.put(v)
  },
  text: said,
})

const digest = (name: string, section: string): Codec<Bytes> => ({
  ...opaque(name, 20),
  source: `TPM 1.2, Part 2, ${section}`,
})
export const TPM_DIGEST = digest('TPM_DIGEST', '5.4')
export const TPM_NONCE = digest('TPM_NONCE', '5.5')
export const TPM_AUTHDATA = digest('TPM_AUTHDATA', '5.6')
export const TPM_BOOL = choice('TPM_BOOL', 1, { 0: 'FALSE', 1: 'TRUE' }, 'value', 'TPM 1.2, Part 2, 2.2.2')
const HANDLE = constant(
  'TPM_HANDLE',
  4,
  { 0x40000000: 'TPM_KH_SRK', 0x40000001: 'TPM_KH_OWNER', 0x40000004: 'TPM_KH_TRANSPORT' },
  'TPM 1.2, Part 2, 4.4',
)
export { HANDLE as TPM_HANDLE }

export const TPM_PHYSICAL_PRESENCE = flags(
  'TPM_PHYSICAL_PRESENCE',
  2,
  Object.fromEntries(Object.entries(PRESENCE).map(([name, bit]) => [name, { low: Math.log2(bit), width: 1 }])),
  'TPM 1.2, Part 2, 4.9',
)

/** 7.1, in this order, each a TPM_BOOL. */
export const PERMANENT_FLAGS = [
  'disable',
  'ownership',
  'deactivated',
  'readPubek',
  'disableOwnerClear',
  'allowMaintenance',
  'physicalPresenceLifetimeLock',
  'physicalPresenceHWEnable',
  'physicalPresenceCMDEnable',
  'CEKPUsed',
  'TPMpost',
  'TPMpostLock',
  'FIPS',
  'operator',
  'enableRevokeEK',
  'nvLocked',
  'readSRKPub',
  'tpmEstablished',
  'maintenanceDone',
  'disableFullDALogicInfo',
] as const
/** 7.2. */
export const STCLEAR_FLAGS = [
  'deactivated',
  'disableForceClear',
  'physicalPresence',
  'physicalPresenceLock',
  'bGlobalLock',
] as const
export type PermanentFlag = (typeof PERMANENT_FLAGS)[number]
export type StclearFlag = (typeof STCLEAR_FLAGS)[number]

const bools = (names: readonly string[]): { [name: string]: Codec<number> } =>
  Object.fromEntries(names.map(n => [n, TPM_BOOL]))
export const TPM_PERMANENT_FLAGS = struct(
  'TPM_PERMANENT_FLAGS',
  { tag: TPM_STRUCTURE_TAG, ...bools(PERMANENT_FLAGS) },
  'TPM 1.2, Part 2, 7.1',
)
export const TPM_STCLEAR_FLAGS = struct(
  'TPM_STCLEAR_FLAGS',
  { tag: TPM_STRUCTURE_TAG, ...bools(STCLEAR_FLAGS) },
  'TPM 1.2, Part 2, 7.2',
)

export const TPM_VERSION = struct(
  'TPM_VERSION',
  { major: u8, minor: u8, revMajor: u8, revMinor: u8 },
  'TPM 1.2, Part 2, 5.1',
)
export const TPM_CAP_VERSION_INFO = struct(
  'TPM_CAP_VERSION_INFO',
  {
    tag: TPM_STRUCTURE_TAG,
    version: TPM_VERSION,
    specLevel: doc('level of the specification', u16),
    errataRev: u8,
    tpmVendorID: opaque('BYTE[4]', 4),
    vendorSpecific: { ...list('BYTE[]', u8, 64, { countSize: 2 }), doc: 'what the vendor adds' },
  },
  'TPM 1.2, Part 2, 21.6',
)

/** 8.1. The octets of the selection, the first bit of the first octet for PCR 0. */
export const TPM_PCR_SELECTION = struct(
  'TPM_PCR_SELECTION',
  { pcrSelect: list('BYTE[]', u8, 3, { countSize: 2 }) },
  'TPM 1.2, Part 2, 8.1',
)

const named = (prefix: string, table: { readonly [name: string]: number }): { readonly [v: number]: string } =>
  Object.fromEntries(Object.entries(table).map(([name, v]) => [v, prefix + name]))
const ALGORITHM = constant('TPM_ALGORITHM_ID', 4, named('TPM_ALG_', ALG12), 'TPM 1.2, Part 2, 4.8')
const ENC_SCHEME = constant(
  'TPM_ENC_SCHEME',
  2,
  { [ES.NONE]: 'TPM_ES_NONE', [ES.OAEP_SHA1_MGF1]: 'TPM_ES_RSAESOAEP_SHA1_MGF1' },
  'TPM 1.2, Part 2, 5.8.2',
)
const SIG_SCHEME = constant('TPM_SIG_SCHEME', 2, named('TPM_SS_', SS), 'TPM 1.2, Part 2, 5.8.3')

export const TPM_RSA_KEY_PARMS = struct(
  'TPM_RSA_KEY_PARMS',
  { keyLength: doc('bits of the modulus', u32), numPrimes: u32, exponent: sized32('BYTE[]', 4) },
  'TPM 1.2, Part 2, 10.1.1',
)
export const TPM_KEY_PARMS = struct(
  'TPM_KEY_PARMS',
  {
    algorithmID: ALGORITHM,
    encScheme: ENC_SCHEME,
    sigScheme: SIG_SCHEME,
    parms: doc('what the algorithm needs: TPM_RSA_KEY_PARMS', sized32('BYTE[]', 64)),
  },
  'TPM 1.2, Part 2, 10.1',
)
/** A key in its two forms tells them apart by its first two octets: 0101h a TPM_VERSION, 0028h a tag. */
const KEY_FORM = constant('TPM_KEY version or tag', 4, {
  0x01010000: 'TPM_KEY, version 1.1',
  0x00280000: 'TPM_KEY12',
})
export const TPM_KEY = struct(
  'TPM_KEY',
  {
    form: KEY_FORM,
    keyUsage: constant('TPM_KEY_USAGE', 2, named('TPM_KEY_', KEY_USAGE), 'TPM 1.2, Part 2, 5.8'),
    keyFlags: u32,
    authDataUsage: constant(
      'TPM_AUTH_DATA_USAGE',
      1,
      { 0: 'TPM_AUTH_NEVER', 1: 'TPM_AUTH_ALWAYS', 3: 'TPM_AUTH_PRIV_USE_ONLY' },
      'TPM 1.2, Part 2, 5.9',
    ),
    algorithmParms: TPM_KEY_PARMS,
    PCRInfo: doc('PCRs that the key is bound to; none here', sized32('TPM_PCR_INFO', 256)),
    pubKey: doc('the modulus; empty in a request', sized32('TPM_STORE_PUBKEY', 512)),
    encData: doc('the private part; empty when it does not leave the TPM', sized32('BYTE[]', 1024)),
  },
  'TPM 1.2, Part 2, 10.2 and 10.3',
)
export type Key = Of<typeof TPM_KEY>
export const TPM_PUBKEY = struct(
  'TPM_PUBKEY',
  { algorithmParms: TPM_KEY_PARMS, pubKey: sized32('TPM_STORE_PUBKEY', 512) },
  'TPM 1.2, Part 2, 10.5',
)

export const TPM_TRANSPORT_PUBLIC = struct(
  'TPM_TRANSPORT_PUBLIC',
  {
    tag: TPM_STRUCTURE_TAG,
    transAttributes: flags(
      'TPM_TRANSPORT_ATTRIBUTES',
      4,
      Object.fromEntries(Object.entries(TRANSPORT).map(([n, bit]) => [n, { low: Math.log2(bit), width: 1 }])),
      'TPM 1.2, Part 2, 13.1',
    ),
    algID: ALGORITHM,
    encScheme: ENC_SCHEME,
  },
  'TPM 1.2, Part 2, 13.1',
)
export const TPM_TRANSPORT_AUTH = struct(
  'TPM_TRANSPORT_AUTH',
  { tag: TPM_STRUCTURE_TAG, authData: TPM_AUTHDATA },
  'TPM 1.2, Part 2, 13.3',
)
/** Ticks: 12.1. */
export const TPM_CURRENT_TICKS = struct(
  'TPM_CURRENT_TICKS',
  { tag: u16, currentTicks: opaque('UINT64', 8), tickRate: u16, tickNonce: TPM_NONCE },
  'TPM 1.2, Part 2, 12.1',
)

/** What comes under the line of a command: Part 1, 8. */
export const AUTH_REQUEST = struct(
  'authorization',
  {
    authHandle: doc('the session', HANDLE),
    nonceOdd: doc('fresh octets of the caller', TPM_NONCE),
    continueAuthSession: doc('keep the session for another command', TPM_BOOL),
    authData: doc('HMAC-SHA1 of the parameters, both nonces and the flag', TPM_AUTHDATA),
  },
  'TPM 1.2, Part 3, 1',
)
export const AUTH_RESPONSE = struct(
  'authorization',
  {
    nonceEven: doc('fresh octets of the TPM, for the next command', TPM_NONCE),
    continueAuthSession: doc('the session goes on', TPM_BOOL),
    resAuth: doc('HMAC-SHA1 of the answer, both nonces and the flag', TPM_AUTHDATA),
  },
  'TPM 1.2, Part 3, 1',
)
export type AuthRequest = Of<typeof AUTH_REQUEST>
