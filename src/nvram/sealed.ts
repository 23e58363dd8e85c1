// The DER layout with its blobs in clear or sealed: what this project stores by default. Keys are derived by the caller,
// once; nonces are an argument. Only blobs that changed are sealed again.

import { AEAD, AEAD_KEY, AEAD_NONCE, AEAD_TAG, aeadOpen, aeadSeal } from '../crypto/seal.ts'
import { hmac } from '../crypto/hash.ts'
import { type Bytes, concat, EMPTY, equal, utf8 } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import type { Blobs } from './blobs.ts'
import { BLOB_NAMES, type BlobName } from './members.ts'
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

/** The key of the cipher: a shorter one than it takes is stretched, and stays as hard to guess as it was. */
const LABEL = utf8('crbscope state')
const cipherKey = ({ bytes }: Key): Bytes => (bytes.length === AEAD_KEY ? bytes : hmac(ALG.SHA256, bytes, LABEL))

/** Octets of randomness that one call of `seal` may use. */
export const NONCES = BLOB_NAMES.length * AEAD_NONCE

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
export function seal(plain: Blobs, key: Key | undefined, nonces: Bytes, before?: Sealed): Sealed {
  const encryption = key ? AEAD : 'none'
  const same = before?.head.encryption === encryption && sameKdf(before.head.kdf, key?.kdf)
  if (before && !same) return seal(plain, key, nonces)
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
    const size = bytes.length === 0 || !key ? bytes.length : bytes.length + AEAD_NONCE + AEAD_TAG
    const capacity = old && old.capacity >= size ? old.capacity : capacityFor(size)
    let stored = bytes
    if (key && size > 0) {
      const i = BLOB_NAMES.indexOf(name)
      const nonce = nonces.slice(i * AEAD_NONCE, (i + 1) * AEAD_NONCE)
      const others = BLOB_NAMES.filter(n => n !== name).flatMap(n => made.get(n) ?? [])
      const data = associatedData(head, { name, capacity }, size, bound(name, others))
      stored = concat(nonce, aeadSeal(cipherKey(key), nonce, data, bytes))
    }
    made.set(name, { name, capacity, bytes: stored })
  }
  const blobs = BLOB_NAMES.map(n => made.get(n) as DerBlob)
  const fits = before && blobs.every((b, i) => b.capacity === before.blobs[i]?.capacity)
  if (!fits) return sealedOf(writeDer({ ...head, blobs }), { ...head, blobs }, plain)
  const patches = blobs.flatMap((b, i) => (b === before.blobs[i] ? [] : patchDer(before.places, b.name, b.bytes)))
  return { image: patched(before.image, patches), head, blobs, plain, places: before.places }
}

/** Whether such a key can be the one. @throws StateError */
export function checkKey({ encryption, kdf }: DerHead, key: Key | undefined): void {
  const wanted = kdf ? 'passphrase' : 'key'
  const given = key?.kdf ? 'passphrase' : 'key'
  if (encryption === 'none') {
    if (key) throw new StateError('needless-key', `is in clear, and a ${given} was given`)
    return
  }
  if (!key) throw new StateError('missing-key', `is sealed with a ${wanted} (${encryption}), and none was given`)
  if (given !== wanted) throw new StateError('key-kind', `is sealed with a ${wanted}, and a ${given} was given`)
}

/** The blobs of an image in clear. @throws StateError */
export function open(state: DerState, key: Key | undefined): Blobs {
  checkKey(state, key)
  const { encryption } = state
  const head = { encryption, kdf: state.kdf }
  const cipher = key && cipherKey(key)
  const out: { [B in BlobName]?: Bytes } = {}
  for (const blob of state.blobs) {
    const { name, capacity, bytes } = blob
    if (bytes.length === 0) continue
    if (!cipher) {
      out[name] = bytes
      continue
    }
    const nonce = bytes.slice(0, AEAD_NONCE)
    const others = state.blobs.filter(b => b !== blob)
    const data = associatedData(head, { name, capacity }, bytes.length, bound(name, others))
    const plain =
      bytes.length < nonce.length + AEAD_TAG ? undefined : aeadOpen(cipher, nonce, data, bytes.slice(nonce.length))
    if (!plain) {
      const what = `cannot be read with this ${key?.kdf ? 'passphrase' : 'key'}: it is the wrong one, or the data were changed`
      throw new StateError('wrong-key', `${what} (blob "${DER_NAMES[name]}")`)
    }
    out[name] = plain
  }
  if (!out.permanent) throw new StateError('damaged', 'damaged: it has no permanent state')
  return { ...out, permanent: out.permanent }
}
