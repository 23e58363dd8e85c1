// Storage parents: who may be one, what their children must agree with, and how they wrap them. Part 2, 8.3.3; Part 1, 19
// and 24; Part 3, 12.1 and 12.2.

import { blockOf } from '../crypto/symmetric.ts'
import type { Bytes } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public, Sensitive } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import type { Context } from './command.ts'
import { badHandle, badParameter } from './errors.ts'
import { rules } from './rules.ts'
import { isStorage, type Verdict } from './templates.ts'
import type { LoadedObject } from './tpm.ts'
import { cipherOf, type KeyCipher, readSensitive, storedSensitive, unwrap, type Wrapping, wrap } from './wrap.ts'

export interface Parent extends LoadedObject {
  readonly sensitive: Sensitive
}

/** The storage parent of a handle, with its private part. @throws TPM_RC_TYPE at handle n */
export function parentOf(c: Context, handle: number, n = 1): Parent {
  const slot = c.slot(handle)
  if (slot?.kind !== 'object' || !isStorage(slot.publicArea) || !slot.sensitive) throw badHandle(n, RC.TYPE)
  return slot as Parent
}

/** A key that only gives others their keys. Part 1, 24.9. */
export const isDerivationParent = (p: Public): boolean =>
  p.type === ALG.KEYEDHASH &&
  (p.objectAttributes & OBJECT.restricted) !== 0 &&
  (p.objectAttributes & OBJECT.decrypt) !== 0

/** What a child may be under its parent. Part 2, 8.3.3.1 (fixedTPM), .3 (fixedParent), .2 (stClear), .9 (encryptedDuplication). */
export function fitsParent(child: Public, parent: Public): Verdict {
  const of = (p: Public, bit: number): boolean => (p.objectAttributes & bit) !== 0
  const { fixedTPM, fixedParent, encryptedDuplication, stClear } = OBJECT
  if (of(parent, fixedTPM)) {
    if (of(child, fixedTPM) !== of(child, fixedParent)) return RC.ATTRIBUTES
  } else {
    if (of(child, fixedTPM)) return RC.ATTRIBUTES
    if (of(child, encryptedDuplication) !== of(parent, encryptedDuplication)) return RC.ATTRIBUTES
  }
  if (of(child, fixedTPM) && of(child, encryptedDuplication)) return RC.ATTRIBUTES
  // A parent and what it is the parent of hash with the same algorithm: Part 1, 24.2.3.
  if (isStorage(child) && child.nameAlg !== parent.nameAlg) return RC.HASH
  if (of(parent, stClear) && !of(child, stClear) && of(child, fixedParent)) return RC.ATTRIBUTES
  return undefined
}

const childWrapping = (parent: Parent, name: Bytes): Wrapping => ({
  alg: parent.publicArea.nameAlg,
  cipher: cipherOf(parent.publicArea) as KeyCipher,
  seed: parent.sensitive.seedValue,
  name,
  withIv: true,
})

/** TPM2B_PRIVATE of a child. */
export function wrapChild(c: Context, parent: Parent, p: Public, name: Bytes, s: Sensitive): Bytes {
  const wrapping = childWrapping(parent, name)
  return wrap(wrapping, storedSensitive(s, p.nameAlg), c.random(blockOf(wrapping.cipher.algorithm)))
}

/** The sensitive area of a child. @throws TpmError about parameter n */
export function unwrapChild(c: Context, parent: Parent, name: Bytes, blob: Bytes, n: number): Sensitive {
  const clear = unwrap(childWrapping(parent, name), blob)
  if (typeof clear === 'number') throw badParameter(n, clear)
  const s = readSensitive(clear, rules(c.tpm.profile))
  if (typeof s === 'number') throw badParameter(n, s)
  return s
}
