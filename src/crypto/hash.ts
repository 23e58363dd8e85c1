// Hashes and HMAC by TPM_ALG_ID (Part 2, 6.3, Table 8). The only randomness-free primitives everything else stands on.

import { hmac as nobleHmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'
import { type Bytes, concat, raw } from '../lib/bytes.ts'

const HASHES = {
  0x0004: sha1,
  0x000b: sha256,
  0x000c: sha384,
  0x000d: sha512,
  0x0027: sha3_256,
  0x0028: sha3_384,
  0x0029: sha3_512,
} as const

export type HashAlg = keyof typeof HASHES

const of = (alg: number): (typeof HASHES)[HashAlg] => {
  const h = HASHES[alg as HashAlg]
  if (!h) throw new Error(`defect: no hash algorithm 0x${alg.toString(16)}`)
  return h
}

export const isHash = (alg: number): alg is HashAlg => alg in HASHES

/** Bytes of a digest. */
export const digestSize = (alg: number): number => of(alg).outputLen

/** Bytes of a block: keys of an HMAC that are longer are hashed first. */
export const blockSize = (alg: number): number => of(alg).blockLen

/** The digest of the parts, one after the other. */
export const hash = (alg: number, ...parts: readonly Bytes[]): Bytes =>
  of(alg)(raw(parts.length === 1 ? (parts[0] as Bytes) : concat(...parts)))

export const hmac = (alg: number, key: Bytes, ...parts: readonly Bytes[]): Bytes =>
  nobleHmac(of(alg), raw(key), raw(parts.length === 1 ? (parts[0] as Bytes) : concat(...parts)))
