// The declared commands, by code and by name. Those of the opening scenario are here from the start; all others come with
// declareAll of all.ts, so that the page can load them after its first step.

import type { CommandRow } from '../command.ts'
import * as hierarchy from './hierarchy.ts'
import * as signing from './signing.ts'
import * as startup from './startup.ts'

const BY_CODE = new Map<number, CommandRow>()
const BY_NAME = new Map<string, CommandRow>()

/** Makes declarations known. The same row twice is the same row. */
export function addDeclarations(rows: readonly CommandRow[]): void {
  for (const row of rows) {
    BY_CODE.set(row.code, row)
    BY_NAME.set(row.name, row)
  }
}
addDeclarations([startup, hierarchy, signing].flatMap((chapter): readonly CommandRow[] => Object.values(chapter)))

export const commandByCode = (code: number): CommandRow | undefined => BY_CODE.get(code)
/** @param name "TPM2_PCR_Extend" */
export const commandByName = (name: string): CommandRow | undefined => BY_NAME.get(name)
