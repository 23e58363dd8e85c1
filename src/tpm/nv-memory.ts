// NV Indexes as values: what each holds, its Name, and what a start-up does to it. Part 1, 34; Part 2, 13.4.

import { hash } from '../crypto/hash.ts'
import { encode } from '../codec/codec.ts'
import { be16, be32, type Bytes, concat, readBe32 } from '../lib/bytes.ts'
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

/** The Name: nameAlg and the digest of the public area. Part 1, 13. */
export const nvName = ({ publicArea: p }: NvIndex): Bytes =>
  concat(be16(p.nameAlg), hash(p.nameAlg, encode(TPMS_NV_PUBLIC, p)))

export const hasNv = (index: NvIndex, attribute: number): boolean => (index.publicArea.attributes & attribute) !== 0

export const withAttributes = (index: NvIndex, set: number, clear = 0): NvIndex => ({
  ...index,
  publicArea: { ...index.publicArea, attributes: ((index.publicArea.attributes | set) & ~clear) >>> 0 },
})

export const isWritten = (index: NvIndex): boolean => hasNv(index, NV.WRITTEN)

const be64 = (v: bigint): Bytes => concat(be32(Number(v >> 32n)), be32(Number(v & 0xffffffffn)))
export const number64 = (data: Bytes): bigint => (BigInt(readBe32(data, 0)) << 32n) | BigInt(readBe32(data, 4))
export const data64 = be64

/** How much an orderly counter may lose: it is stored each time this many bits roll over. PT_ORDERLY_COUNT. */
const ORDERLY_COUNT = 255n

/** TPM2_Startup: locks end, what does not survive is no longer written. Part 2, 13.4; Part 1, 34.3. */
export function nvAtStartup(nv: NvMemory, how: 'reset' | 'restart' | 'resume', orderly: boolean): NvMemory {
  let { maxCounter } = nv
  const indexes = nv.indexes.map(old => {
    let index = old
    const counter = nvType(index.publicArea.attributes) === NT.COUNTER
    if (!orderly && hasNv(index, NV.ORDERLY)) {
      // A counter skips what it may have counted since it was stored; other data is gone.
      if (counter && isWritten(index)) index = { ...index, data: be64(number64(index.data) | ORDERLY_COUNT) }
      else if (!counter) index = withAttributes(index, 0, NV.WRITTEN)
    }
    if (counter && isWritten(index) && number64(index.data) > maxCounter) maxCounter = number64(index.data)
    if (how === 'resume') return index
    index = withAttributes(index, 0, NV.READLOCKED)
    if (hasNv(index, NV.CLEAR_STCLEAR)) index = withAttributes(index, 0, NV.WRITTEN)
    // What was never written is not locked for good either.
    if (!hasNv(index, NV.WRITEDEFINE) || !isWritten(index)) index = withAttributes(index, 0, NV.WRITELOCKED)
    return index
  })
  return { indexes, maxCounter }
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
