// What the checks of several types share. Part 2, 8.3.3 and 12.2.3.

import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import type { Public } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import type { Profile } from '../profile.ts'
import type { Verdict } from './kind.ts'

interface SymmetricOf {
  readonly algorithm: number
  readonly mode?: number
}

export const has = (p: Public, bit: number): boolean => (p.objectAttributes & bit) !== 0

/** A key under which others are stored: restricted, and it decrypts. */
export const isStorage = (p: Public): boolean =>
  has(p, OBJECT.restricted) && has(p, OBJECT.decrypt) && p.type !== ALG.KEYEDHASH

/** The symmetric algorithm protects children: a storage key must have one, in CFB mode, another key none. */
export function checkSymmetric(p: Public, symmetric: SymmetricOf, profile: Profile): Verdict {
  if (isStorage(p) !== (symmetric.algorithm !== ALG.NULL)) return RC.SYMMETRIC
  if (!isStorage(p) || profile.peculiar.has('any-mode-of-parents')) return undefined
  return symmetric.mode === ALG.CFB ? undefined : RC.MODE
}

export const bound = (ok: boolean): Verdict => (ok ? undefined : RC.BINDING)
