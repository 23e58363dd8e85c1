// The scenarios that the page has from its first step on.

import type { Scenario } from '../scenario.ts'
import { DSA } from './dsa.ts'
import { PLAIN } from './plain.ts'
import { TROUBLE } from './trouble.ts'

export const EARLY: readonly Scenario[] = [...DSA, ...PLAIN, ...TROUBLE]
/** What the page opens with. */
export const FIRST = EARLY[0] as Scenario
