// Message authentication codes by scheme: HMAC with a hash, or CMAC with AES. Part 1, 8.4.3; Part 3, 15.6.

import { hmac } from '../crypto/hash.ts'
import { aesMac } from '../crypto/symmetric.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'

/** @param scheme a hash, or TPM_ALG_CMAC */
export const macOf = (scheme: number, key: Bytes, message: Bytes): Bytes =>
  scheme === ALG.CMAC ? aesMac(key, message) : hmac(scheme, key, message)
