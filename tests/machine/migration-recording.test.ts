// Acts that move and save a machine are part of its recording: they replay to the same digest, and what is wrong with one
// is said with its member. One of them waits for a job.

import { describe, expect, it } from 'vitest'
import { runJob } from '../../src/crypto/run-job.ts'
import { HOSTS } from '../../src/lessons/migration-table.ts'
import { History } from '../../src/machine/history.ts'
import type { Migrate, UserAct } from '../../src/machine/machine.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { config, getRandom, hashOf } from '../support/machines.ts'
import { answers } from '../support/migration.ts'
import '../support/whole.ts'

const go = (more: Partial<Migrate> = {}): Migrate => ({
  kind: 'migrate',
  late: true,
  label: 'migrate',
  from: HOSTS['11.1'],
  to: HOSTS['11.1, x-allow=off'],
  ...more,
})
const SNAPSHOT: UserAct = { kind: 'snapshot', late: true, label: 'You take a snapshot.' }
const RESTORE: UserAct = { kind: 'restore', late: true, label: 'You return to the snapshot.' }

/** TPM2_CreatePrimary of an RSA key of 1024 bits that signs: its primes are a job. */
const RSA_KEY = {
  id: 'rsa',
  label: 'Make an RSA key',
  parts: [
    {
      hex:
        '80020000003f0000013140000001000000094000000900000000000004000000000016' +
        '0001000b000404720000001000100400000000000000000000000000',
    },
  ],
}

const recorded = () => {
  const h = History.start(config([getRandom('a'), hashOf('b', 4000), getRandom('c')]))
  h.extend(60)
  h.act(h.length - 1, SNAPSHOT)
  h.extend(20)
  h.act(h.length - 1, go())
  h.extend(40)
  h.act(h.length - 1, go({ damage: 'cut', from: HOSTS['11.1, cap-chunk=off'] }))
  h.extend(10)
  h.act(h.length - 1, RESTORE)
  h.extend(10_000)
  return saveRecording(h, 'moved')
}
const json = JSON.parse(JSON.stringify(recorded())) as { inputs: unknown[] }
const at = json.inputs.findIndex(i => typeof i === 'object' && (i as { act: UserAct }).act.kind === 'migrate')

describe('a recording with hosts', () => {
  it('replays to its digest after a round trip', () => {
    const h = verifyRecording(parseRecording(JSON.stringify(json)))
    expect(h.at(h.length - 1).machine.guest.results.map(r => r.id)).toEqual(['startup', 'a', 'b', 'c'])
    expect(h.at(h.length - 1).machine.migration).toMatchObject({ host: HOSTS['11.1, x-allow=off'] })
  })

  it.each<[string, (act: Record<string, unknown>) => void, string]>([
    [
      'device',
      a => Object.assign(a.to as object, { device: 'tpm-x' }),
      'act.to.device: must be one of tpm-crb, tpm-tis',
    ],
    ['capChunk', a => Object.assign(a.from as object, { capChunk: 1 }), 'act.from.capChunk: must be true or false'],
    [
      'backend',
      a => Object.assign(a.to as object, { backendBufferSize: 9 }),
      'act.to.backendBufferSize: must be a whole',
    ],
    ['no host', a => delete a.to, 'act.to: must be an object'],
    ['damage', a => Object.assign(a, { damage: 'toString' }), 'act.damage: must be one of magic, version, '],
    ['label', a => delete a.label, 'act.label: must be a text'],
    ['another act', a => Object.assign(a, { kind: 'fly' }), 'act.kind: unknown act "fly"'],
  ])('names what is wrong: %s', (_, spoil, message) => {
    const copy = structuredClone(json)
    spoil((copy.inputs[at] as { act: Record<string, unknown> }).act)
    expect(() => parseRecording(JSON.stringify(copy))).toThrow(`inputs[${at}].${message}`)
  })
})

describe('a migration while a job is awaited', () => {
  const start = (): History => {
    const h = History.start(config([RSA_KEY, getRandom('last')]))
    while (h.request === undefined) if (h.extend(1) === 0) throw new Error('no job is asked for')
    return h
  }

  it('happens when the answer is there, in the same moment', () => {
    const h = start()
    h.act(h.length - 1, go())
    const waiting = h.at(h.length - 1).machine
    expect(waiting.migration?.waiting?.act.kind).toBe('migrate')
    expect(waiting.migration?.host).toBeUndefined()
    h.extend(1, runJob)
    const arrived = h.at(h.length - 1)
    expect(arrived.machine.migration).toEqual({ host: HOSTS['11.1, x-allow=off'] })
    expect(arrived.events.at(-1)).toMatchObject({ label: expect.stringMatching(/^The machine runs on /) })
    h.extend(10_000, runJob)
    const still = start()
    still.extend(10_000, runJob)
    expect(answers(h.at(h.length - 1).machine)).toEqual(answers(still.at(still.length - 1).machine))
    expect(h.at(h.length - 1).machine.guest.results.at(-1)?.rc).toBe(28)
  })

  it('is given up when the command is cancelled meanwhile', () => {
    const h = start()
    h.act(h.length - 1, go())
    h.act(h.length - 1, { kind: 'cancel' })
    h.extend(10_000)
    const { machine } = h.at(h.length - 1)
    expect(machine.migration?.host).toBeUndefined()
    expect(machine.guest.results.map(r => r.rc)).toEqual([10, 10, 28])
  })
})
