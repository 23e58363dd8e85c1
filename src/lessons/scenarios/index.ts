// All scenarios, in the order in which the list shows them. Each is checked to its end by a test.

import type { Scenario } from '../scenario.ts'
import { EARLY } from './early.ts'
import { MIGRATIONS } from './migration.ts'

export { FIRST } from './early.ts'
export const SCENARIOS: readonly Scenario[] = [...EARLY, ...MIGRATIONS]

export const scenarioById = (id: string): Scenario | undefined => SCENARIOS.find(s => s.id === id)
