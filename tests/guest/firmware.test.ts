// The firmware as it is laid out: lines that run lead somewhere, calls go to programs that are there, and what is measured
// is what the list says.

import { describe, expect, it } from 'vitest'
import { functionOf } from '../../src/guest/drivers.ts'
import { FIRMWARE } from '../../src/guest/firmware-boot.ts'
import { CHANGEABLE, measurements } from '../../src/guest/firmware-events.ts'
import { FIRMWARE_NOTES } from '../../src/guest/firmware-notes.ts'
import { equal } from '../../src/lib/bytes.ts'

describe.each(FIRMWARE.map(f => [f.name, f] as const))('%s', (name, f) => {
  it('numbers its lines from 1 and ends in a return, a hand-over or sleep', () => {
    expect(f.lines.map(l => l.n)).toEqual(f.lines.map((_, i) => i + 1))
    const ends = (text: string): boolean => /^(return|boot_os\(|wake_os\(|sleep\()/.test(text)
    expect(ends(f.lines.findLast(l => l.op)?.text ?? '')).toBe(true)
  })

  it('goes on at a line that runs, from every line that does', () => {
    for (const l of f.lines) {
      if (!l.op || l.op.kind === 'return' || /^(boot_os|wake_os|sleep)\(/.test(l.text)) continue
      expect(f.lines[l.next]?.op, `${name} line ${l.n}`).toBeDefined()
      if (l.op.kind === 'test') expect(f.lines[l.orElse]?.op, `${name} line ${l.n}, else`).toBeDefined()
      if (l.op.kind === 'call') expect(functionOf({}, l.op.fn), `${name} line ${l.n}`).toBeDefined()
    }
  })
})

it('has a note for every line that runs, and for no other', () => {
  const running = FIRMWARE.flatMap(f => f.lines.filter(l => l.op).map(l => l.text))
  expect(Object.keys(FIRMWARE_NOTES).sort()).toEqual([...new Set(running)].sort())
  for (const note of Object.values(FIRMWARE_NOTES)) expect(note).toMatch(/^\S.*[.?…]$/)
})

describe.each(['seabios', 'uefi'] as const)('what %s measures', kind => {
  const list = (changed: readonly string[]) => {
    const { early, late } = measurements({ kind, changed })
    return [...early, ...late]
  }
  it.each(CHANGEABLE)('tells a changed %s, and nothing else, from what it was', what => {
    const [before, after] = [list([]), list([what])]
    const other = before.filter((m, i) => !equal(m.content, after[i]?.content ?? m.data))
    expect(other.map(m => m.what)).toEqual([what])
  })
  it('ends the measurements of each PCR with a separator, before what is booted', () => {
    const all = list([])
    const separators = all.filter(m => m.what === 'separator')
    expect(separators.map(m => m.pcr)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(all.findIndex(m => m.what === 'boot loader')).toBeGreaterThan(all.findLastIndex(m => m.what === 'separator'))
  })
})
