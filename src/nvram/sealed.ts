// The DER layout with its blobs in clear or sealed: what this project stores by default. Keys are derived by the caller,
// once; nonces are an argument. Only blobs that changed are sealed again.

import { AEAD_TAG, type AeadName, aeadKeySize, aeadNonceSize, aeadOpen, aeadSeal, isAead } from '../crypto/seal.ts'
import { type Bytes, concat, EMPTY, equal } from '../lib/bytes.ts'
import { BLOB_NAMES, type BlobName, type Blobs } from './blobs.ts'
import {
  associatedData,
  DER_NAMES,
  type DerBlob,
  type DerHead,
  type DerState,
  type Kdf,
  patchDer,
  type Places,
  placesOf,
  writeDer,
} from './der-layout.ts'
import { patched } from './patch.ts'
import { StateError } from './state-error.ts'

/** A key, and how it came from a passphrase if it did. */
export interface Key {
  readonly bytes: Bytes
  readonly kdf: Kdf | undefined
}

/** Cost of scrypt for what is stored from now on. */
export const SCRYPT = { n: 1 << 17, r: 8, p: 1 } as const

/** The encryption that fits a key: the longer nonce where the key has its 256 bits, so that a random one never repeats. */
export function schemeFor(key: Key | undefined): 'none' | AeadName {
  if (!key) return 'none'
  const size = key.bytes.length
  return size === 32 ? 'xchacha20-poly1305' : size === 24 ? 'aes-192-gcm' : 'aes-128-gcm'
}

/** Octets of randomness that one call of `seal` may use. */
export const NONCES = BLOB_NAMES.length * 24

/** An image, what stands in it, and what was sealed. */
export interface Sealed {
  readonly image: Bytes
  readonly head: DerHead
  readonly blobs: readonly DerBlob[]
  readonly plain: Blobs
  readonly places: Places
}

export const sealedOf = (image: Bytes, { blobs, ...head }: DerState, plain: Blobs): Sealed => ({
  image,
  head,
  blobs,
  plain,
  places: placesOf(image),
})

const tagOf = (sealed: Bytes): Bytes => (sealed.length < AEAD_TAG ? EMPTY : sealed.slice(sealed.length - AEAD_TAG))

/** Room for the blob to grow into, so that it can be rewritten in place. */
export function capacityFor(size: number): number {
  let capacity = 2048
  while (capacity < size + size / 2) capacity *= 2
  return size === 0 ? 0 : capacity
}

const sameBytes = (a: Bytes | undefined, b: Bytes | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && equal(a, b))

const sameKdf = (a: Kdf | undefined, b: Kdf | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && equal(a.salt, b.salt) && a.n === b.n && a.r === b.r && a.p === b.p)

/** What tags the associated data of a blob holds: the permanent state is sealed last, and vouches for the others. */
const bound = (name: BlobName, others: readonly DerBlob[]): readonly Bytes[] =>
  name === 'permanent' ? others.map(o => tagOf(o.bytes)) : []

/**
 * @param nonces NONCES random octets, never the same twice under one key
 * @param before what was made last under the same key: blobs that did not change are taken from it
 */
export function seal(
  plain: Blobs,
  key: Key | undefined,
  nonces: Bytes,
  before?: Sealed,
  encryption: string = schemeFor(key),
): Sealed {
  const same = before?.head.encryption === encryption && sameKdf(before.head.kdf, key?.kdf)
  if (before && !same) return seal(plain, key, nonces, undefined, encryption)
  const head = before?.head ?? { encryption, kdf: key?.kdf }
  const made = new Map<BlobName, DerBlob>()
  let changed = false
  // The permanent state last.
  for (const name of [...BLOB_NAMES].reverse()) {
    const bytes = plain[name] ?? EMPTY
    const old = before?.blobs.find(b => b.name === name)
    const mustBind = name === 'permanent' && changed
    if (old && !mustBind && sameBytes(plain[name], before?.plain[name])) {
      made.set(name, old)
      continue
    }
    changed = true
    const overhead = isAead(encryption) ? aeadNonceSize(encryption) + AEAD_TAG : 0
    const size = bytes.length === 0 ? 0 : bytes.length + overhead
    const capacity = old && old.capacity >= size ? old.capacity : capacityFor(size)
    let stored = bytes
    if (isAead(encryption) && size > 0) {
      const i = BLOB_NAMES.indexOf(name)
      const nonce = nonces.slice(i * 24, i * 24 + aeadNonceSize(encryption))
      const others = BLOB_NAMES.filter(n => n !== name).flatMap(n => made.get(n) ?? [])
      const data = associatedData(head, { name, capacity }, size, bound(name, others))
      stored = concat(nonce, aeadSeal(encryption, (key as Key).bytes, nonce, data, bytes))
    }
    made.set(name, { name, capacity, bytes: stored })
  }
  const blobs = BLOB_NAMES.map(n => made.get(n) as DerBlob)
  const fits = before && blobs.every((b, i) => b.capacity === before.blobs[i]?.capacity)
  if (!fits) return sealedOf(writeDer({ ...head, blobs }), { ...head, blobs }, plain)
  const patches = blobs.flatMap((b, i) => (b === before.blobs[i] ? [] : patchDer(before.places, b.name, b.bytes)))
  return { image: patched(before.image, patches), head, blobs, plain, places: before.places }
}

/** What a key must be for this image, in words. */
const wantedKey = ({ encryption, kdf }: DerState): string =>
  kdf ? 'with a passphrase' : `with a key of ${isAead(encryption) ? aeadKeySize(encryption) * 8 : '?'} bits`

/** Whether such a key can be the one. @throws StateError */
export function checkKey(state: DerState, key: Pick<Key, 'kdf' | 'bytes'> | undefined): void {
  const { encryption, kdf } = state
  if (encryption === 'none') {
    if (key) throw new StateError('needless-key', `is in clear, and a ${key.kdf ? 'passphrase' : 'key'} was given`)
    return
  }
  if (!isAead(encryption))
    throw new StateError('unsupported', `is sealed with ${encryption}, which this program does not know`)
  if (!key) throw new StateError('missing-key', `is sealed ${wantedKey(state)} (${encryption}), and none was given`)
  if ((key.kdf === undefined) !== (kdf === undefined)) {
    throw new StateError('key-kind', `is sealed ${wantedKey(state)}, and a ${kdf ? 'key' : 'passphrase'} was given`)
  }
  if (key.bytes.length !== aeadKeySize(encryption)) {
    throw new StateError(
      'key-kind',
      `is sealed ${wantedKey(state)}, the one that was given has ${key.bytes.length * 8}`,
    )
  }
}

/** The blobs of an image in clear. @throws StateError */
export function open(state: DerState, key: Key | undefined): Blobs {
  checkKey(state, key)
  const { encryption } = state
  const head = { encryption, kdf: state.kdf }
  const out: { [B in BlobName]?: Bytes } = {}
  for (const blob of state.blobs) {
    const { name, capacity, bytes } = blob
    if (bytes.length === 0) continue
    if (!isAead(encryption)) {
      out[name] = bytes
      continue
    }
    const nonce = bytes.slice(0, aeadNonceSize(encryption))
    const others = state.blobs.filter(b => b !== blob)
    const data = associatedData(head, { name, capacity }, bytes.length, bound(name, others))
    const plain =
      bytes.length < nonce.length + AEAD_TAG
        ? undefined
        : aeadOpen(encryption, (key as Key).bytes, nonce, data, bytes.slice(nonce.length))
    if (!plain) {
      const what = `cannot be read with this ${key?.kdf ? 'passphrase' : 'key'}: it is the wrong one, or the data were changed`
      throw new StateError('wrong-key', `${what} (blob "${DER_NAMES[name]}")`)
    }
    out[name] = plain
  }
  if (!out.permanent) throw new StateError('damaged', 'damaged: it has no permanent state')
  return { ...out, permanent: out.permanent }
}
