// Protected storage: private parts and credentials under keys that a seed gives, with an HMAC around. Part 1, 19 (children),
// 20.3 (duplicates: inner and outer wrapping), 21 (credentials); Part 2, 12.3.6 and 12.4.

import { decode, encode, Malformed } from '../codec/codec.ts'
import { struct } from '../codec/combinators.ts'
import { Reader } from '../codec/reader.ts'
import { hash, hmac } from '../crypto/hash.ts'
import { kdfa } from '../crypto/kdf.ts'
import { blockOf, cfbDecrypt, cfbEncrypt } from '../crypto/symmetric.ts'
import { be16, type Bytes, concat, EMPTY, equal } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { TPM2B_DIGEST } from '../spec/base.ts'
import { type Public, type Sensitive, TPM2B_SENSITIVE } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { rcOf } from './errors.ts'

export interface KeyCipher {
  readonly algorithm: number
  readonly keyBits: number
}

/** The block cipher of a storage key; what wraps others with CFB. */
export function cipherOf(p: Public): KeyCipher | undefined {
  const { parameters } = p
  const symmetric = 'symmetric' in parameters ? parameters.symmetric : 'sym' in parameters ? parameters.sym : undefined
  return symmetric && 'keyBits' in symmetric ? symmetric : undefined
}

/** What an outer wrapping is made with. */
export interface Wrapping {
  /** nameAlg of the parent. */
  readonly alg: number
  /** Its cipher. */
  readonly cipher: KeyCipher
  readonly seed: Bytes
  /** Name of what is protected. */
  readonly name: Bytes
  /** Children have an initialization vector of their own; duplicates and credentials do not. */
  readonly withIv: boolean
}

const SIZED = struct('TPM2B', { buffer: TPM2B_DIGEST })
const sized = (b: Bytes): Bytes => concat(be16(b.length), b)
const zeroIv = (alg: number): Bytes => new Uint8Array(blockOf(alg))

const storageKey = (w: Wrapping): Bytes => kdfa(w.alg, w.seed, 'STORAGE', w.name, EMPTY, w.cipher.keyBits)
function integrity(w: Wrapping, what: Bytes): Bytes {
  const key = kdfa(w.alg, w.seed, 'INTEGRITY', EMPTY, EMPTY, 8 * digestSize(w.alg))
  return hmac(w.alg, key, what, w.name)
}

/** HMAC, initialization vector where there is one, and the encrypted content. @param iv a block of the cipher */
export function wrap(w: Wrapping, content: Bytes, iv = zeroIv(w.cipher.algorithm)): Bytes {
  const encrypted = cfbEncrypt(storageKey(w), iv, content, w.cipher.algorithm)
  const inside = w.withIv ? concat(sized(iv), encrypted) : encrypted
  return concat(sized(integrity(w, inside)), inside)
}

/** The content, or the return code (without number) that says what is wrong. */
export function unwrap(w: Wrapping, blob: Bytes): Bytes | number {
  const r = new Reader(blob)
  try {
    const mac = r.field('integrity', TPM2B_DIGEST)
    const inside = blob.slice(r.at)
    if (!equal(mac, integrity(w, inside))) return RC.INTEGRITY
    const iv = w.withIv ? r.field('iv', TPM2B_DIGEST) : zeroIv(w.cipher.algorithm)
    if (iv.length !== blockOf(w.cipher.algorithm)) return RC.SIZE
    return cfbDecrypt(storageKey(w), iv, blob.slice(r.at), w.cipher.algorithm)
  } catch (e) {
    if (e instanceof Malformed) return rcOf(e)
    throw e
  }
}

/** A sensitive area as it is stored: the authValue filled up, so that its length does not show. Part 1, 24.7.3. */
export function storedSensitive(s: Sensitive, nameAlg: number): Bytes {
  const authValue = new Uint8Array(Math.max(s.authValue.length, digestSize(nameAlg)))
  for (let i = 0; i < s.authValue.length; i++) authValue[i] = s.authValue[i] as number
  return encode(TPM2B_SENSITIVE, { ...s, authValue })
}

/** The sensitive area of a stored one, or the return code that says what is wrong. */
export function readSensitive(bytes: Bytes, rules: Reader['rules']): Sensitive | number {
  const r = new Reader(bytes)
  r.rules = rules
  try {
    const s = TPM2B_SENSITIVE.read(r)
    return s === undefined || r.left > 0 ? RC.SIZE : s
  } catch (e) {
    if (e instanceof Malformed) return rcOf(e)
    throw e
  }
}

/** Inner wrapping of a duplicate: a digest, then both encrypted with a key that the caller holds. Part 1, 20.3.2.2.
 * @param alg the block cipher of the key */
export function wrapInner(nameAlg: number, name: Bytes, alg: number, key: Bytes, sensitive: Bytes): Bytes {
  return cfbEncrypt(key, zeroIv(alg), concat(encode(SIZED, { buffer: hash(nameAlg, sensitive, name) }), sensitive), alg)
}

/** What is inside, or TPM_RC_INTEGRITY. */
export function unwrapInner(nameAlg: number, name: Bytes, alg: number, key: Bytes, blob: Bytes): Bytes | number {
  const clear = cfbDecrypt(key, zeroIv(alg), blob, alg)
  const size = 2 + digestSize(nameAlg)
  if (clear.length < size) return RC.INTEGRITY
  const sensitive = clear.slice(size)
  try {
    const { buffer } = decode(SIZED, clear.slice(0, size))
    return equal(buffer, hash(nameAlg, sensitive, name)) ? sensitive : RC.INTEGRITY
  } catch (e) {
    if (e instanceof Malformed) return RC.INTEGRITY
    throw e
  }
}
