// NV memory of a TPM: room, writing, and who may read and write. Part 3, 31.1; Part 1, 34.

import type { Bytes } from '../lib/bytes.ts'
import { RH } from '../spec/handles.ts'
import { NV } from '../spec/nv.ts'
import { RC } from '../spec/return-codes.ts'
import { amend } from './amend.ts'
import type { Context } from './command.ts'
import { fail } from './errors.ts'
import { OVERHEAD, nvUsed } from './nv.ts'
import { hasNv, isWritten, type NvIndex, withAttributes } from './nv-memory.ts'
import type { Tpm } from './tpm.ts'

export const nvRoom = (tpm: Tpm, dataSize: number): boolean => nvUsed(tpm) + OVERHEAD + dataSize <= tpm.profile.nvMemory

/** Writes an Index back, or removes it. */
export function putNv(c: Context, handle: number, index: NvIndex | undefined): void {
  const others = c.tpm.nv.indexes.filter(i => i.publicArea.nvIndex !== handle)
  const indexes = index ? [...others, index].sort((a, b) => a.publicArea.nvIndex - b.publicArea.nvIndex) : others
  c.tpm = amend(c.tpm, { nv: { ...c.tpm.nv, indexes } })
}

/** New data; the Index counts as written from now on. */
export function writeNv(c: Context, handle: number, index: NvIndex, data: Bytes): void {
  putNv(c, handle, withAttributes({ ...index, data }, NV.WRITTEN))
  c.emit({ kind: 'nv-written', handle, length: data.length })
}

/** What authority `auth` may do. @throws TPM_RC_NV_AUTHORIZATION. Part 3, 31.1 */
function checkAuthority(auth: number, handle: number, index: NvIndex, owner: number, platform: number): void {
  const may = auth === RH.OWNER ? hasNv(index, owner) : auth === RH.PLATFORM ? hasNv(index, platform) : auth === handle
  if (!may) throw fail(RC.NV_AUTHORIZATION)
}

/** @throws TPM_RC_NV_AUTHORIZATION, TPM_RC_NV_LOCKED. Part 3, 31.1 */
export function checkWrite(auth: number, handle: number, index: NvIndex): void {
  if (hasNv(index, NV.WRITELOCKED)) throw fail(RC.NV_LOCKED)
  checkAuthority(auth, handle, index, NV.OWNERWRITE, NV.PPWRITE)
}
/** The same without the lock: who locks what is locked already succeeds. */
export const checkWriter = (auth: number, handle: number, index: NvIndex): void =>
  checkAuthority(auth, handle, index, NV.OWNERWRITE, NV.PPWRITE)

/** @throws TPM_RC_NV_AUTHORIZATION, TPM_RC_NV_LOCKED, TPM_RC_NV_UNINITIALIZED. Part 3, 31.1 */
export function checkRead(auth: number, handle: number, index: NvIndex): void {
  if (hasNv(index, NV.READLOCKED)) throw fail(RC.NV_LOCKED)
  checkReader(auth, handle, index)
  if (!isWritten(index)) throw fail(RC.NV_UNINITIALIZED)
}
export const checkReader = (auth: number, handle: number, index: NvIndex): void =>
  checkAuthority(auth, handle, index, NV.OWNERREAD, NV.PPREAD)
