// The members of a TPM's state: in which blob each is kept, and their bytes, which are made once for a value and not again
// for every state that shares it.

import { write, writeMembers } from '../codec/value.ts'
import type { Bytes } from '../lib/bytes.ts'
import { remembered } from '../lib/remembered.ts'
import type { Tpm } from '../tpm/tpm.ts'

export type BlobName = 'permanent' | 'volatile' | 'save-state'
export const BLOB_NAMES: readonly BlobName[] = ['permanent', 'volatile', 'save-state']

/** In which blob a member of the state is kept. The type says when one is missing. */
const MEMBERS: { readonly [M in keyof Tpm]: BlobName } = {
  profile: 'permanent',
  // The stream goes on where it was: a state that is loaded without fresh entropy must not repeat itself.
  drbg: 'permanent',
  hierarchies: 'permanent',
  phEnableNV: 'permanent',
  readOnly: 'permanent',
  disableClear: 'permanent',
  ppCommands: 'permanent',
  allocation: 'permanent',
  nextAllocation: 'permanent',
  pcrAuth: 'permanent',
  nv: 'permanent',
  persistent: 'permanent',
  timeEpoch: 'permanent',
  totalResets: 'permanent',
  clearCount: 'permanent',
  clock: 'permanent',
  lockout: 'permanent',
  commits: 'permanent',
  audit: 'permanent',
  shutdown: 'save-state',
  power: 'volatile',
  physicalPresence: 'volatile',
  pcrs: 'volatile',
  objects: 'volatile',
  sessions: 'volatile',
  sessionCounter: 'volatile',
  objectCounter: 'volatile',
  exclusiveAudit: 'volatile',
  acts: 'volatile',
  orderly: 'volatile',
  startupLocality: 'volatile',
  untested: 'volatile',
  nvAvailable: 'volatile',
  failSelfTest: 'volatile',
  hashSequence: 'volatile',
  hcrtm: 'volatile',
}

const NAMES = Object.keys(MEMBERS) as (keyof Tpm)[]
export const membersOfBlob = (blob: BlobName): readonly (keyof Tpm)[] => NAMES.filter(m => MEMBERS[m] === blob)

/** A member that a command left alone is the same value, and its bytes are too. */
const encoded = remembered(new WeakMap<object, Bytes>(), write)

/** The profile is its id: what it says is the program's, not the state's. @param names rising */
const writeNamed = (tpm: Tpm, names: readonly (keyof Tpm)[]): Bytes =>
  writeMembers(names, n => (n === 'profile' ? tpm.profile.id : tpm[n as keyof Tpm]), encoded)

const ALL = [...NAMES].sort()
const PERMANENT = [...membersOfBlob('permanent')].sort()

/** An object of all members, and one of those of the permanent blob. */
export const wholeState = (tpm: Tpm): Bytes => writeNamed(tpm, ALL)
export const permanentBlob = (tpm: Tpm): Bytes => writeNamed(tpm, PERMANENT)
