// Making and checking objects: from a template and a stream of random bytes to a key; whether public and private part
// belong together. Part 1, 24 and 44 to 47; Part 3, 12.1 and 12.3.

import { type Drbg, primaryStream } from '../crypto/drbg.ts'
import { eccOrderSize, eccPrivate, eccPublic, isOnCurve } from '../crypto/ecc.ts'
import { hash, hmac } from '../crypto/hash.ts'
import { mldsaKeys } from '../crypto/mldsa.ts'
import { mlkemKeyIsValid, mlkemKeys } from '../crypto/mlkem.ts'
import { rsaIsPair } from '../crypto/rsa.ts'
import { encode } from '../codec/codec.ts'
import { be16, type Bytes, concat, EMPTY, equal } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { type Public, type Sensitive, TPMT_PUBLIC } from '../spec/keys.ts'
import { MLDSA_SIZES } from '../spec/pqc.ts'
import { RC } from '../spec/return-codes.ts'
import { rsaExponent, rsaKey } from './schemes.ts'
import type { Profile } from './profile.ts'
import type { Stream } from './streams.ts'
import { cipherKeySize, isStorage, largestKey, type Verdict } from './templates.ts'
import type { HierarchyName, Tpm } from './tpm.ts'

export interface Made {
  readonly publicArea: Public
  readonly sensitive: Sensitive
}

/** Octets of the private seed: xi; d and z (FIPS 204, FIPS 203). */
const XI = 32
const DZ = 64

/**
 * The stream of a primary object. Part 1, 24.6.3 leaves the method to the vendor; this one is that of the TCG reference
 * code, so that the same seed and template give the same ECC and keyed hash objects.
 */
export function primaryDrbg(tpm: Tpm, hierarchy: HierarchyName, template: Public, data: Bytes): Drbg {
  const { seed } = tpm.hierarchies[hierarchy]
  const { nameAlg } = template
  const bound = concat(be16(nameAlg), hash(nameAlg, encode(TPMT_PUBLIC, template)))
  return primaryStream(seed, bound, data)
}

/** What is mixed into the stream before the seed value of a primary object is drawn from it, as the reference code does. */
export const primaryProofs = ({ hierarchies: h }: Tpm, hierarchy: HierarchyName): readonly Bytes[] =>
  hierarchy === 'endorsement' ? [h.owner.proof, h.endorsement.proof] : []

/** unique of a symmetric object: it binds the secret and does not tell it. Part 3, 12.1, Equation 1. */
const hiding = (profile: Profile, p: Public, seed: Bytes, secret: Bytes): Bytes =>
  isParent(p) && profile.peculiar.has('hmac-unique-of-parents')
    ? hmac(p.nameAlg, seed, secret)
    : hash(p.nameAlg, seed, secret)

const PARENT = OBJECT.restricted | OBJECT.decrypt
const isParent = (p: Public): boolean => (p.objectAttributes & PARENT) === PARENT

/**
 * A key from its template. Private parts are drawn first, then the seed value, as the reference code does.
 * @param proofs mixed in between the two
 */
export function makeObject(
  profile: Profile,
  template: Public,
  stream: Stream,
  auth: Bytes,
  data: Bytes,
  proofs: readonly Bytes[] = [],
): Made {
  const next = (n: number): Bytes => stream.next(n)
  const seedSize = digestSize(template.nameAlg)
  const seedOf = (needed: boolean): Bytes => {
    if (!needed) return EMPTY
    for (const proof of proofs) stream.stir(proof)
    return next(seedSize)
  }
  switch (template.type) {
    case ALG.RSA: {
      const { keyBits } = template.parameters
      const key = stream.rsaKey(keyBits, rsaExponent(template))
      const seedValue = seedOf(isStorage(template))
      return {
        publicArea: { ...template, unique: key.n },
        sensitive: { sensitiveType: ALG.RSA, authValue: auth, seedValue, sensitive: key.p },
      }
    }
    case ALG.ECC: {
      const { curveID } = template.parameters
      const d = eccPrivate(curveID, next(eccOrderSize(curveID) + 8))
      const unique = eccPublic(curveID, d) as { x: Bytes; y: Bytes }
      const seedValue = seedOf(isStorage(template))
      return {
        publicArea: { ...template, unique },
        sensitive: { sensitiveType: ALG.ECC, authValue: auth, seedValue, sensitive: d },
      }
    }
    case ALG.KEYEDHASH: {
      const { scheme } = template.parameters
      const size = 'hashAlg' in scheme ? digestSize(scheme.hashAlg) : seedSize
      const sensitive = data.length > 0 ? data : next(size)
      const seedValue = seedOf(true)
      return {
        publicArea: { ...template, unique: hiding(profile, template, seedValue, sensitive) },
        sensitive: { sensitiveType: ALG.KEYEDHASH, authValue: auth, seedValue, sensitive },
      }
    }
    case ALG.SYMCIPHER: {
      const sensitive = data.length > 0 ? data : next(cipherKeySize(template))
      const seedValue = seedOf(true)
      return {
        publicArea: { ...template, unique: hiding(profile, template, seedValue, sensitive) },
        sensitive: { sensitiveType: ALG.SYMCIPHER, authValue: auth, seedValue, sensitive },
      }
    }
    case ALG.MLDSA:
    case ALG.HASH_MLDSA: {
      const xi = next(XI)
      const unique = mldsaKeys(template.parameters.parameterSet, xi).publicKey
      return {
        publicArea: { ...template, unique },
        sensitive: { sensitiveType: template.type, authValue: auth, seedValue: EMPTY, sensitive: xi },
      }
    }
    case ALG.MLKEM: {
      const dz = next(DZ)
      const unique = mlkemKeys(template.parameters.parameterSet, dz).publicKey
      const seedValue = seedOf(isStorage(template))
      return {
        publicArea: { ...template, unique },
        sensitive: { sensitiveType: ALG.MLKEM, authValue: auth, seedValue, sensitive: dz },
      }
    }
    default:
      throw new Error('defect: no way to make an object of this type')
  }
}

/** Whether the public key can be one of its type. Part 3, 12.3.1. */
export function checkUnique(p: Public): Verdict {
  switch (p.type) {
    case ALG.RSA:
      // A modulus has all its bits.
      return p.unique.length === p.parameters.keyBits / 8 && (p.unique[0] as number) >= 0x80 ? undefined : RC.KEY
    case ALG.ECC:
      return isOnCurve(p.parameters.curveID, p.unique) ? undefined : RC.ECC_POINT
    case ALG.MLDSA:
    case ALG.HASH_MLDSA:
      return p.unique.length === MLDSA_SIZES[p.parameters.parameterSet]?.publicKey ? undefined : RC.KEY
    case ALG.MLKEM:
      // FIPS 203, 7.2: a key that fails the modulus check cannot be encapsulated to.
      return mlkemKeyIsValid(p.parameters.parameterSet, p.unique) ? undefined : RC.KEY
    case ALG.KEYEDHASH:
    case ALG.SYMCIPHER:
      return p.nameAlg === ALG.NULL || p.unique.length === digestSize(p.nameAlg) ? undefined : RC.KEY
    default:
      return undefined
  }
}

/** A private part with its public part: KEY_SIZE when it has the wrong size, BINDING when it is of another key. */
export function checkPair(profile: Profile, p: Public, s: Sensitive): Verdict {
  const bound = (ok: boolean): Verdict => (ok ? undefined : RC.BINDING)
  const secret = s.sensitive
  switch (p.type) {
    case ALG.RSA:
      if (secret.length * 2 !== p.unique.length) return RC.KEY_SIZE
      return bound(rsaIsPair(rsaKey(p), secret))
    case ALG.ECC: {
      const point = eccPublic(p.parameters.curveID, secret)
      if (secret.length > eccOrderSize(p.parameters.curveID) || !point) return RC.KEY_SIZE
      return bound(equal(point.x, p.unique.x) && equal(point.y, p.unique.y))
    }
    case ALG.MLDSA:
    case ALG.HASH_MLDSA:
      if (secret.length !== XI) return RC.KEY_SIZE
      return bound(equal(mldsaKeys(p.parameters.parameterSet, secret).publicKey, p.unique))
    case ALG.MLKEM:
      if (secret.length !== DZ) return RC.KEY_SIZE
      return bound(equal(mlkemKeys(p.parameters.parameterSet, secret).publicKey, p.unique))
    case ALG.KEYEDHASH:
    case ALG.SYMCIPHER:
      if (p.type === ALG.SYMCIPHER ? secret.length !== cipherKeySize(p) : secret.length > largestKey(p)) {
        return RC.KEY_SIZE
      }
      // Without a Name the two cannot be bound: Part 3, 12.3.1.
      return bound(p.nameAlg === ALG.NULL || equal(hiding(profile, p, s.seedValue, secret), p.unique))
    default:
      return undefined
  }
}
