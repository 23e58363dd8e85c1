// NV Indexes: defining, deleting and locking. Part 3, 31.3 to 31.6, 31.11, 31.12, 31.14, 31.15, 31.17 and 31.18.

import { digestSize } from '../../spec/algorithms.ts'
import {
  NV_ChangeAuth,
  NV_DefineSpace,
  NV_DefineSpace2,
  NV_GlobalWriteLock,
  NV_ReadLock,
  NV_ReadPublic,
  NV_ReadPublic2,
  NV_UndefineSpace,
  NV_UndefineSpaceSpecial,
  NV_WriteLock,
} from '../../spec/commands/nv.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { HT, RH } from '../../spec/handles.ts'
import { NT, NV, type NvPublic, nvType } from '../../spec/nv.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed } from '../authorize.ts'
import { type Context, implement } from '../command.ts'
import { badHandle, badParameter, fail } from '../errors.ts'
import { nvIndexOf } from '../nv.ts'
import { checkReader, checkWriter, nvRoom, putNv } from '../nv-access.ts'
import { hasNv, highest, type NvIndex, nvName, typeSize, unwritten, withAttributes } from '../nv-memory.ts'
import { amend } from '../amend.ts'

const TYPES: readonly number[] = Object.values(NT)

/** Attributes that make no sense together, or that only the TPM sets. Part 3, 31.3. */
function checkAttributes(p: NvPublic, auth: number, fewerLocks: boolean): void {
  const has = (bits: number): boolean => (p.attributes & bits) !== 0
  const wrong = (condition: boolean): void => {
    if (condition) throw badParameter(2, RC.ATTRIBUTES)
  }
  const type = nvType(p.attributes)
  if (type === NT.COUNTER) wrong(has(NV.CLEAR_STCLEAR))
  if (type === NT.PIN_FAIL) wrong(!has(NV.NO_DA))
  if (type === NT.PIN_FAIL || type === NT.PIN_PASS) wrong(has(NV.AUTHWRITE))
  wrong(has(NV.WRITTEN | NV.WRITELOCKED | NV.READLOCKED))
  wrong(!has(NV.OWNERREAD | NV.PPREAD | NV.AUTHREAD | NV.POLICYREAD))
  wrong(!has(NV.OWNERWRITE | NV.PPWRITE | NV.AUTHWRITE | NV.POLICYWRITE))
  // A PIN Index may be locked like any other: Part 1, 34.2.8.3.
  if (fewerLocks) {
    if (type === NT.PIN_FAIL || type === NT.PIN_PASS) wrong(has(NV.GLOBALLOCK | NV.WRITEDEFINE))
    wrong(has(NV.CLEAR_STCLEAR) && has(NV.WRITEDEFINE))
  }
  if (has(NV.PLATFORMCREATE) !== (auth === RH.PLATFORM)) throw badHandle(1, RC.ATTRIBUTES)
  wrong(has(NV.POLICY_DELETE) && auth !== RH.PLATFORM)
}

function define(c: Context, authHandle: number, auth: Bytes, p: NvPublic): void {
  const digest = digestSize(p.nameAlg)
  if (p.authPolicy.length > 0 && p.authPolicy.length !== digest) throw badParameter(2, RC.SIZE)
  if (auth.length > digest) throw badParameter(1, RC.SIZE)
  if (authHandle === RH.PLATFORM && !c.tpm.phEnableNV) throw badHandle(1, RC.HIERARCHY)
  const { profile } = c.tpm
  if (!TYPES.includes(nvType(p.attributes))) throw badParameter(2, RC.ATTRIBUTES)
  const size = typeSize(p)
  if (size === undefined ? p.dataSize > profile.nvIndexMax : p.dataSize !== size) throw badParameter(2, RC.SIZE)
  checkAttributes(p, authHandle, profile.peculiar.has('fewer-nv-locks'))
  if (p.dataSize > profile.nvBufferMax && p.attributes & NV.WRITEALL) throw badParameter(2, RC.SIZE)
  if (nvIndexOf(c.tpm, p.nvIndex)) throw fail(RC.NV_DEFINED)
  if (!nvRoom(c.tpm, p.dataSize)) throw fail(RC.NV_SPACE)

  putNv(c, p.nvIndex, { publicArea: p, auth: trimmed(auth), data: unwritten(p) })
  c.emit({ kind: 'nv-defined', handle: p.nvIndex, defined: true })
}

function undefine(c: Context, index: NvIndex): void {
  const { nvIndex } = index.publicArea
  // A counter that comes later must not repeat what this one has counted.
  c.tpm = amend(c.tpm, { nv: { ...c.tpm.nv, maxCounter: highest(c.tpm.nv.maxCounter, [index]) } })
  putNv(c, nvIndex, undefined)
  c.emit({ kind: 'nv-defined', handle: nvIndex, defined: false })
}

export const the = (c: Context, handle: number): NvIndex => nvIndexOf(c.tpm, handle) as NvIndex

export const nv = [
  implement(NV_DefineSpace, (c, { authHandle }, { auth, publicInfo }) => define(c, authHandle, auth, publicInfo)),

  implement(NV_DefineSpace2, (c, { authHandle }, { auth, publicInfo }) => {
    const { handleType: _, ...publicArea } = publicInfo
    define(c, authHandle, auth, publicArea)
  }),

  implement(NV_UndefineSpace, (c, { authHandle, nvIndex }) => {
    const index = the(c, nvIndex)
    if (hasNv(index, NV.POLICY_DELETE)) throw badHandle(2, RC.ATTRIBUTES)
    if (authHandle === RH.OWNER && hasNv(index, NV.PLATFORMCREATE)) throw fail(RC.NV_AUTHORIZATION)

    undefine(c, index)
  }),

  implement(NV_UndefineSpaceSpecial, (c, { nvIndex }) => {
    const index = the(c, nvIndex)
    if (!hasNv(index, NV.POLICY_DELETE)) throw badHandle(1, RC.ATTRIBUTES)

    undefine(c, index)
  }),

  implement(NV_ReadPublic, (c, { nvIndex }) => {
    const index = the(c, nvIndex)
    return { nvPublic: index.publicArea, nvName: nvName(index) }
  }),

  implement(NV_ReadPublic2, (c, { nvIndex }) => {
    const index = the(c, nvIndex)
    return { nvPublic: { handleType: HT.NV_INDEX, ...index.publicArea }, nvName: nvName(index) }
  }),

  implement(NV_WriteLock, (c, { authHandle, nvIndex }) => {
    const index = the(c, nvIndex)
    if (hasNv(index, NV.WRITELOCKED)) return
    checkWriter(authHandle, nvIndex, index)
    if (!hasNv(index, NV.WRITEDEFINE | NV.WRITE_STCLEAR)) throw badHandle(2, RC.ATTRIBUTES)

    putNv(c, nvIndex, withAttributes(index, NV.WRITELOCKED))
  }),

  implement(NV_GlobalWriteLock, c => {
    const indexes = c.tpm.nv.indexes.map(i => (hasNv(i, NV.GLOBALLOCK) ? withAttributes(i, NV.WRITELOCKED) : i))
    c.tpm = amend(c.tpm, { nv: { ...c.tpm.nv, indexes } })
  }),

  implement(NV_ReadLock, (c, { authHandle, nvIndex }) => {
    const index = the(c, nvIndex)
    if (hasNv(index, NV.READLOCKED)) return
    checkReader(authHandle, nvIndex, index)
    if (!hasNv(index, NV.READ_STCLEAR)) throw badHandle(2, RC.ATTRIBUTES)

    putNv(c, nvIndex, withAttributes(index, NV.READLOCKED))
  }),

  implement(NV_ChangeAuth, (c, { nvIndex }, { newAuth }) => {
    const index = the(c, nvIndex)
    if (newAuth.length > digestSize(index.publicArea.nameAlg)) throw badParameter(1, RC.SIZE)

    putNv(c, nvIndex, { ...index, auth: trimmed(newAuth) })
  }),
]
