// The commands that the engine carries out, by code. Those of the opening scenario are here from the start; all others come
// with wholeEngine of all.ts, so that the page can load them after its first step.

import type { Command } from '../command.ts'
import { addMldsa } from '../kinds/mldsa.ts'
import { hierarchy } from './hierarchy.ts'
import { signing } from './signing.ts'
import { startup } from './startup.ts'

const BY_CODE = new Map<number, Command>()

/** Makes commands known to the dispatcher. */
export function addCommands(commands: readonly Command[]): void {
  for (const c of commands) BY_CODE.set(c.row.code, c)
}
addMldsa()
addCommands([...startup, ...hierarchy, ...signing])

export const engineCommand = (code: number): Command | undefined => BY_CODE.get(code)
