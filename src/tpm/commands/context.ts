// TPM2_ContextSave, TPM2_ContextLoad, TPM2_FlushContext and TPM2_EvictControl. Part 3, 28; Part 1, 27.

import { OBJECT } from '../../spec/attributes.ts'
import { ContextLoad, ContextSave, EvictControl, FlushContext } from '../../spec/commands/context.ts'
import { HT, handleType, isSession, PLATFORM_PERSISTENT, RH } from '../../spec/handles.ts'
import { SAVED } from '../../spec/handle-types.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { FingerprintError, openContext, sealContext } from '../contexts.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import { activeSession, checkGap, needRoom, parkSession, replaceSession, type Session, sessionOf } from '../sessions.ts'
import { hierarchyName, type Slot } from '../tpm.ts'
import { amend } from '../amend.ts'

const savedHandleOf = (slot: Slot): number =>
  slot.kind !== 'object'
    ? SAVED.SEQUENCE
    : slot.publicArea.objectAttributes & OBJECT.stClear
      ? SAVED.ST_CLEAR
      : SAVED.OBJECT

/** Saving a session moves it out: only its number stays. Part 1, 27.5. */
function saveSession(c: Context, handle: number) {
  const session = sessionOf(c.tpm, handle)
  if (!session) throw fail(RC.REFERENCE_H0)
  const sequence = c.tpm.sessionCounter
  checkGap(c.tpm)
  const context = sealContext(c.tpm, { sequence: BigInt(sequence), savedHandle: handle, hierarchy: RH.NULL }, session)
  c.tpm = { ...parkSession(c.tpm, handle, sequence), sessionCounter: sequence + 1 }
  return context
}

function loadSession(c: Context, handle: number, sequence: bigint, session: Session): number {
  const active = activeSession(c.tpm, handle)
  if (!active || active.loaded || BigInt(active.sequence) !== sequence) throw badParameter(1, RC.HANDLE)
  needRoom(c.tpm)
  c.tpm = { ...replaceSession(c.tpm, session), sessionCounter: c.tpm.sessionCounter + 1 }
  return handle
}

export const context = [
  implement(ContextSave, (c, { saveHandle }) => {
    if (isSession(saveHandle)) return { context: saveSession(c, saveHandle) }
    const slot = c.slot(saveHandle) as Slot
    const hierarchy = slot.kind === 'object' ? slot.hierarchy : RH.NULL
    const sequence = c.tpm.objectCounter + 1n
    c.tpm = amend(c.tpm, { objectCounter: sequence })
    return { context: sealContext(c.tpm, { sequence, savedHandle: savedHandleOf(slot), hierarchy }, slot) }
  }),

  implement(ContextLoad, (c, _, { context: saved }) => {
    const session = isSession(saved.savedHandle)
    const last = session ? BigInt(c.tpm.sessionCounter) : c.tpm.objectCounter
    if (saved.sequence > last) throw badParameter(1, RC.VALUE)
    const name = hierarchyName(saved.hierarchy)
    if (!name || !c.tpm.hierarchies[name].enabled) throw badParameter(1, RC.HIERARCHY)
    let content: ReturnType<typeof openContext>
    try {
      content = openContext(c.tpm, saved)
    } catch (e) {
      if (!(e instanceof FingerprintError)) throw e
      c.onFailure = { ...c.before, power: 'failure' }
      throw fail(RC.FAILURE)
    }
    if (typeof content === 'number') throw badParameter(1, content)

    if (session) return { handle: loadSession(c, saved.savedHandle, saved.sequence, content as Session) }
    const slot = content as Slot
    const handle = c.load(slot)
    if (slot.kind === 'object') {
      const { publicArea: p, name: objectsName, hierarchy } = slot
      c.emit({ kind: 'object-loaded', how: 'context', handle, type: p.type, name: objectsName, hierarchy })
    }
    return { handle }
  }),

  implement(FlushContext, (c, _, { flushHandle }) => {
    if (isSession(flushHandle)) {
      if (!c.flushSession(flushHandle)) throw badParameter(1, RC.HANDLE)
      return
    }
    if (!c.slot(flushHandle)) throw badParameter(1, RC.HANDLE)
    c.flush(flushHandle)
  }),

  implement(EvictControl, (c, { auth, objectHandle }, { persistentHandle }) => {
    const object = c.object(objectHandle, atHandle(2, RC.ATTRIBUTES))
    const { objectAttributes } = object.publicArea
    const transient = handleType(objectHandle) === HT.TRANSIENT
    const wanted = auth === RH.PLATFORM
    if (transient) {
      if (object.hierarchy === RH.NULL || objectAttributes & OBJECT.stClear || object.external) {
        throw badHandle(2, RC.ATTRIBUTES)
      }
      if (!object.sensitive && c.tpm.profile.version < 185) throw badHandle(2, RC.ATTRIBUTES)
    }
    if (wanted !== (object.hierarchy === RH.PLATFORM)) throw badHandle(2, RC.HIERARCHY)
    if (wanted !== persistentHandle >= PLATFORM_PERSISTENT) throw badParameter(1, RC.RANGE)
    const { persistent, profile } = c.tpm

    if (transient) {
      if (persistent.some(p => p.handle === persistentHandle)) throw fail(RC.NV_DEFINED)
      if (persistent.length >= profile.persistentSlots) throw fail(RC.NV_SPACE)
      const added = [...persistent, { handle: persistentHandle, object }].sort((a, b) => a.handle - b.handle)
      c.tpm = amend(c.tpm, { persistent: added })
      c.emit({ kind: 'persistent', handle: persistentHandle, kept: true })
    } else {
      if (objectHandle !== persistentHandle) throw badParameter(1, RC.HANDLE)
      c.tpm = amend(c.tpm, { persistent: persistent.filter(p => p.handle !== objectHandle) })
      c.emit({ kind: 'persistent', handle: objectHandle, kept: false })
    }
  }),
]
