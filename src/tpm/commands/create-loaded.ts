// TPM2_CreateLoaded: a primary, ordinary or derived object, after what the parent is. Part 3, 12.9; Part 1, 25.

import { type Codec, Malformed } from '../../codec/codec.ts'
import { Reader } from '../../codec/reader.ts'
import { type Bytes, EMPTY } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { CreateLoaded } from '../../spec/commands/create.ts'
import { DERIVED_TEMPLATE, type Public, TPMS_DERIVE, TPMT_PUBLIC } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed } from '../authorize.ts'
import { type Context, implement } from '../command.ts'
import { badHandle, badParameter, rcOf } from '../errors.ts'
import { objectName, qualifiedName } from '../names.ts'
import { makeObject } from '../objects.ts'
import { fitsParent, isDerivationParent, type Parent, parentOf, wrapChild } from '../parents.ts'
import { makePrimary } from '../primary.ts'
import { rules } from '../rules.ts'
import { derivedStream } from '../streams.ts'
import { checkPublic } from '../templates.ts'
import { hierarchyName, type LoadedObject } from '../tpm.ts'
import { checkChild, ownStream } from './create.ts'

/** A structure out of parameter n. */
function readFrom<T>(c: Context, codec: Codec<T>, bytes: Bytes, n: number): T {
  const r = new Reader(bytes)
  r.rules = rules(c.tpm.profile)
  try {
    const v = codec.read(r)
    if (r.left > 0) throw badParameter(n, RC.SIZE)
    return v
  } catch (e) {
    if (e instanceof Malformed) throw badParameter(n, rcOf(e))
    throw e
  }
}

type Create = { readonly userAuth: Bytes; readonly data: Bytes }

function load(c: Context, parent: Parent, made: ReturnType<typeof makeObject>) {
  const { publicArea, sensitive } = made
  const name = objectName(publicArea)
  const object: LoadedObject = {
    kind: 'object',
    publicArea,
    sensitive,
    hierarchy: parent.hierarchy,
    name,
    qualifiedName: qualifiedName(publicArea.nameAlg, parent.qualifiedName, name),
    external: false,
    primary: false,
  }
  const handle = c.load(object)
  c.emit({ kind: 'object-loaded', how: 'loaded', handle, type: publicArea.type, name, hierarchy: parent.hierarchy })
  return { object, handle }
}

/** Label and context: those of the template, or where it leaves them empty those of inSensitive. Part 1, 25.2. */
function derive(c: Context, parent: Parent, { userAuth, data }: Create, bytes: Bytes) {
  const template = readFrom(c, DERIVED_TEMPLATE, bytes, 2)
  const given = data.length > 0 ? readFrom(c, TPMS_DERIVE, data, 1) : { label: EMPTY, context: EMPTY }
  const { unique } = template
  if (template.type === ALG.RSA) throw badParameter(2, RC.TYPE)
  if (template.objectAttributes & OBJECT.sensitiveDataOrigin) throw badParameter(2, RC.ATTRIBUTES)
  const empty = template.type === ALG.ECC ? { x: EMPTY, y: EMPTY } : EMPTY
  const inPublic = { ...template, unique: empty } as Public
  const wrong = fitsParent(inPublic, parent.publicArea) ?? checkPublic(inPublic, c.tpm.profile)
  if (wrong !== undefined) throw badParameter(2, wrong)
  if (userAuth.length > digestSize(inPublic.nameAlg)) throw badParameter(1, RC.SIZE)

  const { publicArea: p, sensitive } = parent
  const scheme = p.type === ALG.KEYEDHASH ? p.parameters.scheme : undefined
  const alg = scheme && 'hashAlg' in scheme ? scheme.hashAlg : p.nameAlg
  const label = unique.label.length > 0 ? unique.label : given.label
  const context = unique.context.length > 0 ? unique.context : given.context
  return load(
    c,
    parent,
    makeObject(
      c.tpm.profile,
      inPublic,
      derivedStream(alg, sensitive.sensitive, label, context),
      trimmed(userAuth),
      EMPTY,
    ),
  )
}

export const createLoaded = [
  implement(CreateLoaded, (c, { parentHandle }, { inSensitive, inPublic: template }) => {
    const slot = c.slot(parentHandle)
    if (slot && slot.kind !== 'object') throw badHandle(1, RC.TYPE)
    let outPrivate = EMPTY
    let made: { object: LoadedObject; handle: number }
    if (hierarchyName(parentHandle)) {
      made = makePrimary(c, parentHandle, inSensitive, readFrom(c, TPMT_PUBLIC, template, 2))
    } else if (slot?.sensitive && isDerivationParent(slot.publicArea)) {
      c.needSlot()
      made = derive(c, slot as Parent, inSensitive, template)
    } else {
      const parent = parentOf(c, parentHandle)
      const inPublic = readFrom(c, TPMT_PUBLIC, template, 2)
      checkChild(c, parent, inPublic, inSensitive.userAuth.length, inSensitive.data)
      c.needSlot()
      made = load(
        c,
        parent,
        makeObject(c.tpm.profile, inPublic, ownStream(c), trimmed(inSensitive.userAuth), inSensitive.data),
      )
      const { publicArea, name, sensitive } = made.object
      outPrivate = wrapChild(c, parent, publicArea, name, sensitive as NonNullable<typeof sensitive>)
    }

    const { publicArea, name } = made.object
    return { handle: made.handle, returns: { outPrivate, outPublic: publicArea, name } }
  }),
]
