// The five sizes of a step, as places to stop: every line; lines that touch the bus; lines at which a chunk changed
// hands; the end of a command; the end of a story beat.

import type { Event } from './events.ts'
import type { Moment } from './machine.ts'

export type Grain = 'beat' | 'command' | 'chunk' | 'access' | 'line'
export const GRAINS: readonly Grain[] = ['beat', 'command', 'chunk', 'access', 'line']

const CHUNK_EFFECTS: ReadonlySet<string> = new Set(['taken', 'filled', 'fatal', 'completed', 'given'])

const isPower = (e: Event): boolean => e.t === 'platform' && e.what === 'power'

/** Whether one stops at `m` when stepping by `grain`; `next` is the moment after it, undefined at the end. */
export function isStop(m: Moment, next: Moment | undefined, grain: Grain): boolean {
  if (!next) return true
  switch (grain) {
    case 'line':
      return true
    case 'access':
      return m.events.some(e => e.t === 'mmio' || e.t === 'window' || e.t === 'user' || e.t === 'platform')
    case 'chunk':
      return m.events.some(
        e =>
          e.t === 'submit' ||
          (e.t === 'device' && CHUNK_EFFECTS.has(e.effect.kind === 'tis' ? e.effect.what : e.effect.kind)) ||
          isPower(e),
      )
    case 'command':
      return m.events.some(
        e => (e.t === 'task' && e.state === 'end') || isPower(e) || (e.t === 'platform' && e.what === 'command'),
      )
    case 'beat':
      return next.events.some(e => e.t === 'beat' || isPower(e) || (e.t === 'task' && e.state === 'begin'))
  }
}
