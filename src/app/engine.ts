// The whole engine comes late: the opening scenario has all that it needs, and the page can be used sooner. Whatever sends
// other commands waits for it here.

import { set } from './store.ts'

type Whole = Pick<typeof import('./whole.ts'), 'begin' | 'scenarioById'>
let loading: Promise<Whole> | undefined
let there: Whole | undefined

/** It, when it is there already. */
export const whole = (): Whole | undefined => there

async function load(): Promise<Whole> {
  const part = await import('./whole.ts')
  part.wholeEngine()
  there = { begin: part.begin, scenarioById: part.scenarioById }
  set({ scenarios: part.SCENARIOS })
  return there
}

/** Resolves once every command can be carried out and explained. */
export function wholeEngine(): Promise<Whole> {
  loading ??= load()
  return loading
}
