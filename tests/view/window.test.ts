// The window as shown: every byte once, under its field or hatched as older; folded only where it is too large; and a tape
// that is to scale.

import { describe, expect, it } from 'vitest'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { MachineConfig, Moment, WindowSize } from '../../src/machine/machine.ts'
import { contentLeaves, leafAt } from '../../src/view/packets.ts'
import { chunksOf, fieldRows, memorySize, ROW, summary, tapeParts, windowBytes } from '../../src/view/window.ts'
import { everyRun, find, run, writes } from '../support/runs.ts'

const config = (window: WindowSize): MachineConfig => ({
  ...(scenarioById('verify-mldsa87') as { config: MachineConfig }).config,
  window,
})
const NEXT_CHUNK = writes(0x4c, 4)
const START = writes(0x4c, 1)
const filled = (m: Moment) => m.machine.content
const runs = everyRun()
const verify = run('verify', config(3968))

describe('rows', () => {
  it.each(runs)('show every byte once, fresh or stale: $name', ({ moments }) => {
    let last: Moment['machine']['content'] | undefined
    for (const m of moments) {
      if (filled(m) === last) continue
      last = filled(m)
      const size = memorySize(m.machine)
      let at = 0
      for (const row of fieldRows(m.machine)) {
        expect(row.at).toBe(at)
        let from = at
        for (const s of row.segments) {
          expect(s.from).toBe(from)
          expect(s.stale, `byte ${s.from}`).toBe(s.from >= last.length)
          expect(s.from < last.length && s.from + s.length > last.length).toBe(false)
          if (s.leaf) expect(leafAt(contentLeaves(m.machine), last.part + s.from)).toBe(s.leaf)
          from += s.length
        }
        expect(from - at).toBe(Math.min(ROW, size - at))
        at += (row.folded + 1) * ROW
      }
      expect(at).toBeGreaterThanOrEqual(size)
      expect(at - size).toBeLessThan(ROW)
    }
  })

  it('name the fields of the header and mark the size', () => {
    const [m] = find(verify, NEXT_CHUNK)
    const labels = fieldRows(m.machine).flatMap(r => r.segments.map(s => s.label))
    expect(labels.slice(0, 4)).toEqual(['tag', 'size = 4,683', 'code', 'keyHandle'])
    expect(labels.filter(l => l !== '').at(-1)).toBe('signature, 4,627 bytes')
  })

  it('tell the length of a field that begins at the end of a row in the next row', () => {
    const kem = run('kem', (scenarioById('mlkem1024') as { config: MachineConfig }).config)
    const [m] = find(kem, x => filled(x).kind === 'answer' && filled(x).length > 1600)
    const named = fieldRows(m.machine).flatMap(r => r.segments.filter(s => s.leaf?.name === 'ciphertext'))
    expect(named.slice(0, 2).map(s => s.label)).toEqual(['ciphertext', 'ciphertext, 1,568 bytes'])
    expect(named[0]?.length).toBeLessThan(6)
  })

  it('fold the midst of the signature, and the older bytes behind the last chunk, which are not zero', () => {
    const [first] = find(verify, NEXT_CHUNK)
    expect(fieldRows(first.machine).filter(r => r.folded > 0)).toHaveLength(1)
    const [second] = find(verify, START)
    const folded = fieldRows(second.machine).filter(r => r.folded > 0)
    expect(folded.map(r => r.segments[0]?.stale)).toEqual([false, true])
    expect(folded[1]?.segments[0]?.zero).toBe(false)
    expect(fieldRows(second.machine).some(r => r.segments.some(s => s.stale && !s.zero))).toBe(true)
  })

  it('leave a short run as it is: three rows in the midst of the ticket', () => {
    const { machine } = verify.moments.at(-1) as Moment
    expect(machine.content).toMatchObject({ kind: 'answer', length: 84 })
    const rows = fieldRows(machine)
    expect(rows.filter(r => r.folded > 0).map(r => r.segments[0]?.stale)).toEqual([true])
    expect(rows.slice(0, 6).map(r => r.at)).toEqual([0x00, 0x10, 0x20, 0x30, 0x40, 0x50])
  })

  it.each([64, 256] as const)('fold nothing in a window of %i', window => {
    const small = run('small', config(window))
    for (const m of small.moments) expect(fieldRows(m.machine)).toHaveLength(window / ROW)
  })
})

describe('the tape', () => {
  it.each(runs)('is to scale, and says which chunk is here: $name', ({ moments }) => {
    for (const m of moments) {
      const { content } = m.machine
      const chunks = chunksOf(content, memorySize(m.machine))
      expect(chunks.reduce((sum, x) => sum + x.length, 0)).toBe(content.message.length)
      const parts = tapeParts(chunks)
      expect(parts.length).toBeLessThanOrEqual(12)
      if (content.kind === 'nothing') {
        expect(parts).toEqual([])
        continue
      }
      const here = parts.filter(p => p.state === 'here')
      expect(here).toHaveLength(1)
      expect(here[0]?.first).toBe(Math.floor(content.part / memorySize(m.machine)) + 1)
      expect(here[0]?.last).toBe(here[0]?.first)
      expect(parts.reduce((sum, p) => sum + p.share, 0)).toBeCloseTo(1, 9)
      parts.forEach((p, i) => expect(p.first).toBe((parts[i - 1]?.last ?? 0) + 1))
      expect(parts.at(-1)?.last).toBe(chunks.length)
    }
  })

  it('puts chunks together where there are more than twelve', () => {
    const small = run('64', config(64))
    const m = small.moments.filter(NEXT_CHUNK)[2] as Moment
    const parts = tapeParts(chunksOf(filled(m), 64))
    expect(parts.map(p => [p.state, p.first, p.last])).toEqual([
      ['done', 1, 2],
      ['here', 3, 3],
      ['coming', 4, 74],
    ])
  })
})

describe('the summary', () => {
  it('says how much of what is in the window', () => {
    const [m] = find(verify, NEXT_CHUNK)
    expect(summary(m.machine)).toBe('3968 of 3968 bytes: command, chunk 1 of 2, starts with 80 01')
    expect(summary((verify.moments[0] as Moment).machine)).toBe('3968 bytes, nothing written yet')
    expect(windowBytes(m.machine)).toHaveLength(3968)
  })
})
