// How a key signs: its scheme, and signing and verifying digests and messages with it. Part 3, 20.1, Table 115.

import { hash, hmac } from '../crypto/hash.ts'
import { ecdsaSign, ecdsaVerify } from '../crypto/ecc.ts'
import { ecdaaSign, schnorrSign, schnorrVerify } from '../crypto/ecc-schemes.ts'
import { hashMessage, isPrehash, mldsaSign, mldsaVerify, pureMessage } from '../crypto/mldsa.ts'
import { rsaPrivate, type RsaPublic, rsaPublic } from '../crypto/rsa.ts'
import { pkcs1SignEncode, pssEncode, pssSaltSize, pssVerify } from '../crypto/rsa-pad.ts'
import type { Of } from '../codec/codec.ts'
import { type Bytes, equal } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public, PublicOf, Sensitive, Signature, TPMT_SIG_SCHEME } from '../spec/keys.ts'

/** `hash` is TPM_ALG_NULL for pure ML-DSA. */
export interface Scheme {
  readonly alg: number
  readonly hash: number
  /** Of ECDAA: the counter of TPM2_Commit, and the ephemeral key that it names once that is recovered. */
  readonly count?: number
  readonly commit?: Bytes
}

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

/** What a signing function draws on: entropy for the hedged variants. */
type Random = (n: number) => Bytes

/** The public exponent of an RSA key: zero stands for the usual one. Part 2, 12.2.3.4. */
export const rsaExponent = (p: PublicOf<typeof ALG.RSA>): number => p.parameters.exponent || 65_537

export const rsaKey = (p: PublicOf<typeof ALG.RSA>): RsaPublic => ({ n: p.unique, e: rsaExponent(p) })

/** RSASSA-PKCS1-v1_5 or RSASSA-PSS. Part 1, 43.6 and 43.7. */
function rsaSign(key: RsaPublic, secret: Bytes, s: Scheme, digest: Bytes, random: Random): Bytes {
  const k = key.n.length
  const encoded =
    s.alg === ALG.RSASSA
      ? pkcs1SignEncode(s.hash, k, digest)
      : pssEncode(s.hash, k, digest, random(pssSaltSize(s.hash, k)))
  const signature = encoded && rsaPrivate(key, secret, encoded)
  if (!signature) throw new Error('defect: an RSA key too short for its scheme')
  return signature
}

function rsaVerify(key: RsaPublic, alg: number, hashAlg: number, digest: Bytes, signature: Bytes): boolean {
  const k = key.n.length
  const encoded = signature.length === k ? rsaPublic(key, signature) : undefined
  if (!encoded || digest.length !== digestSize(hashAlg)) return false
  if (alg === ALG.RSAPSS) return pssVerify(hashAlg, digest, encoded)
  const expected = pkcs1SignEncode(hashAlg, k, digest)
  return expected !== undefined && equal(expected, encoded)
}

/** Signs a digest of the scheme's hash, a mu, or with HMAC the digest as it is. */
export function signDigest(
  p: Public,
  secret: Sensitive,
  s: Scheme,
  context: Bytes,
  digest: Bytes,
  random: Random,
): Signature {
  if (p.type === ALG.MLDSA) {
    const signature = mldsaSign(p.parameters.parameterSet, secret.sensitive, digest, random(32), true)
    return { sigAlg: ALG.MLDSA, signature }
  }
  if (p.type === ALG.HASH_MLDSA) {
    const message = hashMessage(s.hash, context, digest)
    const signature = mldsaSign(p.parameters.parameterSet, secret.sensitive, message, random(32))
    return { sigAlg: ALG.HASH_MLDSA, hash: s.hash, signature }
  }
  if (p.type === ALG.ECC) return signEcc(p.parameters.curveID, secret.sensitive, s, digest, random)
  if (p.type === ALG.RSA) {
    const sig = rsaSign(rsaKey(p), secret.sensitive, s, digest, random)
    return { sigAlg: s.alg as typeof ALG.RSASSA, hash: s.hash, sig }
  }
  const value = { hashAlg: s.hash, digest: hmac(s.hash, secret.sensitive, digest) }
  return { sigAlg: ALG.HMAC, hmac: value as Extract<Signature, { hmac: unknown }>['hmac'] }
}

function signEcc(curve: number, d: Bytes, s: Scheme, digest: Bytes, random: Random): Signature {
  switch (s.alg) {
    case ALG.ECSCHNORR: {
      const made = schnorrSign(curve, d, s.hash, digest, random)
      return { sigAlg: ALG.ECSCHNORR, hash: s.hash, signatureR: made.r, signatureS: made.s }
    }
    case ALG.ECDAA: {
      if (!s.commit) throw new Error('defect: ECDAA without its ephemeral key')
      const made = ecdaaSign(curve, d, s.hash, digest, s.commit, random)
      return { sigAlg: ALG.ECDAA, hash: s.hash, signatureR: made.r, signatureS: made.s }
    }
    default: {
      const made = ecdsaSign(curve, d, digest, random(32))
      return { sigAlg: ALG.ECDSA, hash: s.hash, signatureR: made.r, signatureS: made.s }
    }
  }
}

/** ECDAA signatures are not verified by a TPM: Part 1, 44.3.3.1. */
function verifyEcc(p: PublicOf<typeof ALG.ECC>, digest: Bytes, signature: Signature): boolean {
  const { curveID } = p.parameters
  switch (signature.sigAlg) {
    case ALG.ECDSA:
      return ecdsaVerify(curveID, p.unique, digest, signature.signatureR, signature.signatureS)
    case ALG.ECSCHNORR:
      return schnorrVerify(curveID, p.unique, signature.hash, digest, signature.signatureR, signature.signatureS)
    default:
      return false
  }
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

/** Whether a signature names the scheme of the key. */
export const isOfScheme = (signature: Signature, s: Scheme): boolean => {
  if (signature.sigAlg !== s.alg) return false
  if (signature.sigAlg === ALG.HMAC) return signature.hmac.hashAlg === s.hash
  return 'hash' in signature ? signature.hash === s.hash : s.hash === ALG.NULL
}

/** Whether the signature over a digest (or a mu) is good. An HMAC needs the sensitive part. */
export function verifyDigest(
  p: Public,
  secret: Sensitive | undefined,
  context: Bytes,
  digest: Bytes,
  signature: Signature,
): boolean {
  if (p.type === ALG.MLDSA && signature.sigAlg === ALG.MLDSA) {
    return mldsaVerify(p.parameters.parameterSet, p.unique, digest, signature.signature, true)
  }
  if (p.type === ALG.HASH_MLDSA && signature.sigAlg === ALG.HASH_MLDSA) {
    const message = hashMessage(signature.hash, context, digest)
    return mldsaVerify(p.parameters.parameterSet, p.unique, message, signature.signature)
  }
  if (p.type === ALG.ECC) return verifyEcc(p, digest, signature)
  if (p.type === ALG.RSA && (signature.sigAlg === ALG.RSASSA || signature.sigAlg === ALG.RSAPSS)) {
    return rsaVerify(rsaKey(p), signature.sigAlg, signature.hash, digest, signature.sig)
  }
  if (p.type === ALG.KEYEDHASH && signature.sigAlg === ALG.HMAC && secret) {
    return equal(hmac(signature.hmac.hashAlg, secret.sensitive, digest), signature.hmac.digest)
  }
  return false
}

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

/** Whether HashML-DSA has an identifier for the hash: without one there is no M' to sign. FIPS 204, 5.4.1. */
export { isPrehash }
