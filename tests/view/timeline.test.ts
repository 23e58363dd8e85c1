// The lanes against the events they are made of, and a timeline that grew piece by piece against one built at once.

import { describe, expect, it } from 'vitest'
import { CRB } from '../../src/hw/crb.map.ts'
import { qemuCrb } from '../../src/hw/crb.ts'
import { qemuTis } from '../../src/hw/tis.ts'
import { crbOf, tisOf } from '../../src/machine/device.ts'
import { FIRST, SCENARIOS } from '../../src/lessons/scenarios/index.ts'
import { begin } from '../../src/lessons/play.ts'
import { beatAt, foldChunks, grow, NO_TIMELINE } from '../../src/view/timeline.ts'

/** More bytes than the device's buffer takes: its last chunks are handed over, and nothing of them is taken. */
const tooLong = {
  ...FIRST,
  id: 'too long for the buffer',
  config: {
    ...FIRST.config,
    tasks: [{ id: 'x', label: 'x', parts: [{ hex: `8001000023280000017b${'00'.repeat(8990)}` }], keepSize: true }],
  },
}

const all = [...SCENARIOS, tooLong].map(s => {
  const h = begin(s, 256)
  h.extend(100_000)
  return [s.id, h] as const
})

describe.each(all)('%s', (_, h) => {
  const at = (k: number) => h.at(k)
  const whole = grow(NO_TIMELINE, 0, h.length, at)

  it('grows in pieces, also where pieces overlap, into what it is when built at once', () => {
    let pieces = NO_TIMELINE
    for (let length = 0; length < h.length; length += 7) {
      pieces = grow(pieces, Math.max(0, pieces.ticks.length - 3), length, at)
      expect(pieces.ticks).toHaveLength(length)
    }
    expect(grow(pieces, Math.max(0, pieces.ticks.length - 3), h.length, at)).toEqual(whole)
    expect(grow(whole, 5, h.length, at)).toEqual(whole)
    expect(grow(whole, h.length, h.length, at)).toBe(whole)
  })

  it('has a tick for every moment, with the bits as they read', () => {
    expect(whole.ticks).toHaveLength(h.length)
    whole.ticks.forEach((t, k) => {
      const { machine } = at(k)
      const tis = tisOf(machine)
      if (tis) {
        expect([t.start, t.idle]).toEqual([qemuTis.inside(tis).busy ? 1 : 0, tis.active === -1 ? 1 : 0])
        return
      }
      const device = crbOf(machine)
      expect(t.start).toBe(qemuCrb.read(device, CRB.CTRL_START.at, 4) & 1)
      expect(t.idle).toBe((qemuCrb.read(device, CRB.CTRL_STS.at, 4) & 2) / 2)
    })
  })

  it('marks an access, a chunk and a command exactly where there is one', () => {
    whole.ticks.forEach((t, k) => {
      const { events, machine } = at(k)
      expect(t.bus !== undefined).toBe(events.some(e => e.t === 'mmio' || e.t === 'window'))
      const touched = events.some(
        e =>
          e.t === 'submit' ||
          e.t === 'response' ||
          (e.t === 'device' &&
            ((e.effect.kind === 'taken' && e.effect.length > 0) ||
              e.effect.kind === 'filled' ||
              (e.effect.kind === 'tis' && e.effect.what === 'given'))),
      )
      expect(t.tpm !== undefined, `step ${k}`).toBe(touched || machine.backend.pending !== undefined)
    })
  })

  it('begins every beat where the beat before it ends, and finds the beat of any moment', () => {
    whole.beats.forEach((b, n) => {
      const end = whole.beats[n + 1]?.from ?? h.length
      expect(end).toBeGreaterThan(b.from)
      expect(beatAt(whole, b.from)).toBe(b)
      expect(beatAt(whole, end - 1)).toBe(b)
    })
  })
})

describe('beats under one name', () => {
  const beat = (name: string, from: number, command = 0) => ({ name, from, command })
  const beats = [
    ...[beat('Get ready', 0), beat('Send chunk 1', 10), beat('Send chunk 2', 14), beat('Send chunk 3', 18)],
    ...[beat('Execute', 22), beat('Read chunk 1', 90), beat('Read chunk 2', 92), beat('Send chunk 1', 94, 1)],
  ]

  it('are chunks that are too short to be named, of one message', () => {
    expect(foldChunks(beats, 100, 50).map(b => `${b.from} ${b.name}`)).toEqual([
      ...['0 Get ready', '10 Send chunks 1–3', '22 Execute', '90 Read chunks 1–2', '94 Send chunk 1'],
    ])
  })

  it('are none where each has room', () => {
    expect(foldChunks(beats, 100, 2)).toEqual(beats)
  })

  it('leave no stretch of a run without its beat', () => {
    for (const [, h] of all) {
      const { beats: own } = grow(NO_TIMELINE, 0, h.length, k => h.at(k))
      const folded = foldChunks(own, h.length, h.length)
      expect(folded[0]?.from).toBe(own[0]?.from)
      expect(new Set(folded.map(b => b.command))).toEqual(new Set(own.map(b => b.command)))
      expect(folded.filter(b => own.some(o => o.from === b.from))).toHaveLength(folded.length)
    }
  })
})
