// Authenticated encryption of what is stored, and the key from a passphrase: XChaCha20-Poly1305 (RFC 8439 with the longer
// nonce of draft-irtf-cfrg-xchacha), AES-GCM (NIST SP 800-38D), scrypt (RFC 7914). Nonces and salts are arguments.

import { gcm } from '@noble/ciphers/aes.js'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { type Bytes, raw } from '../lib/bytes.ts'

interface Scheme {
  /** Octets. */
  readonly key: number
  readonly nonce: number
  readonly cipher: typeof xchacha20poly1305 | typeof gcm
}

const SCHEMES = {
  'xchacha20-poly1305': { key: 32, nonce: 24, cipher: xchacha20poly1305 },
  'aes-256-gcm': { key: 32, nonce: 12, cipher: gcm },
  'aes-192-gcm': { key: 24, nonce: 12, cipher: gcm },
  'aes-128-gcm': { key: 16, nonce: 12, cipher: gcm },
} as const satisfies { readonly [name: string]: Scheme }

export type AeadName = keyof typeof SCHEMES
export const AEADS = Object.keys(SCHEMES) as readonly AeadName[]
export const isAead = (name: string): name is AeadName => Object.hasOwn(SCHEMES, name)

/** Octets of the tag, which stands behind the ciphertext. */
export const AEAD_TAG = 16
export const aeadKeySize = (name: AeadName): number => SCHEMES[name].key
export const aeadNonceSize = (name: AeadName): number => SCHEMES[name].nonce

/** Ciphertext and tag. The nonce must never come twice under one key. */
export const aeadSeal = (name: AeadName, key: Bytes, nonce: Bytes, associated: Bytes, plain: Bytes): Bytes =>
  SCHEMES[name].cipher(raw(key), raw(nonce), raw(associated)).encrypt(raw(plain))

/** Undefined when key, nonce, associated data or ciphertext are not those that were sealed. */
export function aeadOpen(
  name: AeadName,
  key: Bytes,
  nonce: Bytes,
  associated: Bytes,
  sealed: Bytes,
): Bytes | undefined {
  const cipher = SCHEMES[name].cipher(raw(key), raw(nonce), raw(associated))
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
