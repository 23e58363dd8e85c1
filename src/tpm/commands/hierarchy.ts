// TPM2_CreatePrimary. Part 3, 24.1.

import { hash } from '../../crypto/hash.ts'
import { encode } from '../../codec/codec.ts'
import { CreatePrimary } from '../../spec/commands/hierarchy.ts'
import { TPMS_CREATION_DATA } from '../../spec/keys.ts'
import { implement } from '../command.ts'
import { ancestorOf, creationData } from '../creation.ts'
import { makePrimary } from '../primary.ts'
import { creationTicket } from '../tickets.ts'

export const hierarchy = [
  implement(CreatePrimary, (c, { primaryHandle }, { inSensitive, inPublic, outsideInfo, creationPCR }) => {
    const { object, handle } = makePrimary(c, primaryHandle, inSensitive, inPublic)

    const { publicArea, name } = object
    const { nameAlg } = publicArea
    const data = creationData(c.tpm, c.locality, ancestorOf(primaryHandle), nameAlg, creationPCR, outsideInfo)
    const creationHash = hash(nameAlg, encode(TPMS_CREATION_DATA, data))
    return {
      handle,
      returns: {
        outPublic: publicArea,
        creationData: data,
        creationHash,
        creationTicket: creationTicket(c.tpm, primaryHandle, name, creationHash),
        name,
      },
    }
  }),
]
