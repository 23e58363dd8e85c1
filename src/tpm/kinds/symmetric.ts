// Symmetric objects: keyed hash (HMAC keys, sealed data, derivation parents) and ciphers. Part 1, 24.7.5; Part 2, 12.2.3.2
// and 12.2.3.3.

import { isStrong, withOddParity } from '../../crypto/des.ts'
import { blockSize, hash, hmac } from '../../crypto/hash.ts'
import { type Bytes, equal } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import type { Public, PublicOf, Signature } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import type { Profile } from '../profile.ts'
import type { Stream } from '../streams.ts'
import { bound, checkSymmetric, has, isStorage } from './checks.ts'
import { addKind, type KeyKind, type Verdict } from './kind.ts'

type KeyedHash = PublicOf<typeof ALG.KEYEDHASH>
type Cipher = PublicOf<typeof ALG.SYMCIPHER>

/** Octets of sensitive data at most: MAX_SYM_DATA. */
const MAX_SYM_DATA = 128

/** Octets that a keyed hash key may have: no more than a block of its hash. Part 1, 24.7.5.1. */
function largestKey(p: KeyedHash): number {
  const { scheme } = p.parameters
  return 'hashAlg' in scheme ? Math.min(blockSize(scheme.hashAlg), MAX_SYM_DATA) : MAX_SYM_DATA
}

/** Octets of the key of a symmetric cipher. */
const cipherKeySize = (p: Cipher): number => p.parameters.sym.keyBits / 8

/** The key of a cipher. One of DES has odd parity and is not weak: SP 800-67, 3.3.2. */
function cipherKey(p: Cipher, stream: Stream): Bytes {
  if (p.parameters.sym.algorithm !== ALG.TDES) return stream.next(cipherKeySize(p))
  let key = withOddParity(stream.next(cipherKeySize(p)))
  while (!isStrong(key)) key = withOddParity(stream.next(cipherKeySize(p)))
  return key
}

/** Whether data that the caller brings can be the secret of such an object. Part 3, 12.1. */
function checkData(p: KeyedHash | Cipher, data: Bytes): Verdict {
  if (p.type === ALG.KEYEDHASH) return data.length > largestKey(p) ? RC.SIZE : undefined
  if (data.length > cipherKeySize(p)) return RC.SIZE
  return data.length > 0 && data.length < cipherKeySize(p) ? RC.KEY_SIZE : undefined
}

/** unique of a symmetric object: it binds the secret and does not tell it. Part 3, 12.1, Equation 1. */
const hiding = (profile: Profile, p: Public, seed: Bytes, secret: Bytes): Bytes =>
  has(p, OBJECT.restricted) && has(p, OBJECT.decrypt) && profile.peculiar.has('hmac-unique-of-parents')
    ? hmac(p.nameAlg, seed, secret)
    : hash(p.nameAlg, seed, secret)

const made = (profile: Profile, p: Public, sensitive: Bytes, seedValue: Bytes) => ({
  ...{ unique: hiding(profile, p, seedValue, sensitive), sensitive, seedValue },
})

const checkUnique = (p: Public): Verdict =>
  p.nameAlg === ALG.NULL || (p.unique as Bytes).length === digestSize(p.nameAlg) ? undefined : RC.KEY

/** Without a Name the two cannot be bound: Part 3, 12.3.1. */
const binds = (profile: Profile, p: Public, seed: Bytes, secret: Bytes): Verdict =>
  bound(p.nameAlg === ALG.NULL || equal(hiding(profile, p, seed, secret), p.unique as Bytes))

const keyedHash: KeyKind<KeyedHash> = {
  checkScheme(p) {
    const sign = has(p, OBJECT.sign)
    const { scheme } = p.parameters.scheme
    if (sign === has(p, OBJECT.decrypt)) return scheme === ALG.NULL ? undefined : RC.SCHEME
    return scheme === (sign ? ALG.HMAC : ALG.XOR) ? undefined : RC.SCHEME
  },

  make(p, stream, data, seedValue, profile) {
    const { scheme } = p.parameters
    const size = digestSize('hashAlg' in scheme ? scheme.hashAlg : p.nameAlg)
    return made(profile, p, data.length > 0 ? data : stream.next(size), seedValue(true))
  },

  checkUnique,
  checkData,
  checkPair: (p, s, profile) =>
    s.sensitive.length > largestKey(p) ? RC.KEY_SIZE : binds(profile, p, s.seedValue, s.sensitive),

  sign(_, secret, s, __, digest) {
    const value = { hashAlg: s.hash, digest: hmac(s.hash, secret.sensitive, digest) }
    return { sigAlg: ALG.HMAC, hmac: value as Extract<Signature, { hmac: unknown }>['hmac'] }
  },

  verify: (_, secret, __, digest, signature) =>
    signature.sigAlg === ALG.HMAC &&
    secret !== undefined &&
    equal(hmac(signature.hmac.hashAlg, secret.sensitive, digest), signature.hmac.digest),
}

const cipher: KeyKind<Cipher> = {
  // A key that decrypts has no mode that only signs.
  checkScheme(p, profile) {
    const { sym } = p.parameters
    const signsOnly = has(p, OBJECT.decrypt) && sym.mode === ALG.CMAC
    return (isStorage(p) ? checkSymmetric(p, sym, profile) : undefined) ?? (signsOnly ? RC.SCHEME : undefined)
  },

  make: (p, stream, data, seedValue, profile) =>
    made(profile, p, data.length > 0 ? data : cipherKey(p, stream), seedValue(true)),

  checkUnique,
  checkData,
  checkPair: (p, s, profile) =>
    s.sensitive.length !== cipherKeySize(p) ? RC.KEY_SIZE : binds(profile, p, s.seedValue, s.sensitive),
}

export function addSymmetric(): void {
  addKind<KeyedHash>([ALG.KEYEDHASH], keyedHash)
  addKind<Cipher>([ALG.SYMCIPHER], cipher)
}
