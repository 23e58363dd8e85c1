// The three blobs in which a TPM is kept outside [text]: permanent, volatile and save state. Each is a self-describing
// value; which member of the state goes into which is the table of members.ts [ours].

import { read, ValueError, write } from '../codec/value.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { checkShape, ImageError } from './image.ts'
import { type BlobName, membersOfBlob, permanentBlob } from './members.ts'
import { StateError } from './state-error.ts'

/** Plain bytes of each blob that there is. */
export interface Blobs {
  readonly permanent: Bytes
  /** RAM: what a suspended or migrated machine needs, and a power cycle does not. */
  readonly volatile?: Bytes | undefined
  /** What TPM2_Shutdown left for the next TPM2_Startup; absent when there was none. */
  readonly 'save-state'?: Bytes | undefined
}

/** Members that a blob besides may hold: contexts saved outside come back after a Resume or Restart. Part 1, 15. */
const SAVED = ['sessions', 'sessionCounter', 'objectCounter'] as const

const OF = { permanent: membersOfBlob('permanent'), volatile: membersOfBlob('volatile') } as const

/** Which members make up a blob: the storage panel lists them. */
export const membersOf = (blob: BlobName): readonly string[] =>
  blob === 'save-state' ? ['shutdown', ...SAVED] : OF[blob]

const pick = (tpm: Tpm, names: readonly (keyof Tpm)[]): { [member: string]: unknown } =>
  Object.fromEntries(names.map(n => [n, tpm[n]]))

export const volatileBlob = (tpm: Tpm): Bytes => write(pick(tpm, OF.volatile))

/** Sessions and counters go on only after Shutdown(STATE); otherwise the next Startup is a TPM Reset, which forgets them. */
export function saveStateBlob(tpm: Tpm): Bytes | undefined {
  const { shutdown } = tpm
  if (shutdown.type === 'none') return undefined
  if (shutdown.type === 'clear') return write({ shutdown })
  const sessions = tpm.sessions.map(s => (s?.loaded ? undefined : s))
  return write({ ...pick(tpm, SAVED), shutdown, sessions })
}

/** A TPM that lost its power needs no volatile blob; one that goes on elsewhere does. */
export const toBlobs = (tpm: Tpm, running: boolean): Blobs => ({
  permanent: permanentBlob(tpm),
  volatile: running ? volatileBlob(tpm) : undefined,
  'save-state': saveStateBlob(tpm),
})

type Members = { readonly [member: string]: unknown }

function membersIn(blob: BlobName, bytes: Bytes, allowed: readonly string[]): Members {
  let value: unknown
  try {
    value = read(bytes)
  } catch (e) {
    if (e instanceof ValueError) throw new StateError('damaged', `damaged: blob "${blob}": ${e.message}`)
    throw e
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    Object.getPrototypeOf(value) !== Object.prototype
  )
    throw new StateError('damaged', `damaged: blob "${blob}" holds no members`)
  for (const name of Object.keys(value)) {
    if (!allowed.includes(name))
      throw new StateError('newer', `newer than this program knows: blob "${blob}" has a member "${name}"`)
  }
  return value as Members
}

/**
 * The TPM of its blobs. Without the volatile one it is as after a loss of power, before _TPM_Init.
 * @param fresh a fresh TPM of the profile with this id; undefined when there is no such profile
 * @throws StateError
 */
export function fromBlobs(blobs: Blobs, fresh: (profile: string) => Tpm | undefined): Tpm {
  const { profile, ...permanent } = membersIn('permanent', blobs.permanent, OF.permanent)
  const model = typeof profile === 'string' ? fresh(profile) : undefined
  if (!model) throw new StateError('damaged', `of an unknown profile, ${JSON.stringify(profile) ?? 'undefined'}`)
  const saved = blobs['save-state']
    ? membersIn('save-state', blobs['save-state'], membersOf('save-state'))
    : { shutdown: { type: 'none' } }
  const running = blobs.volatile ? membersIn('volatile', blobs.volatile, OF.volatile) : {}
  const members: Members = { ...permanent, ...saved, ...running }
  for (const [name, inner] of Object.entries(model)) {
    try {
      if (name !== 'profile' && name in members) checkShape(members[name], inner, name)
    } catch (e) {
      if (e instanceof ImageError) throw new StateError('damaged', e.message)
      throw e
    }
  }
  return { ...model, ...(members as Partial<Tpm>) }
}
