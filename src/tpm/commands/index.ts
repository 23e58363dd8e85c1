// Every command that the engine carries out, by code.

import type { Command } from '../command.ts'

const CHAPTERS: readonly (readonly Command[])[] = []

export const ENGINE: readonly Command[] = CHAPTERS.flat().sort((a, b) => a.row.code - b.row.code)

const BY_CODE = new Map(ENGINE.map(c => [c.row.code, c]))

export const engineCommand = (code: number): Command | undefined => BY_CODE.get(code)
