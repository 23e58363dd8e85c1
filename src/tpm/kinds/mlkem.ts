// ML-KEM (FIPS 203). Part 1, 47; Part 2, 12.2.3.8.

import { mlkemKeyIsValid, mlkemKeys } from '../../crypto/mlkem.ts'
import { equal } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import type { PublicOf } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { bound, checkSymmetric, isStorage } from './checks.ts'
import { addKind, type KeyKind } from './kind.ts'

type Key = PublicOf<typeof ALG.MLKEM>

/** Octets of the private seed: d, then z. */
const DZ = 64

const mlkem: KeyKind<Key> = {
  checkScheme: (p, profile) => checkSymmetric(p, p.parameters.symmetric, profile),

  make(p, stream, _, seedValue) {
    const dz = stream.next(DZ)
    const unique = mlkemKeys(p.parameters.parameterSet, dz).publicKey
    return { unique, sensitive: dz, seedValue: seedValue(isStorage(p)) }
  },

  // FIPS 203, 7.2: a key that fails the modulus check cannot be encapsulated to.
  checkUnique: p => (mlkemKeyIsValid(p.parameters.parameterSet, p.unique) ? undefined : RC.KEY),

  checkPair(p, { sensitive: dz }) {
    if (dz.length !== DZ) return RC.KEY_SIZE
    return bound(equal(mlkemKeys(p.parameters.parameterSet, dz).publicKey, p.unique))
  },
}

export const addMlkem = (): void => addKind<Key>([ALG.MLKEM], mlkem)
