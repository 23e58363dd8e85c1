// Shared secrets of elliptic curve keys, curve parameters, and encryption with KDF2. Part 3, 14.4 to 14.9; Part 1, 44.8
// and 45.2.4.

import {
  eccMultiply,
  eccOrderSize,
  eccParameters,
  eccPrivate,
  eccPublic,
  eccSize,
  isOnCurve,
  type Point,
  toBytes,
} from '../../crypto/ecc.ts'
import { mqv, unified } from '../../crypto/ecc-schemes.ts'
import { hash } from '../../crypto/hash.ts'
import { kdf2 } from '../../crypto/kdf.ts'
import type { Of } from '../../codec/codec.ts'
import { type Bytes, concat, EMPTY, equal } from '../../lib/bytes.ts'
import { ALG, CURVE } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import {
  ECC_Decrypt,
  ECC_Encrypt,
  ECC_Parameters,
  ECDH_KeyGen,
  ECDH_ZGen,
  ZGen_2Phase,
} from '../../spec/commands/ecdh.ts'
import type { PublicOf, TPMT_KDF_SCHEME } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { recoverCommit } from '../commit.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'

type EccPublic = PublicOf<typeof ALG.ECC>

/** The public area of an ECC key. @throws TPM_RC_KEY */
function eccKey(c: Context, handle: number): EccPublic {
  const { publicArea } = c.object(handle, atHandle(1, RC.KEY))
  if (publicArea.type !== ALG.ECC) throw badHandle(1, RC.KEY)
  return publicArea
}

/** An ECC key that may decrypt, with its private part. */
function decryptKey(c: Context, handle: number): { p: EccPublic; name: Bytes; d: Bytes } {
  const { sensitive, name } = c.object(handle, atHandle(1, RC.KEY))
  const p = eccKey(c, handle)
  if (!sensitive) throw badHandle(1, RC.KEY)
  const attributes = p.objectAttributes
  if (attributes & OBJECT.restricted || !(attributes & OBJECT.decrypt)) throw badHandle(1, RC.ATTRIBUTES)
  return { p, name, d: sensitive.sensitive }
}

const newKey = (c: Context, curve: number): { d: Bytes; q: Point } => {
  const d = eccPrivate(curve, c.random(eccOrderSize(curve) + 8))
  return { d, q: eccPublic(curve, d) as Point }
}

/** The key derivation that the Algorithm Registry recommends for a curve. */
const HASH_OF: { readonly [curve: number]: number } = {
  [CURVE.NIST_P192]: ALG.SHA256,
  [CURVE.NIST_P224]: ALG.SHA256,
  [CURVE.NIST_P256]: ALG.SHA256,
  [CURVE.NIST_P384]: ALG.SHA384,
  [CURVE.NIST_P521]: ALG.SHA512,
}

type Kdf = Of<typeof TPMT_KDF_SCHEME>

/** The hash of KDF2, the one function that there is for encryption. @param n number of the parameter */
function kdfHash(p: EccPublic, given: Kdf, n: number): number {
  const own = p.parameters.kdf
  const scheme = own.scheme === ALG.NULL ? given : own
  if (scheme.scheme !== ALG.KDF2) throw badParameter(n, RC.SCHEME)
  if (scheme !== given && (given.scheme !== scheme.scheme || given.hashAlg !== scheme.hashAlg)) {
    throw badParameter(n, RC.SCHEME)
  }
  return scheme.hashAlg
}

/** The data hidden by the point, or shown again. */
function masked(hashAlg: number, { x, y }: Point, data: Bytes): Bytes {
  const mask = kdf2(hashAlg, concat(x, y), data.length)
  return Uint8Array.from({ length: data.length }, (_, i) => (data[i] as number) ^ (mask[i] as number))
}

export const ecdh = [
  implement(ECDH_KeyGen, (c, { keyHandle }) => {
    const { parameters, unique } = eccKey(c, keyHandle)
    const { curveID } = parameters
    const { d, q } = newKey(c, curveID)
    const zPoint = eccMultiply(curveID, d, unique)
    if (!zPoint) throw badHandle(1, RC.KEY)
    c.emit({ kind: 'shared-secret', scheme: ALG.ECDH, curve: curveID })

    return { zPoint, pubPoint: q }
  }),

  implement(ECDH_ZGen, (c, { keyHandle }, { inPoint }) => {
    const { p, d } = decryptKey(c, keyHandle)
    const { curveID, scheme } = p.parameters
    if (scheme.scheme !== ALG.NULL && scheme.scheme !== ALG.ECDH) throw badHandle(1, RC.SCHEME)
    const outPoint = eccMultiply(curveID, d, inPoint)
    if (!outPoint) throw badParameter(1, RC.ECC_POINT)
    c.emit({ kind: 'shared-secret', scheme: ALG.ECDH, curve: curveID })

    return { outPoint }
  }),

  implement(ECC_Parameters, (_, __, { curveID }) => {
    const { p, a, b, x, y, n, h } = eccParameters(curveID)
    const size = eccSize(curveID)
    // Zero stays one octet, as the Algorithm Registry writes it.
    const field = (v: bigint): Bytes => toBytes(v, v === 0n ? 1 : size)
    const hashAlg = HASH_OF[curveID]
    return {
      parameters: {
        curveID,
        keySize: p.toString(2).length,
        kdf: hashAlg === undefined ? { scheme: ALG.NULL } : { scheme: ALG.KDF1_SP800_56A, hashAlg },
        sign: { scheme: ALG.NULL },
        ...{ p: field(p), a: field(a), b: field(b), gX: field(x), gY: field(y) },
        n: toBytes(n, eccOrderSize(curveID)),
        h: toBytes(h, 1),
      },
    }
  }),

  implement(ZGen_2Phase, (c, { keyA }, { inQsB, inQeB, inScheme, counter }) => {
    const { p, d } = decryptKey(c, keyA)
    const { curveID, scheme } = p.parameters
    if (inScheme !== ALG.ECDH && inScheme !== ALG.ECMQV) throw badParameter(3, RC.SCHEME)
    if (scheme.scheme !== ALG.NULL && scheme.scheme !== inScheme) throw badParameter(3, RC.SCHEME)
    if (!isOnCurve(curveID, inQsB)) throw badParameter(1, RC.ECC_POINT)
    if (!isOnCurve(curveID, inQeB)) throw badParameter(2, RC.ECC_POINT)
    const { r, done } = recoverCommit(c, curveID, c.tpm.profile.contextHash, EMPTY, counter, 4)

    const keys = { ds: d, de: r, qs: inQsB, qe: inQeB }
    const nothing = { x: EMPTY, y: EMPTY }
    const [outZ1, outZ2] = inScheme === ALG.ECDH ? unified(curveID, keys) : [mqv(curveID, keys), nothing]
    done()
    c.emit({ kind: 'shared-secret', scheme: inScheme, curve: curveID })

    return { outZ1, outZ2 }
  }),

  implement(ECC_Encrypt, (c, { keyHandle }, { plainText, inScheme }) => {
    const p = eccKey(c, keyHandle)
    const { curveID } = p.parameters
    const hashAlg = kdfHash(p, inScheme, 2)
    const { d, q } = newKey(c, curveID)
    const shared = eccMultiply(curveID, d, p.unique)
    if (!shared) throw badHandle(1, RC.KEY)
    c.emit({ kind: 'encrypt', handle: keyHandle, alg: ALG.KDF2, length: plainText.length })

    return { C1: q, C2: masked(hashAlg, shared, plainText), C3: hash(hashAlg, shared.x, plainText, shared.y) }
  }),

  implement(ECC_Decrypt, (c, { keyHandle }, { C1, C2, C3, inScheme }) => {
    const { p, d } = decryptKey(c, keyHandle)
    const hashAlg = kdfHash(p, inScheme, 4)
    const shared = eccMultiply(p.parameters.curveID, d, C1)
    if (!shared) throw badParameter(1, RC.ECC_POINT)
    const plainText = masked(hashAlg, shared, C2)
    if (!equal(C3, hash(hashAlg, shared.x, plainText, shared.y))) throw badParameter(3, RC.VALUE)
    c.emit({ kind: 'decrypt', handle: keyHandle, alg: ALG.KDF2, length: plainText.length })

    return { plainText }
  }),
]
