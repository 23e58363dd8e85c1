// Acts whose code comes late: a page that has only its first step to show knows nothing of migration. Whoever lets a person
// act brings the code first (registers it), and so does whoever replays such an act.

import type { Machine, UserAct } from './machine.ts'
import type { Step } from './reduce.ts'

type LateAct = Extract<UserAct, { readonly late: true }>

export interface LateActs {
  act(m: Machine, act: LateAct): Step
  /** A job of the running command is done: whatever waited for its answer happens when it is there. */
  answered(before: Machine, step: Step): Step
}

let late: LateActs | undefined

export const addLateActs = (acts: LateActs): void => {
  late = acts
}

export function lateActs(): LateActs {
  if (!late) throw new Error('defect: an act before its code')
  return late
}
