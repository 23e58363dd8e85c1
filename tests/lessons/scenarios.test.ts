// Every scenario is played to its end and checked against what its summary says; back from the end the machine is the
// same, by digest, as on the way there; its recording replays to the same digest; teaching windows change no answer.

import { describe, expect, it } from 'vitest'
import { SCENARIOS, scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { digest } from '../../src/machine/digest.ts'
import { History } from '../../src/machine/history.ts'
import type { WindowSize } from '../../src/machine/machine.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'

const play = (s: Scenario, window: WindowSize = 3968): History => {
  const h = History.start({ ...s.config, window })
  h.extend(100_000)
  expect(h.ended).toBe(true)
  return h
}

/** Bytes out, what came back (length or errno), response code, chunks taken and filled: of each command of the guest. */
const told = (s: Scenario, h: History) => {
  const chunks = { taken: [] as number[], filled: [] as number[] }
  for (let k = 0; k < h.length; k++) {
    for (const e of h.at(k).events) {
      if (e.t !== 'device') continue
      if (e.effect.kind === 'taken') chunks.taken.push(e.effect.length)
      if (e.effect.kind === 'filled') chunks.filled.push(e.effect.length)
    }
  }
  const { results } = h.at(h.length - 1).machine.guest
  const commands = results
    .slice(s.config.prepare.length)
    .map(r => [r.command.length, r.rc, toHex(r.response.slice(6, 10))])
  return { commands, ...chunks }
}

/** What power, firmware and requests come to is in platform.test.ts. */
const CHUNKS = SCENARIOS.filter(s => !s.config.firmware && !s.config.schedule)

const OK = '00000000'
const EXPECTED: { readonly [id: string]: ReturnType<typeof told> } = {
  'verify-mldsa87': { commands: [[4683, 84, OK]], taken: [3968, 715], filled: [84] },
  'sign-mldsa87': {
    commands: [
      [57, 2832, OK],
      [71, 4652, OK],
    ],
    taken: [57, 71],
    filled: [2832, 3968, 684],
  },
  'external-mu': {
    commands: [
      [103, 4650, OK],
      [4713, 84, OK],
    ],
    taken: [103, 3968, 745],
    filled: [3968, 682, 84],
  },
  'sign-sequence': {
    commands: [
      [18, 14, OK],
      [4125, 19, OK],
      [4125, 19, OK],
      [54, 4655, OK],
    ],
    taken: [18, 3968, 157, 3968, 157, 54],
    filled: [14, 19, 19, 3968, 687],
  },
  'create-mldsa87': { commands: [[56, 2831, OK]], taken: [56], filled: [2831] },
  mlkem1024: {
    commands: [
      [14, 1614, OK],
      [1597, 53, OK],
    ],
    taken: [14, 1597],
    filled: [1614, 53],
  },
  'get-random': { commands: [[12, 28, OK]], taken: [12], filled: [28] },
  'hash-3949': { commands: [[3967, 116, OK]], taken: [3967], filled: [116] },
  'hash-3950': { commands: [[3968, 116, OK]], taken: [3968], filled: [116] },
  'hash-3951': { commands: [[3969, 116, OK]], taken: [3968, 1], filled: [116] },
  // tpmSts stays set: the second command is answered, and the driver does not believe it.
  'header-6': {
    commands: [
      [12, -5, ''],
      [12, -5, ''],
    ],
    taken: [12],
    filled: [28],
  },
  // The first nextChunk of the second command is taken for a request of the old answer's rest (684 bytes); what Start then
  // hands over is the second chunk alone, with a tag that is none: TPM_RC_BAD_TAG.
  'half-read': {
    commands: [
      [71, -5, ''],
      [4683, 10, '0000001e'],
      [12, 28, OK],
    ],
    taken: [71, 3968, 12],
    filled: [3968, 684, 10, 28],
  },
}

describe('scenarios', () => {
  it('are all expected here', () => {
    expect(CHUNKS.map(s => s.id).sort()).toEqual(Object.keys(EXPECTED).sort())
  })

  it.each(CHUNKS.map(s => [s.id, s] as const))('%s plays as its summary says', (id, s) => {
    expect(told(s, play(s))).toEqual(EXPECTED[id])
  })

  it.each(CHUNKS.map(s => [s.id, s] as const))('%s is the same machine on the way back', (_, s) => {
    const h = play(s)
    const there = Array.from({ length: h.length }, (_, k) => digest(h.at(k).machine))
    for (let k = h.length - 1; k >= 0; k--) expect(digest(h.at(k).machine), `step ${k}`).toBe(there[k])
    expect(there.at(-1)).toBe(digest(play(s).at(h.length - 1).machine))
  })

  it.each(SCENARIOS.map(s => [s.id, s] as const))('%s replays from its recording', (_, s) => {
    const text = JSON.stringify(saveRecording(play(s), s.title))
    expect(() => verifyRecording(parseRecording(text))).not.toThrow()
  })

  it.each([1024, 256, 64] as const)('give the same answers through a window of %i bytes', window => {
    for (const id of ['verify-mldsa87', 'sign-mldsa87', 'sign-sequence', 'mlkem1024', 'get-random']) {
      const s = scenarioById(id) as Scenario
      const answers = (h: History) => h.at(h.length - 1).machine.guest.results.map(r => toHex(r.response))
      const small = play(s, window)
      expect(answers(small), id).toEqual(answers(play(s)))
      expect(told(s, small).taken.every(n => n <= window)).toBe(true)
    }
  })
})
