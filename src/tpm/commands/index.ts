// Every command that the engine carries out, by code.

import type { Command } from '../command.ts'
import { capability } from './capability.ts'
import { clock } from './clock.ts'
import { hash } from './hash.ts'
import { pcr } from './pcr.ts'
import { random } from './random.ts'
import { sequence } from './sequence.ts'
import { startup } from './startup.ts'
import { testing } from './testing.ts'

const CHAPTERS: readonly (readonly Command[])[] = [
  ...[startup, testing, hash, random, sequence, pcr, clock],
  capability(() => ENGINE),
]

/** In rising order of their codes. */
export const ENGINE: readonly Command[] = CHAPTERS.flat().sort((a, b) => a.row.code - b.row.code)

const BY_CODE = new Map(ENGINE.map(c => [c.row.code, c]))

export const engineCommand = (code: number): Command | undefined => BY_CODE.get(code)
