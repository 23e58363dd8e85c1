// What a session protects: HMACs over commands and responses, and the encryption of their first parameter. Part 1, 16.6.5
// and 18; 11.4.6.3 (XOR obfuscation, CFB).

import { hmac } from '../crypto/hash.ts'
import { xorObfuscation } from '../crypto/kdf.ts'
import { type Bytes, bytes, concat } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { sessionParts } from './late.ts'
import type { Session } from './sessions.ts'

/** authHMAC: Part 1, 16.6.5, Equation 17. @param nonces newer, older, and those of other sessions that en- or decrypt */
export const sessionHmac = (
  s: Session,
  auth: Bytes,
  pHash: Bytes,
  nonces: readonly Bytes[],
  attributes: number,
): Bytes => hmac(s.hash, concat(s.key, auth), pHash, ...nonces, bytes(attributes))

/**
 * Encrypts or decrypts a parameter without its size field.
 * @param auth the authValue of the entity that the session authorizes; empty when it authorizes none
 */
export function cryptParameter(
  s: Session,
  auth: Bytes,
  newer: Bytes,
  older: Bytes,
  data: Bytes,
  direction: 'encrypt' | 'decrypt',
): Bytes {
  const key = concat(s.key, auth)
  const { symmetric } = s
  if (symmetric.algorithm === ALG.XOR) return xorObfuscation(s.hash, key, newer, older, data)
  if (symmetric.algorithm === ALG.NULL) throw new Error('defect: a session without a cipher encrypts')
  return sessionParts().cryptCfb(s.hash, symmetric, key, newer, older, data, direction)
}
