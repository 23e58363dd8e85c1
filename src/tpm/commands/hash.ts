// TPM2_Hash. Part 3, 15.4.

import { hash as digest } from '../../crypto/hash.ts'
import { Hash } from '../../spec/commands/symmetric.ts'
import { implement } from '../command.ts'
import { isSafeStart } from '../sequence.ts'
import { hashCheckTicket } from '../tickets.ts'

export const hash = [
  implement(Hash, (c, _, { data, hashAlg, hierarchy }) => {
    const outHash = digest(hashAlg, data)
    c.emit({ kind: 'hash', hash: hashAlg, length: data.length, digest: outHash })
    return { outHash, validation: hashCheckTicket(c.tpm, hierarchy, hashAlg, outHash, isSafeStart(data)) }
  }),
]
