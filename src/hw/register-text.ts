// A register word in words, where a saved state is explained: its value, and the fields of it that are not 0.

import { decode, registerAt, type RegisterMap } from './registers.ts'

/** @param at the offset of the word in the map; a word without a register is only its value */
export function registerText(map: RegisterMap, at: number, v: number, digits = 8): string {
  const hex = `0x${v.toString(16).padStart(digits, '0')}`
  const found = registerAt(map, at)
  if (!found) return hex
  const set = decode(found.register, v).filter(f => f.value !== 0)
  const whole = set.length === 1 && set[0]?.field.width === 32
  if (set.length === 0 || whole) return hex
  return `${hex}: ${set.map(f => (f.field.width === 1 ? f.name : `${f.name} ${f.value}`)).join(', ')}`
}
