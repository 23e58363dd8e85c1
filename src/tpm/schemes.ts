// How a key signs: its scheme, and signing and verifying digests and messages with it. Part 3, 20.1, Table 115.

import { hash } from '../crypto/hash.ts'
import { mldsaSign, mldsaVerify, pureMessage } from '../crypto/mldsa.ts'
import type { Of } from '../codec/codec.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public, Sensitive, Signature, TPMT_SIG_SCHEME } from '../spec/keys.ts'
import { kindOf, type Random, type Scheme } from './kinds/kind.ts'

export type { Scheme } from './kinds/kind.ts'

/** Octets of the message representative mu of ML-DSA (FIPS 204, 6.2). */
export const MU_SIZE = 64

/** Whether keys of this type and attributes sign at all. */
export const isSigning = (p: Public): boolean => (p.objectAttributes & OBJECT.sign) !== 0 && p.type !== ALG.SYMCIPHER

/** The scheme that a key is bound to; undefined when its scheme is TPM_ALG_NULL or it has none. */
export function keyScheme(p: Public): Scheme | undefined {
  switch (p.type) {
    case ALG.MLDSA:
      return { alg: ALG.MLDSA, hash: ALG.NULL }
    case ALG.HASH_MLDSA:
      return { alg: ALG.HASH_MLDSA, hash: p.parameters.hashAlg }
    case ALG.RSA:
    case ALG.ECC:
    case ALG.KEYEDHASH: {
      const { scheme } = p.parameters
      return 'hashAlg' in scheme ? { alg: scheme.scheme, hash: scheme.hashAlg } : undefined
    }
    default:
      return undefined
  }
}

/** Schemes that keys of a type can be used with when they leave theirs open. */
const OF_FAMILY: { readonly [type: number]: readonly number[] } = {
  [ALG.ECC]: [ALG.ECDSA, ALG.ECDAA, ALG.ECSCHNORR],
  [ALG.RSA]: [ALG.RSASSA, ALG.RSAPSS],
  [ALG.KEYEDHASH]: [ALG.HMAC],
}

/** A scheme that does not tell who signed. */
export const isAnonymous = (s: Scheme): boolean => s.alg === ALG.ECDAA

export const givenScheme = (s: Of<typeof TPMT_SIG_SCHEME>): Scheme => ({
  alg: s.scheme,
  hash: 'hashAlg' in s ? s.hashAlg : ALG.NULL,
  ...('count' in s ? { count: s.count } : {}),
})

/**
 * The key's scheme, or where it leaves that open the one that was given; undefined when they do not go together.
 * Part 3, 18.1 and 20.5.
 */
export function selectScheme(p: Public, wanted: Of<typeof TPMT_SIG_SCHEME>): Scheme | undefined {
  const own = keyScheme(p)
  const given = givenScheme(wanted)
  if (!own) return OF_FAMILY[p.type]?.includes(given.alg) ? given : undefined
  // The counter of an anonymous scheme can only come with the command.
  if (wanted.scheme === ALG.NULL) return isAnonymous(own) ? undefined : own
  return given.alg === own.alg && given.hash === own.hash ? given : undefined
}

/** Octets of what is signed by a digest command: the digest, or mu. */
export const digestLength = (s: Scheme): number => (s.hash === ALG.NULL ? MU_SIZE : digestSize(s.hash))

/** Signs a digest of the scheme's hash, a mu, or with HMAC the digest as it is. */
export function signDigest(
  p: Public,
  secret: Sensitive,
  s: Scheme,
  context: Bytes,
  digest: Bytes,
  random: Random,
): Signature {
  const { sign } = kindOf(p)
  if (!sign) throw new Error('defect: a key of a type that does not sign')
  return sign(p, secret, s, context, digest, random)
}

/** Signs a message: hashed first where the scheme signs digests. */
export function signMessage(
  p: Public,
  secret: Sensitive,
  s: Scheme,
  context: Bytes,
  message: Bytes,
  random: Random,
): Signature {
  if (p.type === ALG.MLDSA) {
    const formatted = pureMessage(context, message)
    return {
      sigAlg: ALG.MLDSA,
      signature: mldsaSign(p.parameters.parameterSet, secret.sensitive, formatted, random(32)),
    }
  }
  const input = p.type === ALG.KEYEDHASH ? message : hash(s.hash, message)
  return signDigest(p, secret, s, context, input, random)
}

/** Whether keys of this type verify signatures of a scheme with TPM2_VerifySignature. None does so with ECDAA. */
export const isVerified = (p: Public, alg: number): boolean =>
  alg !== ALG.ECDAA && (OF_FAMILY[p.type]?.includes(alg) ?? false)

/** Whether a signature names the scheme of the key. */
export const isOfScheme = (signature: Signature, s: Scheme): boolean => {
  if (signature.sigAlg !== s.alg) return false
  if (signature.sigAlg === ALG.HMAC) return signature.hmac.hashAlg === s.hash
  return 'hash' in signature ? signature.hash === s.hash : s.hash === ALG.NULL
}

/** Whether the signature over a digest (or a mu) is good. An HMAC needs the sensitive part. */
export const verifyDigest = (
  p: Public,
  secret: Sensitive | undefined,
  context: Bytes,
  digest: Bytes,
  signature: Signature,
): boolean => kindOf(p).verify?.(p, secret, context, digest, signature) ?? false

export function verifyMessage(
  p: Public,
  secret: Sensitive | undefined,
  s: Scheme,
  context: Bytes,
  message: Bytes,
  signature: Signature,
): boolean {
  if (p.type === ALG.MLDSA && signature.sigAlg === ALG.MLDSA) {
    const formatted = pureMessage(context, message)
    return mldsaVerify(p.parameters.parameterSet, p.unique, formatted, signature.signature)
  }
  const input = p.type === ALG.KEYEDHASH ? message : hash(s.hash, message)
  return verifyDigest(p, secret, context, input, signature)
}
