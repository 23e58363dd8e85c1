// Saved contexts: an object, sequence or session outside the TPM, encrypted and bound to it. Part 1, 27.3 (the key from the
// proof of the hierarchy and the sequence number, an HMAC around, a fingerprint inside); Part 2, 14.

import { decode, encode, Malformed } from '../codec/codec.ts'
import { read, ValueError, write } from '../codec/value.ts'
import { hmac } from '../crypto/hash.ts'
import { kdfa } from '../crypto/kdf.ts'
import { AES_BLOCK, cfbDecrypt, cfbEncrypt } from '../crypto/symmetric.ts'
import { be16, be32, be64, type Bytes, concat, equal, readBe16 } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { SAVED_AS, SAVED_OBJECT, type SavedContext } from '../spec/private.ts'
import { RC } from '../spec/return-codes.ts'
import type { Session } from './sessions.ts'
import { hierarchyName, type Slot, type Tpm } from './tpm.ts'

type Head = Omit<SavedContext, 'contextBlob'>

const proofOf = (tpm: Tpm, hierarchy: number): Bytes => tpm.hierarchies[hierarchyName(hierarchy) ?? 'null'].proof

/** Key and initialization vector, new for each sequence number. Part 1, 27.3.1. */
function cipherOf(tpm: Tpm, head: Head): { key: Bytes; iv: Bytes } {
  const bits = tpm.profile.contextSymBits
  const made = kdfa(
    tpm.profile.contextHash,
    proofOf(tpm, head.hierarchy),
    'CONTEXT',
    be64(head.sequence),
    be32(head.savedHandle),
    bits + 8 * AES_BLOCK,
  )
  return { key: made.slice(0, bits / 8), iv: made.slice(bits / 8) }
}

/**
 * Over everything that must not change, and over what ends its validity: every reset, for objects with stClear every
 * start. Part 1, 27.3.2 and 27.1.
 */
const integrityOf = (tpm: Tpm, head: Head, encrypted: Bytes): Bytes =>
  hmac(
    tpm.profile.contextHash,
    proofOf(tpm, head.hierarchy),
    ...[be32(tpm.totalResets), ...(head.savedHandle === ST_CLEAR ? [be32(tpm.clearCount)] : [])],
    ...[be64(head.sequence), be32(head.savedHandle), be32(head.hierarchy), encrypted],
  )
const ST_CLEAR = 0x80000002

/** Sequence number and handle again, inside: a context that decrypts to something else shows it. */
const fingerprint = (head: Head): Bytes => concat(be64(head.sequence), be32(head.savedHandle))

/**
 * An object in the structures of Part 2 behind an octet of its own; what else is saved as a value, which never begins
 * with that octet.
 */
const OBJECT_FORM = 0x80

function contentOf(content: Slot | Session): Bytes {
  if (content.kind !== 'object') return write(content)
  const flags = (content.external ? SAVED_AS.external : 0) | (content.primary ? SAVED_AS.primary : 0)
  return concat(Uint8Array.of(OBJECT_FORM), encode(SAVED_OBJECT, { ...content, flags }))
}

/** @throws ValueError, Malformed */
function readContent(bytes: Bytes): Slot | Session {
  if (bytes[0] !== OBJECT_FORM) return read(bytes) as Slot | Session
  const { flags, ...saved } = decode(SAVED_OBJECT, bytes.slice(1))
  return {
    kind: 'object',
    ...saved,
    external: (flags & SAVED_AS.external) !== 0,
    primary: (flags & SAVED_AS.primary) !== 0,
  }
}

export function sealContext(tpm: Tpm, head: Head, content: Slot | Session): SavedContext {
  const { key, iv } = cipherOf(tpm, head)
  const encrypted = cfbEncrypt(key, iv, concat(fingerprint(head), contentOf(content)))
  const integrity = integrityOf(tpm, head, encrypted)
  return { ...head, contextBlob: concat(be16(integrity.length), integrity, encrypted) }
}

/**
 * What was saved, or the return code (without number) that says why it is not taken.
 * @throws FingerprintError when the HMAC is good and the content is not: the TPM goes into failure mode
 */
export function openContext(tpm: Tpm, saved: SavedContext): Slot | Session | number {
  const { contextBlob: blob } = saved
  const size = digestSize(tpm.profile.contextHash)
  if (blob.length < 2 + size || readBe16(blob, 0) !== size) return RC.SIZE
  const encrypted = blob.slice(2 + size)
  if (!equal(blob.slice(2, 2 + size), integrityOf(tpm, saved, encrypted))) return RC.INTEGRITY
  const { key, iv } = cipherOf(tpm, saved)
  const clear = cfbDecrypt(key, iv, encrypted)
  const print = fingerprint(saved)
  if (!equal(clear.slice(0, print.length), print)) throw new FingerprintError()
  try {
    return readContent(clear.slice(print.length))
  } catch (e) {
    if (e instanceof ValueError || e instanceof Malformed) throw new FingerprintError()
    throw e
  }
}

export class FingerprintError extends Error {}
