// Every scenario is played to its end and checked against what its summary says; back from the end the machine is the
// same, by digest, as on the way there; its recording replays to the same digest; teaching windows change no answer.

import { describe, expect, it } from 'vitest'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import { PLATFORM } from '../../src/lessons/scenarios/platform.ts'
import { SCENARIOS, scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { begin } from '../../src/lessons/play.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { digest } from '../../src/machine/digest.ts'
import type { History } from '../../src/machine/history.ts'
import type { WindowSize } from '../../src/machine/machine.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'

const play = (s: Scenario, window: WindowSize = 3968): History => {
  const h = begin(s, window)
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
      if (e.effect.kind === 'tis' && e.effect.what === 'given') chunks.filled.push(e.effect.length)
    }
  }
  const { results } = h.at(h.length - 1).machine.guest
  const commands = results
    .slice(s.config.prepare.length)
    .map(r => [r.command.length, r.rc, toHex(r.response.slice(6, 10))])
  return { commands, ...chunks }
}

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
  // Over a data port, the last byte of a command goes alone, and the header of an answer comes first.
  'tis-get-random': { commands: [[12, 28, OK]], taken: [11, 1], filled: [10, 18] },
  'seal-tis': {
    commands: [
      [74, 437, OK],
      [222, 59, OK],
      [27, 40, OK],
    ],
    taken: [73, 1, 221, 1, 26, 1],
    filled: [10, 427, 10, 49, 10, 30],
  },
  'seal-crb': {
    commands: [
      [74, 437, OK],
      [222, 59, OK],
      [27, 40, OK],
    ],
    taken: [74, 222, 27],
    filled: [437, 59, 40],
  },
  // The buffer is full, Expect still 1, burstCount 0: the driver waits for room that never comes.
  'tis-verify': { commands: [[4683, -16, '']], taken: [4096], filled: [] },
  // TPM_RC_COMMAND_SIZE: the header announces 4,683 bytes, 4,096 came.
  'tis-verify-cut': { commands: [[4683, 10, '00000142']], taken: [4096], filled: [10] },
  'tis-verify-8192': { commands: [[4683, 84, OK]], taken: [4682, 1], filled: [10, 74] },
  // After the header 261 bytes are left, which one byte shows as 5; then 256, which it shows as 0.
  'tis-burst-0': { commands: [[22, -16, '']], taken: [21, 1], filled: [10, 5] },
  'tis-seize': { commands: [[12, -62, '']], taken: [11, 1], filled: [] },
  'tis-status-ff': { commands: [[12, -5, '']], taken: [11, 1], filled: [] },
}

/** As if nothing had migrated: also where it was refused. */
const SENT = {
  commands: [
    [4683, 84, OK],
    [71, 4652, OK],
    [12, 28, OK],
  ],
  taken: [3968, 715, 71, 12],
  filled: [84, 3968, 684, 28],
}
const RECEIVED = {
  commands: [
    [71, 4652, OK],
    [12, 28, OK],
  ],
  taken: [71, 12],
  filled: [3968, 684, 28],
}
const MIGRATED: typeof EXPECTED = {
  'migrate-send-alike': SENT,
  'migrate-send-older': SENT,
  'migrate-send-blocked': SENT,
  // Chunk 2 is all there is, with a tag that is none and a size that is large: the whole window, TPM_RC_BAD_TAG.
  'migrate-send-lost': {
    commands: [[4683, 10, '0000001e'], ...SENT.commands.slice(1)],
    taken: [3968, 3968, 71, 12],
    filled: [10, 3968, 684, 28],
  },
  // Start takes chunk 2 without chunks, too. Of the long answer the driver reads the first chunk twice.
  'migrate-send-stale': { ...SENT, filled: [84, 3968, 28] },
  'migrate-receive-alike': RECEIVED,
  'migrate-receive-older': RECEIVED,
  'migrate-receive-blocked': RECEIVED,
  // nextChunk takes the first part of the answer for a command of 4,652 bytes; the next command is its end. Its code is the
  // response code 0: TPM_RC_COMMAND_CODE.
  'migrate-receive-lost': {
    commands: [
      [71, 4652, OK],
      [12, 10, '00000143'],
    ],
    taken: [71, 3968, 684],
    filled: [3968, 10],
  },
  'migrate-receive-stale': { ...RECEIVED, filled: [3968, 28] },
}
/** The command of 4,683 bytes crosses the port in one piece but for its last byte, wherever the machine is then. */
const SENT_OVER_TIS = {
  commands: [
    [4683, 84, OK],
    [12, 28, OK],
  ],
  taken: [4682, 1, 11, 1],
  filled: [10, 74, 10, 18],
}
const TIS_MIGRATED: typeof EXPECTED = {
  'tis-migrate-alike': SENT_OVER_TIS,
  'tis-migrate-older': SENT_OVER_TIS,
  'tis-migrate-unchecked': SENT_OVER_TIS,
  // Of the answer 4,096 bytes are left. After them dataAvail is off, and the driver waits: -ETIME.
  'tis-migrate-smaller': {
    commands: [
      [71, -62, ''],
      [12, 28, OK],
    ],
    taken: [70, 1, 11, 1],
    filled: [10, 4086, 10, 18],
  },
}
Object.assign(EXPECTED, MIGRATED, TIS_MIGRATED)

/** Those of the host have their outcomes in host.test.ts, those of power, firmware and requests in platform.test.ts. */
const HERE = SCENARIOS.filter(s => ![...HOST, ...PLATFORM].includes(s))

describe('scenarios', () => {
  it('are all expected here', () => {
    expect(HERE.map(s => s.id).sort()).toEqual(Object.keys(EXPECTED).sort())
  })

  it.each(HERE.map(s => [s.id, s] as const))('%s plays as its summary says', (id, s) => {
    expect(told(s, play(s))).toEqual(EXPECTED[id])
  })

  it.each(HERE.map(s => [s.id, s] as const))('%s is the same machine on the way back', (_, s) => {
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
