// ML-DSA and HashML-DSA (FIPS 204). Part 1, 46; Part 2, 12.2.3.6 and 12.2.3.7.

import { hashMessage, isPrehash, mldsaKeys, mldsaSign, mldsaVerify } from '../../crypto/mldsa.ts'
import { EMPTY, equal } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { YES } from '../../spec/codes.ts'
import type { PublicOf, PublicParms } from '../../spec/keys.ts'
import { MLDSA_SIZES } from '../../spec/pqc.ts'
import { RC } from '../../spec/return-codes.ts'
import type { Profile } from '../profile.ts'
import { bound } from './checks.ts'
import { addKind, type KeyKind, type Verdict } from './kind.ts'

type Key = PublicOf<typeof ALG.MLDSA> | PublicOf<typeof ALG.HASH_MLDSA>

/** Octets of the private seed xi. */
const XI = 32

/** Parameters alone: what TPM2_TestParms looks at. */
function mldsaParms(p: PublicParms, profile: Profile): Verdict {
  if (p.type === ALG.MLDSA && p.parameters.allowExternalMu === YES && !profile.externalMu) return RC.EXT_MU
  return p.type === ALG.HASH_MLDSA && !isPrehash(p.parameters.hashAlg) ? RC.HASH : undefined
}

const mldsa: KeyKind<Key> = {
  checkScheme: (p, profile) => mldsaParms(p as PublicParms, profile),

  make(p, stream) {
    const xi = stream.next(XI)
    return { unique: mldsaKeys(p.parameters.parameterSet, xi).publicKey, sensitive: xi, seedValue: EMPTY }
  },

  checkParms: mldsaParms,

  checkUnique: p => (p.unique.length === MLDSA_SIZES[p.parameters.parameterSet]?.publicKey ? undefined : RC.KEY),

  checkPair(p, { sensitive: xi }) {
    if (xi.length !== XI) return RC.KEY_SIZE
    return bound(equal(mldsaKeys(p.parameters.parameterSet, xi).publicKey, p.unique))
  },

  sign(p, secret, s, context, digest, random) {
    const { parameterSet } = p.parameters
    if (p.type === ALG.MLDSA) {
      // What is signed is mu, which has the context in it already.
      const signature = mldsaSign(parameterSet, secret.sensitive, digest, random(32), true)
      return { sigAlg: ALG.MLDSA, signature }
    }
    const message = hashMessage(s.hash, context, digest)
    return {
      sigAlg: ALG.HASH_MLDSA,
      hash: s.hash,
      signature: mldsaSign(parameterSet, secret.sensitive, message, random(32)),
    }
  },

  verify(p, _, context, digest, signature) {
    const { parameterSet } = p.parameters
    if (p.type === ALG.MLDSA && signature.sigAlg === ALG.MLDSA) {
      return mldsaVerify(parameterSet, p.unique, digest, signature.signature, true)
    }
    if (p.type !== ALG.HASH_MLDSA || signature.sigAlg !== ALG.HASH_MLDSA) return false
    return mldsaVerify(parameterSet, p.unique, hashMessage(signature.hash, context, digest), signature.signature)
  },
}

export const addMldsa = (): void => addKind<Key>([ALG.MLDSA, ALG.HASH_MLDSA], mldsa)
