// What a handle refers to, for authorization: its Name, its authValue and policy, and whether wrong guesses count.
// Part 1, 13 (Names), 16.4 to 16.8.

import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { OBJECT } from '../spec/attributes.ts'
import { HT, handleType, RH } from '../spec/handles.ts'
import { handleName } from './names.ts'
import { hierarchyName, type LoadedObject, slotOf, type Tpm } from './tpm.ts'

export interface Entity {
  readonly name: Bytes
  readonly auth: Bytes
  readonly policyAlg: number
  readonly policy: Bytes
  /** Wrong tries count towards lockout. */
  readonly da: boolean
  /** The object, where it is one. */
  readonly object: LoadedObject | undefined
}

const plain = { da: false, object: undefined, policyAlg: 0x0010, policy: EMPTY }

/** The Name of what a handle refers to; a handle without a Name of its own is its own Name. Part 1, 13. */
export function nameOf(tpm: Tpm, handle: number): Bytes {
  const slot = slotOf(tpm, handle)
  if (slot) return slot.kind === 'object' ? slot.name : EMPTY
  return handleName(handle)
}

/** Undefined for a handle that can authorize nothing, or refers to nothing. */
export function entityOf(tpm: Tpm, handle: number): Entity | undefined {
  const name = handleName(handle)
  const hierarchy = hierarchyName(handle)
  if (hierarchy) {
    const { auth, policyAlg, policy } = tpm.hierarchies[hierarchy]
    return { ...plain, name, auth, policyAlg, policy }
  }
  if (handle === RH.LOCKOUT) {
    const { auth, policyAlg, policy } = tpm.lockout
    return { ...plain, name, auth, policyAlg, policy, da: true }
  }
  if (handleType(handle) === HT.PCR) {
    // Part 1, 14.7: what the platform put into a group with authorizations; all others have an empty authValue.
    return tpm.profile.pcrs[handle]?.authGroup ? { ...plain, name, ...tpm.pcrAuth } : { ...plain, name, auth: EMPTY }
  }
  const slot = slotOf(tpm, handle)
  if (!slot) return undefined
  if (slot.kind !== 'object') return { ...plain, name: EMPTY, auth: slot.auth }
  const { nameAlg, authPolicy, objectAttributes } = slot.publicArea
  return {
    name: slot.name,
    auth: slot.sensitive?.authValue ?? EMPTY,
    policyAlg: nameAlg,
    policy: authPolicy,
    da: !(objectAttributes & OBJECT.noDA),
    object: slot,
  }
}

/** The hierarchy to which an entity belongs, for tickets about it. */
export function hierarchyOf(tpm: Tpm, handle: number): number {
  if (hierarchyName(handle)) return handle
  const slot = slotOf(tpm, handle)
  return slot?.kind === 'object' ? slot.hierarchy : RH.OWNER
}
