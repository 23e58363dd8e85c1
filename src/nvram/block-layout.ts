// The block layout of 2011: sector 0 holds a directory, big-endian and without padding, and each blob begins at a sector
// [text]. Revision 2 put the encryption type where reserved bytes were, and so moved the entries by four bytes [text].

import { type Codec, decode, Malformed } from '../codec/codec.ts'
import { constant, opaque, struct, u32, u64, uint } from '../codec/combinators.ts'
import { explain, type Explanation } from '../codec/explain.ts'
import { Writer } from '../codec/writer.ts'
import { AES_BLOCK, encipher } from '../crypto/symmetric.ts'
import { be64, type Bytes, concat, raw } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'
import { ALG } from '../spec/algorithms.ts'
import type { Blobs } from './blobs.ts'
import { BLOB_NAMES, type BlobName } from './members.ts'
import { from, ours, text } from './origin.ts'
import type { Patch } from './patch.ts'
import { refused, StateError } from './state-error.ts'

export const SECTOR = 512
const MOST_ENTRIES = 3
const NEWEST = 2
export const ENTRY_SIZE = 28
/** Offsets of the table in sector 0. */
const CHECKSUM_AT = 2
const ENTRIES_AT: { readonly [rev: number]: number } = { 1: 50, 2: 46 }

const ENCTYPE = { none: 0, 'aes-cbc': 1 } as const

const TYPES: readonly BlobName[] = BLOB_NAMES
/** 1 permanent, 2 volatile, 3 save state. */
export const typeOf = (blob: BlobName): number => TYPES.indexOf(blob) + 1

const reserved = (name: string, length: number): Codec<Bytes> => {
  const zeros = opaque(name, length)
  return {
    ...zeros,
    read(r) {
      const at = r.at
      const b = zeros.read(r)
      if (!isZero(b)) throw r.malformed('value', `reserved bytes are not zero`, at)
      return b
    },
  }
}

export const BLOCK_ENTRY = struct('entry', {
  type: from(ours('which blob'), constant('type', 4, { 1: '1: permanent', 2: '2: volatile', 3: '3: save state' })),
  offset: from(text('where the blob begins in the image'), u64),
  space: from(ours('its capacity, a multiple of 512'), u32),
  blobsize: from(text('bytes of the plain blob'), u32),
  blobcrc32: from(text('CRC-32 of the plain blob: with a wrong key it does not come out right'), u32),
  reserved: from(ours('zero'), reserved('UINT32', 4)),
})
export interface BlockEntry {
  readonly type: number
  readonly offset: bigint
  readonly space: number
  readonly blobsize: number
  readonly blobcrc32: number
}

export interface BlockDirectory {
  readonly rev: number
  readonly checksum: number
  readonly enctype: number
  readonly entries: readonly BlockEntry[]
}

const REV: Codec<number> = {
  ...uint('rev', 2),
  ...text('revision of the directory: 1 knows no encryption, 2 has its type'),
  read(r) {
    const at = r.at
    const rev = r.u16()
    if (rev > NEWEST)
      throw r.malformed(
        'newer',
        `newer than this program knows: revision ${rev} at offset ${at}, at most ${NEWEST}`,
        at,
      )
    if (rev === 0) throw r.malformed('value', 'revision 0', at)
    return rev
  },
}
const CHECKSUM = from(
  text('of the directory, with this field as 0; that it is a CRC-32 of the bytes in use is [ours]'),
  u32,
)
const COUNT: Codec<number> = {
  ...uint('num_entries', 4),
  ...text('how many entries follow; that there are at most 3 is [ours]'),
  read(r) {
    const at = r.at
    const n = r.u32()
    if (n > MOST_ENTRIES) throw r.malformed('value', `${n} entries, at most ${MOST_ENTRIES}`, at)
    return n
  },
}
const ENCRYPTION_TYPE: Codec<number> = {
  ...constant('enctype', 1, { 0: '0: none', 1: '1: AES-CBC' }),
  ...text('how every blob is encrypted'),
}
const AT_10 = from(text('zero; revision 2 has the encryption type here'), reserved('UINT32[10]', 40))
const AT_11 = from(text('zero'), reserved('UINT8[3]', 3))
const AT_14 = from(text('zero'), reserved('UINT32[8]', 32))

/** The directory: what follows the count depends on the revision. */
export const BLOCK_DIRECTORY: Codec<BlockDirectory> = {
  name: 'directory',
  shape: { kind: 'struct', fields: { rev: REV, checksum: CHECKSUM, num_entries: COUNT, entry: BLOCK_ENTRY } },
  ...text('sector 0'),
  read(r) {
    const rev = r.field('rev', REV)
    const checksum = r.field('checksum', CHECKSUM)
    const count = r.field('num_entries', COUNT)
    let enctype = 0
    if (rev === 1) r.field('reserved', AT_10)
    else {
      enctype = r.field('enctype', ENCRYPTION_TYPE)
      r.field('reserved1', AT_11)
      r.field('reserved', AT_14)
    }
    const entries: BlockEntry[] = []
    for (let i = 0; i < count; i++) entries.push(r.field(`entries[${i}]`, BLOCK_ENTRY))
    const unused = SECTOR - (ENTRIES_AT[rev] as number) - count * ENTRY_SIZE
    r.field('unused', from(ours('zero, up to the end of the sector'), reserved('unused', unused)))
    return { rev, checksum, enctype, entries }
  },
  write(w, { rev, checksum, enctype, entries }) {
    w.u16(rev)
    w.u32(checksum)
    w.u32(entries.length)
    if (rev === 1) w.put(new Uint8Array(40))
    else {
      w.u8(enctype)
      w.put(new Uint8Array(35))
    }
    for (const e of entries) BLOCK_ENTRY.write(w, { ...e, reserved: new Uint8Array(4) })
    w.put(new Uint8Array(SECTOR - w.length))
  },
}

function isZero(b: Bytes): boolean {
  for (let i = 0; i < b.length; i++) if (b[i] !== 0) return false
  return true
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

/** Over the bytes in use: up to the last entry. */
export function directoryChecksum(sector: Bytes, rev: number, count: number): number {
  const used = raw(sector).slice(0, (ENTRIES_AT[rev] as number) + count * ENTRY_SIZE)
  used.fill(0, CHECKSUM_AT, CHECKSUM_AT + 4)
  return crc32(used)
}

/** The initial vector of a blob: its type, and nothing that ever changes [text]. */
export const blockIv = (type: number): Bytes => concat(be64(BigInt(type)), new Uint8Array(8))

function transform(key: Bytes, type: number, decrypt: boolean, data: Bytes): Bytes {
  return encipher(ALG.AES, ALG.CBC, key, decrypt, blockIv(type), data).data
}

/** A blob as it stands in the image: encrypted it has whole blocks, zeros behind it. */
export function encryptBlob(key: Bytes | undefined, type: number, plain: Bytes): Bytes {
  if (!key) return plain
  const padded = new Uint8Array(roundUp(plain.length, AES_BLOCK))
  padded.set(raw(plain))
  return transform(key, type, false, padded)
}
/** The whole blocks back, with the zeros behind. */
export const decryptBlob = (key: Bytes | undefined, type: number, stored: Bytes): Bytes =>
  key ? transform(key, type, true, stored) : stored

export interface BlockOptions {
  readonly rev?: 1 | 2
  readonly key?: Bytes | undefined
  /** Bytes of the image, where there is a limit. */
  readonly room?: number
}

/** Sectors that a blob may grow into. */
const spaceFor = (size: number): number => Math.max(SECTOR, roundUp(size + size / 2, SECTOR))

/** @throws StateError "no-room", "unsupported" */
export function writeBlocks(blobs: Blobs, { rev = 2, key, room }: BlockOptions = {}): Bytes {
  if (rev === 1 && key) throw new StateError('unsupported', 'a directory of revision 1 knows no encryption')
  const there = TYPES.flatMap(name => {
    const plain = blobs[name]
    return plain ? [{ type: typeOf(name), plain }] : []
  })
  let offset = SECTOR
  const entries: BlockEntry[] = []
  const parts: Bytes[] = []
  for (const { type, plain } of there) {
    const stored = encryptBlob(key, type, plain)
    const space = spaceFor(stored.length)
    entries.push({ type, offset: BigInt(offset), space, blobsize: plain.length, blobcrc32: crc32(plain) })
    parts.push(stored, new Uint8Array(space - stored.length))
    offset += space
  }
  if (room !== undefined && offset > room) {
    throw new StateError('no-room', `no room: ${offset} bytes are needed, the image has ${room}`)
  }
  return concat(
    directoryBytes({ rev, checksum: 0, enctype: key ? ENCTYPE['aes-cbc'] : ENCTYPE.none, entries }),
    ...parts,
  )
}

/** Sector 0 with its checksum. */
export function directoryBytes(d: BlockDirectory): Bytes {
  const bytesOf = (checksum: number): Bytes => {
    const w = new Writer()
    BLOCK_DIRECTORY.write(w, { ...d, checksum })
    return w.done()
  }
  return bytesOf(directoryChecksum(bytesOf(0), d.rev, d.entries.length))
}

/** What an empty image gets: a directory without entries [text]. */
export const freshDirectory = (key: Bytes | undefined): Bytes =>
  directoryBytes({ rev: NEWEST, checksum: 0, enctype: key ? ENCTYPE['aes-cbc'] : ENCTYPE.none, entries: [] })

/** Whether an image holds nothing yet: no bytes, or a first sector of zeros. */
export const isBlank = (image: Bytes): boolean => isZero(image.slice(0, SECTOR))

export const looksLikeBlocks = (image: Bytes): boolean =>
  image[0] === 0 && (image[1] ?? 0) > 0 && image.length >= SECTOR

/** The directory, checked. @throws StateError */
export function readDirectory(image: Bytes): BlockDirectory {
  if (isBlank(image)) throw new StateError('empty', `empty: ${image.length} bytes without a directory`)
  if (image.length < SECTOR) {
    throw new StateError('truncated', `truncated: ends at offset ${image.length}, inside its directory`)
  }
  const sector = image.slice(0, SECTOR)
  let d: BlockDirectory
  try {
    d = decode(BLOCK_DIRECTORY, sector)
  } catch (e) {
    if (e instanceof Malformed) throw refused(e)
    throw e
  }
  const sum = directoryChecksum(sector, d.rev, d.entries.length)
  if (sum !== d.checksum) {
    throw new StateError(
      'checksum',
      `damaged: the directory has checksum ${d.checksum} at offset ${CHECKSUM_AT}, its bytes ${sum}`,
    )
  }
  if (d.enctype > ENCTYPE['aes-cbc']) {
    throw new StateError(
      'unsupported',
      `is encrypted in a way that this program does not know: type ${d.enctype} at offset 10`,
    )
  }
  checkEntries(d, image.length)
  return d
}

function checkEntries(d: BlockDirectory, length: number): void {
  const block = d.enctype === ENCTYPE.none ? 1 : AES_BLOCK
  let end = SECTOR
  d.entries.forEach((e, i) => {
    const here = `entry ${i}`
    if (e.type < 1 || e.type > TYPES.length) throw new StateError('damaged', `damaged: ${here} is of type ${e.type}`)
    if (d.entries.findIndex(o => o.type === e.type) !== i)
      throw new StateError('damaged', `damaged: ${here} is a second one of type ${e.type}`)
    if (e.offset % BigInt(SECTOR) !== 0n || e.space % SECTOR !== 0)
      throw new StateError('damaged', `damaged: ${here} is not on sectors (offset ${e.offset}, space ${e.space})`)
    if (e.offset < BigInt(SECTOR) || e.offset + BigInt(e.space) > BigInt(length))
      throw new StateError(
        'outside',
        `damaged: ${here} lies outside the image: ${e.space} bytes at offset ${e.offset} of ${length}`,
      )
    if (roundUp(e.blobsize, block) > e.space)
      throw new StateError('outside', `damaged: ${here} has ${e.blobsize} bytes, its place ${e.space}`)
    if (e.offset < BigInt(end))
      throw new StateError('overlap', `damaged: ${here} begins at offset ${e.offset}, inside what comes before it`)
    if (e.offset > BigInt(end))
      throw new StateError('damaged', `damaged: nobody's bytes at offset ${end}, before ${here}`)
    end = Number(e.offset) + e.space
  })
  if (length > end) throw new StateError('damaged', `damaged: ${length - end} bytes too many at offset ${end}`)
}

/** The plain blobs. The order of the checks is that of the patch. @throws StateError */
export function readBlocks(image: Bytes, key: Bytes | undefined): Blobs {
  const d = readDirectory(image)
  const encrypted = d.enctype !== ENCTYPE.none
  if (encrypted && !key) throw new StateError('missing-key', 'is encrypted (AES-CBC), and no key was given')
  if (!encrypted && key) throw new StateError('needless-key', 'is in clear, and a key was given')
  const out: { [B in BlobName]?: Bytes } = {}
  for (const e of d.entries) {
    const name = TYPES[e.type - 1] as BlobName
    const at = Number(e.offset)
    const stored = image.slice(at, at + e.space)
    const used = roundUp(e.blobsize, encrypted ? AES_BLOCK : 1)
    const all = decryptBlob(key, e.type, stored.slice(0, used))
    const plain = all.slice(0, e.blobsize)
    if (crc32(plain) !== e.blobcrc32) {
      throw encrypted
        ? new StateError(
            'wrong-key',
            `cannot be read: is this the wrong key, or are the data damaged? (blob "${name}" at offset ${at})`,
          )
        : new StateError(
            'checksum',
            `damaged: blob "${name}" at offset ${at} does not have the checksum ${e.blobcrc32}`,
          )
    }
    if (!isZero(all.slice(e.blobsize)) || !isZero(stored.slice(used)))
      throw new StateError('damaged', `damaged: bytes behind blob "${name}" are not zero`)
    out[name] = plain
  }
  if (!out.permanent) throw new StateError('empty', 'empty: its directory has no permanent state')
  return { ...out, permanent: out.permanent }
}

export const explainDirectory = (sector: Bytes): Explanation<BlockDirectory> => explain(BLOCK_DIRECTORY, sector)

/**
 * What must be written where to put another version into the place of one blob: the blob, then the directory. Between the
 * two the image is neither the old nor the new: why this project writes beside and renames.
 * @throws StateError "no-room"
 */
export function patchBlocks(image: Bytes, name: BlobName, plain: Bytes, key: Bytes | undefined): readonly Patch[] {
  const d = readDirectory(image)
  const type = typeOf(name)
  const entry = d.entries.find(e => e.type === type)
  if (!entry) throw new StateError('no-room', `no room: the directory has no entry for blob "${name}"`)
  const stored = encryptBlob(key, type, plain)
  if (stored.length > entry.space) {
    throw new StateError('no-room', `no room: blob "${name}" has ${stored.length} bytes, its place ${entry.space}`)
  }
  const entries = d.entries.map(e => (e === entry ? { ...e, blobsize: plain.length, blobcrc32: crc32(plain) } : e))
  return [
    { at: Number(entry.offset), bytes: concat(stored, new Uint8Array(entry.space - stored.length)) },
    { at: 0, bytes: directoryBytes({ ...d, entries }) },
  ]
}
