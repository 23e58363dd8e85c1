// Whether a public area makes sense: attributes and schemes that fit the type. Part 2, 8.3.3 and 12.2.3; Part 1, 24.
// What a template may ask for at creation is checked here too; the order is that of Part 3, 12.1.

import type { Bytes } from '../lib/bytes.ts'
import { ALG, digestSize } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { YES } from '../spec/codes.ts'
import type { Public } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { has } from './kinds/checks.ts'
import { kindOf, type Verdict } from './kinds/kind.ts'
import type { Profile } from './profile.ts'

export { isStorage } from './kinds/checks.ts'
export type { Verdict } from './kinds/kind.ts'

/** Parameters that fit the attributes: all that is checked of a public area that comes without its private part. */
export const checkScheme = (p: Public, profile: Profile): Verdict => kindOf(p).checkScheme(p, profile)

/** Attributes that hold for every object with a private part, wherever it comes from. Part 2, 8.3.3. */
function checkAttributes(p: Public): Verdict {
  const sign = has(p, OBJECT.sign)
  const decrypt = has(p, OBJECT.decrypt)
  const restricted = has(p, OBJECT.restricted)
  if (restricted && sign === decrypt) return RC.ATTRIBUTES
  if (has(p, OBJECT.x509sign) && (!sign || p.type === ALG.KEYEDHASH || p.type === ALG.SYMCIPHER)) {
    return RC.ATTRIBUTES
  }
  if (has(p, OBJECT.firmwareLimited) || has(p, OBJECT.svnLimited)) return RC.ATTRIBUTES
  switch (p.type) {
    case ALG.KEYEDHASH:
      return undefined
    case ALG.MLDSA:
      // An external mu cannot be told from one over a structure of the TPM: Part 3, 20.1.
      if (restricted && p.parameters.allowExternalMu === YES) return RC.ATTRIBUTES
      return sign && !decrypt ? undefined : RC.ATTRIBUTES
    case ALG.HASH_MLDSA:
      return sign && !decrypt ? undefined : RC.ATTRIBUTES
    case ALG.MLKEM:
      return decrypt && !sign ? undefined : RC.ATTRIBUTES
    default:
      return sign || decrypt ? undefined : RC.ATTRIBUTES
  }
}

/** The policy is a digest of nameAlg, or there is none. */
export const checkPolicy = (p: Public): Verdict =>
  p.authPolicy.length === 0 || (p.nameAlg !== ALG.NULL && p.authPolicy.length === digestSize(p.nameAlg))
    ? undefined
    : RC.SIZE

/** A public area whose private part is there too, or is to be made. */
export const checkPublic = (p: Public, profile: Profile): Verdict =>
  checkPolicy(p) ?? checkAttributes(p) ?? checkScheme(p, profile) ?? kindOf(p).checkPrivate?.(p)

/** What is wrong with a template, and whether it is about inSensitive instead of inPublic. */
export interface TemplateVerdict {
  readonly rc: Verdict
  readonly inSensitive: boolean
}

/** A primary object: its parent is a hierarchy, which counts as fixedTPM. Part 2, 8.3.3. */
export const fitsHierarchy = (p: Public): Verdict =>
  has(p, OBJECT.fixedTPM) !== has(p, OBJECT.fixedParent) ||
  (has(p, OBJECT.fixedTPM) && has(p, OBJECT.encryptedDuplication))
    ? RC.ATTRIBUTES
    : undefined

/** A template: what Part 3, 12.1 asks besides. `data` is inSensitive.data. */
export function checkTemplate(p: Public, data: Bytes): TemplateVerdict {
  const inPublic = (rc: Verdict): TemplateVerdict => ({ rc, inSensitive: false })
  const inSensitive = (rc: Verdict): TemplateVerdict => ({ rc, inSensitive: true })
  const keyless = !has(p, OBJECT.sign) && !has(p, OBJECT.decrypt)
  if (has(p, OBJECT.sensitiveDataOrigin) !== (data.length === 0)) return inPublic(RC.ATTRIBUTES)
  if (p.type === ALG.KEYEDHASH ? data.length === 0 && keyless : keyless) return inPublic(RC.ATTRIBUTES)
  return inSensitive(kindOf(p).checkData?.(p, data) ?? (data.length > 0 && isAsymmetric(p) ? RC.VALUE : undefined))
}

const isAsymmetric = ({ type }: Public): boolean => type !== ALG.KEYEDHASH && type !== ALG.SYMCIPHER
