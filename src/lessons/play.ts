// A scenario set up to be watched: its machine, and what its scenario lets happen to it, played ahead to there.

import { History } from '../machine/history.ts'
import type { WindowSize } from '../machine/machine.ts'
import { installMigration } from '../machine/migrate.ts'
import type { Scenario } from './scenario.ts'
import { playActs } from './when.ts'

/** Without acts it has one moment; with acts all of them up to the last act. */
export function begin(s: Scenario, window: WindowSize = s.config.window): History {
  installMigration()
  const h = History.start({ ...s.config, window })
  playActs(h, s.acts ?? [])
  return h
}
