// How a key signs: its scheme, and signing and verifying digests and messages with it. Part 3, 20.1, Table 115.

import { hash, hmac } from '../crypto/hash.ts'
import { ecdsaSign, ecdsaVerify } from '../crypto/ecc.ts'
import { hashMessage, isPrehash, mldsaSign, mldsaVerify, pureMessage } from '../crypto/mldsa.ts'
import { rsaPrivate, type RsaPublic, rsaPublic } from '../crypto/rsa.ts'
import { pkcs1SignEncode, pssEncode, pssSaltSize, pssVerify } from '../crypto/rsa-pad.ts'
import { type Bytes, equal } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public, PublicOf, Sensitive, Signature } from '../spec/keys.ts'

/** `hash` is TPM_ALG_NULL for pure ML-DSA. */
export interface Scheme {
  readonly alg: number
  readonly hash: number
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
  if (p.type === ALG.ECC) {
    const { r, s: sig } = ecdsaSign(p.parameters.curveID, secret.sensitive, digest, random(32))
    return { sigAlg: ALG.ECDSA, hash: s.hash, signatureR: r, signatureS: sig }
  }
  if (p.type === ALG.RSA) {
    const sig = rsaSign(rsaKey(p), secret.sensitive, s, digest, random)
    return { sigAlg: s.alg as typeof ALG.RSASSA, hash: s.hash, sig }
  }
  const value = { hashAlg: s.hash, digest: hmac(s.hash, secret.sensitive, digest) }
  return { sigAlg: ALG.HMAC, hmac: value as Extract<Signature, { hmac: unknown }>['hmac'] }
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
  if (p.type === ALG.ECC && signature.sigAlg === ALG.ECDSA) {
    return ecdsaVerify(p.parameters.curveID, p.unique, digest, signature.signatureR, signature.signatureS)
  }
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
