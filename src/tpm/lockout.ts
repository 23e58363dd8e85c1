// Dictionary attack protection: what a failed authorization counts, when the TPM is locked, how it recovers with time.
// Part 1, 16.8; Part 3, 25.

import type { Bytes } from '../lib/bytes.ts'

/** Times in seconds, moments in milliseconds since power-on. */
export interface Lockout {
  readonly auth: Bytes
  readonly policyAlg: number
  readonly policy: Bytes
  readonly failedTries: number
  readonly maxTries: number
  /** For one failure to be forgotten; 0 switches the protection off. */
  readonly recoveryTime: number
  /** Until lockoutAuth may be tried again; 0 means at the next TPM2_Startup. */
  readonly lockoutRecovery: number
  /** Cleared by a wrong lockoutAuth. */
  readonly authEnabled: boolean
  /** Since when the present failure is being forgotten. */
  readonly healing: number
  /** When lockoutAuth failed. */
  readonly lockedAt: number
  /** A value that counts was used since Startup: a loss of power then counts as a failure. */
  readonly used: boolean
}

export const isLockedOut = (l: Lockout): boolean => l.failedTries >= l.maxTries

/** Time passes. @param now milliseconds since power-on */
export function heal(l: Lockout, now: number): Lockout {
  let next = l
  if (next.failedTries > 0) {
    if (next.recoveryTime === 0) next = { ...next, failedTries: 0 }
    else {
      const forgotten = Math.floor((now - next.healing) / 1000 / next.recoveryTime)
      if (forgotten > 0) {
        next = {
          ...next,
          failedTries: Math.max(0, next.failedTries - forgotten),
          healing: next.healing + forgotten * next.recoveryTime * 1000,
        }
      }
    }
  }
  if (!next.authEnabled && next.lockoutRecovery > 0 && now - next.lockedAt >= next.lockoutRecovery * 1000) {
    next = { ...next, authEnabled: true }
  }
  return next
}

/** An authorization failed. @param ofLockout it was lockoutAuth itself */
export function countFailure(l: Lockout, now: number, ofLockout: boolean): Lockout {
  if (ofLockout) return { ...l, authEnabled: false, lockedAt: now }
  return l.recoveryTime === 0 ? l : { ...l, failedTries: l.failedTries + 1, healing: now }
}

/**
 * TPM2_Startup. An unorderly loss of power after a protected value was used counts as a try; any start allows lockoutAuth
 * again when there is no time to wait for. Part 3, 9.3.1; Part 1, 16.8.5.
 */
export function lockoutAtStartup(l: Lockout, orderly: boolean): Lockout {
  const counts = !orderly && l.used && l.recoveryTime !== 0 && !isLockedOut(l)
  return {
    ...l,
    used: false,
    healing: 0,
    lockedAt: 0,
    failedTries: l.failedTries + (counts ? 1 : 0),
    authEnabled: l.authEnabled || l.lockoutRecovery === 0,
  }
}
