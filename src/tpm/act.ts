// Authenticated Countdown Timers: how they count, and what Shutdown and Startup make of them. Part 1, 40; Part 3, 9.3, 9.4.

import { type Bytes } from '../lib/bytes.ts'
import { isAct, RH } from '../spec/handles.ts'

export interface Act {
  /** Microseconds until it signals; 0 when it does not count. */
  readonly left: number
  readonly signaled: boolean
  /** What signaled was before the last TPM Resume. */
  readonly preserved: boolean
  /** Set since the last TPM2_Startup. */
  readonly set: boolean
  readonly policyAlg: number
  readonly policy: Bytes
}

const SECOND = 1_000_000

/** The number of a timer, from its handle; undefined for other handles. */
export const actNumber = (handle: number): number | undefined => (isAct(handle) ? handle - RH.ACT_0 : undefined)

/** Seconds, as it reports them: the last one is not over before it signals. */
export const secondsLeft = ({ left }: Act): number => Math.ceil(left / SECOND)

/** Part 3, 33.2.1: the four states, and the value that only stops the signal. */
export function withTimeout(act: Act, seconds: number): Act {
  const rest = { ...act, preserved: false, set: true }
  if (act.left === 0 && act.signaled && seconds === 0xffffffff) return { ...rest, signaled: false }
  if (seconds > 0) return { ...rest, left: seconds * SECOND, signaled: false }
  return { ...rest, left: 0, signaled: act.signaled || act.left > 0 }
}

/** The same list when none of them counts. */
export function countDown(acts: readonly Act[], microseconds: number): readonly Act[] {
  if (acts.every(a => a.left === 0)) return acts
  return acts.map(a => {
    if (a.left === 0) return a
    return a.left > microseconds ? { ...a, left: a.left - microseconds } : { ...a, left: 0, signaled: true }
  })
}

/** What Shutdown(STATE) keeps: half of what nobody set anew, or Resume after Resume would never let it end. */
export const actsAtShutdown = (acts: readonly Act[]): readonly Act[] =>
  acts.map(a => ({ ...a, left: a.set ? a.left : Math.floor(secondsLeft(a) / 2) * SECOND }))

export const actsAtResume = (acts: readonly Act[]): readonly Act[] =>
  acts.map(a => ({ ...a, preserved: a.signaled, set: false }))
