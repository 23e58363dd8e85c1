// The state of a TPM 1.2 as a readonly value: what stays over power-off, what stays until Startup(CLEAR), and what goes
// with every TPM_Init. manufacture12 makes it, init12 is TPM_Init. TPM Main Specification 1.2, Part 2, 7; PCRs as the PC
// Client specification has them.

import { condense, type Drbg, instantiate } from '../crypto/drbg.ts'
import { type Bytes, concat, utf8 } from '../lib/bytes.ts'
import { PERMANENT_FLAGS, type PermanentFlag, type StclearFlag } from '../spec12/structures.ts'

/** An RSA key with its private part: one of the two primes of n. The exponent is 65537. */
export interface RsaPair {
  readonly n: Bytes
  readonly p: Bytes
}

export type Flags<F extends string> = { readonly [flag in F]: boolean }

/** The storage root key: made when ownership is taken, gone when the owner is. */
export interface Srk extends RsaPair {
  readonly usageAuth: Bytes
  readonly authDataUsage: number
  readonly keyFlags: number
  /** Digest by which OSAP sessions are bound to it. */
  readonly digest: Bytes
}

export interface Owner {
  readonly auth: Bytes
  readonly srk: Srk
  /** Marks what belongs to this owner. */
  readonly proof: Bytes
}

/** Stays over power-off. */
export interface Permanent {
  readonly flags: Flags<PermanentFlag>
  readonly endorsement: RsaPair
  readonly owner: Owner | undefined
}

/** An authorization session. */
export interface Auth {
  readonly handle: number
  readonly kind: 'OIAP' | 'OSAP'
  readonly nonceEven: Bytes
  /** Of OSAP: the secret of the session, and whose it is. */
  readonly secret: Bytes
  readonly entity: 'owner' | 'srk' | undefined
  readonly entityDigest: Bytes
}

/** A transport session. */
export interface Transport {
  readonly handle: number
  readonly attributes: number
  readonly authData: Bytes
  readonly nonceEven: Bytes
}

/** What SaveState keeps for Startup(STATE). */
export interface Saved {
  readonly stclear: Flags<StclearFlag>
  readonly pcrs: readonly Bytes[]
  readonly sessions: readonly Auth[]
}

export interface Tpm12 {
  readonly permanent: Permanent
  readonly stclear: Flags<StclearFlag>
  readonly pcrs: readonly Bytes[]
  readonly sessions: readonly Auth[]
  readonly transports: readonly Transport[]
  readonly nextHandle: number
  /** TPM_Init was seen, TPM_Startup not yet: TPM_STANY_FLAGS.postInitialise. */
  readonly postInitialise: boolean
  /** 'limited' until ContinueSelfTest or the first command that needs more. */
  readonly testState: 'limited' | 'full' | 'failed'
  readonly saved: Saved | undefined
  readonly drbg: Drbg
}

export const PCRS = 24
const ZERO: Bytes = new Uint8Array(20)
const ONES: Bytes = new Uint8Array(20).fill(0xff)

/** Locality bits of the PCRs that can be reset: who may reset, who may extend. PC Client 1.2, 7.2. */
interface PcrRights {
  readonly reset: number
  readonly extend: number
}
const ALL = 0x1f
const RIGHTS: { readonly [pcr: number]: PcrRights } = {
  16: { reset: ALL, extend: ALL },
  17: { reset: 0x10, extend: 0x1c },
  18: { reset: 0x10, extend: 0x1c },
  19: { reset: 0x10, extend: 0x0c },
  20: { reset: 0x14, extend: 0x0e },
  21: { reset: 0x04, extend: 0x04 },
  22: { reset: 0x04, extend: 0x04 },
  23: { reset: ALL, extend: ALL },
}
export const rightsOf = (pcr: number): PcrRights => RIGHTS[pcr] ?? { reset: 0, extend: ALL }

/** 17 to 22 belong to a dynamic launch: all ones say that there was none. */
export const resetValue = (pcr: number, launched: boolean): Bytes => (pcr >= 17 && pcr <= 22 && !launched ? ONES : ZERO)

export const startPcrs = (): readonly Bytes[] => Array.from({ length: PCRS }, (_, i) => resetValue(i, false))

export const NO_STCLEAR: Flags<StclearFlag> = {
  deactivated: false,
  disableForceClear: false,
  physicalPresence: false,
  physicalPresenceLock: false,
  bGlobalLock: false,
}

/** Set in a new TPM; its endorsement key was made by TPM_CreateEndorsementKeyPair. */
const SET: ReadonlySet<PermanentFlag> = new Set(['ownership', 'readPubek', 'allowMaintenance', 'CEKPUsed'])

/** How a platform is delivered: TPM on or off, the specification's default is off. */
export interface Delivered {
  readonly disable?: boolean
  readonly deactivated?: boolean
  readonly owner?: Owner
  /** Presence may be said by command: so on PCs, where firmware says it. */
  readonly presenceByCommand?: boolean
}

/** A TPM as it leaves the factory. @param seed entropy @param endorsement made in the factory too */
export function manufacture12(seed: Bytes, endorsement: RsaPair, delivered: Delivered = {}): Tpm12 {
  const flags = Object.fromEntries(PERMANENT_FLAGS.map(f => [f, SET.has(f)])) as { [F in PermanentFlag]: boolean }
  flags.disable = delivered.disable ?? false
  flags.deactivated = delivered.deactivated ?? false
  flags.physicalPresenceCMDEnable = delivered.presenceByCommand ?? true
  if (delivered.owner) flags.readPubek = false
  return {
    permanent: { flags, endorsement, owner: delivered.owner },
    stclear: NO_STCLEAR,
    pcrs: startPcrs(),
    sessions: [],
    transports: [],
    nextHandle: 1,
    postInitialise: true,
    testState: 'limited',
    saved: undefined,
    drbg: instantiate(condense(concat(utf8('TPM 1.2'), seed))),
  }
}

/** TPM_Init: the pulse that the chipset gives at a reset of the platform. Nothing but the permanent state is left. */
export const init12 = (tpm: Tpm12): Tpm12 => ({
  ...tpm,
  stclear: NO_STCLEAR,
  pcrs: startPcrs(),
  sessions: [],
  transports: [],
  postInitialise: true,
  testState: 'limited',
})
