// The engine and libtpms are told the same stories: answer for answer the same code, and the same octets where the
// specification leaves no choice. The recorded answers are in tests/vectors/tpm12-swtpm.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Said, Engine12 } from './subject.ts'
import { STORIES } from './stories.ts'

const recorded = (story: string): Said[] =>
  readFileSync(new URL(`../vectors/tpm12-swtpm/${story}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Said)

const PERMANENT_FLAGS = '00c10000001600000065000000040000000400000108'
/** allowMaintenance is the sixth flag after header, size and tag. */
const MAINTENANCE = 2 * (10 + 4 + 2 + 5)

/** What of an answer is compared. */
function seen({ name, way, cmd, rsp }: Said): string {
  const code = rsp.slice(12, 20)
  if (way === 'code') return `${name}: ${code}`
  if (way === 'length') return `${name}: ${code}, ${rsp.length / 2} bytes`
  const masked =
    cmd === PERMANENT_FLAGS && rsp.length > MAINTENANCE
      ? `${rsp.slice(0, MAINTENANCE)}..${rsp.slice(MAINTENANCE + 2)}`
      : rsp
  return `${name}: ${cmd} → ${masked}`
}

describe('a TPM 1.2', () => {
  it.each(Object.entries(STORIES))('%s: answers as libtpms does', async (name, story) => {
    const engine = new Engine12()
    await story(engine)
    const wanted = recorded(name)
    expect(wanted.length).toBeGreaterThan(15)
    expect(engine.said.map(seen)).toEqual(wanted.map(seen))
  })
})
