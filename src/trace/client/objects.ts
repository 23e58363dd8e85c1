// Objects in a recorded conversation: their Names, whom they descend from, what their authValue is, and where they went.
// Part 3, 12, 13, 24.1, 28.

import { decode, encode, type Of } from '../../codec/codec.ts'
import { hash, isHash } from '../../crypto/hash.ts'
import { type Bytes, EMPTY, toHex } from '../../lib/bytes.ts'
import { ContextLoad, ContextSave, EvictControl, FlushContext } from '../../spec/commands/context.ts'
import { Create, CreateLoaded, Load, ObjectChangeAuth } from '../../spec/commands/create.ts'
import { Import } from '../../spec/commands/duplication.ts'
import { CreatePrimary } from '../../spec/commands/hierarchy.ts'
import { LoadExternal, ReadPublic } from '../../spec/commands/object.ts'
import {
  EventSequenceComplete,
  HashSequenceStart,
  MAC_Start,
  SequenceComplete,
  SignSequenceStart,
  VerifySequenceStart,
} from '../../spec/commands/sequence.ts'
import { handleName, HT, handleType, isSession } from '../../spec/handles.ts'
import {
  type CreationData,
  type Public,
  TPM2B_PUBLIC,
  type TPM2B_SENSITIVE_CREATE,
  TPMS_CREATION_DATA,
} from '../../spec/keys.ts'
import { type SavedContext, TPMS_CONTEXT } from '../../spec/private.ts'
import { on } from './observe.ts'
import { type Entity, objectName, qualifiedName, trimmed, type World } from './world.ts'

type Given = Of<typeof TPM2B_SENSITIVE_CREATE>
const authIn = (given: Given | undefined): Bytes | undefined => given && trimmed(given.userAuth)

/** An object of which the recording shows the public area, and perhaps the Name: the one must follow from the other. */
function named(w: World, p: Public | undefined, recorded: Bytes | undefined): Pick<Entity, 'name' | 'publicArea'> {
  const made = p && objectName(p)
  if (recorded) w.ledger.same('Names', 'Name', recorded, made)
  return { name: recorded ?? made, publicArea: p }
}

/** Whether creation data fit their digest and the parent. */
function created(
  w: World,
  parent: Entity | undefined,
  data: CreationData | undefined,
  digest: Bytes | undefined,
  p?: Public,
): void {
  if (!data || !p) return
  const made = isHash(p.nameAlg) ? hash(p.nameAlg, encode(TPMS_CREATION_DATA, data)) : undefined
  w.ledger.same('creation hashes', 'creationHash', digest, made)
  if (parent?.name) w.ledger.same('Names', 'Name of the parent in the creation data', data.parentName, parent.name)
  if (parent?.qualifiedName) {
    const what = 'Qualified Name of the parent in the creation data'
    w.ledger.same('Qualified Names', what, data.parentQualifiedName, parent.qualifiedName)
  }
}

/** The private part of a child, once it is asked for. */
const opened = (
  w: World,
  parent: Entity | undefined,
  name: Bytes | undefined,
  blob: Bytes | undefined,
): Entity['secret'] =>
  once(() => {
    const secret = parent?.secret?.()
    return parent?.publicArea && secret && name && blob ? w.keys.open(parent.publicArea, secret, name, blob) : undefined
  })

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

const sameArea = (a: Public, b: Public): boolean => toHex(encode(TPM2B_PUBLIC, a)) === toHex(encode(TPM2B_PUBLIC, b))

/** The private part of a primary object, where the seeds give the same public area. */
const primarySecret = (
  w: World,
  hierarchy: number,
  given: Given | undefined,
  template: Public | undefined,
  made: Public,
) =>
  once(() => {
    const primary = given && template && w.keys.primary(hierarchy, given, template)
    return primary && sameArea(primary.publicArea, made) ? primary.sensitive : undefined
  })

/** An object without a Name: a sequence. */
const sequence = (w: World, handle: number, auth: Bytes | undefined): void =>
  w.put(handle, { name: EMPTY, auth: auth && trimmed(auth) })

function templateOf(octets: Bytes | undefined): Public | undefined {
  if (!octets) return undefined
  try {
    return decode(TPM2B_PUBLIC, Uint8Array.of(octets.length >> 8, octets.length & 255, ...Array.from(octets)))
  } catch {
    // The template of a derived object has another form.
    return undefined
  }
}

const contextKey = (context: SavedContext): string => toHex(encode(TPMS_CONTEXT, context))

export const objects = [
  on(CreatePrimary, (w, { handles, params, returns, handle }) => {
    const parent = w.entity(handles.primaryHandle)
    const p = returns.outPublic
    const id = named(w, p, returns.name)
    created(w, parent, returns.creationData, returns.creationHash, p)
    w.put(handle, {
      ...id,
      auth: authIn(params.inSensitive),
      qualifiedName: p && qualifiedName(p, parent?.qualifiedName, id.name),
      secret: p && primarySecret(w, handles.primaryHandle, params.inSensitive, params.inPublic, p),
    })
  }),

  on(Create, (w, { handles, params, returns }) => {
    const parent = w.entity(handles.parentHandle)
    const p = returns.outPublic
    created(w, parent, returns.creationData, returns.creationHash, p)
    const secret = opened(w, parent, p && objectName(p), returns.outPrivate)
    w.remember(returns.outPrivate, { auth: authIn(params.inSensitive), secret })
  }),

  on(CreateLoaded, (w, { handles, params, returns, handle }) => {
    const parent = w.entity(handles.parentHandle)
    const p = returns.outPublic
    const id = named(w, p, returns.name)
    const auth = authIn(params.inSensitive)
    const primary = handleType(handles.parentHandle) === HT.PERMANENT
    const secret = primary
      ? p && primarySecret(w, handles.parentHandle, params.inSensitive, templateOf(params.inPublic), p)
      : opened(w, parent, id.name, returns.outPrivate)
    if (!primary) w.remember(returns.outPrivate, { auth, secret })
    w.put(handle, { ...id, auth, secret, qualifiedName: p && qualifiedName(p, parent?.qualifiedName, id.name) })
  }),

  on(Load, (w, { handles, params, returns, handle }) => {
    const parent = w.entity(handles.parentHandle)
    const p = params.inPublic
    const id = named(w, p, returns.name)
    const seen = params.inPrivate && w.privates.get(toHex(params.inPrivate))
    const { auth, secret } = seen ?? { auth: undefined, secret: opened(w, parent, id.name, params.inPrivate) }
    w.put(handle, { ...id, auth, secret, qualifiedName: p && qualifiedName(p, parent?.qualifiedName, id.name) })
  }),

  on(LoadExternal, (w, { params, returns, handle }) => {
    const id = named(w, params.inPublic as Public | undefined, returns.name)
    // Encrypted, the private part is left out; empty, there is none, and no authValue either.
    const inside = 'inPrivate' in params ? params.inPrivate : undefined
    const unknown = !('inPrivate' in params)
    w.put(handle, { ...id, auth: unknown ? undefined : trimmed(inside?.authValue ?? EMPTY), secret: () => inside })
  }),

  on(Import, (w, { handles, params, returns }) => {
    const name = params.objectPublic && objectName(params.objectPublic)
    const secret = opened(w, w.entity(handles.parentHandle), name, returns.outPrivate)
    w.remember(returns.outPrivate, { auth: undefined, secret })
  }),

  on(ObjectChangeAuth, (w, { handles, params, returns }) => {
    const name = w.nameOf(handles.objectHandle)
    const secret = opened(w, w.entity(handles.parentHandle), name, returns.outPrivate)
    w.remember(returns.outPrivate, { auth: params.newAuth && trimmed(params.newAuth), secret })
  }),

  on(ReadPublic, (w, { handles, returns }) => {
    const p = returns.outPublic as Public | undefined
    const known = w.entity(handles.objectHandle)
    const id = named(w, p, returns.name)
    if (known?.name && returns.name) w.ledger.agrees('Name of the object', returns.name, known.name)
    if (known?.qualifiedName && returns.qualifiedName) {
      w.ledger.same('Qualified Names', 'Qualified Name', returns.qualifiedName, known.qualifiedName)
    }
    const { qualifiedName: q } = returns
    if (known) Object.assign(known, id, q ? { qualifiedName: q } : {})
    else w.put(handles.objectHandle, { ...id, qualifiedName: q, auth: undefined })
  }),

  on(EvictControl, (w, { handles, params }) => {
    const entity = w.entity(handles.objectHandle)
    if (handleType(handles.objectHandle) === HT.PERSISTENT) w.drop(handles.objectHandle)
    else if (params.persistentHandle !== undefined && entity) w.put(params.persistentHandle, { ...entity })
  }),

  on(FlushContext, (w, { params }) => {
    if (params.flushHandle !== undefined) w.drop(params.flushHandle)
  }),

  on(ContextSave, (w, { handles, returns }) => {
    const { saveHandle } = handles
    const what = isSession(saveHandle) ? w.sessions.get(saveHandle) : w.entity(saveHandle)
    if (what && returns.context) w.contexts.set(contextKey(returns.context), what)
    // Saving a session moves it out; an object stays.
    if (isSession(saveHandle)) w.drop(saveHandle)
  }),

  on(ContextLoad, (w, { params, handle }) => {
    w.drop(handle)
    const what = params.context && w.contexts.get(contextKey(params.context))
    if (!what) {
      if (w.complete) w.ledger.differs('context:', 'one that was saved', 'another')
    } else if (!('nonceTPM' in what)) w.put(handle, { ...what })
    else if (what.handle === handle) w.sessions.set(handle, what)
    else w.ledger.differs('handle of the session:', handleName(handle), handleName(what.handle))
  }),

  on(MAC_Start, (w, { params, handle }) => sequence(w, handle, params.auth)),
  on(HashSequenceStart, (w, { params, handle }) => sequence(w, handle, params.auth)),
  on(SignSequenceStart, (w, { params, handle }) => sequence(w, handle, params.auth)),
  on(VerifySequenceStart, (w, { params, handle }) => sequence(w, handle, params.auth)),
  on(SequenceComplete, (w, { handles }) => w.drop(handles.sequenceHandle)),
  on(EventSequenceComplete, (w, { handles, returns }) => {
    w.drop(handles.sequenceHandle)
    if (handles.pcrHandle < 32) for (const d of returns.results ?? []) w.extend(d.hashAlg, handles.pcrHandle, d.digest)
  }),
]
