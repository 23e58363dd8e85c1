// Message authentication codes by scheme: HMAC with a hash, or CMAC with a block cipher. Part 1, 8.4.3; Part 3, 15.6.

import { hmac } from '../crypto/hash.ts'
import { cmac } from '../crypto/symmetric.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'

/** @param scheme a hash, or TPM_ALG_CMAC @param cipher the block cipher of the key, where it is not AES */
export const macOf = (scheme: number, key: Bytes, message: Bytes, cipher: number = ALG.AES): Bytes =>
  scheme === ALG.CMAC ? cmac(cipher, key, message) : hmac(scheme, key, message)
