// The commands of TPM 1.2 that are carried out here: handles, parameters, what comes back, and how many authorizations
// come along. Parser, writer, explanation and engine read these rows. TPM Main Specification 1.2, Part 3.

import { type Codec, doc } from '../codec/codec.ts'
import { struct, u32 } from '../codec/combinators.ts'
import { readBe32, toHex } from '../lib/bytes.ts'
import {
  ORD,
  ORDINAL_NAMES,
  subCapName,
  TPM_CAPABILITY_AREA,
  TPM_ENTITY_TYPE,
  TPM_PROTOCOL_ID,
  TPM_STARTUP_TYPE,
} from './codes.ts'
import {
  sized32,
  TPM_BOOL,
  TPM_CURRENT_TICKS,
  TPM_DIGEST,
  TPM_HANDLE,
  TPM_KEY,
  TPM_NONCE,
  TPM_PCR_SELECTION,
  TPM_PHYSICAL_PRESENCE,
  TPM_PUBKEY,
  TPM_TRANSPORT_PUBLIC,
} from './structures.ts'

export interface Row12<P = unknown, R = unknown> {
  readonly ordinal: number
  /** As the specification spells it: TPM_Startup. */
  readonly name: string
  /** Of Part 3. */
  readonly section: string
  readonly doc: string
  /** Fewest and most authorizations. */
  readonly auths: readonly [least: number, most: number]
  /** A handle before the parameters, which no proof covers. */
  readonly handle?: { readonly name: string; readonly doc: string }
  readonly params: Codec<P>
  /** A handle before what comes back, likewise. */
  readonly responseHandle?: { readonly name: string; readonly doc: string }
  readonly returns: Codec<R>
}

const NOTHING = struct('nothing', {})

/** Which one, where it has a name. */
const SUB_CAP = sized32('subCap', 64, v => (v.length === 4 && subCapName(readBe32(v, 0))) || toHex(v))

const row = <P, R>(
  name: keyof typeof ORD,
  section: string,
  what: string,
  more: Partial<Row12<P, R>> & { readonly auth?: number },
): Row12<P, R> => ({
  ordinal: ORD[name],
  name: ORDINAL_NAMES[ORD[name]] as string,
  section: `TPM 1.2, Part 3, ${section}`,
  doc: what,
  auths: more.auths ?? [more.auth ?? 0, more.auth ?? 0],
  ...(more.handle ? { handle: more.handle } : {}),
  params: more.params ?? (NOTHING as Codec<P>),
  ...(more.responseHandle ? { responseHandle: more.responseHandle } : {}),
  returns: more.returns ?? (NOTHING as Codec<R>),
})

const state = (line: string) => struct('parameters', { state: doc(line, TPM_BOOL) })
const SESSION = { name: 'authHandle', doc: 'the new session' }

export const Startup = row('Startup', '3.2', 'starts the TPM after TPM_Init, once', {
  params: struct('parameters', { startupType: TPM_STARTUP_TYPE }),
})
export const SaveState = row('SaveState', '3.3', 'keeps what Startup(STATE) brings back', {})
export const SelfTestFull = row('SelfTestFull', '4.1', 'tests all of the TPM', {})
export const ContinueSelfTest = row('ContinueSelfTest', '4.2', 'goes on testing', {})
export const GetTestResult = row('GetTestResult', '4.3', 'what the self-test found', {
  returns: struct('answer', { outData: sized32('BYTE[]', 256) }),
})
export const SetOwnerInstall = row('SetOwnerInstall', '5.1', 'allows or forbids to take ownership', {
  params: state('may be installed'),
})
export const OwnerSetDisable = row('OwnerSetDisable', '5.2', 'the owner disables or enables the TPM', {
  auth: 1,
  params: struct('parameters', { disableState: doc('disabled', TPM_BOOL) }),
})
export const PhysicalEnable = row('PhysicalEnable', '5.3', 'enables the TPM, by physical presence', {})
export const PhysicalDisable = row('PhysicalDisable', '5.4', 'disables the TPM, by physical presence', {})
export const PhysicalSetDeactivated = row(
  'PhysicalSetDeactivated',
  '5.5',
  'deactivates or activates from the next start',
  {
    params: state('deactivated'),
  },
)
export const SetTempDeactivated = row('SetTempDeactivated', '5.6', 'deactivates the TPM until it is started anew', {
  auths: [0, 1],
})
export const TakeOwnership = row('TakeOwnership', '6.1', 'makes an owner and the storage root key', {
  auth: 1,
  params: struct('parameters', {
    protocolID: TPM_PROTOCOL_ID,
    encOwnerAuth: doc('the secret of the owner, encrypted to the endorsement key', sized32('BYTE[]', 512)),
    encSrkAuth: doc('the secret of the storage root key, likewise', sized32('BYTE[]', 512)),
    srkParams: doc('what the storage root key is to be', TPM_KEY),
  }),
  returns: struct('answer', { srkPub: doc('the storage root key, its public part', TPM_KEY) }),
})
export const OwnerClear = row('OwnerClear', '6.2', 'the owner goes, and all keys with it', { auth: 1 })
export const ForceClear = row('ForceClear', '6.3', 'the owner goes, by physical presence', {})
export const DisableOwnerClear = row('DisableOwnerClear', '6.4', 'the owner gives up TPM_OwnerClear', { auth: 1 })
export const DisableForceClear = row('DisableForceClear', '6.5', 'no TPM_ForceClear until the next start', {})
export const PhysicalPresence = row(
  'PhysicalPresence',
  '6.6',
  'says that somebody stands before the platform, or not',
  {
    params: struct('parameters', { physicalPresence: TPM_PHYSICAL_PRESENCE }),
  },
)
export const GetCapability = row('GetCapability', '7.1', 'what the TPM can do and how it is set', {
  params: struct('parameters', { capArea: TPM_CAPABILITY_AREA, subCap: SUB_CAP }),
  returns: struct('answer', { resp: sized32('BYTE[]', 512) }),
})
export const GetRandom = row('GetRandom', '13.6', 'random octets', {
  params: struct('parameters', { bytesRequested: u32 }),
  returns: struct('answer', { randomBytes: sized32('BYTE[]', 4096) }),
})
export const StirRandom = row('StirRandom', '13.7', 'adds to the state of the random number generator', {
  params: struct('parameters', { inData: sized32('BYTE[]', 256) }),
})
export const ReadPubek = row('ReadPubek', '14.3', 'the endorsement key, its public part', {
  params: struct('parameters', { antiReplay: TPM_NONCE }),
  returns: struct('answer', { pubEndorsementKey: TPM_PUBKEY, checksum: TPM_DIGEST }),
})
export const Extend = row('Extend', '16.1', 'extends a PCR: SHA-1 of old value and digest', {
  params: struct('parameters', { pcrNum: u32, inDigest: TPM_DIGEST }),
  returns: struct('answer', { outDigest: TPM_DIGEST }),
})
export const PcrRead = row('PcrRead', '16.2', 'the value of a PCR', {
  params: struct('parameters', { pcrIndex: u32 }),
  returns: struct('answer', { outDigest: TPM_DIGEST }),
})
export const PcrReset = row('PCR_Reset', '16.4', 'resets PCRs that can be reset', {
  params: struct('parameters', { pcrSelection: TPM_PCR_SELECTION }),
})
export const Oiap = row('OIAP', '18.1', 'starts a session that is bound to no entity', {
  responseHandle: SESSION,
  returns: struct('answer', { nonceEven: TPM_NONCE }),
})
export const Osap = row('OSAP', '18.2', 'starts a session for one entity, with a secret of its own', {
  params: struct('parameters', { entityType: TPM_ENTITY_TYPE, entityValue: TPM_HANDLE, nonceOddOSAP: TPM_NONCE }),
  responseHandle: SESSION,
  returns: struct('answer', { nonceEven: TPM_NONCE, nonceEvenOSAP: TPM_NONCE }),
})
export const EstablishTransport = row('EstablishTransport', '24.1', 'starts a transport session', {
  auth: 1,
  handle: { name: 'encHandle', doc: 'the key that the secret of the session is encrypted to' },
  params: struct('parameters', {
    transPublic: TPM_TRANSPORT_PUBLIC,
    secret: doc('TPM_TRANSPORT_AUTH, encrypted to the key', sized32('BYTE[]', 512)),
  }),
  responseHandle: { name: 'transHandle', doc: 'the new transport session' },
  returns: struct('answer', { locality: u32, currentTicks: TPM_CURRENT_TICKS, transNonceEven: TPM_NONCE }),
})
export const ExecuteTransport = row(
  'ExecuteTransport',
  '24.2',
  'carries out a command that is wrapped, and may be hidden',
  {
    auth: 1,
    params: struct('parameters', {
      wrappedCmd: doc('a whole command; encrypted but for its header', sized32('BYTE[]', 4096)),
    }),
    returns: struct('answer', {
      currentTicks: doc('ticks since the session began', struct('UINT64', { high: u32, low: u32 })),
      locality: u32,
      wrappedRsp: doc('its whole answer, encrypted likewise', sized32('BYTE[]', 4096)),
    }),
  },
)

export const ROWS: readonly Row12[] = [
  ...[Startup, SaveState, SelfTestFull, ContinueSelfTest, GetTestResult, SetOwnerInstall, OwnerSetDisable],
  ...[PhysicalEnable, PhysicalDisable, PhysicalSetDeactivated, SetTempDeactivated, TakeOwnership, OwnerClear],
  ...[ForceClear, DisableOwnerClear, DisableForceClear, PhysicalPresence, GetCapability, GetRandom, StirRandom],
  ...[ReadPubek, Extend, PcrRead, PcrReset, Oiap, Osap, EstablishTransport, ExecuteTransport],
] as readonly Row12[]

const BY_ORDINAL = new Map(ROWS.map(r => [r.ordinal, r]))
export const rowOf = (ordinal: number): Row12 | undefined => BY_ORDINAL.get(ordinal)
