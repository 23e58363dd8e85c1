// TPM2_Create, TPM2_Load, TPM2_Unseal and TPM2_ObjectChangeAuth. Part 3, 12.1, 12.2, 12.7 and 12.8.

import { hash } from '../../crypto/hash.ts'
import { encode } from '../../codec/codec.ts'
import { type Bytes, equal } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { Create, Load, ObjectChangeAuth, Unseal } from '../../spec/commands/create.ts'
import { TPMS_CREATION_DATA } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { amend } from '../amend.ts'
import { trimmed } from '../authorize.ts'
import { type Context, implement } from '../command.ts'
import { creationData } from '../creation.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import { objectName, qualifiedName } from '../names.ts'
import { checkPair, checkUnique, makeObject } from '../objects.ts'
import { fitsParent, type Parent, parentOf, unwrapChild, wrapChild } from '../parents.ts'
import { drbgStream, type Stream } from '../streams.ts'
import { checkCreation } from '../creation-check.ts'
import { checkPublic } from '../templates.ts'
import { creationTicket } from '../tickets.ts'

type Given = Parameters<typeof makeObject>[1]

/** Whether a child of this template may be made under the parent. @throws TpmError about inSensitive (1) or inPublic (2) */
export function checkChild(c: Context, parent: Parent, inPublic: Given, auth: number, data: Bytes): void {
  const fits = fitsParent(inPublic, parent.publicArea)
  if (fits !== undefined) throw badParameter(2, fits)
  checkCreation(inPublic, data, c.tpm.profile)
  if (auth > digestSize(inPublic.nameAlg)) throw badParameter(1, RC.SIZE)
}

/** An ordinary object is drawn from the TPM's own generator. */
export const ownStream = (c: Context): Stream =>
  drbgStream(
    {
      get drbg() {
        return c.tpm.drbg
      },
      set drbg(drbg) {
        c.tpm = amend(c.tpm, { drbg })
      },
    },
    c.job,
  )

export const create = [
  implement(Create, (c, { parentHandle }, { inSensitive, inPublic, outsideInfo, creationPCR }) => {
    const parent = parentOf(c, parentHandle)
    checkChild(c, parent, inPublic, inSensitive.userAuth.length, inSensitive.data)

    const { publicArea, sensitive } = makeObject(
      c.tpm.profile,
      inPublic,
      ownStream(c),
      inSensitive.userAuth,
      inSensitive.data,
    )
    const name = objectName(publicArea)
    const { nameAlg } = publicArea
    const ancestor = {
      nameAlg: parent.publicArea.nameAlg,
      name: parent.name,
      qualifiedName: parent.qualifiedName,
    }
    const made = creationData(c.tpm, c.locality, ancestor, nameAlg, creationPCR, outsideInfo)
    const creationHash = hash(nameAlg, encode(TPMS_CREATION_DATA, made))
    c.emit({ kind: 'object-made', type: publicArea.type, name, parent: parentHandle })

    return {
      outPrivate: wrapChild(c, parent, publicArea, name, sensitive),
      outPublic: publicArea,
      creationData: made,
      creationHash,
      creationTicket: creationTicket(c.tpm, parent.hierarchy, name, creationHash),
    }
  }),

  implement(Load, (c, { parentHandle }, { inPrivate, inPublic }) => {
    if (inPrivate.length === 0) throw badParameter(1, RC.SIZE)
    const parent = parentOf(c, parentHandle)
    const wrong =
      fitsParent(inPublic, parent.publicArea) ?? checkPublic(inPublic, c.tpm.profile) ?? checkUnique(inPublic)
    if (wrong !== undefined) throw badParameter(2, wrong)
    const name = objectName(inPublic)
    const stored = unwrapChild(c, parent, name, inPrivate, 1)
    if (stored.sensitiveType !== inPublic.type) throw badParameter(1, RC.TYPE)
    if (stored.authValue.length > digestSize(inPublic.nameAlg)) throw badParameter(1, RC.SIZE)
    // What never left this TPM was a pair when it was wrapped, and the integrity value binds it to this Name: a parent
    // with fixedTPM, which such an object must have, makes one check enough. Part 3, 13.3.1; Part 1, 26.2.
    const pair = inPublic.objectAttributes & OBJECT.fixedTPM ? undefined : checkPair(c.tpm.profile, inPublic, stored)
    if (pair !== undefined) throw pair === RC.BINDING ? fail(pair) : badParameter(1, pair)

    const { hierarchy } = parent
    const handle = c.load({
      kind: 'object',
      publicArea: inPublic,
      sensitive: { ...stored, authValue: trimmed(stored.authValue) },
      hierarchy,
      name,
      qualifiedName: qualifiedName(inPublic.nameAlg, parent.qualifiedName, name),
      external: false,
      primary: false,
    })
    c.emit({ kind: 'object-loaded', how: 'loaded', handle, type: inPublic.type, name, hierarchy })

    return { handle, returns: { name } }
  }),

  implement(Unseal, (c, { itemHandle }) => {
    const { publicArea: p, sensitive } = c.object(itemHandle, atHandle(1, RC.TYPE))
    if (p.type !== ALG.KEYEDHASH) throw badHandle(1, RC.TYPE)
    if (p.objectAttributes & (OBJECT.decrypt | OBJECT.sign | OBJECT.restricted)) throw badHandle(1, RC.ATTRIBUTES)
    c.emit({ kind: 'unseal', handle: itemHandle })

    return { outData: (sensitive as NonNullable<typeof sensitive>).sensitive }
  }),

  implement(ObjectChangeAuth, (c, { objectHandle, parentHandle }, { newAuth }) => {
    const object = c.object(objectHandle, atHandle(1, RC.TYPE))
    const { publicArea: p, sensitive } = object
    if (newAuth.length > digestSize(p.nameAlg)) throw badParameter(1, RC.SIZE)
    const parent = parentOf(c, parentHandle, 2)
    // Nothing keeps the handle of the parent: its place in the Qualified Name shows whether it is the one.
    if (object.primary || !equal(object.qualifiedName, qualifiedName(p.nameAlg, parent.qualifiedName, object.name))) {
      throw badHandle(2, RC.TYPE)
    }

    const changed = { ...(sensitive as NonNullable<typeof sensitive>), authValue: trimmed(newAuth) }
    return { outPrivate: wrapChild(c, parent, p, object.name, changed) }
  }),
]
