// The rules of a profile for the codec, made once for each profile.

import type { Rules } from '../codec/reader.ts'
import { type Profile, rulesOf } from './profile.ts'

const RULES = new WeakMap<Profile, Rules>()

export function rules(profile: Profile): Rules {
  let found = RULES.get(profile)
  if (!found) {
    found = rulesOf(profile)
    RULES.set(profile, found)
  }
  return found
}
