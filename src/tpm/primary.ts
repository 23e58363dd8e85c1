// Making a primary object: the same seed and template give the same object. Part 3, 24.1; Part 1, 24.6.

import type { Bytes } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import type { Public } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { trimmed } from './authorize.ts'
import type { Context } from './command.ts'
import { badHandle, badParameter } from './errors.ts'
import { handleName, objectName, qualifiedName } from './names.ts'
import { makeObject, primaryDrbg, primaryProofs } from './objects.ts'
import { drbgStream } from './streams.ts'
import { checkCreation } from './creation-check.ts'
import { fitsHierarchy } from './templates.ts'
import { hierarchyName, type LoadedObject } from './tpm.ts'

/** Checks the template and loads the object. Numbers of parameters: inSensitive 1, inPublic 2. @throws TpmError */
export function makePrimary(
  c: Context,
  hierarchy: number,
  { userAuth, data }: { readonly userAuth: Bytes; readonly data: Bytes },
  template: Public,
): { object: LoadedObject; handle: number } {
  const from = hierarchyName(hierarchy)
  if (!from) throw badHandle(1, RC.HIERARCHY)
  const fits = fitsHierarchy(template)
  if (fits !== undefined) throw badParameter(2, fits)
  checkCreation(template, data, c.tpm.profile)
  if (userAuth.length > digestSize(template.nameAlg)) throw badParameter(1, RC.SIZE)
  c.needSlot()

  const stream = drbgStream({ drbg: primaryDrbg(c.tpm, from, template, data) }, c.job)
  const { publicArea, sensitive } = makeObject(
    c.tpm.profile,
    template,
    stream,
    trimmed(userAuth),
    data,
    primaryProofs(c.tpm, from),
  )
  const name = objectName(publicArea)
  const object: LoadedObject = {
    kind: 'object',
    publicArea,
    sensitive,
    hierarchy,
    name,
    qualifiedName: qualifiedName(publicArea.nameAlg, handleName(hierarchy), name),
    external: false,
    primary: true,
  }
  const handle = c.load(object)
  c.emit({ kind: 'object-loaded', how: 'primary', handle, type: publicArea.type, name, hierarchy })
  return { object, handle }
}
