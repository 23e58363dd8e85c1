// TPM2_CreatePrimary. Part 3, 24.1.

import { hash } from '../../crypto/hash.ts'
import { encode } from '../../codec/codec.ts'
import { digestSize } from '../../spec/algorithms.ts'
import { CreatePrimary } from '../../spec/commands/hierarchy.ts'
import { TPMS_CREATION_DATA } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { primaryCreation } from '../creation.ts'
import { badHandle, badParameter } from '../errors.ts'
import { handleName, objectName, qualifiedName } from '../names.ts'
import { makeObject, primaryDrbg, primaryProofs } from '../objects.ts'
import { checkPublic, checkTemplate } from '../templates.ts'
import { creationTicket } from '../tickets.ts'
import { hierarchyName, type LoadedObject } from '../tpm.ts'

export const hierarchy = [
  implement(CreatePrimary, (c, { primaryHandle }, { inSensitive, inPublic, outsideInfo, creationPCR }) => {
    const from = hierarchyName(primaryHandle)
    if (!from) throw badHandle(1, RC.HIERARCHY)
    const template = checkTemplate(inPublic, inSensitive.data)
    if (template.rc !== undefined) throw badParameter(template.inSensitive ? 1 : 2, template.rc)
    const wrong = checkPublic(inPublic, c.tpm.profile)
    if (wrong !== undefined) throw badParameter(2, wrong)
    if (inSensitive.userAuth.length > digestSize(inPublic.nameAlg)) throw badParameter(1, RC.SIZE)
    c.needSlot()

    const stream = primaryDrbg(c.tpm, from, inPublic, inSensitive.data)
    const { publicArea, sensitive } = makeObject(
      inPublic,
      stream,
      inSensitive.userAuth,
      inSensitive.data,
      c.job,
      primaryProofs(c.tpm, from),
    )
    const { nameAlg } = publicArea
    const name = objectName(publicArea)
    const object: LoadedObject = {
      kind: 'object',
      publicArea,
      sensitive,
      hierarchy: primaryHandle,
      name,
      qualifiedName: qualifiedName(nameAlg, handleName(primaryHandle), name),
      external: false,
      primary: true,
    }
    const handle = c.load(object)
    c.emit({ kind: 'object-loaded', how: 'primary', handle, type: publicArea.type, name, hierarchy: primaryHandle })

    const creationData = primaryCreation(c.tpm, c.locality, primaryHandle, nameAlg, creationPCR, outsideInfo)
    const creationHash = hash(nameAlg, encode(TPMS_CREATION_DATA, creationData))
    return {
      handle,
      returns: {
        outPublic: publicArea,
        creationData,
        creationHash,
        creationTicket: creationTicket(c.tpm, primaryHandle, name, creationHash),
        name,
      },
    }
  }),
]
