// Signing with schemes that use up an ephemeral key of TPM2_Commit: ECDAA. Part 1, 44.2; Part 3, 17.5 and 20.2.

import { type Bytes, readBe16 } from '../lib/bytes.ts'
import type { Context } from './command.ts'
import { kindOf } from './kinds/kind.ts'
import { isAnonymous, type Scheme } from './schemes.ts'
import type { LoadedObject } from './tpm.ts'

/**
 * Signs with a scheme that may need an ephemeral key of TPM2_Commit, which then is used up.
 * @param n the number of the parameter that the counter came in
 */
export function withCommit<T>(c: Context, key: LoadedObject, scheme: Scheme, n: number, sign: (s: Scheme) => T): T {
  const { publicArea: p, name } = key
  const recovered = isAnonymous(scheme) && kindOf(p).recoverCommit?.(c, p, name, scheme.count ?? 0, n)
  if (!recovered) return sign(scheme)
  const { r, done } = recovered
  const made = sign({ ...scheme, commit: r })
  done()
  return made
}

/** The counter as the context of a signature: two octets. Part 3, 17.5. */
export const COUNTER_CONTEXT = 2
export const withCounter = (scheme: Scheme, context: Bytes): Scheme =>
  isAnonymous(scheme) ? { ...scheme, count: readBe16(context, 0) } : scheme
