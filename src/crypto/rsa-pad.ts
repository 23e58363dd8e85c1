// What RSA pads with (RFC 8017, 7 and 9): OAEP and the two kinds of PKCS #1 version 1.5, PSS and MGF1. Encodings have k
// octets, k that of the modulus; the random octets are arguments.

import { bytes, type Bytes, concat, EMPTY, equal, fromHex, raw, be32 } from '../lib/bytes.ts'
import { digestSize, hash } from './hash.ts'

const zeros = (n: number): Bytes => new Uint8Array(n)

/** B.2.1. */
export function mgf1(alg: number, seed: Bytes, length: number): Bytes {
  const parts: Bytes[] = []
  for (let have = 0, i = 0; have < length; i++) {
    const part = hash(alg, seed, be32(i))
    parts.push(part)
    have += part.length
  }
  return concat(...parts).slice(0, length)
}

const xor = (a: Bytes, b: Bytes): Bytes => raw(a).map((x, i) => x ^ (b[i] as number))

/** Octets that OAEP leaves for the message; negative when the modulus is too short for the hash. */
export const oaepRoom = (alg: number, k: number): number => k - 2 * digestSize(alg) - 2

/** EME-OAEP (7.1.1). @param seed as many octets as a digest has. @param label hashed as it is */
export function oaepEncode(alg: number, k: number, message: Bytes, label: Bytes, seed: Bytes): Bytes {
  const padding = zeros(oaepRoom(alg, k) - message.length)
  const db = concat(hash(alg, label), padding, bytes(1), message)
  const maskedDb = xor(db, mgf1(alg, seed, db.length))
  return concat(bytes(0), xor(seed, mgf1(alg, maskedDb, seed.length)), maskedDb)
}

/** EME-OAEP (7.1.2); undefined when the padding is wrong. */
export function oaepDecode(alg: number, encoded: Bytes, label: Bytes): Bytes | undefined {
  const size = digestSize(alg)
  if (oaepRoom(alg, encoded.length) < 0 || encoded[0] !== 0) return undefined
  const maskedDb = encoded.slice(1 + size)
  const seed = xor(encoded.slice(1, 1 + size), mgf1(alg, maskedDb, size))
  const db = xor(maskedDb, mgf1(alg, seed, maskedDb.length))
  if (!equal(db.slice(0, size), hash(alg, label))) return undefined
  let at = size
  while (db[at] === 0) at++
  return db[at] === 1 ? db.slice(at + 1) : undefined
}

/** Octets that EME-PKCS1-v1_5 leaves for the message. */
export const pkcs1Room = (k: number): number => k - 11

/** EME-PKCS1-v1_5 (7.2.1). @param random gives that many octets, zeros among them or not */
export function pkcs1Encode(k: number, message: Bytes, random: (n: number) => Bytes): Bytes {
  const padding: number[] = []
  const needed = k - 3 - message.length
  while (padding.length < needed) {
    for (const b of raw(random(needed - padding.length))) if (b !== 0) padding.push(b)
  }
  return concat(bytes(0, 2), bytes(...padding), bytes(0), message)
}

/** EME-PKCS1-v1_5 (7.2.2); undefined when the padding is wrong. */
export function pkcs1Decode(encoded: Bytes): Bytes | undefined {
  if (encoded[0] !== 0 || encoded[1] !== 2) return undefined
  const end = raw(encoded).indexOf(0, 2)
  return end < 10 ? undefined : encoded.slice(end + 1)
}

/** DER of DigestInfo up to the digest: 9.2, note 1; for SHA-3 the identifiers of NIST's arc. */
const DIGEST_INFO: { readonly [alg: number]: string } = {
  0x0004: '3021300906052b0e03021a05000414',
  0x000b: '3031300d060960864801650304020105000420',
  0x000c: '3041300d060960864801650304020205000430',
  0x000d: '3051300d060960864801650304020305000440',
  0x0027: '3031300d060960864801650304020805000420',
  0x0028: '3041300d060960864801650304020905000430',
  0x0029: '3051300d060960864801650304020a05000440',
}

/** EMSA-PKCS1-v1_5 (9.2); undefined when the modulus is too short. */
export function pkcs1SignEncode(alg: number, k: number, digest: Bytes): Bytes | undefined {
  const info = concat(fromHex(DIGEST_INFO[alg] as string), digest)
  const fill = k - 3 - info.length
  return fill < 8 ? undefined : concat(bytes(0, 1), raw(zeros(fill)).fill(0xff), bytes(0), info)
}

/**
 * Octets of salt: as many as FIPS 186-5, 5.4 allows (Part 1, 43.7), a digest's, or fewer where the modulus is short.
 * Negative when it is too short for any.
 */
export const pssSaltSize = (alg: number, k: number): number => Math.min(digestSize(alg), k - digestSize(alg) - 2)

/** EMSA-PSS (9.1.1). The bits of the modulus are a multiple of eight, so that one bit of the encoding stays zero. */
export function pssEncode(alg: number, k: number, digest: Bytes, salt: Bytes): Bytes {
  const h = hash(alg, zeros(8), digest, salt)
  const db = concat(zeros(k - salt.length - h.length - 2), bytes(1), salt)
  const masked = raw(xor(db, mgf1(alg, h, db.length)))
  masked[0] = (masked[0] as number) & 0x7f
  return concat(masked, h, bytes(0xbc))
}

/** EMSA-PSS (9.1.2), with a salt of any length. */
export function pssVerify(alg: number, digest: Bytes, encoded: Bytes): boolean {
  const size = digestSize(alg)
  const k = encoded.length
  if (k < size + 2 || encoded[k - 1] !== 0xbc || (encoded[0] as number) >= 0x80) return false
  const masked = encoded.slice(0, k - size - 1)
  const h = encoded.slice(k - size - 1, k - 1)
  const db = raw(xor(masked, mgf1(alg, h, masked.length)))
  db[0] = (db[0] as number) & 0x7f
  const one = db.findIndex(b => b !== 0)
  if (one < 0 || db[one] !== 1) return false
  return equal(hash(alg, zeros(8), digest, one + 1 < db.length ? db.slice(one + 1) : EMPTY), h)
}
