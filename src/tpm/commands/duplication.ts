// TPM2_Duplicate, TPM2_Rewrap and TPM2_Import. Part 3, 13; Part 1, 20.

import { type Bytes, EMPTY } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { Duplicate, Import, Rewrap } from '../../spec/commands/duplication.ts'
import { RH } from '../../spec/handles.ts'
import type { Public, Sensitive } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed } from '../authorize.ts'
import { type Context, implement } from '../command.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import { objectName } from '../names.ts'
import { checkPair, checkUnique } from '../objects.ts'
import { parentOf, wrapChild } from '../parents.ts'
import { rules } from '../rules.ts'
import { recoverSecret, shareSecret } from '../secrets.ts'
import { checkPublic, isStorage } from '../templates.ts'
import {
  cipherOf,
  type KeyCipher,
  readSensitive,
  storedSensitive,
  unwrap,
  unwrapInner,
  type Wrapping,
  wrap,
  wrapInner,
} from '../wrap.ts'

const wrapping = (p: Public, seed: Bytes, name: Bytes): Wrapping => ({
  alg: p.nameAlg,
  cipher: cipherOf(p) as KeyCipher,
  seed,
  name,
  withIv: false,
})

/** Wraps for a new parent: with a fresh seed, encrypted to it. @param n number of its handle */
function wrapFor(c: Context, handle: number, name: Bytes, content: Bytes, n: number) {
  const { publicArea: p } = c.object(handle, atHandle(n, RC.TYPE))
  if (!isStorage(p)) throw badHandle(n, RC.TYPE)
  const shared = shareSecret(p, 'DUPLICATE', size => c.random(size))
  if (!shared) throw badHandle(n, RC.TYPE)
  return { blob: wrap(wrapping(p, shared.secret, name), content), outSymSeed: shared.encrypted }
}

/** Takes the outer wrapping off. @param at numbers of the parameters with blob and seed */
function unwrapFrom(
  p: Public,
  s: Sensitive,
  name: Bytes,
  blob: Bytes,
  encrypted: Bytes,
  at: { blob: number; seed: number },
): Bytes {
  const seed = recoverSecret(p, s, 'DUPLICATE', encrypted)
  if (typeof seed === 'number') throw badParameter(at.seed, seed)
  const content = unwrap(wrapping(p, seed, name), blob)
  if (typeof content === 'number') throw badParameter(at.blob, content)
  return content
}

export const duplication = [
  implement(Duplicate, (c, { objectHandle, newParentHandle }, { encryptionKeyIn, symmetricAlg }) => {
    const object = c.object(objectHandle, atHandle(1, RC.TYPE))
    const { publicArea: p, name } = object
    if (p.objectAttributes & OBJECT.fixedParent) throw badHandle(1, RC.ATTRIBUTES)
    if (p.nameAlg === ALG.NULL) throw badHandle(1, RC.TYPE)
    if (newParentHandle !== RH.NULL) {
      const parent = c.object(newParentHandle, atHandle(2, RC.TYPE))
      if (!isStorage(parent.publicArea)) throw badHandle(2, RC.TYPE)
    }
    if (p.objectAttributes & OBJECT.encryptedDuplication) {
      if (symmetricAlg.algorithm === ALG.NULL) throw badParameter(2, RC.SYMMETRIC)
      if (newParentHandle === RH.NULL) throw badHandle(2, RC.HIERARCHY)
    }
    const keySize = symmetricAlg.algorithm === ALG.NULL ? 0 : symmetricAlg.keyBits / 8
    if (encryptionKeyIn.length > 0 && encryptionKeyIn.length !== keySize) throw badParameter(1, RC.SIZE)
    if (symmetricAlg.algorithm !== ALG.NULL && symmetricAlg.mode !== ALG.CFB) throw badParameter(2, RC.MODE)

    let content = storedSensitive(object.sensitive as Sensitive, p.nameAlg)
    let encryptionKeyOut = EMPTY
    if (keySize > 0) {
      const key = encryptionKeyIn.length > 0 ? encryptionKeyIn : c.random(keySize)
      if (encryptionKeyIn.length === 0) encryptionKeyOut = key
      content = wrapInner(p.nameAlg, name, symmetricAlg.algorithm, key, content)
    }
    if (newParentHandle === RH.NULL) return { encryptionKeyOut, duplicate: content, outSymSeed: EMPTY }
    const { blob, outSymSeed } = wrapFor(c, newParentHandle, name, content, 2)
    return { encryptionKeyOut, duplicate: blob, outSymSeed }
  }),

  implement(Rewrap, (c, { oldParent, newParent }, { inDuplicate, name, inSymSeed }) => {
    if ((inSymSeed.length === 0) !== (oldParent === RH.NULL)) throw badHandle(1, RC.HANDLE)
    let content = inDuplicate
    if (oldParent !== RH.NULL) {
      const old = c.object(oldParent, atHandle(1, RC.TYPE))
      if (!isStorage(old.publicArea) || !old.sensitive) throw badHandle(1, RC.TYPE)
      content = unwrapFrom(old.publicArea, old.sensitive, name, inDuplicate, inSymSeed, { blob: 1, seed: 3 })
    }

    if (newParent === RH.NULL) return { outDuplicate: content, outSymSeed: EMPTY }
    const { blob, outSymSeed } = wrapFor(c, newParent, name, content, 2)
    return { outDuplicate: blob, outSymSeed }
  }),

  implement(Import, (c, { parentHandle }, { encryptionKey, objectPublic: p, duplicate, inSymSeed, symmetricAlg }) => {
    if (p.objectAttributes & (OBJECT.fixedTPM | OBJECT.fixedParent)) throw badParameter(2, RC.ATTRIBUTES)
    const parent = parentOf(c, parentHandle)
    const inner = symmetricAlg.algorithm !== ALG.NULL
    if (inner && symmetricAlg.mode !== ALG.CFB) throw badParameter(5, RC.MODE)
    if (inner ? encryptionKey.length !== symmetricAlg.keyBits / 8 : encryptionKey.length > 0)
      throw badParameter(1, RC.SIZE)
    if (p.objectAttributes & OBJECT.encryptedDuplication && (!inner || inSymSeed.length === 0)) {
      throw badParameter(2, RC.ATTRIBUTES)
    }
    const wrong = checkPublic(p, c.tpm.profile) ?? checkUnique(p)
    if (wrong !== undefined) throw badParameter(2, wrong)
    const name = objectName(p)
    let content = duplicate
    if (inSymSeed.length > 0) {
      content = unwrapFrom(parent.publicArea, parent.sensitive, name, duplicate, inSymSeed, { blob: 3, seed: 4 })
    }
    if (inner) {
      const clear = unwrapInner(p.nameAlg, name, symmetricAlg.algorithm, encryptionKey, content)
      if (typeof clear === 'number') throw badParameter(3, clear)
      content = clear
    }
    const s = readSensitive(content, rules(c.tpm.profile))
    if (typeof s === 'number') throw badParameter(3, s)
    if (s.sensitiveType !== p.type) throw badParameter(3, RC.TYPE)
    if (s.authValue.length > digestSize(p.nameAlg)) throw badParameter(3, RC.SIZE)
    const pair = checkPair(c.tpm.profile, p, s)
    if (pair !== undefined) throw pair === RC.BINDING ? fail(pair) : badParameter(3, pair)

    return { outPrivate: wrapChild(c, parent, p, name, { ...s, authValue: trimmed(s.authValue) }) }
  }),
]
