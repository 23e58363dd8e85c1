// Whether a public area makes sense: attributes and schemes that fit the type. Part 2, 8.3.3 and 12.2.3; Part 1, 24.
// What a template may ask for at creation is checked here too; the order is that of Part 3, 12.1.

import { isDhkem } from '../crypto/dhkem.ts'
import { blockSize } from '../crypto/hash.ts'
import { isPrime } from '../crypto/primes.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { YES } from '../spec/codes.ts'
import type { Public, PublicOf, PublicParms } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import type { Profile } from './profile.ts'
import { isPrehash, rsaExponent } from './schemes.ts'

/** Octets of sensitive data at most: MAX_SYM_DATA. */
const MAX_SYM_DATA = 128

/** What is wrong, as a return code without number; undefined when nothing is. */
export type Verdict = number | undefined

const has = (p: Public, bit: number): boolean => (p.objectAttributes & bit) !== 0

/** A key under which others are stored: restricted, and it decrypts. */
export const isStorage = (p: Public): boolean =>
  has(p, OBJECT.restricted) && has(p, OBJECT.decrypt) && p.type !== ALG.KEYEDHASH

/** Parameters alone: what TPM2_TestParms looks at. */
export function checkParms(p: PublicParms, profile: Profile): Verdict {
  if (p.type === ALG.MLDSA && p.parameters.allowExternalMu === YES && !profile.externalMu) return RC.EXT_MU
  if (p.type === ALG.HASH_MLDSA && !isPrehash(p.parameters.hashAlg)) return RC.HASH
  if (p.type === ALG.ECC) {
    // For key encapsulation, which has HKDF only: Part 2, Table 229.
    const { kdf, curveID } = p.parameters
    if (kdf.scheme !== ALG.NULL && (kdf.scheme !== ALG.HKDF || !isDhkem(curveID, kdf.hashAlg))) return RC.KDF
  }
  return undefined
}

function checkKeyedHash(p: Extract<Public, { type: typeof ALG.KEYEDHASH }>): Verdict {
  const sign = has(p, OBJECT.sign)
  const decrypt = has(p, OBJECT.decrypt)
  const { scheme } = p.parameters.scheme
  if (sign === decrypt) return scheme === ALG.NULL ? undefined : RC.SCHEME
  return scheme === (sign ? ALG.HMAC : ALG.XOR) ? undefined : RC.SCHEME
}

/** The symmetric algorithm protects children: a storage key must have one, in CFB mode, another key none. */
function checkSymmetric(p: Public, symmetric: { readonly algorithm: number; readonly mode?: number }): Verdict {
  if (isStorage(p) !== (symmetric.algorithm !== ALG.NULL)) return RC.SYMMETRIC
  return isStorage(p) && symmetric.mode !== ALG.CFB ? RC.MODE : undefined
}

/** A key that decrypts has no mode that only signs. */
function checkCipher(p: PublicOf<typeof ALG.SYMCIPHER>): Verdict {
  const { sym } = p.parameters
  if (isStorage(p)) return checkSymmetric(p, sym)
  return has(p, OBJECT.decrypt) && sym.mode === ALG.CMAC ? RC.SCHEME : undefined
}

const ECC_SIGNS: readonly number[] = [ALG.ECDSA, ALG.ECDAA, ALG.ECSCHNORR]
const ECC_EXCHANGES: readonly number[] = [ALG.NULL, ALG.ECDH, ALG.ECMQV]

function checkRsa(p: PublicOf<typeof ALG.RSA>, profile: Profile): Verdict {
  const { scheme, symmetric } = p.parameters
  const sign = has(p, OBJECT.sign)
  const decrypt = has(p, OBJECT.decrypt)
  const own = scheme.scheme
  const fits =
    isStorage(p) || (sign && decrypt)
      ? own === ALG.NULL
      : sign
        ? own === ALG.RSASSA || own === ALG.RSAPSS || (own === ALG.NULL && !has(p, OBJECT.restricted))
        : own === ALG.RSAES || own === ALG.OAEP || own === ALG.NULL
  const parms = fits ? checkParms(p, profile) : RC.SCHEME
  return checkSymmetric(p, symmetric) ?? parms ?? (isExponent(rsaExponent(p)) ? undefined : RC.RANGE)
}

/** Any odd exponent above 2 for a public key alone. */
const isExponent = (e: number): boolean => e >= 3 && e % 2 === 1

/** With a private part, an exponent is a prime above 2^16: Part 1, 43.8.2. Support for any but zero is optional. */
const checkExponent = (p: Public): Verdict =>
  p.type === ALG.RSA && (rsaExponent(p) < 65_537 || !isPrime(rsaExponent(p))) ? RC.RANGE : undefined

function checkEcc(p: Extract<Public, { type: typeof ALG.ECC }>, profile: Profile): Verdict {
  const { scheme, kdf, symmetric } = p.parameters
  const sign = has(p, OBJECT.sign)
  const decrypt = has(p, OBJECT.decrypt)
  const signs = ECC_SIGNS.includes(scheme.scheme)
  if (isStorage(p) || (sign && decrypt)) {
    if (scheme.scheme !== ALG.NULL) return RC.SCHEME
  } else if (sign) {
    if (has(p, OBJECT.restricted) ? !signs : !signs && scheme.scheme !== ALG.NULL) return RC.SCHEME
  } else if (!ECC_EXCHANGES.includes(scheme.scheme)) return RC.SCHEME
  const fits = kdf.scheme === ALG.NULL || (decrypt && !isStorage(p) && scheme.scheme === ALG.ECDH)
  return checkSymmetric(p, symmetric) ?? (fits ? checkParms(p, profile) : RC.KDF)
}

/** Parameters that fit the attributes: all that is checked of a public area that comes without its private part. */
export function checkScheme(p: Public, profile: Profile): Verdict {
  switch (p.type) {
    case ALG.KEYEDHASH:
      return checkKeyedHash(p)
    case ALG.RSA:
      return checkRsa(p, profile)
    case ALG.ECC:
      return checkEcc(p, profile)
    case ALG.SYMCIPHER:
      return checkCipher(p)
    case ALG.MLKEM:
      return checkSymmetric(p, p.parameters.symmetric)
    case ALG.MLDSA:
    case ALG.HASH_MLDSA:
      return checkParms(p as PublicParms, profile)
    default:
      return undefined
  }
}

/** Attributes that hold for every object with a private part, wherever it comes from. Part 2, 8.3.3. */
function checkAttributes(p: Public): Verdict {
  const sign = has(p, OBJECT.sign)
  const decrypt = has(p, OBJECT.decrypt)
  const restricted = has(p, OBJECT.restricted)
  if (restricted && sign === decrypt) return RC.ATTRIBUTES
  if (has(p, OBJECT.x509sign) && (!sign || p.type === ALG.KEYEDHASH || p.type === ALG.SYMCIPHER)) {
    return RC.ATTRIBUTES
  }
  if (has(p, OBJECT.firmwareLimited) || has(p, OBJECT.svnLimited)) return RC.ATTRIBUTES
  switch (p.type) {
    case ALG.KEYEDHASH:
      return undefined
    case ALG.MLDSA:
      // An external mu cannot be told from one over a structure of the TPM: Part 3, 20.1.
      if (restricted && p.parameters.allowExternalMu === YES) return RC.ATTRIBUTES
      return sign && !decrypt ? undefined : RC.ATTRIBUTES
    case ALG.HASH_MLDSA:
      return sign && !decrypt ? undefined : RC.ATTRIBUTES
    case ALG.MLKEM:
      return decrypt && !sign ? undefined : RC.ATTRIBUTES
    default:
      return sign || decrypt ? undefined : RC.ATTRIBUTES
  }
}

/** The policy is a digest of nameAlg, or there is none. */
export const checkPolicy = (p: Public): Verdict =>
  p.authPolicy.length === 0 || (p.nameAlg !== ALG.NULL && p.authPolicy.length === digestSize(p.nameAlg))
    ? undefined
    : RC.SIZE

/** A public area whose private part is there too, or is to be made. */
export const checkPublic = (p: Public, profile: Profile): Verdict =>
  checkPolicy(p) ?? checkAttributes(p) ?? checkScheme(p, profile) ?? checkExponent(p)

/** What is wrong with a template, and whether it is about inSensitive instead of inPublic. */
export interface TemplateVerdict {
  readonly rc: Verdict
  readonly inSensitive: boolean
}

/** A primary object: its parent is a hierarchy, which counts as fixedTPM. Part 2, 8.3.3. */
export const fitsHierarchy = (p: Public): Verdict =>
  has(p, OBJECT.fixedTPM) !== has(p, OBJECT.fixedParent) ||
  (has(p, OBJECT.fixedTPM) && has(p, OBJECT.encryptedDuplication))
    ? RC.ATTRIBUTES
    : undefined

/** A template: what Part 3, 12.1 asks besides. `data` is inSensitive.data. */
export function checkTemplate(p: Public, data: Bytes): TemplateVerdict {
  const inPublic = (rc: Verdict): TemplateVerdict => ({ rc, inSensitive: false })
  const inSensitive = (rc: Verdict): TemplateVerdict => ({ rc, inSensitive: true })
  const keyless = !has(p, OBJECT.sign) && !has(p, OBJECT.decrypt)
  if (has(p, OBJECT.sensitiveDataOrigin) !== (data.length === 0)) return inPublic(RC.ATTRIBUTES)
  if (p.type === ALG.SYMCIPHER) {
    if (keyless) return inPublic(RC.ATTRIBUTES)
    if (data.length > cipherKeySize(p)) return inSensitive(RC.SIZE)
    return data.length > 0 && data.length < cipherKeySize(p) ? inSensitive(RC.KEY_SIZE) : inPublic(undefined)
  }
  if (p.type !== ALG.KEYEDHASH) {
    if (keyless) return inPublic(RC.ATTRIBUTES)
    return data.length > 0 ? inSensitive(RC.VALUE) : inPublic(undefined)
  }
  if (data.length === 0 && keyless) return inPublic(RC.ATTRIBUTES)
  return data.length > largestKey(p) ? inSensitive(RC.SIZE) : inPublic(undefined)
}

/** Octets that a keyed hash key may have: no more than a block of its hash. Part 1, 24.7.5.1. */
export function largestKey(p: Extract<Public, { type: typeof ALG.KEYEDHASH }>): number {
  const { scheme } = p.parameters
  return 'hashAlg' in scheme ? Math.min(blockSize(scheme.hashAlg), MAX_SYM_DATA) : MAX_SYM_DATA
}

/** Octets of the key of a symmetric cipher. */
export const cipherKeySize = (p: PublicOf<typeof ALG.SYMCIPHER>): number => p.parameters.sym.keyBits / 8
