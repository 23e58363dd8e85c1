// The reference has an entry for everything that the tables have, its links lead somewhere, and it is found by what one
// types. The coverage table in docs/ is the one that the command table makes.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CRB } from '../../src/hw/crb.map.ts'
import { ALG, algName } from '../../src/spec/algorithms.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { RC } from '../../src/spec/return-codes.ts'
import { covered, COVERAGE, coverageTable } from '../../src/view/coverage.ts'
import { entries, entryOf, KINDS, lookUp } from '../../src/view/reference.ts'

describe('entries', () => {
  it('are there for every command, algorithm, register and return code', () => {
    const titles = new Set(entries().map(e => e.title))
    for (const c of COMMANDS) expect(titles).toContain(c.name)
    for (const a of Object.values(ALG)) expect(titles).toContain(algName(a))
    for (const r of Object.keys(CRB)) expect(titles).toContain(r)
    for (const r of Object.keys(RC)) expect(titles).toContain(`TPM_RC_${r}`)
  })

  it('have a title of their own, words, and a source', () => {
    const titles = entries().map(e => `${e.kind} ${e.title}`)
    expect(new Set(titles).size).toBe(titles.length)
    for (const e of entries()) {
      expect(e.summary, e.title).toMatch(/\S/)
      expect(e.source, e.title).toMatch(/Part \d|PTP|TIS|\d/)
    }
  })

  it('lead on: a type that is a structure has its own entry', () => {
    const dead = entries().flatMap(e =>
      e.groups.flatMap(g => g.lines.map(l => l.type).filter(t => /^TPM(?:T|S|L|A|I|2B)_/.test(t) && !entryOf(t))),
    )
    expect(dead).toEqual([])
  })

  it('say what to do about a return code', () => {
    for (const e of entries().filter(x => x.kind === 'return code')) {
      expect(e.groups[0]?.name).toBe('What to do')
      expect(e.groups[0]?.lines[0]?.text).toMatch(/\.$/)
    }
  })
})

describe('search', () => {
  it.each([
    ['hash', 'TPM2_Hash'],
    ['pcr_extend', 'TPM2_PCR_Extend'],
    ['TPMT_PUBLIC', 'TPMT_PUBLIC'],
    ['ctrl_start', 'CTRL_START'],
    ['auth_fail', 'TPM_RC_AUTH_FAIL'],
    ['dictionary lockout password', 'TPM_RC_LOCKOUT'],
  ])('%s finds %s first', (text, title) => {
    expect(lookUp(text, undefined)[0]?.title).toBe(title)
  })

  it('keeps to a kind, finds nothing for nonsense, and everything for nothing', () => {
    for (const kind of KINDS) expect(lookUp('', kind).every(e => e.kind === kind)).toBe(true)
    expect(lookUp('qqqq', undefined)).toEqual([])
    expect(lookUp('', undefined)).toHaveLength(entries().length)
  })
})

describe('coverage', () => {
  it('is current in docs: npm run coverage-table', () => {
    expect(readFileSync('docs/coverage.md', 'utf8')).toBe(coverageTable())
  })

  it('counts what is declared, and nothing else', () => {
    expect(covered()).toBe(COMMANDS.length)
    expect(COVERAGE.filter(r => r.section).map(r => r.code)).toEqual(COMMANDS.map(c => c.code))
  })
})
