// Whether an object may be made of a template and the data that comes with it. Part 3, 12.1; Part 2, 8.3.3.

import type { Bytes } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { badParameter, fail } from './errors.ts'
import type { Profile } from './profile.ts'
import { checkPublic, checkTemplate } from './templates.ts'

const FIXED = OBJECT.fixedTPM | OBJECT.fixedParent

const isAsymmetric = ({ type }: Public): boolean => type !== ALG.KEYEDHASH && type !== ALG.SYMCIPHER

/** A restricted symmetric secret that never leaves must be the TPM's own. Part 2, 8.3.3.6. */
const mustBeMade = ({ type, objectAttributes: a }: Public): boolean =>
  (type === ALG.KEYEDHASH || type === ALG.SYMCIPHER) && (a & OBJECT.restricted) !== 0 && (a & FIXED) !== 0

/** Numbers of parameters: inSensitive 1, inPublic 2. @throws TpmError */
export function checkCreation(p: Public, data: Bytes, profile: Profile): void {
  if (!(p.objectAttributes & OBJECT.sensitiveDataOrigin)) {
    if (mustBeMade(p) || (isAsymmetric(p) && data.length === 0)) throw badParameter(2, RC.ATTRIBUTES)
    if (isAsymmetric(p)) throw badParameter(1, RC.VALUE)
  }
  const wrong = checkPublic(p, profile)
  if (wrong !== undefined) throw wrong === RC.RANGE ? fail(wrong) : badParameter(2, wrong)
  const template = checkTemplate(p, data)
  if (template.rc === undefined) return
  // About the template as much as about the data: no number.
  if (template.rc === RC.KEY_SIZE) throw fail(template.rc)
  throw badParameter(template.inSensitive ? 1 : 2, template.rc)
}
