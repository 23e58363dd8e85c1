// The layout that the review of 2011 proposed: a DER sequence of tags and octet strings [text], so that any ASN.1 tool opens
// it and one blob is rewritten where it stands. What exactly stands in it is this project's [ours]:
//
// SEQUENCE { version INTEGER, encryption UTF8String, kdf [0] { name, salt, n, r, p } OPTIONAL,
//   blobs SEQUENCE OF SEQUENCE { name, capacity, size, crc32, align, data OCTET STRING } }

import { decode, encode, Malformed, type Of } from '../codec/codec.ts'
import { type Explanation, explain } from '../codec/explain.ts'
import { type Bytes, concat, EMPTY, raw } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'
import { AEAD } from '../crypto/seal.ts'
import { BLOB_NAMES, type BlobName } from './members.ts'
import {
  DER,
  derElement,
  derInteger,
  derList,
  derOctets,
  derOptional,
  derSequence,
  derText,
  integerElement,
  octetsElement,
  textElement,
} from './der-codec.ts'
import { ours, text } from './origin.ts'
import type { Patch } from './patch.ts'
import { refused, StateError } from './state-error.ts'

const VERSION = 1
/** A blob of a TPM has a few kilobytes; more than this is no state of one. */
export const MOST_CAPACITY = 1 << 20
export const SALT_SIZE = 16

export const DER_NAMES: { readonly [B in BlobName]: string } = {
  permanent: 'tpm-permanent-state',
  volatile: 'tpm-volatile-state',
  'save-state': 'tpm-save-state',
}

const ENCRYPTIONS: readonly string[] = ['none', AEAD]

const KDF = derSequence(
  'kdf',
  {
    name: derText(ours('how the key comes from the passphrase'), v =>
      v === 'scrypt'
        ? undefined
        : ['unsupported', `the key comes from ${JSON.stringify(v)}, which this program does not know`],
    ),
    salt: derOctets(ours('random, new with every passphrase'), v =>
      v.length === SALT_SIZE ? undefined : ['value', `a salt of ${v.length} bytes, not ${SALT_SIZE}`],
    ),
    n: derInteger(ours('scrypt: cost in memory and time, a power of two'), v =>
      v >= 2 && v <= 1 << 20 && Number.isInteger(Math.log2(v)) ? undefined : ['value', `scrypt with n ${v}`],
    ),
    r: derInteger(ours('scrypt: block size'), v => (v >= 1 && v <= 32 ? undefined : ['value', `scrypt with r ${v}`])),
    p: derInteger(ours('scrypt: rounds'), v => (v >= 1 && v <= 16 ? undefined : ['value', `scrypt with p ${v}`])),
  },
  ours('the passphrase and its cost; absent when a key was given'),
  DER.CONTEXT_0,
)
export type Kdf = Of<typeof KDF>

const BLOB = derSequence(
  'blob',
  {
    name: derText(text('the tag: an ASCII string before each octet string')),
    capacity: derInteger(text('what the blob may grow to, so that it is rewritten in place'), v =>
      v <= MOST_CAPACITY ? undefined : ['value', `a capacity of ${v} bytes, at most ${MOST_CAPACITY}`],
    ),
    size: derInteger(ours('how many bytes of data count; 0: there is no such blob')),
    crc32: derInteger(ours('of those bytes as they stand here: damage is told from a wrong key')),
    align: derOctets(ours('zeros that make up for the changing lengths of size and crc32, so that data never moves')),
    data: derOctets(text('the content, capacity bytes; sealed: nonce, ciphertext, tag')),
  },
  text('one blob: a tag and an octet string'),
)
type Stored = Of<typeof BLOB>

export const DER_IMAGE = derSequence(
  'TPM state',
  {
    version: derInteger(ours('of this layout'), v =>
      v > VERSION
        ? ['newer', `newer than this program knows: version ${v}, at most ${VERSION}`]
        : v < VERSION
          ? ['value', `version ${v}`]
          : undefined,
    ),
    encryption: derText(ours('of all data below, or "none"'), v =>
      ENCRYPTIONS.includes(v)
        ? undefined
        : ['unsupported', `sealed with ${JSON.stringify(v)}, which this program does not know`],
    ),
    kdf: derOptional(DER.CONTEXT_0, KDF),
    blobs: derList('blobs', BLOB, BLOB_NAMES.length, text('a sequence of tags and octet strings')),
  },
  text("a sequence in DER: no format of one's own"),
)

/** One blob as it stands in the image. */
export interface DerBlob {
  readonly name: BlobName
  readonly capacity: number
  /** In clear or sealed; empty when there is none. */
  readonly bytes: Bytes
}
export interface DerState {
  readonly encryption: string
  readonly kdf: Kdf | undefined
  readonly blobs: readonly DerBlob[]
}

const integerLength = (v: number): number => integerElement(v).length
/** What `align` holds: the longest two integers less these two. */
const alignFor = (capacity: number, size: number, crc: number): number =>
  integerLength(capacity) + integerLength(0xffffffff) - integerLength(size) - integerLength(crc)

function storedOf({ name, capacity, bytes }: DerBlob): Stored {
  if (bytes.length > capacity) {
    throw new StateError(
      'no-room',
      `no room: blob "${DER_NAMES[name]}" has ${bytes.length} bytes, its place ${capacity}`,
    )
  }
  const crc = crc32(bytes)
  const data = new Uint8Array(capacity)
  data.set(raw(bytes))
  const align = new Uint8Array(alignFor(capacity, bytes.length, crc))
  return { name: DER_NAMES[name], capacity, size: bytes.length, crc32: crc, align, data }
}

function elementOf(blob: DerBlob): Bytes {
  const s = storedOf(blob)
  return derElement(
    DER.SEQUENCE,
    textElement(s.name),
    integerElement(s.capacity),
    integerElement(s.size),
    integerElement(s.crc32),
    octetsElement(s.align),
    octetsElement(s.data),
  )
}

/** @throws StateError "no-room" when a blob is larger than its capacity */
export const writeDer = ({ encryption, kdf, blobs }: DerState): Bytes =>
  derElement(
    DER.SEQUENCE,
    integerElement(VERSION),
    textElement(encryption),
    kdf ? encode(KDF, kdf) : EMPTY,
    derElement(DER.SEQUENCE, ...blobs.map(elementOf)),
  )

const isZero = (b: Bytes, start = 0): boolean => {
  for (let i = start; i < b.length; i++) if (b[i] !== 0) return false
  return true
}

function blobOf(s: Stored, encrypted: boolean): DerBlob {
  const name = BLOB_NAMES.find(n => DER_NAMES[n] === s.name)
  const damaged = (what: string): StateError =>
    new StateError('damaged', `damaged: blob ${JSON.stringify(s.name)}: ${what}`)
  if (!name) throw damaged('no blob of a TPM has that name')
  if (s.data.length !== s.capacity) throw damaged(`data has ${s.data.length} bytes, its capacity is ${s.capacity}`)
  if (s.size > s.capacity) {
    throw new StateError(
      'outside',
      `damaged: blob "${s.name}": size ${s.size} is larger than its capacity, ${s.capacity}`,
    )
  }
  const bytes = s.data.slice(0, s.size)
  if (crc32(bytes) !== s.crc32) {
    throw new StateError(
      'checksum',
      `damaged: blob "${s.name}": its bytes ${encrypted ? 'as they stand here ' : ''}do not have the checksum ${s.crc32}`,
    )
  }
  if (s.align.length !== alignFor(s.capacity, s.size, s.crc32) || !isZero(s.align))
    throw damaged('align is not what it must be')
  if (!isZero(s.data, s.size)) throw damaged(`bytes behind the ${s.size} that count are not zero`)
  return { name, capacity: s.capacity, bytes }
}

/** Whether the bytes begin as an image of this layout does. */
export const looksLikeDer = (image: Bytes): boolean => image[0] === DER.SEQUENCE

/** What stands in the image, checked as far as that goes without a key. @throws StateError */
export function readDer(image: Bytes): DerState {
  if (image.length === 0) throw new StateError('empty', 'empty: 0 bytes')
  if (!looksLikeDer(image)) throw new StateError('foreign', 'no state in DER: wrong first byte at offset 0')
  let value: Of<typeof DER_IMAGE>
  try {
    value = decode(DER_IMAGE, image)
  } catch (e) {
    if (e instanceof Malformed) throw refused(e)
    throw e
  }
  const { encryption, kdf } = value
  if (kdf && encryption === 'none')
    throw new StateError('damaged', 'damaged: a passphrase for data that are in clear (kdf)')
  const blobs = value.blobs.map(b => blobOf(b, encryption !== 'none'))
  if (blobs.length !== BLOB_NAMES.length || blobs.some((b, i) => b.name !== BLOB_NAMES[i])) {
    throw new StateError('damaged', `damaged: its blobs are ${blobs.map(b => DER_NAMES[b.name]).join(', ') || 'none'}`)
  }
  return { encryption, kdf, blobs }
}

export const explainDer = (image: Bytes): Explanation<Of<typeof DER_IMAGE>> => explain(DER_IMAGE, image)

/** Where the parts of a blob stand that change when it is rewritten. */
interface Place {
  /** Its integers and what aligns them. */
  readonly head: number
  readonly data: number
  readonly capacity: number
}
export type Places = ReadonlyMap<BlobName, Place>

export function placesOf(image: Bytes): Places {
  const places = new Map<BlobName, Place>()
  for (const blob of explainDer(image).spans.find(s => s.name === 'blobs')?.children ?? []) {
    const stored = blob.value as Stored | undefined
    const at = (field: string) => blob.children.find(s => s.name === field)
    const [size, data] = [at('size'), at('data')]
    const name = BLOB_NAMES.find(n => DER_NAMES[n] === stored?.name)
    if (!stored || !size || !data || !name) continue
    places.set(name, { head: size.at, data: data.at + data.length - stored.capacity, capacity: stored.capacity })
  }
  return places
}

/**
 * What must be written where to put other bytes into one blob: its integers and its octet string. Nothing else moves.
 * @throws StateError "no-room" when they are more than its capacity
 */
export function patchDer(places: Places, name: BlobName, bytes: Bytes): readonly Patch[] {
  const place = places.get(name)
  if (!place) throw new StateError('damaged', `damaged: there is no blob "${DER_NAMES[name]}"`)
  const next = storedOf({ name, capacity: place.capacity, bytes })
  const head = concat(integerElement(next.size), integerElement(next.crc32), octetsElement(next.align))
  return [
    { at: place.head, bytes: head },
    { at: place.data, bytes: next.data },
  ]
}

/** What an image says before its blobs. */
export type DerHead = Pick<DerState, 'encryption' | 'kdf'>

const PREFIXES = new WeakMap<DerHead, Bytes>()
function prefixOf(head: DerHead): Bytes {
  let prefix = PREFIXES.get(head)
  if (!prefix) {
    const { encryption, kdf } = head
    prefix = concat(integerElement(VERSION), textElement(encryption), kdf ? encode(KDF, kdf) : EMPTY)
    PREFIXES.set(head, prefix)
  }
  return prefix
}

/**
 * What a sealed blob is bound to: version, encryption, passphrase, its name, capacity and size [ours]. The permanent state
 * is bound to the tags of the others too, so that blobs of two versions cannot be put together.
 */
export const associatedData = (
  head: DerHead,
  { name, capacity }: Pick<DerBlob, 'name' | 'capacity'>,
  size: number,
  tags: readonly Bytes[],
): Bytes =>
  concat(
    prefixOf(head),
    textElement(DER_NAMES[name]),
    integerElement(capacity),
    integerElement(size),
    ...tags.map(octetsElement),
  )
