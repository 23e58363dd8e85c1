// TPM2_LoadExternal and TPM2_ReadPublic. Part 3, 12.3 and 12.4.

import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { LoadExternal, ReadPublic } from '../../spec/commands/object.ts'
import { RH } from '../../spec/handles.ts'
import type { Public } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, badParameter, fail } from '../errors.ts'
import { objectName } from '../names.ts'
import { checkPair, checkUnique } from '../objects.ts'
import { checkPolicy, checkPublic, checkScheme } from '../templates.ts'
import { hierarchyName } from '../tpm.ts'

const NOT_WITH_PRIVATE = OBJECT.fixedTPM | OBJECT.fixedParent | OBJECT.restricted

export const object = [
  implement(LoadExternal, (c, _, { inPrivate, inPublic: given, hierarchy }) => {
    const inPublic = given as Public
    if (inPrivate) {
      if (hierarchy !== RH.NULL) throw badParameter(3, RC.HIERARCHY)
      if (inPublic.objectAttributes & NOT_WITH_PRIVATE) throw badParameter(2, RC.ATTRIBUTES)
    }
    const name = hierarchyName(hierarchy)
    if (!name || !c.tpm.hierarchies[name].enabled) throw badParameter(3, RC.HIERARCHY)
    const { profile } = c.tpm
    // Attributes of a public part alone are not checked: Part 2, 8.3.3.1.
    const fits = inPrivate ? checkPublic(inPublic, profile) : (checkPolicy(inPublic) ?? checkScheme(inPublic, profile))
    const wrong = fits ?? checkUnique(inPublic)
    if (wrong !== undefined) throw badParameter(2, wrong)
    if (inPrivate) {
      if (inPrivate.sensitiveType !== inPublic.type) throw badParameter(1, RC.TYPE)
      const named = inPublic.nameAlg !== ALG.NULL
      if (named && inPrivate.authValue.length > digestSize(inPublic.nameAlg)) throw badParameter(1, RC.SIZE)
      const pair = checkPair(c.tpm.profile, inPublic, inPrivate)
      // BINDING is about both.
      if (pair !== undefined) throw pair === RC.BINDING ? fail(pair) : badParameter(1, pair)
    }

    const objectsName = objectName(inPublic)
    const handle = c.load({
      kind: 'object',
      publicArea: inPublic,
      sensitive: inPrivate,
      hierarchy,
      name: objectsName,
      qualifiedName: objectsName,
      external: true,
      primary: false,
    })
    c.emit({ kind: 'object-loaded', how: 'external', handle, type: inPublic.type, name: objectsName, hierarchy })

    return { handle, returns: { name: objectsName } }
  }),

  implement(ReadPublic, (c, { objectHandle }) => {
    const { publicArea, name, qualifiedName } = c.object(objectHandle, atHandle(1, RC.SEQUENCE))
    return { outPublic: publicArea, name, qualifiedName }
  }),
]
