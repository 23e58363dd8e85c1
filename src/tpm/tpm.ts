// The TPM as a value: everything that it knows between two commands. Readonly; a command makes a new one and shares what
// it did not change. manufacture makes it, powerOn is _TPM_Init, elapse lets time pass.

import { type Drbg, draw, drbg } from '../crypto/drbg.ts'
import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { PERSISTENT_FIRST, RH, TRANSIENT_FIRST } from '../spec/handles.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { CC } from '../spec/codes.ts'
import type { Public, Sensitive } from '../spec/keys.ts'
import { type Act, countDown } from './act.ts'
import { heal, type Lockout } from './lockout.ts'
import { NO_NV, type NvMemory } from './nv-memory.ts'
import type { Profile } from './profile.ts'
import { type ActiveSession, NO_SESSIONS } from './sessions.ts'
import { amend } from './amend.ts'

/** A hierarchy with its secrets. Part 1, 12; the seeds of a TPM never leave it, except on this screen. */
export interface Hierarchy {
  readonly enabled: boolean
  readonly seed: Bytes
  /** Key of the tickets of this hierarchy. */
  readonly proof: Bytes
  readonly auth: Bytes
  /** An empty digest and TPM_ALG_NULL when there is no policy. */
  readonly policyAlg: number
  readonly policy: Bytes
}
export type HierarchyName = 'owner' | 'endorsement' | 'platform' | 'null'

export interface Bank {
  readonly hash: number
  /** One digest for each PCR. */
  readonly values: readonly Bytes[]
}
export type Allocation = readonly { readonly hash: number; readonly pcrs: readonly number[] }[]
export interface Pcrs {
  readonly banks: readonly Bank[]
  readonly updateCounter: number
}

/** A key or data object in a transient slot. */
export interface LoadedObject {
  readonly kind: 'object'
  readonly publicArea: Public
  /** Undefined when only the public part was loaded. */
  readonly sensitive: Sensitive | undefined
  /** TPM_RH_ of the hierarchy. */
  readonly hierarchy: number
  /** Empty when nameAlg is TPM_ALG_NULL. */
  readonly name: Bytes
  readonly qualifiedName: Bytes
  /** Loaded by TPM2_LoadExternal. */
  readonly external: boolean
  /** Made by TPM2_CreatePrimary. */
  readonly primary: boolean
}

/** What a sequence has been given so far. The message itself is kept, so that the state stays plain bytes. */
export interface Message {
  readonly parts: readonly Bytes[]
  readonly length: number
}
export interface HashSequence {
  readonly kind: 'hash'
  readonly auth: Bytes
  readonly hashAlg: number
  readonly message: Message
}
/** Hashes with every PCR bank. */
export interface EventSequence {
  readonly kind: 'event'
  readonly auth: Bytes
  readonly message: Message
}
/** An HMAC or a CMAC: TPM2_MAC_Start. */
export interface MacSequence {
  readonly kind: 'mac'
  readonly auth: Bytes
  /** A hash, or TPM_ALG_CMAC. */
  readonly scheme: number
  /** The block cipher of CMAC, where it is not AES. */
  readonly cipher?: number
  readonly key: Bytes
  readonly message: Message
}
/** To sign or to verify: TPM2_SignSequenceStart, TPM2_VerifySequenceStart. */
export interface SignatureSequence {
  readonly kind: 'sign' | 'verify'
  readonly auth: Bytes
  readonly keyHandle: number
  readonly keyName: Bytes
  readonly context: Bytes
  readonly message: Message
}
export type Sequence = HashSequence | EventSequence | MacSequence | SignatureSequence
export type Slot = LoadedObject | Sequence

/** An object that stays over power-off. */
export interface Persistent {
  readonly handle: number
  readonly object: LoadedObject
}

/** Microseconds, and the counters of TPMS_CLOCK_INFO. Part 1, 33. */
export interface Clock {
  /** Since power-on. */
  readonly time: number
  /** Clock, which survives power-off as far as it was stored. */
  readonly clock: number
  /** What is stored in NV. */
  readonly stored: number
  /** Milliseconds that TPM2_ClockSet added. */
  readonly offset: bigint
  /** How much faster than nominal it runs, in parts of 10,000. */
  readonly rate: number
  readonly safe: boolean
  readonly resetCount: number
  readonly restartCount: number
}

/** Ephemeral keys of operations in two commands. Part 1, 44.2.2. */
export interface Commits {
  /** From which the keys are derived; empty until the first is. */
  readonly random: Bytes
  /** How many were made. */
  readonly count: number
  /** The numbers of those that were not used yet. */
  readonly open: readonly number[]
}

/** Command audit. Part 1, 32. */
export interface Audit {
  readonly hash: number
  /** Codes of the audited commands, rising. */
  readonly codes: readonly number[]
  /** All zeros between two logs. */
  readonly digest: Bytes
  /** How many logs were begun. */
  readonly counter: number
}

/** What TPM2_Shutdown left behind in NV. */
export type ShutdownState =
  | { readonly type: 'none' }
  | { readonly type: 'clear' }
  | {
      readonly type: 'state'
      readonly pcrs: Pcrs
      readonly hierarchies: Tpm['hierarchies']
      readonly phEnableNV: boolean
      readonly readOnly: boolean
      readonly startupLocality: number
      /** Absent from what a program without timers stored. */
      readonly acts?: readonly Act[]
    }

export interface Tpm {
  readonly profile: Profile
  /** "init": after _TPM_Init, before TPM2_Startup. */
  readonly power: 'init' | 'on' | 'failure'
  readonly drbg: Drbg
  readonly hierarchies: { readonly [H in HierarchyName]: Hierarchy }
  readonly phEnableNV: boolean
  readonly readOnly: boolean
  /** The platform says that somebody stands before the machine. */
  readonly physicalPresence: boolean
  /** TPM2_Clear is forbidden: TPMA_PERMANENT.disableClear. */
  readonly disableClear: boolean
  /** Commands that TPM2_PP_Commands put under physical presence, in rising order. */
  readonly ppCommands: readonly number[]
  readonly pcrs: Pcrs
  /** Which PCRs each bank has that has some. */
  readonly allocation: Allocation
  /** What TPM2_PCR_Allocate asked for at the next _TPM_Init. */
  readonly nextAllocation: Allocation | undefined
  /** Authorizations of the group of PCRs that may have one: Part 1, 14.7. */
  readonly pcrAuth: { readonly auth: Bytes; readonly policyAlg: number; readonly policy: Bytes }
  /** The handle of slot n is 0x80000000 + n. */
  readonly objects: readonly (Slot | undefined)[]
  readonly nv: NvMemory
  /** In rising order of their handles. */
  readonly persistent: readonly Persistent[]
  /** The low octets of a session's handle are its place here. */
  readonly sessions: readonly (ActiveSession | undefined)[]
  /** Sequence number of the next session context (contextID), and of the next context of an object. */
  readonly sessionCounter: number
  readonly objectCounter: bigint
  /** Raised at each power-on: what was told in terms of Time before means nothing after. */
  readonly timeEpoch: number
  /** TPM Resets since manufacture: contexts from before one are void, whatever TPM2_Clear does to resetCount. */
  readonly totalResets: number
  /** Raised whenever contexts of objects with stClear become void: TPM Reset and Restart. */
  readonly clearCount: number
  /** The audit session that no other command has come between. */
  readonly exclusiveAudit: number | undefined
  readonly clock: Clock
  readonly lockout: Lockout
  readonly commits: Commits
  readonly audit: Audit
  /** Authenticated Countdown Timers, the first is TPM_RH_ACT_0. */
  readonly acts: readonly Act[]
  readonly shutdown: ShutdownState
  /** The TPM was shut down in order before this power-on: TPMA_STARTUP_CLEAR.orderly. */
  readonly orderly: boolean
  /** Where TPM2_Startup came from: 0, or 3 for a trusted firmware that PCR 0 then tells of. */
  readonly startupLocality: number
  /** Algorithms whose self-test has not run yet. */
  readonly untested: readonly number[]
  /** NV memory can be written: an input of the platform. */
  readonly nvAvailable: boolean
  /** The next self-test fails: what a simulator can be asked for. */
  readonly failSelfTest: boolean
  /** What an open _TPM_Hash_Start sequence was given so far. */
  readonly hashSequence: Message | undefined
  /** Digests of an H-CRTM measurement since _TPM_Init, for each bank: TPM2_Startup extends PCR 0 with them. */
  readonly hcrtm: readonly { readonly hashAlg: number; readonly digest: Bytes }[] | undefined
}

export const NO_COMMITS: Commits = { random: EMPTY, count: 0, open: [] }

/** The hash of command audit until TPM2_SetCommandCodeAuditStatus changes it. */
const AUDIT_HASH = ALG.SHA256

export const NO_POLICY = { policyAlg: 0x0010, policy: EMPTY } as const

/** Nothing counts, and no policy. */
export const initialActs = ({ acts }: Pick<Profile, 'acts'>): readonly Act[] =>
  Array.from({ length: acts }, () => ({ left: 0, signaled: false, preserved: false, set: false, ...NO_POLICY }))

/** Octets of a primary seed: twice the strength of ML-KEM-1024. Part 1, 12.3. */
const SEED_SIZE = 64

/**
 * A TPM as it leaves the factory: seeds and proofs drawn, never powered on.
 * @param seed all its entropy; the same seed makes the same TPM
 */
export function manufacture(seed: Bytes, profile: Profile): Tpm {
  let state = drbg(seed)
  const random = (n: number): Bytes => {
    const [bytes, next] = draw(state, n)
    state = next
    return bytes
  }
  const hierarchy = (): Hierarchy => ({
    enabled: true,
    seed: random(SEED_SIZE),
    proof: random(digestSize(profile.contextHash)),
    auth: EMPTY,
    ...NO_POLICY,
  })
  const hierarchies = { endorsement: hierarchy(), owner: hierarchy(), platform: hierarchy(), null: hierarchy() }
  const allocation = profile.banks.map(hash => ({ hash, pcrs: profile.pcrs.map((_, n) => n) }))
  return {
    profile,
    power: 'init',
    drbg: state,
    hierarchies,
    phEnableNV: true,
    readOnly: false,
    physicalPresence: false,
    disableClear: false,
    ppCommands: [CC.PP_Commands],
    pcrs: initialPcrs({ profile, allocation }, 0, 0),
    allocation,
    nextAllocation: undefined,
    pcrAuth: { auth: EMPTY, ...NO_POLICY },
    objects: Array.from({ length: profile.transientSlots }, () => undefined),
    nv: NO_NV,
    persistent: [],
    ...NO_SESSIONS,
    timeEpoch: 0,
    totalResets: 0,
    clearCount: 0,
    clock: { time: 0, clock: 0, stored: 0, offset: 0n, rate: 0, safe: true, resetCount: 0, restartCount: 0 },
    lockout: {
      auth: EMPTY,
      ...NO_POLICY,
      failedTries: 0,
      maxTries: 3,
      recoveryTime: 1000,
      lockoutRecovery: 1000,
      authEnabled: true,
      healing: 0,
      lockedAt: 0,
      used: false,
    },
    commits: NO_COMMITS,
    audit: {
      hash: AUDIT_HASH,
      codes: [CC.SetCommandCodeAuditStatus],
      digest: new Uint8Array(digestSize(AUDIT_HASH)),
      counter: 0,
    },
    acts: initialActs(profile),
    shutdown: { type: 'clear' },
    orderly: false,
    startupLocality: 0,
    untested: profile.untestedAtInit,
    nvAvailable: true,
    failSelfTest: false,
    hashSequence: undefined,
    hcrtm: undefined,
  }
}

/**
 * The values that TPM2_Startup(CLEAR) gives: all zeros, or all ones for what only a dynamic launch sets to zero; empty where
 * nothing is allocated. PCR 0 ends with the locality of TPM2_Startup. Part 1, 14.3 and 31. Each reset counts: Part 1, 14.9.
 * @param updateCounter what was counted before
 */
export function initialPcrs(tpm: Pick<Tpm, 'profile' | 'allocation'>, locality: number, updateCounter: number): Pcrs {
  const { profile, allocation } = tpm
  const values = (size: number, there: readonly number[]): readonly Bytes[] => {
    const zero: Bytes = new Uint8Array(size)
    const ones: Bytes = new Uint8Array(size).fill(0xff)
    const first = new Uint8Array(size)
    first[size - 1] = locality
    return profile.pcrs.map((p, n) => (!there.includes(n) ? EMPTY : p.drtm ? ones : n === 0 ? first : zero))
  }
  return {
    banks: allocation.map(({ hash, pcrs }) => ({ hash, values: values(digestSize(hash), pcrs) })),
    updateCounter: updateCounter + profile.pcrs.filter(p => !p.noIncrement).length,
  }
}

/** Power goes: what was in RAM is gone. TPM2_Startup decides what becomes of the rest. */
export const powerOff = (tpm: Tpm): Tpm =>
  amend(tpm, {
    power: 'init',
    objects: tpm.objects.map(() => undefined),
    timeEpoch: tpm.timeEpoch + 1,
    // What was loaded is gone; a context that was saved outside may come back after a Resume or Restart.
    sessions: tpm.sessions.map(s => (s?.loaded ? undefined : s)),
    exclusiveAudit: undefined,
    clock: { ...tpm.clock, time: 0, clock: tpm.clock.stored, rate: 0 },
    untested: tpm.profile.untestedAtInit,
    failSelfTest: false,
    acts: initialActs(tpm.profile),
    hashSequence: undefined,
    hcrtm: undefined,
  })

/** _TPM_Init: power comes back. */
export function powerOn(tpm: Tpm): Tpm {
  const off = powerOff(tpm)
  return off.nextAllocation ? { ...off, allocation: off.nextAllocation, nextAllocation: undefined } : off
}

/** Members that power-off leaves nothing of, or that are inputs: a change of these alone need not reach NV memory. */
const VOLATILE: ReadonlySet<string> = new Set<keyof Tpm>([
  ...(['power', 'drbg', 'pcrs', 'objects', 'orderly', 'startupLocality', 'untested', 'acts'] as const),
  ...(['sessions', 'sessionCounter', 'objectCounter', 'exclusiveAudit', 'timeEpoch'] as const),
  ...(['physicalPresence', 'nvAvailable', 'failSelfTest', 'hashSequence', 'hcrtm'] as const),
])

/** Whether a command changed what must outlive a power failure. A member that is not known to be volatile counts. */
export function nvChanged(before: Tpm, after: Tpm): boolean {
  if (before === after) return false
  const a = before as unknown as { readonly [member: string]: unknown }
  const b = after as unknown as typeof a
  for (const member of Object.keys(b)) {
    if (member === 'clock' || VOLATILE.has(member) || a[member] === b[member]) continue
    return true
  }
  const { clock: c } = before
  const { clock: d } = after
  return c.stored !== d.stored || c.resetCount !== d.resetCount || c.restartCount !== d.restartCount
}

/** Lets time pass. @param microseconds since the last call */
export function elapse(tpm: Tpm, microseconds: number): Tpm {
  if (microseconds === 0) return tpm
  const c = tpm.clock
  const passed = c.rate === 0 ? microseconds : Math.round(microseconds * (1 + c.rate / 10000))
  const clock = c.clock + passed
  const interval = tpm.profile.clockUpdate * 1000
  const stored = Math.floor(clock / interval) * interval
  const storesNow = stored > c.stored
  const time = c.time + passed
  // Not a spread, for the reason that amend.ts gives: every command comes through here.
  const next: Clock = {
    time,
    clock,
    stored: storesNow ? stored : c.stored,
    offset: c.offset,
    rate: c.rate,
    safe: storesNow || c.safe,
    resetCount: c.resetCount,
    restartCount: c.restartCount,
  }
  return amend(tpm, { lockout: heal(tpm.lockout, time / 1000), acts: countDown(tpm.acts, passed), clock: next })
}

const BY_HANDLE: { readonly [handle: number]: HierarchyName } = {
  [RH.OWNER]: 'owner',
  [RH.ENDORSEMENT]: 'endorsement',
  [RH.PLATFORM]: 'platform',
  [RH.NULL]: 'null',
}

/** Undefined for a hierarchy that no TPM of ours has (firmware-limited, SVN-limited) and for other handles. */
export const hierarchyName = (handle: number): HierarchyName | undefined => BY_HANDLE[handle]

/** What a handle of an object refers to, transient or persistent; undefined when nothing is there. */
export function slotOf(tpm: Tpm, handle: number): Slot | undefined {
  if (handle < PERSISTENT_FIRST) return tpm.objects[handle - TRANSIENT_FIRST]
  return tpm.persistent.find(p => p.handle === handle)?.object
}
