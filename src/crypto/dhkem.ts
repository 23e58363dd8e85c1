// Key encapsulation with elliptic curves: DHKEM of RFC 9180, 4.1, without authentication. Part 1, 44.4.

import { be16, bytes, type Bytes, concat, utf8 } from '../lib/bytes.ts'
import { eccMultiply, eccPublic, eccSize, type Point, uncompressed } from './ecc.ts'
import { digestSize, hmac } from './hash.ts'

/** The registered KEMs (RFC 9180, 7.1) by TPM_ECC_CURVE; each has HKDF with one hash. */
const KEMS: { readonly [curve: number]: { readonly id: number; readonly hash: number } } = {
  0x0003: { id: 0x0010, hash: 0x000b },
  0x0004: { id: 0x0011, hash: 0x000c },
  0x0005: { id: 0x0012, hash: 0x000d },
}

/** Whether there is a DHKEM of this curve and HKDF with this hash. */
export const isDhkem = (curve: number, hash: number): boolean => KEMS[curve]?.hash === hash

const VERSION = utf8('HPKE-v1')

/** ExtractAndExpand (RFC 9180, 4.1); the secret is as long as a digest. */
function extractAndExpand(curve: number, dh: Bytes, context: Bytes): Bytes {
  const { id, hash } = KEMS[curve] as { id: number; hash: number }
  const suite = concat(utf8('KEM'), be16(id))
  const size = digestSize(hash)
  const prk = hmac(hash, new Uint8Array(size), VERSION, suite, utf8('eae_prk'), dh)
  return hmac(hash, prk, be16(size), VERSION, suite, utf8('shared_secret'), context, bytes(1))
}

const shared = (curve: number, dh: Point, enc: Bytes, key: Point): Bytes =>
  extractAndExpand(curve, dh.x, concat(enc, uncompressed(curve, key)))

/** A fresh secret for the holder of the key. @param ephemeral a private key used once */
export function dhkemEncapsulate(curve: number, key: Point, ephemeral: Bytes): { secret: Bytes; ciphertext: Bytes } {
  const dh = eccMultiply(curve, ephemeral, key)
  const mine = eccPublic(curve, ephemeral)
  if (!dh || !mine) throw new Error('defect: a public key that is not on its curve')
  const ciphertext = uncompressed(curve, mine)
  return { secret: shared(curve, dh, ciphertext, key), ciphertext }
}

/** The secret; undefined when the ciphertext is no uncompressed point of the curve. */
export function dhkemDecapsulate(curve: number, d: Bytes, key: Point, ciphertext: Bytes): Bytes | undefined {
  const size = eccSize(curve)
  if (ciphertext.length !== 1 + 2 * size || ciphertext[0] !== 4) return undefined
  const dh = eccMultiply(curve, d, { x: ciphertext.slice(1, 1 + size), y: ciphertext.slice(1 + size) })
  return dh && shared(curve, dh, ciphertext, key)
}
