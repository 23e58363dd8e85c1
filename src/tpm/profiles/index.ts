// Every profile, by its id: what a person may choose.

import type { Profile } from '../profile.ts'
import { crbscope } from './crbscope.ts'
import { libtpms } from './libtpms.ts'
import { buffer4096, noPqc } from './smaller.ts'

export const PROFILES = {
  crbscope,
  'libtpms-0.9': libtpms,
  'no-pqc': noPqc,
  'buffer-4096': buffer4096,
} as const satisfies { readonly [id: string]: Profile }

/** The profile of an id, of all that there are; undefined when there is none. */
export const anyProfile = (id: string): Profile | undefined =>
  Object.hasOwn(PROFILES, id) ? PROFILES[id as keyof typeof PROFILES] : undefined
