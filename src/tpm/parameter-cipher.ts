// CFB mode encryption of a parameter, with a key and an IV that both nonces go into. Part 1, 18.3.

import { kdfa } from '../crypto/kdf.ts'
import { blockOf, cfbDecrypt, cfbEncrypt } from '../crypto/symmetric.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { KeyCipher } from './wrap.ts'

/** @param key of the session, with the authValue of what it authorizes */
export function cryptCfb(
  hash: number,
  { algorithm, keyBits }: KeyCipher,
  key: Bytes,
  newer: Bytes,
  older: Bytes,
  data: Bytes,
  direction: 'encrypt' | 'decrypt',
): Bytes {
  const made = kdfa(hash, key, 'CFB', newer, older, keyBits + 8 * blockOf(algorithm))
  const crypt = direction === 'encrypt' ? cfbEncrypt : cfbDecrypt
  return crypt(made.slice(0, keyBits / 8), made.slice(keyBits / 8), data, algorithm)
}
