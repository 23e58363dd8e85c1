// ML-KEM (FIPS 203) by TPM parameter set (1: 512, 2: 768, 3: 1024). The sets themselves are in mlkem-sets.ts, so that a
// page can begin without them.

import type { KEM } from '@noble/post-quantum/utils.js'
import { type Bytes, raw } from '../lib/bytes.ts'
import { cached } from './cache.ts'
import type { KeyPair } from './mldsa.ts'

const SETS = new Map<number, KEM>()

/** Adds a parameter set. */
export const registerSet = (set: number, kem: KEM): void => {
  SETS.set(set, kem)
}

const of = (set: number): KEM => {
  const s = SETS.get(set)
  if (!s) throw new Error(`defect: no ML-KEM parameter set ${set}`)
  return s
}

const KEYS = [0, 1, 2, 3].map(set => cached((dz: Bytes): KeyPair => of(set).keygen(raw(dz).slice())))

/** The key pair of a 64-byte seed: d, then z. */
export const mlkemKeys = (set: number, dz: Bytes): KeyPair => (KEYS[set] as (seed: Bytes) => KeyPair)(dz)

/**
 * A fresh secret for the holder of the key. @param m 32 random bytes
 * @throws Error when the public key fails the modulus check of FIPS 203, 7.2
 */
export function mlkemEncapsulate(set: number, publicKey: Bytes, m: Bytes): { secret: Bytes; ciphertext: Bytes } {
  const { sharedSecret, cipherText } = of(set).encapsulate(raw(publicKey), raw(m).slice())
  return { secret: sharedSecret, ciphertext: cipherText }
}

/** The secret; a changed ciphertext gives another one (implicit rejection). The length must be that of the set. */
export const mlkemDecapsulate = (set: number, dz: Bytes, ciphertext: Bytes): Bytes =>
  of(set).decapsulate(raw(ciphertext), raw(mlkemKeys(set, dz).secretKey))

/** Whether every coefficient of the public key is below q (FIPS 203, 7.2), and its length is right. */
export function mlkemKeyIsValid(set: number, publicKey: Bytes): boolean {
  try {
    of(set).encapsulate(raw(publicKey), new Uint8Array(32))
    return true
  } catch {
    return false
  }
}
