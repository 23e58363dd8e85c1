// All scenarios, in the order in which the list shows them. Each is checked to its end by a test.

import type { Scenario } from '../scenario.ts'
import { DSA } from './dsa.ts'
import { PLAIN } from './plain.ts'
import { PLATFORM } from './platform.ts'
import { TROUBLE } from './trouble.ts'

export const SCENARIOS: readonly Scenario[] = [...DSA, ...PLAIN, ...TROUBLE, ...PLATFORM]
export { FIRST } from './first.ts'

export const scenarioById = (id: string): Scenario | undefined => SCENARIOS.find(s => s.id === id)
