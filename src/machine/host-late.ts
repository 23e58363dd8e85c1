// What happens to a host and its guests comes after the page's first step: it registers itself (host.ts).

import type { HostAct } from '../backend/behind.ts'
import type { Task } from '../guest/guest.ts'
import type { Event } from './events.ts'
import type { Machine } from './machine.ts'

export interface HostParts {
  /** @param tasks of the guest that is there afterwards */
  act(
    m: Machine,
    act: HostAct,
    tasks: readonly Task[],
  ): { readonly machine: Machine; readonly events: readonly Event[] }
}

let parts: HostParts | undefined

export const addHostParts = (p: HostParts): void => {
  parts = p
}

export function hostParts(): HostParts {
  if (!parts) throw new Error('defect: a host before its code')
  return parts
}
