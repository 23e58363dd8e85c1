// TPM2_Encapsulate and TPM2_Decapsulate. Part 3, 14.10 and 14.11 (version 1.85). KEM keys are those of ML-KEM; ECC keys
// with a key derivation function (DHKEM) cannot exist here: their templates are refused.

import { mlkemDecapsulate, mlkemEncapsulate } from '../../crypto/mlkem.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { Decapsulate, Encapsulate } from '../../spec/commands/asymmetric.ts'
import { MLKEM_SIZES } from '../../spec/pqc.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'

export const kem = [
  implement(Encapsulate, (c, { keyHandle }) => {
    const p = c.object(keyHandle, atHandle(1, RC.KEY)).publicArea
    if (p.type !== ALG.MLKEM) throw badHandle(1, RC.KEY)

    const { secret, ciphertext } = mlkemEncapsulate(p.parameters.parameterSet, p.unique, c.random(32))
    c.emit({ kind: 'encapsulate', handle: keyHandle, ciphertext: ciphertext.length })

    return { sharedSecret: secret, ciphertext }
  }),

  implement(Decapsulate, (c, { keyHandle }, { ciphertext }) => {
    const { publicArea: p, sensitive } = c.object(keyHandle, atHandle(1, RC.KEY))
    if (p.type !== ALG.MLKEM || !sensitive) throw badHandle(1, RC.KEY)
    const attributes = p.objectAttributes
    if (attributes & OBJECT.restricted || !(attributes & OBJECT.decrypt)) throw badHandle(1, RC.ATTRIBUTES)
    const set = p.parameters.parameterSet
    if (ciphertext.length !== MLKEM_SIZES[set]?.ciphertext) throw badParameter(1, RC.SIZE)

    const sharedSecret = mlkemDecapsulate(set, sensitive.sensitive, ciphertext)
    c.emit({ kind: 'decapsulate', handle: keyHandle, ciphertext: ciphertext.length })

    return { sharedSecret }
  }),
]
