// Authenticated encryption of what is stored, and the key from a passphrase: XChaCha20-Poly1305 (RFC 8439 with the longer
// nonce of draft-irtf-cfrg-xchacha) and scrypt (RFC 7914). Nonces and salts are arguments. Not AES-GCM: in the library it
// stands beside the block cipher, and would be in the page's first load.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { type Bytes, raw } from '../lib/bytes.ts'

export const AEAD = 'xchacha20-poly1305'
/** Octets. The nonce is long enough to be drawn at random for every write. */
export const AEAD_KEY = 32
export const AEAD_NONCE = 24
/** The tag stands behind the ciphertext. */
export const AEAD_TAG = 16

/** Ciphertext and tag. The nonce must never come twice under one key. */
export const aeadSeal = (key: Bytes, nonce: Bytes, associated: Bytes, plain: Bytes): Bytes =>
  xchacha20poly1305(raw(key), raw(nonce), raw(associated)).encrypt(raw(plain))

/** Undefined when key, nonce, associated data or ciphertext are not those that were sealed. */
export function aeadOpen(key: Bytes, nonce: Bytes, associated: Bytes, sealed: Bytes): Bytes | undefined {
  const cipher = xchacha20poly1305(raw(key), raw(nonce), raw(associated))
  try {
    return cipher.decrypt(raw(sealed))
  } catch {
    return undefined
  }
}

/** Cost of scrypt: memory and time grow with n × r, time with p. */
export interface ScryptCost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/** A key of 32 octets from a passphrase. Takes the better part of a second at n 2^17, r 8: ask once and keep it. */
export const scryptKey = (passphrase: Bytes, salt: Bytes, { n, r, p }: ScryptCost): Bytes =>
  scrypt(raw(passphrase), raw(salt), { N: n, r, p, dkLen: 32, maxmem: 128 * r * (n + p) + 4096 })
