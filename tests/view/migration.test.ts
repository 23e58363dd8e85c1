// What the migration panel says: of the machine, of its hosts, of the bytes; and the table behind its filter.

import { describe, expect, it } from 'vitest'
import { CASES, HOSTS } from '../../src/lessons/migration-table.ts'
import { save } from '../../src/machine/migration.ts'
import {
  changed,
  changedSource,
  explainStream,
  filtered,
  guestText,
  NO_TABLE_FILTER,
  pathTo,
  phaseOf,
  TABLE_CHOICES,
} from '../../src/view/migration.ts'
import { machineAt } from '../support/migration.ts'

const HERE = HOSTS['11.1']

describe('the phase', () => {
  it.each([
    ['probed', 'Nothing is held: the subsection will not be needed.'],
    ['taken', 'Half sent: 3,968 of 4,683 bytes of a command are held.'],
    ['submitted', 'The TPM executes a command of 71 bytes: saving will wait for its answer.'],
    ['read', 'An answer of 4,652 bytes is held, 684 of them not yet in the window.'],
    ['shown', 'An answer of 4,652 bytes is held, all of them were in the window.'],
  ] as const)('%s', (at, text) => {
    expect(phaseOf(machineAt(HERE, at))).toBe(text)
  })
})

describe('a host', () => {
  it('takes the properties of another version or machine type, and only then', () => {
    expect(changed(HERE, { qemu: '11.0' })).toEqual(HOSTS['11.0'])
    expect(changed(HERE, { machine: 'pc-q35-11.0' })).toEqual(HOSTS['11.1 as 11.0'])
    expect(changed(HERE, { qemu: '11.1-rfc' })).toEqual(HOSTS['11.1-rfc'])
    expect(changed(HOSTS['11.1, cap-chunk=off'], { backendBufferSize: 4096 })).toMatchObject({ capChunk: false })
  })

  it('that a machine was started on keeps its chunks', () => {
    const m = machineAt(HERE, 'probed')
    expect(changedSource(HERE, { machine: 'pc-q35-11.0' }, m)).toEqual(HOSTS['11.1 as 11.0, cap-chunk=on'])
  })
})

describe('a stream as a tree', () => {
  const stream = save(machineAt(HERE, 'taken'), HERE)
  const { spans, error, covered } = explainStream(stream)

  it('leads from each byte to the innermost field that covers it', () => {
    expect([error, covered]).toEqual([undefined, stream.length])
    for (let at = 0; at < stream.length; at += at < 200 ? 1 : 37) {
      let list = spans
      let span = undefined as (typeof spans)[number] | undefined
      for (const i of pathTo(spans, at)) {
        span = list[i] as (typeof spans)[number]
        expect(at >= span.at && at < span.at + span.length).toBe(true)
        list = span.children
      }
      expect(span, `byte ${at}`).toBeDefined()
    }
    expect(pathTo(spans, stream.length)).toEqual([])
  })

  it('ends where it is damaged, with the reason', () => {
    const cut = explainStream(stream.slice(0, 5000))
    expect(cut.error?.message).toMatch(/needs|announced/)
    expect(cut.covered).toBeLessThanOrEqual(5000)
  })
})

describe('the table', () => {
  it('is filtered by each of its columns', () => {
    expect(filtered(NO_TABLE_FILTER)).toEqual(CASES)
    for (const key of ['from', 'to', 'at', 'outcome'] as const) {
      let sum = 0
      for (const [value] of TABLE_CHOICES[key]) {
        const rows = filtered({ ...NO_TABLE_FILTER, [key]: value })
        expect(rows.length, value).toBeGreaterThan(0)
        expect(rows.every(c => c[key] === value)).toBe(true)
        sum += rows.length
      }
      expect(sum).toBe(CASES.length)
    }
  })

  it('says what the guest gets', () => {
    expect(new Set(CASES.map(guestText)).size).toBe(3)
  })
})
