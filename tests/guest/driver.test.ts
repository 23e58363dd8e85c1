// The driver as it is laid out: lines that run lead somewhere, and each has its note.

import { describe, expect, it } from 'vitest'
import { DRIVER } from '../../src/guest/driver.ts'
import { NOTES } from '../../src/guest/driver-notes.ts'

const FUNCTIONS = Object.values(DRIVER)

describe.each(FUNCTIONS.map(f => [f.name, f] as const))('%s', (name, f) => {
  it('numbers its lines from 1 and ends in a return', () => {
    expect(f.lines.map(l => l.n)).toEqual(f.lines.map((_, i) => i + 1))
    expect(f.lines.some(l => l.op?.kind === 'return' || l.op?.kind === 'tail')).toBe(true)
  })

  it('goes on at a line that runs, from every line that does', () => {
    for (const l of f.lines) {
      if (!l.op || l.op.kind === 'return' || l.op.kind === 'tail') continue
      expect(f.lines[l.next]?.op, `${name} line ${l.n}`).toBeDefined()
      if (l.op.kind === 'test') expect(f.lines[l.orElse]?.op, `${name} line ${l.n}, else`).toBeDefined()
    }
  })

  it('has a note for every line that runs, and for no other', () => {
    const running = f.lines.filter(l => l.op).map(l => l.text)
    expect(Object.keys(NOTES[name] ?? {}).sort()).toEqual([...new Set(running)].sort())
    for (const note of Object.values(NOTES[name] ?? {})) expect(note).toMatch(/^\w.*[.?]$/)
  })
})
