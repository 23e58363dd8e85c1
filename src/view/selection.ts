// What a user can select, and the condition to run until that is made of it.

import type { Moment } from '../machine/machine.ts'
import { registersOf } from './registers.ts'
import { windowBytes } from './window.ts'

export type Selection =
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'bit'; readonly register: string; readonly field: string }
  /** A byte of the window, offset from its first byte. */
  | { readonly kind: 'byte'; readonly at: number }
  | { readonly kind: 'object'; readonly handle: number }

/** A condition to run until, made of a selection: the register, the bit, or the object changes. */
export function changes(s: Selection): (m: Moment, before: Moment) => boolean {
  return (m, before) => {
    if (s.kind === 'object') {
      const at = s.handle - 0x80000000
      return m.machine.backend.tpm.objects[at] !== before.machine.backend.tpm.objects[at]
    }
    if (s.kind === 'byte') return windowBytes(m.machine)[s.at] !== windowBytes(before.machine)[s.at]
    const name = s.kind === 'bit' ? s.register : s.name
    const r = registersOf(m, before).find(x => x.name === name)
    if (!r) return false
    if (r.touched === 'write') {
      return s.kind === 'register' || r.cells.some(c => c.name === s.field && (c.written ?? 0) !== 0)
    }
    return s.kind === 'register' ? r.changed : r.cells.some(c => c.name === s.field && c.changed)
  }
}
