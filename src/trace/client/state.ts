// What else changes in the TPM during a recorded conversation: hierarchies, NV Indexes, PCRs, power. Part 3, 9, 22, 24, 31.

import { hash, isHash } from '../../crypto/hash.ts'
import { be32, type Bytes, EMPTY } from '../../lib/bytes.ts'
import { ALG, DIGEST_SIZE } from '../../spec/algorithms.ts'
import { pcrsOf, selectOf } from '../../spec/base.ts'
import { SU } from '../../spec/codes.ts'
import { ChangeEPS, Clear, HierarchyChangeAuth } from '../../spec/commands/hierarchy-control.ts'
import {
  NV_ChangeAuth,
  NV_DefineSpace,
  NV_DefineSpace2,
  NV_Extend,
  NV_GlobalWriteLock,
  NV_Increment,
  NV_ReadLock,
  NV_ReadPublic,
  NV_ReadPublic2,
  NV_SetBits,
  NV_UndefineSpace,
  NV_UndefineSpaceSpecial,
  NV_Write,
  NV_WriteLock,
} from '../../spec/commands/nv.ts'
import { PCR_Event, PCR_Extend, PCR_Read, PCR_Reset } from '../../spec/commands/pcr.ts'
import { Startup } from '../../spec/commands/startup.ts'
import { Hash } from '../../spec/commands/symmetric.ts'
import { RH } from '../../spec/handles.ts'
import { NV, type NvPublic } from '../../spec/nv.ts'
import { on } from './observe.ts'
import { type Entity, nvName, trimmed, type World } from './world.ts'

const BANKS = [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512]
/** PCRs that begin with zeros; of PCR 0 that is only likely: it tells the locality of TPM2_Startup, and what came before. */
const isZeroAtStartup = (pcr: number): boolean => pcr < 17 || pcr === 23

function setAuth(w: World, handle: number, auth: Bytes | undefined): void {
  const entity = w.entity(handle)
  if (entity) entity.auth = auth && trimmed(auth)
}

function setNv(entity: Entity, nv: NvPublic): void {
  entity.nv = nv
  entity.name = nvName(nv)
}
/** Attributes are part of the Name: Part 1, 13. */
function mark(entity: Entity | undefined, set: number, clear = 0): void {
  if (entity?.nv) setNv(entity, { ...entity.nv, attributes: ((entity.nv.attributes & ~clear) | set) >>> 0 })
}
const written = (w: World, { handles }: { readonly handles: { readonly nvIndex: number } }): void =>
  mark(w.entity(handles.nvIndex), NV.WRITTEN)

function defined(w: World, auth: Bytes | undefined, nv: NvPublic | undefined): void {
  if (nv) w.put(nv.nvIndex, { name: nvName(nv), nv, auth: auth && trimmed(auth) })
}

function readNv(w: World, handle: number, nv: NvPublic | undefined, name: Bytes | undefined): void {
  if (!nv) return
  w.ledger.agrees('nvIndex', be32(nv.nvIndex), be32(handle))
  w.ledger.same('Names', 'Name of the Index', name, nvName(nv))
  const known = w.entity(handle)
  if (!known) w.put(handle, { name, nv, auth: undefined })
  else {
    if (known.name && name) w.ledger.agrees('Name that the Index should have by now', name, known.name)
    Object.assign(known, { nv, name })
  }
}

/** Part 2, 13.4: locks and data that a TPM Reset or Restart ends. */
function nvAtStartup(w: World): void {
  for (const e of w.indexes()) {
    const bits = e.nv?.attributes ?? 0
    if (bits & NV.CLEAR_STCLEAR) mark(e, 0, NV.WRITTEN)
    const stays = (bits & NV.WRITEDEFINE) !== 0 && (bits & NV.WRITTEN) !== 0
    mark(e, 0, stays ? NV.READLOCKED : NV.READLOCKED | NV.WRITELOCKED)
  }
}

/** An event measured into a PCR: what the banks took. */
function measured(
  w: World,
  pcr: number,
  digests: readonly { readonly hashAlg: number; readonly digest: Bytes }[],
): void {
  if (pcr !== RH.NULL) for (const d of digests) w.extend(d.hashAlg, pcr, d.digest)
}
const hashed = (alg: number | undefined, data: Bytes | undefined): Bytes | undefined =>
  alg !== undefined && data && isHash(alg) ? hash(alg, data) : undefined

export const state = [
  on(Startup, (w, { params }) => {
    w.complete = true
    if (params.startupType !== SU.CLEAR) return
    setAuth(w, RH.PLATFORM, EMPTY)
    nvAtStartup(w)
    for (const alg of BANKS) {
      for (let n = 0; n < 24; n++)
        if (isZeroAtStartup(n)) w.setPcr(alg, n, new Uint8Array(DIGEST_SIZE[alg] ?? 0), n === 0)
    }
  }),

  on(HierarchyChangeAuth, (w, { handles, params }) => setAuth(w, handles.authHandle, params.newAuth)),
  on(Clear, w => {
    for (const h of [RH.OWNER, RH.ENDORSEMENT, RH.LOCKOUT]) setAuth(w, h, EMPTY)
    for (const e of [...w.indexes()]) if (e.nv && !(e.nv.attributes & NV.PLATFORMCREATE)) w.drop(e.nv.nvIndex)
  }),
  on(ChangeEPS, w => setAuth(w, RH.ENDORSEMENT, EMPTY)),

  on(NV_DefineSpace, (w, { params }) => defined(w, params.auth, params.publicInfo)),
  on(NV_DefineSpace2, (w, { params }) => defined(w, params.auth, params.publicInfo)),
  on(NV_UndefineSpace, (w, { handles }) => w.drop(handles.nvIndex)),
  on(NV_UndefineSpaceSpecial, (w, { handles }) => w.drop(handles.nvIndex)),
  on(NV_ReadPublic, (w, { handles, returns }) => readNv(w, handles.nvIndex, returns.nvPublic, returns.nvName)),
  on(NV_ReadPublic2, (w, { handles, returns }) => readNv(w, handles.nvIndex, returns.nvPublic, returns.nvName)),
  on(NV_Write, written),
  on(NV_Increment, written),
  on(NV_Extend, written),
  on(NV_SetBits, written),
  on(NV_WriteLock, (w, { handles }) => mark(w.entity(handles.nvIndex), NV.WRITELOCKED)),
  on(NV_ReadLock, (w, { handles }) => mark(w.entity(handles.nvIndex), NV.READLOCKED)),
  on(NV_GlobalWriteLock, w => {
    for (const e of w.indexes()) if ((e.nv?.attributes ?? 0) & NV.GLOBALLOCK) mark(e, NV.WRITELOCKED)
  }),
  on(NV_ChangeAuth, (w, { handles, params }) => setAuth(w, handles.nvIndex, params.newAuth)),

  on(PCR_Extend, (w, { handles, params }) => measured(w, handles.pcrHandle, params.digests ?? [])),
  on(PCR_Event, (w, { handles, params, returns }) => {
    const digests = returns.digests ?? []
    for (const d of digests)
      w.ledger.same('hashes', 'digest of the event', d.digest, hashed(d.hashAlg, params.eventData))
    measured(w, handles.pcrHandle, digests)
  }),
  on(PCR_Reset, (w, { handles }) => {
    for (const alg of BANKS) w.setPcr(alg, handles.pcrHandle, new Uint8Array(DIGEST_SIZE[alg] ?? 0))
  }),
  on(PCR_Read, (w, { returns }) => {
    const values = returns.pcrValues ?? []
    let i = 0
    for (const { hash: alg, pcrSelect } of returns.pcrSelectionOut ?? []) {
      for (const n of pcrsOf(pcrSelect)) {
        const value = values[i++]
        const known = w.pcr(alg, n)
        if (value && known)
          w.samePcrs('PCR values', `PCR ${n}`, [{ hash: alg, pcrSelect: selectOf([n]) }], value, known)
        if (value) w.setPcr(alg, n, value)
      }
    }
  }),

  on(Hash, (w, { params, returns }) =>
    w.ledger.same('hashes', 'outHash', returns.outHash, hashed(params.hashAlg, params.data)),
  ),
]
