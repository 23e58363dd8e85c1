// What a TPM implements and how large it is. Data: the engine reads it, nothing is decided twice.

import type { Peculiarity } from './peculiar.ts'
import { remembered } from '../lib/remembered.ts'
import { ALG, DIGEST_SIZE, type Kind } from '../spec/algorithms.ts'
import { HIERARCHIES } from '../spec/handles.ts'
import { crbscope } from './profiles/crbscope.ts'

/** Which localities may extend and reset a PCR, as bit masks of localities 0 to 4. */
export interface PcrAttributes {
  readonly extend: number
  readonly reset: number
  /** Set to all ones by TPM2_Startup, to zero by a dynamic launch. */
  readonly drtm: boolean
  /** Changes do not count in the PCR update counter. */
  readonly noIncrement: boolean
  /** Survives Shutdown(STATE) and Startup(STATE). */
  readonly saved: boolean
  /** Belongs to the group that TPM2_PCR_SetAuthPolicy and TPM2_PCR_SetAuthValue work on. */
  readonly authGroup: boolean
}

export interface Profile {
  readonly id: string
  /** TPM_PT_REVISION: 159, 184, 185. */
  readonly version: number
  readonly manufacturer: string
  readonly vendor: string
  readonly firmware: readonly [number, number]
  readonly algorithms: readonly number[]
  /** TPMA_ALGORITHM of algorithms of which the TPM says something else than the registry. */
  readonly algProperties: { readonly [alg: number]: number }
  /** Command codes; of these it has what is implemented. */
  readonly commands: readonly number[]
  readonly curves: readonly number[]
  readonly rsaBits: readonly number[]
  /** Key sizes of symmetric ciphers, in bits. */
  readonly symBits: readonly number[]
  readonly mlkem: readonly number[]
  readonly mldsa: readonly number[]
  readonly externalMu: boolean
  /** Hash algorithms of the PCR banks that have PCRs when the TPM is made. */
  readonly banks: readonly number[]
  readonly pcrs: readonly PcrAttributes[]
  /** Bytes. */
  readonly maxCommand: number
  readonly maxResponse: number
  readonly inputBuffer: number
  /** Bytes that a sequence may accumulate. */
  readonly maxSequence: number
  readonly transientSlots: number
  readonly persistentSlots: number
  readonly sessions: number
  readonly activeSessions: number
  /** Authenticated Countdown Timers. */
  readonly acts: number
  readonly nvIndexMax: number
  readonly nvBufferMax: number
  /** Octets of NV memory for Indexes, bookkeeping included. */
  readonly nvMemory: number
  /** The hash of tickets and saved contexts. */
  readonly contextHash: number
  readonly contextSymBits: number
  /** Milliseconds between updates of the clock in NV. */
  readonly clockUpdate: number
  readonly maxCapBuffer: number
  /** Algorithms that are left to test when the TPM starts: each is tested when it is first used. Part 3, 10.1. */
  readonly untestedAtInit: readonly number[]
  readonly peculiar: ReadonlySet<Peculiarity>
  /** Listed by TPM2_GetCapability with the others, and refused in use: what the TPM it is made after has and this program has not. */
  readonly listedOnly: { readonly algorithms: readonly number[]; readonly curves: readonly number[] }
  /** Values of TPM_PT_ properties that say nothing the engine acts on, where they are not 0. */
  readonly properties: { readonly [property: number]: number }
}

/** Hash algorithms. Each has a PCR bank, though maybe without PCRs: Part 1, 8.6.2. */
export const hashesOf = (profile: Profile): readonly number[] =>
  profile.algorithms.filter(a => DIGEST_SIZE[a] !== undefined)

/** The rules of a profile for the codec: what the parser refuses as not implemented. */
export function rulesOf(profile: Profile): (kind: string, value: number) => boolean {
  const sets: {
    readonly [K in Exclude<Kind, 'buffer' | 'pcrSelect' | 'hashCount' | 'hierarchy'>]: ReadonlySet<number>
  } = {
    // TPM_ALG_NULL stands for "none": a TPM may list it or not.
    alg: new Set([...profile.algorithms, ALG.NULL]),
    curve: new Set(profile.curves),
    rsaBits: new Set(profile.rsaBits),
    symBits: new Set(profile.symBits),
    mlkem: new Set(profile.mlkem),
    mldsa: new Set(profile.mldsa),
  }
  const hashes = hashesOf(profile).length
  const select = Math.ceil(profile.pcrs.length / 8)
  return (kind, value) => {
    switch (kind as Kind) {
      case 'buffer':
        return value <= profile.inputBuffer
      // No firmware-limited or SVN-limited hierarchies.
      case 'hierarchy':
        return HIERARCHIES.includes(value)
      case 'hashCount':
        return value <= hashes
      case 'pcrSelect':
        return value === select
      default:
        return sets[kind as keyof typeof sets].has(value)
    }
  }
}

const setOf = remembered(new WeakMap<readonly number[], ReadonlySet<number>>(), codes => new Set(codes))

/** Whether a TPM of this profile has the command: it is in its list, and its version of the specification has it. */
export function hasCommand({ commands, version }: Profile, row: { code: number; since: number | undefined }): boolean {
  return setOf(commands).has(row.code) && (row.since ?? 0) <= version
}

/** Those that are there: the page needs one of them before its first step, and gets the others with the whole engine. */
let known: Profiles = { crbscope }
type Profiles = { readonly [id: string]: Profile }

export const addProfiles = (profiles: Profiles): void => {
  known = profiles
}

/** The profile of an id; undefined when there is none. */
export const profileById = (id: string): Profile | undefined => (Object.hasOwn(known, id) ? known[id] : undefined)

/** What a TPM implements unless somebody says otherwise: everything. */
export { crbscope as DEFAULT_PROFILE }
