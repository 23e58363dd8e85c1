// A slice of `npm run fuzz`: made-up commands of every kind get an answer that can be explained, none shows a defect,
// and a failure changes nothing but what Part 3 says.

import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { ENGINE } from '../../src/tpm/commands/all.ts'
import { Fuzz, ROUND } from './fuzz.ts'

const SLICE = 20_000

describe('made-up commands', () => {
  const fuzz = new Fuzz()
  it(`${SLICE} of them are answered by the rules`, { timeout: 300_000 }, () => {
    for (let seed = 1; fuzz.totals.commands + fuzz.totals.cancelled < SLICE; seed++) fuzz.round(seed)
    expect(fuzz.totals.commands).toBeGreaterThan(SLICE - ROUND - fuzz.totals.cancelled)
  })

  it('reach the bodies: every command succeeds at least once', () => {
    const { codes, successes, answers, succeeded, commands, supplied, cancelled } = fuzz.totals
    expect(COMMANDS.filter(c => !codes.has(c.code)).map(c => c.name)).toEqual([])
    expect(ENGINE.filter(c => !successes.has(c.row.code)).map(c => c.row.name)).toEqual([])
    expect(succeeded).toBeGreaterThan(commands / 20)
    expect(answers.size).toBeGreaterThan(700)
    expect(supplied + cancelled).toBeGreaterThan(0)
  })
})
