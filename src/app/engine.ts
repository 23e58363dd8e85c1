// The whole engine comes late: the opening scenario has all that it needs, and the page can be used sooner. Whatever sends
// other commands waits for it here.

let whole: Promise<void> | undefined
let there = false

/** Whether it is there already. */
export const isWhole = (): boolean => there

/** Resolves once every command can be carried out and explained. */
export function wholeEngine(): Promise<void> {
  whole ??= import('./whole.ts').then(part => {
    part.wholeEngine()
    there = true
  })
  return whole
}
