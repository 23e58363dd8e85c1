// Staying awake for a moment after an answer: who talks to a TPM sends the next command at once, and a core that has gone to
// sleep takes longer to wake, on a virtual machine several times longer, than most commands take. docs/performance.md

import { availableParallelism } from 'node:os'

/** Milliseconds after an answer in which the next request finds the server awake. */
const AWAKE = 0.3

/** On one core the wait would be taken from the client. */
const possible = availableParallelism() > 1

let until = 0
let waiting = false

function look(): void {
  if (performance.now() < until) setImmediate(look)
  else waiting = false
}

/** An answer has left: looks for what comes for a while, before the event loop sleeps. */
export function stayAwake(): void {
  if (!possible) return
  until = performance.now() + AWAKE
  if (waiting) return
  waiting = true
  setImmediate(look)
}
