// What a handle refers to, for authorization: its Name, its authValue and policy, and whether wrong guesses count.
// Part 1, 13 (Names), 16.4 to 16.8.

import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { OBJECT } from '../spec/attributes.ts'
import { HT, handleType, RH } from '../spec/handles.ts'
import { NV } from '../spec/nv.ts'
import { actNumber } from './act.ts'
import { handleName } from './names.ts'
import { nvIndexOf } from './nv.ts'
import { hasNv, type NvIndex, nvName } from './nv-memory.ts'
import { hierarchyName, type LoadedObject, NO_POLICY, slotOf, type Tpm } from './tpm.ts'

export interface Entity {
  readonly name: Bytes
  readonly auth: Bytes
  readonly policyAlg: number
  readonly policy: Bytes
  /** Wrong tries count towards lockout. */
  readonly da: boolean
  /** The object, where it is one. */
  readonly object: LoadedObject | undefined
  /** The NV Index, where it is one. */
  readonly index: NvIndex | undefined
}

interface Values {
  readonly auth: Bytes
  readonly policyAlg: number
  readonly policy: Bytes
}
const NOTHING: Values = { auth: EMPTY, ...NO_POLICY }

/** What is neither an object nor an Index. */
const plain = (name: Bytes, { auth, policyAlg, policy }: Values, da = false): Entity => ({
  name,
  auth,
  policyAlg,
  policy,
  da,
  object: undefined,
  index: undefined,
})

/** The Name of what a handle refers to; a handle without a Name of its own is its own Name. Part 1, 13. */
export function nameOf(tpm: Tpm, handle: number): Bytes {
  if (handleType(handle) === HT.NV_INDEX) {
    const index = nvIndexOf(tpm, handle)
    return index ? nvName(index) : EMPTY
  }
  const slot = slotOf(tpm, handle)
  if (slot) return slot.kind === 'object' ? slot.name : EMPTY
  return handleName(handle)
}

/** Undefined for a handle that can authorize nothing, or refers to nothing. */
export function entityOf(tpm: Tpm, handle: number): Entity | undefined {
  const name = handleName(handle)
  const hierarchy = hierarchyName(handle)
  if (hierarchy) return plain(name, tpm.hierarchies[hierarchy])
  if (handle === RH.LOCKOUT) return plain(name, tpm.lockout, true)
  // Part 1, 40.2: platformAuth, and a policy of its own.
  const act = tpm.acts[actNumber(handle) ?? -1]
  if (act) return plain(name, { auth: tpm.hierarchies.platform.auth, policyAlg: act.policyAlg, policy: act.policy })
  if (handleType(handle) === HT.PCR) {
    // Part 1, 14.7: what the platform put into a group with authorizations; all others have an empty authValue.
    return plain(name, tpm.profile.pcrs[handle]?.authGroup ? tpm.pcrAuth : NOTHING)
  }
  if (handleType(handle) === HT.NV_INDEX) {
    const index = nvIndexOf(tpm, handle)
    if (!index) return undefined
    const { nameAlg, authPolicy } = index.publicArea
    const da = !hasNv(index, NV.NO_DA)
    return {
      name: nvName(index),
      auth: index.auth,
      policyAlg: nameAlg,
      policy: authPolicy,
      da,
      object: undefined,
      index,
    }
  }
  const slot = slotOf(tpm, handle)
  if (!slot) return undefined
  if (slot.kind !== 'object') return plain(EMPTY, { auth: slot.auth, ...NO_POLICY })
  const { nameAlg, authPolicy, objectAttributes } = slot.publicArea
  return {
    name: slot.name,
    auth: slot.sensitive?.authValue ?? EMPTY,
    policyAlg: nameAlg,
    policy: authPolicy,
    da: !(objectAttributes & OBJECT.noDA),
    object: slot,
    index: undefined,
  }
}

/** The hierarchy to which an entity belongs, for tickets about it. */
export function hierarchyOf(tpm: Tpm, handle: number): number {
  if (hierarchyName(handle)) return handle
  const index = nvIndexOf(tpm, handle)
  if (index) return hasNv(index, NV.PLATFORMCREATE) ? RH.PLATFORM : RH.OWNER
  const slot = slotOf(tpm, handle)
  return slot?.kind === 'object' ? slot.hierarchy : RH.OWNER
}
