// The TPM as a value: everything that it knows between two commands. Readonly; a command makes a new one and shares what
// it did not change. manufacture makes it, powerOn is _TPM_Init, elapse lets time pass.

import { type Drbg, draw, drbg } from '../crypto/drbg.ts'
import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { RH } from '../spec/handles.ts'
import type { Public, Sensitive } from '../spec/keys.ts'
import type { Profile } from './profile.ts'

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
/** To sign or to verify: TPM2_SignSequenceStart, TPM2_VerifySequenceStart. */
export interface SignatureSequence {
  readonly kind: 'sign' | 'verify'
  readonly auth: Bytes
  readonly keyHandle: number
  readonly keyName: Bytes
  readonly context: Bytes
  readonly message: Message
}
export type Sequence = HashSequence | EventSequence | SignatureSequence
export type Slot = LoadedObject | Sequence

/** Microseconds, and the counters of TPMS_CLOCK_INFO. Part 1, 33. */
export interface Clock {
  /** Since power-on. */
  readonly time: number
  /** Clock, which survives power-off as far as it was stored. */
  readonly clock: number
  /** What is stored in NV. */
  readonly stored: number
  readonly safe: boolean
  readonly resetCount: number
  readonly restartCount: number
}

/** Dictionary attack protection. Part 1, 16.8. Seconds. */
export interface Lockout {
  readonly auth: Bytes
  readonly policyAlg: number
  readonly policy: Bytes
  readonly failedTries: number
  readonly maxTries: number
  readonly recoveryTime: number
  readonly lockoutRecovery: number
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
    }

export interface Tpm {
  readonly profile: Profile
  /** "init": after _TPM_Init, before TPM2_Startup. */
  readonly power: 'init' | 'on' | 'failure'
  readonly drbg: Drbg
  readonly hierarchies: { readonly [H in HierarchyName]: Hierarchy }
  readonly phEnableNV: boolean
  readonly readOnly: boolean
  readonly pcrs: Pcrs
  /** The handle of slot n is 0x80000000 + n. */
  readonly objects: readonly (Slot | undefined)[]
  readonly clock: Clock
  readonly lockout: Lockout
  readonly shutdown: ShutdownState
  /** The TPM was shut down in order before this power-on: TPMA_STARTUP_CLEAR.orderly. */
  readonly orderly: boolean
  /** Where TPM2_Startup came from: 0, or 3 for a trusted firmware that PCR 0 then tells of. */
  readonly startupLocality: number
  /** Algorithms whose self-test has not run yet. */
  readonly untested: readonly number[]
  /** Somebody is at the machine: an input of the platform. Part 1, 9.1. */
  readonly physicalPresence: boolean
  /** NV memory can be written: an input of the platform. */
  readonly nvAvailable: boolean
  /** The next self-test fails: what a simulator can be asked for. */
  readonly failSelfTest: boolean
  /** What an open _TPM_Hash_Start sequence was given so far. */
  readonly hashSequence: Message | undefined
  /** Digests of an H-CRTM measurement since _TPM_Init, for each bank: TPM2_Startup extends PCR 0 with them. */
  readonly hcrtm: readonly { readonly hashAlg: number; readonly digest: Bytes }[] | undefined
}

export const NO_POLICY = { policyAlg: 0x0010, policy: EMPTY } as const

/** Octets of a primary seed: twice the strength of ML-KEM-1024. Part 1, 12.3. */
const SEED_SIZE = 64

const untestedAtInit = (profile: Profile): readonly number[] => (profile.testedAtInit ? [] : profile.algorithms)

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
  return {
    profile,
    power: 'init',
    drbg: state,
    hierarchies,
    phEnableNV: true,
    readOnly: false,
    pcrs: initialPcrs(profile, 0, 0),
    objects: Array.from({ length: profile.transientSlots }, () => undefined),
    clock: { time: 0, clock: 0, stored: 0, safe: true, resetCount: 0, restartCount: 0 },
    lockout: { auth: EMPTY, ...NO_POLICY, failedTries: 0, maxTries: 3, recoveryTime: 1000, lockoutRecovery: 1000 },
    shutdown: { type: 'clear' },
    orderly: false,
    startupLocality: 0,
    untested: untestedAtInit(profile),
    physicalPresence: false,
    nvAvailable: true,
    failSelfTest: false,
    hashSequence: undefined,
    hcrtm: undefined,
  }
}

/**
 * The values that TPM2_Startup(CLEAR) gives: all zeros, or all ones for what only a dynamic launch sets to zero. PCR 0 ends
 * with the locality of TPM2_Startup. Part 1, 14.3 and 31.
 */
export function initialPcrs(profile: Profile, locality: number, updateCounter: number): Pcrs {
  const values = (size: number): readonly Bytes[] => {
    const zero: Bytes = new Uint8Array(size)
    const ones: Bytes = new Uint8Array(size).fill(0xff)
    const first = new Uint8Array(size)
    first[size - 1] = locality
    return profile.pcrs.map((p, n) => (p.drtm ? ones : n === 0 ? first : zero))
  }
  return { banks: profile.banks.map(hash => ({ hash, values: values(digestSize(hash)) })), updateCounter }
}

/** Power goes: what was in RAM is gone. TPM2_Startup decides what becomes of the rest. */
export const powerOff = (tpm: Tpm): Tpm => ({
  ...tpm,
  power: 'init',
  objects: tpm.objects.map(() => undefined),
  clock: { ...tpm.clock, time: 0, clock: tpm.clock.stored },
  untested: untestedAtInit(tpm.profile),
  failSelfTest: false,
  hashSequence: undefined,
  hcrtm: undefined,
})

/** _TPM_Init: power comes back. */
export const powerOn = (tpm: Tpm): Tpm => powerOff(tpm)

/** Members that power-off leaves nothing of, or that are inputs: a change of these alone need not reach NV memory. */
const VOLATILE: ReadonlySet<string> = new Set<keyof Tpm>([
  ...(['power', 'drbg', 'pcrs', 'objects', 'orderly', 'startupLocality', 'untested'] as const),
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
  const clock = c.clock + microseconds
  const interval = tpm.profile.clockUpdate * 1000
  const stored = Math.floor(clock / interval) * interval
  return {
    ...tpm,
    clock: {
      ...c,
      time: c.time + microseconds,
      clock,
      ...(stored > c.stored ? { stored, safe: true } : {}),
    },
  }
}

const BY_HANDLE: { readonly [handle: number]: HierarchyName } = {
  [RH.OWNER]: 'owner',
  [RH.ENDORSEMENT]: 'endorsement',
  [RH.PLATFORM]: 'platform',
  [RH.NULL]: 'null',
}

/** Undefined for a hierarchy that no TPM of ours has (firmware-limited, SVN-limited) and for other handles. */
export const hierarchyName = (handle: number): HierarchyName | undefined => BY_HANDLE[handle]
