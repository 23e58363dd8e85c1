// The whole engine comes late: the opening scenario has all that it needs, and the page can be used sooner. Whatever sends
// other commands waits for it here.

import { set } from './store.ts'

let whole: Promise<void> | undefined
let there = false

/** Whether it is there already. */
export const isWhole = (): boolean => there

async function load(): Promise<void> {
  const part = await import('./whole.ts')
  part.wholeEngine()
  part.installPlatform()
  part.installTpmSentences()
  set({ scenarios: part.SCENARIOS })
  there = true
}

/** Resolves once every command can be carried out and explained. */
export function wholeEngine(): Promise<void> {
  whole ??= load()
  return whole
}
