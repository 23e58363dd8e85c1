// Who may use the interface: what a write to ACCESS does. Several bits of one write act in the order give back,
// acknowledge, seize, request; a seize drops the first and the last.

import type { Dropped } from './tis.effects.ts'
import { abort, ACTIVE, activate, at, BEEN_SEIZED, change, NOBODY, REQUEST, SEIZE, type Work } from './tis.state.ts'

export const drop = (w: Work, why: Dropped, length = 0): void => {
  w.effects.push({ kind: 'tis', what: 'dropped', why, length })
}

/** The highest locality that asks for the interface, or -1. */
const highestRequest = (w: Work): number => w.loc.findLastIndex(l => (l.access & REQUEST) !== 0)

/** @returns true when who is active is settled by this: now, or when the running command has been answered */
function giveBack(w: Work, n: number): boolean {
  if (w.active !== n) {
    const asked = (at(w, n).access & REQUEST) !== 0
    change(w, n, { access: at(w, n).access & ~REQUEST })
    if (asked) w.effects.push({ kind: 'tis', what: 'withdraws', locality: n })
    else drop(w, 'not-owner')
    return true
  }
  const next = highestRequest(w)
  // With nobody waiting, the state of the locality stays: an answer can be read after asking again.
  if (next === NOBODY) return false
  abort(w, n, next)
  return true
}

function seize(w: Work, n: number): void {
  if (w.active !== NOBODY && n <= w.active) return drop(w, 'not-higher')
  if (at(w, n).access & SEIZE) return drop(w, 'seize-pending')
  if (w.loc.some((l, i) => i > n && (l.access & SEIZE) !== 0)) return drop(w, 'higher-seizes')
  for (let i = 0; i < n; i++) change(w, i, { access: at(w, i).access & ~SEIZE })
  change(w, n, { access: at(w, n).access | SEIZE })
  abort(w, w.active, n)
}

export function writeAccess(w: Work, n: number, written: number): void {
  const value = written & SEIZE ? written & ~(REQUEST | ACTIVE) : written
  if ((value & (ACTIVE | REQUEST | SEIZE | BEEN_SEIZED)) === 0) return drop(w, 'asks-nothing')
  let released = false
  if (value & ACTIVE) released = !giveBack(w, n)
  if (value & BEEN_SEIZED) {
    if (at(w, n).access & BEEN_SEIZED) w.effects.push({ kind: 'tis', what: 'acknowledges', locality: n })
    change(w, n, { access: at(w, n).access & ~BEEN_SEIZED })
  }
  if (value & SEIZE) return seize(w, n)
  if (value & REQUEST) {
    if (w.active === NOBODY) return activate(w, n)
    if (w.active !== n) {
      change(w, n, { access: at(w, n).access | REQUEST })
      w.effects.push({ kind: 'tis', what: 'waits', locality: n })
    } else if (!released) drop(w, 'owned-already')
  }
  if (released) activate(w, NOBODY)
}
