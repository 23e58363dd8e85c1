// Fields of commands and answers: leaves that follow each other without gaps, and the right one for every byte.

import { describe, expect, it } from 'vitest'
import { contentLeaves, leafAt } from '../../src/view/packets.ts'
import { count, duration, hex, plural, short } from '../../src/view/format.ts'
import { everyRun } from '../support/runs.ts'

describe('fields', () => {
  it.each(everyRun())('cover every message without gap or overlap: $name', ({ moments }) => {
    const seen = new Set<unknown>()
    for (const { machine } of moments) {
      const { content } = machine
      if (seen.has(content.message)) continue
      seen.add(content.message)
      const all = contentLeaves(machine)
      let at = 0
      for (const l of all) {
        if (l.error) break
        expect(l.at, l.path).toBe(at)
        at += l.length
        expect(leafAt(all, l.at)).toBe(l)
        expect(leafAt(all, at - 1)).toBe(l)
      }
      if (!all.some(l => l.error)) expect(at).toBe(content.message.length)
    }
  })
})

describe('numbers', () => {
  it('read alike everywhere', () => {
    expect([count(4683), hex(0x4c, 4), plural(1, 'byte'), plural(2, 'byte')]).toEqual([
      '4,683',
      '004c',
      '1 byte',
      '2 bytes',
    ])
    expect([50, 1500, 200_000, 120_000_000].map(duration)).toEqual(['50 µs', '1.5 ms', '200 ms', '120.0 s'])
    expect([short(Uint8Array.of(1, 255), 2), short(Uint8Array.of(1, 255), 1)]).toEqual(['01ff', '01…'])
  })
})
