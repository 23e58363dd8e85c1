// What the migration panel says: of the machine, of its hosts, of the bytes; and the table behind its filter.

import { describe, expect, it } from 'vitest'
import { CASES, HOSTS } from '../../src/lessons/migration-table.ts'
import { save } from '../../src/machine/migration.ts'
import {
  aboutHost,
  changed,
  changedSource,
  explainStream,
  filtered,
  guestText,
  looking,
  NO_TABLE_FILTER,
  pathTo,
  phaseOf,
  resized,
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

describe('the phase over a TIS', () => {
  const ALL = 'All 4,096 bytes of the buffer will be saved'
  it.each([
    ['tis-probed', `${ALL}, though nothing in it is waited for.`],
    ['tis-part', `${ALL}: they hold 4,017 of 4,018 bytes of a command.`],
    ['tis-submitted', 'The TPM executes a command of 57 bytes: saving will wait for its answer.'],
    ['tis-answered', `${ALL}: they hold an answer of 2,832 bytes, 2,832 of them not yet read.`],
    ['tis-read', `${ALL}: they hold an answer of 2,832 bytes, 2,822 of them not yet read.`],
  ] as const)('%s', (at, text) => {
    expect(phaseOf(machineAt(HOSTS['TIS 11.1'], at))).toBe(text)
  })
})

describe('a host with a TIS', () => {
  const LARGE = HOSTS['TIS 11.1, buffer 8192']

  it('has no properties of chunks; another device takes those that its version has', () => {
    expect(changed(HERE, { device: 'tpm-tis' })).toEqual(HOSTS['TIS 11.1'])
    expect(changed(HOSTS['TIS 11.1'], { device: 'tpm-crb' })).toEqual(HERE)
    expect(changed(LARGE, { device: 'tpm-crb' })).toEqual(HERE)
    expect(changed(HOSTS['TIS 11.0'], { device: 'tpm-crb' })).toEqual(HOSTS['11.0'])
  })

  it('has the options that are ours only where they are', () => {
    expect(changed(LARGE, { qemu: '11.0' })).toEqual(HOSTS['TIS 11.0'])
    expect(changed(LARGE, { machine: 'pc-q35-11.0' })).toEqual(HOSTS['TIS 11.1 as 11.0, buffer 8192'])
    expect(resized(HOSTS['TIS 11.1'], 8192)).toEqual(LARGE)
    expect(resized(LARGE, undefined)).toEqual(HOSTS['TIS 11.1'])
    const unchecked = looking(HOSTS['TIS 11.0'], false)
    expect(unchecked).toEqual(HOSTS['TIS 11.0, version unchecked'])
    expect(looking(unchecked, true)).toEqual(HOSTS['TIS 11.0'])
    expect([LARGE, unchecked].map(aboutHost)).toEqual([
      expect.stringContaining('in no QEMU: our completion'),
      expect.stringContaining('is our completion: QEMU looks'),
    ])
  })

  it('as a source keeps the buffer that the machine has', () => {
    const m = machineAt(LARGE, 'tis-part')
    expect(changedSource(LARGE, { machine: 'pc-q35-11.0' }, m)).toEqual(HOSTS['TIS 11.1 as 11.0, buffer 8192'])
    // What cannot be is said as the outcome.
    expect(changedSource(LARGE, { qemu: '11.0' }, m)).toEqual(HOSTS['TIS 11.0, buffer 8192'])
  })

  it('reads a stream as it would, up to where it refuses it', () => {
    const bytes = save(machineAt(LARGE, 'tis-part'), LARGE)
    expect(explainStream(bytes).error).toBeUndefined()
    expect(explainStream(bytes, HOSTS['TIS 11.1']).error).toMatchObject({
      at: 41,
      message: 'section tpm-tis is of version 1, newer than this host knows (0)',
    })
    const unchecked = explainStream(bytes, HOSTS['TIS 11.1, version unchecked'])
    expect(unchecked.error?.at).toBe(45 + 4096 + 110)
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
