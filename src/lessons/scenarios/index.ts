// All scenarios, in the order in which the list shows them. Each is checked to its end by a test.

import type { Scenario } from '../scenario.ts'
import { DSA } from './dsa.ts'
import { FIRST } from './early.ts'
import { MIGRATIONS } from './migration.ts'
import { PLAIN } from './plain.ts'
import { TROUBLE } from './trouble.ts'

export { FIRST } from './early.ts'
export const SCENARIOS: readonly Scenario[] = [FIRST, ...DSA, ...PLAIN, ...TROUBLE, ...MIGRATIONS]

export const scenarioById = (id: string): Scenario | undefined => SCENARIOS.find(s => s.id === id)
