// Elliptic curve keys: ECDSA, EC Schnorr, ECDAA, and what exchanges keys. Part 1, 44; Part 2, 12.2.3.5.

import { isDhkem } from '../../crypto/dhkem.ts'
import { ecdsaSign, ecdsaVerify, eccOrderSize, eccPrivate, eccPublic, isOnCurve } from '../../crypto/ecc.ts'
import { ecdaaSign, schnorrSign, schnorrVerify } from '../../crypto/ecc-schemes.ts'
import { equal } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import type { PublicOf, PublicParms } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { recoverCommit } from '../commit.ts'
import { bound, checkSymmetric, has, isStorage } from './checks.ts'
import { addKind, type KeyKind, type Verdict } from './kind.ts'

type Key = PublicOf<typeof ALG.ECC>

const SIGNS: readonly number[] = [ALG.ECDSA, ALG.ECDAA, ALG.ECSCHNORR]
const EXCHANGES: readonly number[] = [ALG.NULL, ALG.ECDH, ALG.ECMQV]

/** Parameters alone. A key derivation function is for key encapsulation, which has HKDF only: Part 2, Table 229. */
function eccParms(p: PublicParms): Verdict {
  if (p.type !== ALG.ECC) return undefined
  const { kdf, curveID } = p.parameters
  return kdf.scheme !== ALG.NULL && (kdf.scheme !== ALG.HKDF || !isDhkem(curveID, kdf.hashAlg)) ? RC.KDF : undefined
}

const ecc: KeyKind<Key> = {
  checkScheme(p, profile) {
    const { scheme, kdf, symmetric } = p.parameters
    const sign = has(p, OBJECT.sign)
    const decrypt = has(p, OBJECT.decrypt)
    const signs = SIGNS.includes(scheme.scheme)
    if (isStorage(p) || (sign && decrypt)) {
      if (scheme.scheme !== ALG.NULL) return RC.SCHEME
    } else if (sign) {
      if (has(p, OBJECT.restricted) ? !signs : !signs && scheme.scheme !== ALG.NULL) return RC.SCHEME
    } else if (!EXCHANGES.includes(scheme.scheme)) return RC.SCHEME
    const fits = kdf.scheme === ALG.NULL || (decrypt && !isStorage(p) && scheme.scheme === ALG.ECDH)
    return checkSymmetric(p, symmetric, profile) ?? (fits ? eccParms(p as PublicParms) : RC.KDF)
  },

  make(p, stream, _, seedValue) {
    const { curveID } = p.parameters
    const d = eccPrivate(curveID, stream.next(eccOrderSize(curveID) + 8))
    const unique = eccPublic(curveID, d)
    if (!unique) throw new Error('defect: a private key outside its range')
    return { unique, sensitive: d, seedValue: seedValue(isStorage(p)) }
  },

  checkParms: eccParms,

  checkUnique: p => (isOnCurve(p.parameters.curveID, p.unique) ? undefined : RC.ECC_POINT),

  checkPair(p, { sensitive: d }) {
    const { curveID } = p.parameters
    const point = eccPublic(curveID, d)
    if (d.length > eccOrderSize(curveID) || !point) return RC.KEY_SIZE
    return bound(equal(point.x, p.unique.x) && equal(point.y, p.unique.y))
  },

  sign(p, { sensitive: d }, s, _, digest, random) {
    const { curveID } = p.parameters
    switch (s.alg) {
      case ALG.ECSCHNORR: {
        const made = schnorrSign(curveID, d, s.hash, digest, random)
        return { sigAlg: ALG.ECSCHNORR, hash: s.hash, signatureR: made.r, signatureS: made.s }
      }
      case ALG.ECDAA: {
        if (!s.commit) throw new Error('defect: ECDAA without its ephemeral key')
        const made = ecdaaSign(curveID, d, s.hash, digest, s.commit, random)
        return { sigAlg: ALG.ECDAA, hash: s.hash, signatureR: made.r, signatureS: made.s }
      }
      default: {
        const made = ecdsaSign(curveID, d, digest, random(32))
        return { sigAlg: ALG.ECDSA, hash: s.hash, signatureR: made.r, signatureS: made.s }
      }
    }
  },

  // ECDAA signatures are not verified by a TPM: Part 1, 44.3.3.1.
  recoverCommit: (c, p, name, counter, n) => recoverCommit(c, p.parameters.curveID, p.nameAlg, name, counter, n),
  verify(p, _, __, digest, signature) {
    const { curveID } = p.parameters
    switch (signature.sigAlg) {
      case ALG.ECDSA:
        return ecdsaVerify(curveID, p.unique, digest, signature.signatureR, signature.signatureS)
      case ALG.ECSCHNORR:
        return schnorrVerify(curveID, p.unique, signature.hash, digest, signature.signatureR, signature.signatureS)
      default:
        return false
    }
  },
}

export const addEcc = (): void => addKind<Key>([ALG.ECC], ecc)
