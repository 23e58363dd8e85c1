// ML-DSA (FIPS 204) by TPM parameter set (1: 44, 2: 65, 3: 87). Messages are formatted here, not by the library, which
// refuses pairs of set and hash that a TPM allows.

import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { bytes, type Bytes, concat, fromHex, raw } from '../lib/bytes.ts'
import { cached } from './cache.ts'

const SETS = [undefined, ml_dsa44, ml_dsa65, ml_dsa87] as const
const of = (set: number) => {
  const s = SETS[set]
  if (!s) throw new Error(`defect: no ML-DSA parameter set ${set}`)
  return s
}

export interface KeyPair {
  readonly publicKey: Bytes
  readonly secretKey: Bytes
}

const KEYS = SETS.map((_, set) => cached((xi: Bytes): KeyPair => of(set).keygen(raw(xi).slice())))

/** The key pair of a 32-byte seed xi. */
export const mldsaKeys = (set: number, xi: Bytes): KeyPair => (KEYS[set] as (seed: Bytes) => KeyPair)(xi)

const OID: { readonly [alg: number]: string } = {
  0x000b: '0609608648016503040201',
  0x000c: '0609608648016503040202',
  0x000d: '0609608648016503040203',
  0x0027: '0609608648016503040208',
  0x0028: '0609608648016503040209',
  0x0029: '060960864801650304020a',
}

/** Hashes that HashML-DSA has an identifier for (FIPS 204, 5.4.1). */
export const isPrehash = (alg: number): boolean => OID[alg] !== undefined

/** M' of pure ML-DSA (FIPS 204, algorithm 2). The context has at most 255 bytes. */
export const pureMessage = (context: Bytes, message: Bytes): Bytes => concat(bytes(0, context.length), context, message)

/** M' of HashML-DSA (FIPS 204, algorithm 4). */
export const hashMessage = (alg: number, context: Bytes, digest: Bytes): Bytes =>
  concat(bytes(1, context.length), context, fromHex(OID[alg] as string), digest)

/** Signs M', or a 64-byte mu. @param rnd 32 bytes: the hedged variant */
export const mldsaSign = (set: number, xi: Bytes, input: Bytes, rnd: Bytes, externalMu = false): Bytes =>
  of(set).internal.sign(raw(input).slice(), raw(mldsaKeys(set, xi).secretKey), {
    extraEntropy: raw(rnd),
    externalMu,
  })

/** Whether the signature over M', or over a 64-byte mu, is good. A signature of another length is not. */
export function mldsaVerify(
  set: number,
  publicKey: Bytes,
  input: Bytes,
  signature: Bytes,
  externalMu = false,
): boolean {
  const s = of(set)
  if (signature.length !== s.lengths.signature || publicKey.length !== s.lengths.publicKey) return false
  return s.internal.verify(raw(signature), raw(input).slice(), raw(publicKey), { externalMu })
}
