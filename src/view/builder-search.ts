// Which commands the words of a search mean: by name, chapter, meaning or code; those named so come first.

import type { CommandRow } from '../spec/command.ts'
import { COMMAND_MEANINGS } from '../spec/command-meanings.ts'
import { COMMANDS } from '../spec/commands/all.ts'
import { hex } from './format.ts'

const plain = (name: string): string => name.toLowerCase().replace('tpm2_', '')

/** 0: its very name; 1: its name begins so; 2: its name has it; 3: found by something else. */
function rank({ name }: CommandRow, wanted: string): number {
  if (wanted === '' || plain(name) === wanted) return 0
  const at = plain(name).indexOf(wanted)
  return at === 0 ? 1 : at > 0 ? 2 : 3
}

/** Every command that has all of the words, the likeliest first. */
export function findCommands(search: string): readonly CommandRow[] {
  const wanted = plain(search.trim())
  const words = search.trim().toLowerCase().split(/\s+/)
  return COMMANDS.filter(c => {
    const text = `${c.name} ${c.section} ${COMMAND_MEANINGS[c.name] ?? ''} ${hex(c.code, 3)}`.toLowerCase()
    return words.every(w => text.includes(w))
  }).toSorted((a, b) => rank(a, wanted) - rank(b, wanted) || a.name.localeCompare(b.name))
}
