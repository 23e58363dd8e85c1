// All scenarios, in the order in which the list shows them. Each is checked to its end by a test.

import type { Scenario } from '../scenario.ts'
import { DSA } from './dsa.ts'
import { HOST } from './host.ts'
import { MIGRATIONS } from './migration.ts'
import { PLAIN } from './plain.ts'
import { PLATFORM } from './platform.ts'
import { TIS_MIGRATIONS } from './tis-migration.ts'
import { TIS_SCENARIOS } from './tis.ts'
import { TROUBLE } from './trouble.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...DSA,
  ...PLAIN,
  ...TROUBLE,
  ...PLATFORM,
  ...TIS_SCENARIOS,
  ...TIS_MIGRATIONS,
  ...MIGRATIONS,
  ...HOST,
]

export { FIRST } from './opening.ts'
export const scenarioById = (id: string): Scenario | undefined => SCENARIOS.find(s => s.id === id)
