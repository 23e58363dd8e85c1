// NV Indexes as values: what each holds, its Name, and what a start-up does to it. Part 1, 34; Part 2, 13.4.

import { hash } from '../crypto/hash.ts'
import { encode } from '../codec/codec.ts'
import { be16, be64, type Bytes, concat, readBe32 } from '../lib/bytes.ts'
import { remembered } from '../lib/remembered.ts'
import { digestSize } from '../spec/algorithms.ts'
import { NT, NV, type NvPublic, nvType, TPMS_NV_PUBLIC } from '../spec/nv.ts'

export interface NvIndex {
  readonly publicArea: NvPublic
  readonly auth: Bytes
  /** As long as dataSize. */
  readonly data: Bytes
}

export interface NvMemory {
  /** In rising order of their handles. */
  readonly indexes: readonly NvIndex[]
  /** The highest value that any counter ever had: a new one goes on from there. Part 1, 34.2.4. */
  readonly maxCounter: bigint
}
export const NO_NV: NvMemory = { indexes: [], maxCounter: 0n }

const nameOf = remembered(new WeakMap<NvPublic, Bytes>(), p =>
  concat(be16(p.nameAlg), hash(p.nameAlg, encode(TPMS_NV_PUBLIC, p))),
)

/** The Name: nameAlg and the digest of the public area. Part 1, 13. Every use of an Index asks for it, so it is kept. */
export const nvName = ({ publicArea }: NvIndex): Bytes => nameOf(publicArea)

export const hasNv = (index: NvIndex, attribute: number): boolean => (index.publicArea.attributes & attribute) !== 0

/** The same Index when it has them already: its Name is kept with its public area. */
export function withAttributes(index: NvIndex, set: number, clear = 0): NvIndex {
  const { publicArea } = index
  const attributes = ((publicArea.attributes | set) & ~clear) >>> 0
  return attributes === publicArea.attributes ? index : { ...index, publicArea: { ...publicArea, attributes } }
}

export const isWritten = (index: NvIndex): boolean => hasNv(index, NV.WRITTEN)

export const number64 = (data: Bytes): bigint => (BigInt(readBe32(data, 0)) << 32n) | BigInt(readBe32(data, 4))

/** How much an orderly counter may lose: it is stored each time this many bits roll over. PT_ORDERLY_COUNT. */
const ORDERLY_COUNT = 255n

/** An Index that counts as never written: what it held must not show through a partial write. Part 1, 34.2.6.2. */
const forgotten = (index: NvIndex): NvIndex =>
  withAttributes({ ...index, data: unwritten(index.publicArea) }, 0, NV.WRITTEN)

/** The highest value that a counter among `indexes` has, or that was there before. Part 3, 31.2. */
export const highest = (before: bigint, indexes: readonly NvIndex[]): bigint =>
  indexes.reduce((most, i) => {
    if (nvType(i.publicArea.attributes) !== NT.COUNTER || !isWritten(i)) return most
    const value = number64(i.data)
    return value > most ? value : most
  }, before)

const TEMPORARY = NV.READLOCKED | NV.WRITELOCKED
/** Whether what TPM2_Shutdown saves of NV memory is the same: orderly data, and the locks. Part 3, 9.4.1. */
export function sameSaved(a: NvMemory, b: NvMemory): boolean {
  if (a === b) return true
  const saved = (nv: NvMemory): readonly NvIndex[] => nv.indexes.filter(i => hasNv(i, NV.ORDERLY | TEMPORARY))
  const [x, y] = [saved(a), saved(b)]
  const same = (i: NvIndex, j: NvIndex | undefined): boolean =>
    i === j ||
    (i.publicArea.nvIndex === j?.publicArea.nvIndex &&
      !hasNv(i, NV.ORDERLY) &&
      !hasNv(j, NV.ORDERLY) &&
      (i.publicArea.attributes & TEMPORARY) === (j.publicArea.attributes & TEMPORARY))
  return x.length === y.length && x.every((i, n) => same(i, y[n]))
}

/** TPM2_Startup: locks end, what does not survive is no longer written. Part 3, 9.3; Part 1, 34.2.4. */
export function nvAtStartup(nv: NvMemory, how: 'reset' | 'restart' | 'resume', orderly: boolean): NvMemory {
  const indexes = nv.indexes.map(old => {
    let index = old
    const counter = nvType(index.publicArea.attributes) === NT.COUNTER
    if (hasNv(index, NV.ORDERLY)) {
      // A counter skips what it may have counted since it was stored; other data survives no TPM Reset.
      if (counter && isWritten(index) && !orderly) {
        index = { ...index, data: be64(number64(index.data) | ORDERLY_COUNT) }
      } else if (!counter && how === 'reset') index = forgotten(index)
    }
    if (how === 'resume') return index
    index = withAttributes(index, 0, NV.READLOCKED)
    if (hasNv(index, NV.CLEAR_STCLEAR)) index = forgotten(index)
    // What was never written is not locked for good either.
    if (!hasNv(index, NV.WRITEDEFINE) || !isWritten(index)) index = withAttributes(index, 0, NV.WRITELOCKED)
    return index
  })
  return { indexes, maxCounter: highest(nv.maxCounter, indexes) }
}

/** Octets of an Index before anything is written into a part of it. */
export const unwritten = (p: NvPublic): Bytes =>
  nvType(p.attributes) === NT.ORDINARY ? new Uint8Array(p.dataSize).fill(0xff) : new Uint8Array(p.dataSize)

/** The size that the type demands; undefined for a free one. Part 3, 31.3. */
export function typeSize(p: NvPublic): number | undefined {
  switch (nvType(p.attributes)) {
    case NT.ORDINARY:
      return undefined
    case NT.EXTEND:
      return digestSize(p.nameAlg)
    default:
      return 8
  }
}
