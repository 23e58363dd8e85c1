// Recorded post-quantum commands of another TPM, replayed on ours. Formats: tests/vectors/README of the recordings; what is
// compared is what a specification fixes.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Driver } from '../support/driver.ts'

import type { Bytes } from '../../src/lib/bytes.ts'
import { explainResponse, header } from '../../src/spec/frame.ts'
import { openTranscript } from '../../src/trace/transcript.ts'

const read = (name: string): string[] =>
  readFileSync(new URL(`../vectors/tpm185-wolftpm/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter(l => l !== '')

/** Lines that are compared in each file. */
const COUNTS = { mldsa: 324, hashmldsa: 239, mlkem: 111, extmu: 12, caps: 1 } as const

describe('recorded transcripts', () => {
  it.each(Object.entries(COUNTS))('%s: %i answers agree', (name, count) => {
    const transcript = openTranscript(new Driver())
    const verdicts = read(name).map(l => transcript.line(JSON.parse(l)))
    expect(verdicts.filter(v => typeof v === 'object')).toEqual([])
    expect(verdicts.filter(v => v === 'passed')).toHaveLength(count)
  })

  it.each(Object.keys(COUNTS))('%s: every answer of ours is explained to its last byte', name => {
    const problems: string[] = []
    const driver = new Driver()
    const command = (bytes: Bytes): Bytes => {
      const response = driver.command(bytes)
      problems.push(...explainResponse(response, header(bytes)?.code).problems)
      return response
    }
    const transcript = openTranscript({
      command,
      reset: () => driver.reset(),
      powerCycle: () => driver.powerCycle(),
      locality: n => driver.locality(n),
    })
    for (const l of read(name)) transcript.line(JSON.parse(l))
    expect(problems).toEqual([])
  })
})
