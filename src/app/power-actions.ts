// What one can do to the power of the machine, as actions with keys: they come with the code that carries them out.

import type { Power } from '../machine/platform.ts'
import { possible } from '../view/platform.ts'
import { type Action, ACTIONS } from './actions.ts'
import { disturb } from './runner.ts'
import type { Store } from './store.ts'

const can =
  (what: Power) =>
  (s: Store): boolean =>
    s.at !== undefined && s.live === undefined && possible(s.at.machine, what)

const power = (what: Power, label: string, keys: string): Action => ({
  id: what,
  label,
  keys,
  group: 'power',
  enabled: can(what),
  run: () => disturb({ kind: 'power', what }),
})

export const POWER_ACTIONS: readonly Action[] = [
  power('cold-boot', 'Cold boot', 'Shift+B'),
  power('warm-reset', 'Warm reset', 'Shift+W'),
  power('suspend', 'Sleep (S3)', 'Shift+S'),
  power('resume', 'Wake up', 'Shift+U'),
]

ACTIONS.push(...POWER_ACTIONS)
