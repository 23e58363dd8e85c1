// TPM2_Encapsulate and TPM2_Decapsulate. Part 3, 14.10 and 14.11 (version 1.85). KEM keys are those of ML-KEM, and ECC
// keys with a key derivation function (Part 1, 44.4).

import { dhkemDecapsulate, dhkemEncapsulate } from '../../crypto/dhkem.ts'
import { eccOrderSize, eccPrivate } from '../../crypto/ecc.ts'
import { mlkemDecapsulate, mlkemEncapsulate } from '../../crypto/mlkem.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { Decapsulate, Encapsulate } from '../../spec/commands/asymmetric.ts'
import type { Public, PublicOf } from '../../spec/keys.ts'
import { MLKEM_SIZES } from '../../spec/pqc.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'

type KemKey = PublicOf<typeof ALG.MLKEM> | PublicOf<typeof ALG.ECC>

/** @throws TPM_RC_KEY */
function kemKey(p: Public): KemKey {
  if (p.type === ALG.MLKEM || (p.type === ALG.ECC && p.parameters.kdf.scheme !== ALG.NULL)) return p
  throw badHandle(1, RC.KEY)
}

export const kem = [
  implement(Encapsulate, (c, { keyHandle }) => {
    const p = kemKey(c.object(keyHandle, atHandle(1, RC.KEY)).publicArea)

    let made: ReturnType<typeof mlkemEncapsulate>
    if (p.type === ALG.MLKEM) made = mlkemEncapsulate(p.parameters.parameterSet, p.unique, c.random(32))
    else {
      const { curveID } = p.parameters
      made = dhkemEncapsulate(curveID, p.unique, eccPrivate(curveID, c.random(eccOrderSize(curveID) + 8)))
    }
    const { secret, ciphertext } = made
    c.emit({ kind: 'encapsulate', handle: keyHandle, ciphertext: ciphertext.length })

    return { sharedSecret: secret, ciphertext }
  }),

  implement(Decapsulate, (c, { keyHandle }, { ciphertext }) => {
    const { publicArea, sensitive } = c.object(keyHandle, atHandle(1, RC.KEY))
    const p = kemKey(publicArea)
    if (!sensitive) throw badHandle(1, RC.KEY)
    const attributes = p.objectAttributes
    if (attributes & OBJECT.restricted || !(attributes & OBJECT.decrypt)) throw badHandle(1, RC.ATTRIBUTES)

    let sharedSecret: ReturnType<typeof dhkemDecapsulate>
    if (p.type === ALG.MLKEM) {
      const set = p.parameters.parameterSet
      if (ciphertext.length !== MLKEM_SIZES[set]?.ciphertext) throw badParameter(1, RC.SIZE)
      sharedSecret = mlkemDecapsulate(set, sensitive.sensitive, ciphertext)
    } else {
      sharedSecret = dhkemDecapsulate(p.parameters.curveID, sensitive.sensitive, p.unique, ciphertext)
      if (!sharedSecret) throw badParameter(1, RC.ECC_POINT)
    }
    c.emit({ kind: 'decapsulate', handle: keyHandle, ciphertext: ciphertext.length })

    return { sharedSecret }
  }),
]
