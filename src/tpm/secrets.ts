// Labeled key encapsulation: a secret for the holder of a key, bound to what it is for. Salts, credentials and duplicates
// use it. Part 1, 8.4.5.2 (labels), 43.10 (RSA), 44.7 (ECC), 47.4 (ML-KEM).

import { eccMultiply, eccOrderSize, eccPrivate, eccPublic, eccSize, isOnCurve } from '../crypto/ecc.ts'
import { kdfa, kdfe } from '../crypto/kdf.ts'
import { mlkemDecapsulate, mlkemEncapsulate } from '../crypto/mlkem.ts'
import { rsaPrivate, rsaPublic } from '../crypto/rsa.ts'
import { oaepDecode, oaepEncode } from '../crypto/rsa-pad.ts'
import { decode, encode, Malformed } from '../codec/codec.ts'
import { type Bytes, utf8 } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { type Public, type PublicOf, type Sensitive, TPMS_ECC_POINT } from '../spec/keys.ts'
import { MLKEM_SIZES } from '../spec/pqc.ts'
import { RC } from '../spec/return-codes.ts'
import { rsaKey } from './kinds/rsa.ts'
import type { Profile } from './profile.ts'

export type Label = 'SECRET' | 'IDENTITY' | 'DUPLICATE'

export interface Shared {
  readonly secret: Bytes
  /** What only the holder of the key gets the secret from: TPM2B_ENCRYPTED_SECRET. */
  readonly encrypted: Bytes
}

/**
 * The hash of OAEP, and with it the size of the secret: that of the key's own scheme, or nameAlg where it has none;
 * undefined for a scheme that is no OAEP. Storage keys have none. Part 1, 43.10.
 */
function oaepHash(p: PublicOf<typeof ALG.RSA>, profile: Profile | undefined): number | undefined {
  const { scheme } = p.parameters
  if (scheme.scheme === ALG.NULL) return p.nameAlg
  if (scheme.scheme !== ALG.OAEP) return undefined
  return profile?.peculiar.has('name-hash-in-secrets') ? p.nameAlg : scheme.hashAlg
}

/** A fresh secret of the size of nameAlg's digest, for a storage key; undefined when this type of key cannot take one. */
export function shareSecret(p: Public, label: Label, random: (n: number) => Bytes): Shared | undefined {
  const bits = 8 * digestSize(p.nameAlg)
  switch (p.type) {
    case ALG.ECC: {
      const { curveID } = p.parameters
      const d = eccPrivate(curveID, random(eccOrderSize(curveID) + 8))
      const mine = eccPublic(curveID, d)
      const z = eccMultiply(curveID, d, p.unique)
      if (!mine || !z) return undefined
      const secret = kdfe(p.nameAlg, z.x, label, mine.x, padded(curveID, p.unique.x), bits)
      return { secret, encrypted: encode(TPMS_ECC_POINT, mine) }
    }
    case ALG.RSA: {
      const k = p.unique.length
      const alg = oaepHash(p, undefined)
      if (alg === undefined) return undefined
      const size = digestSize(alg)
      const secret = random(size)
      const encoded = oaepEncode(alg, k, secret, withZero(label), random(size))
      const encrypted = rsaPublic(rsaKey(p), encoded)
      return encrypted && { secret, encrypted }
    }
    case ALG.MLKEM: {
      const { secret, ciphertext } = mlkemEncapsulate(p.parameters.parameterSet, p.unique, random(32))
      return { secret: kdfa(p.nameAlg, secret, label, ciphertext, p.unique, bits), encrypted: ciphertext }
    }
    default:
      return undefined
  }
}

/** OAEP takes the label with its final zero. Part 1, 43.4. */
const withZero = (label: Label): Bytes => utf8(`${label}\0`)

const padded = (curve: number, x: Bytes): Bytes => {
  const out = new Uint8Array(eccSize(curve))
  for (let i = 0; i < x.length; i++) out[out.length - x.length + i] = x[i] as number
  return out
}

/**
 * The secret, or the return code (without number) that says what is wrong with what was sent.
 * @param profile whose way it is; that of the text by default
 */
export function recoverSecret(
  p: Public,
  s: Sensitive,
  label: Label,
  encrypted: Bytes,
  profile?: Profile,
): Bytes | number {
  const bits = 8 * digestSize(p.nameAlg)
  switch (p.type) {
    case ALG.ECC: {
      const { curveID } = p.parameters
      const theirs = pointOf(encrypted)
      if (typeof theirs === 'number') return theirs
      if (!isOnCurve(curveID, theirs)) return RC.ECC_POINT
      const z = eccMultiply(curveID, s.sensitive, theirs)
      if (!z) return RC.ECC_POINT
      return kdfe(p.nameAlg, z.x, label, padded(curveID, theirs.x), padded(curveID, p.unique.x), bits)
    }
    case ALG.RSA: {
      const alg = oaepHash(p, profile)
      if (alg === undefined) return RC.VALUE
      if (encrypted.length !== p.unique.length) return RC.VALUE
      const encoded = rsaPrivate(rsaKey(p), s.sensitive, encrypted)
      const secret = encoded && oaepDecode(alg, encoded, withZero(label))
      return secret && secret.length <= digestSize(alg) ? secret : RC.VALUE
    }
    case ALG.MLKEM: {
      const set = p.parameters.parameterSet
      if (encrypted.length !== MLKEM_SIZES[set]?.ciphertext) return RC.SIZE
      return kdfa(p.nameAlg, mlkemDecapsulate(set, s.sensitive, encrypted), label, encrypted, p.unique, bits)
    }
    default:
      return RC.KEY
  }
}

function pointOf(encrypted: Bytes): { x: Bytes; y: Bytes } | number {
  try {
    return decode(TPMS_ECC_POINT, encrypted)
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    return e.reason === 'insufficient' ? RC.INSUFFICIENT : RC.SIZE
  }
}
