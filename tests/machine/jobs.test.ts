// A command that needs a key search: the machine asks, its clock stands still, the answer is an input like any other.

import { describe, expect, it } from 'vitest'
import { runJob } from '../../src/crypto/run-job.ts'
import { digest } from '../../src/machine/digest.ts'
import { History } from '../../src/machine/history.ts'
import type { Moment } from '../../src/machine/machine.ts'
import { parseRecording, replayRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { reduce, request } from '../../src/machine/reduce.ts'
import { config, getRandom } from '../support/machines.ts'

/** TPM2_CreatePrimary of an RSA key of 1024 bits that signs. */
const CREATE =
  '80020000003f0000013140000001000000094000000900000000000004000000000016' +
  '0001000b000404720000001000100400000000000000000000000000'
const create = { id: 'rsa', label: 'Make an RSA key', parts: [{ hex: CREATE }] }
const CONFIG = config([create, getRandom('after')])

const last = (h: History): Moment => h.at(h.length - 1)
/** A run up to the moment that asks. */
function waiting(): History {
  const h = History.start(CONFIG)
  h.extend(100_000)
  expect(h.request).toMatchObject({ kind: 'rsa-key', keyBits: 1024 })
  return h
}
const rcs = (h: History): readonly number[] => last(h).machine.guest.results.map(r => r.rc)

describe('a command that needs a job', () => {
  it('waits: steps change nothing, time stands still, and the run has not ended', () => {
    const h = waiting()
    const { machine, events } = last(h)
    expect(events.at(-1)).toEqual({ t: 'job', state: 'asked', job: 'rsa-key', keyBits: 1024 })
    expect(reduce(machine, { t: 'step' }).machine).toBe(machine)
    expect([h.ended, h.halted, h.extend(10), h.nextStop(h.length - 1, 'line')]).toEqual([false, true, 0, h.length - 1])
  })

  it('goes on with the answer in the same microsecond and the same step', () => {
    const h = waiting()
    const before = last(h).machine
    if (!h.request) throw new Error('nothing asked')
    h.answer(runJob(h.request))
    const { machine, events } = last(h)
    expect([machine.time, machine.step]).toEqual([before.time, before.step])
    expect(events.map(e => e.t)).toEqual(['job', 'tpm', 'response', 'device', 'device'])
    expect(request(machine)).toBeUndefined()
    h.extend(100_000)
    expect(h.ended).toBe(true)
    expect(rcs(h)).toEqual([10, 374, 28])
  })

  it('ends the same whether it is answered on the spot or later', () => {
    const later = waiting()
    if (!later.request) throw new Error('nothing asked')
    later.answer(runJob(later.request))
    later.extend(100_000)
    const now = History.start(CONFIG)
    now.extend(100_000, runJob)
    expect(digest(last(now).machine)).toBe(digest(last(later).machine))
  })

  it('takes neither an answer that cannot be right nor one that nobody asked for', () => {
    const h = waiting()
    const { machine } = last(h)
    if (!h.request) throw new Error('nothing asked')
    const result = runJob(h.request)
    const wrong = { ...result, p: result.n.slice(0, 64) }
    expect(reduce(machine, { t: 'answer', result: wrong }).machine).toBe(machine)
    const first = h.at(0).machine
    expect(reduce(first, { t: 'answer', result }).machine).toBe(first)
  })

  it('is cancelled through the register: TPM_RC_CANCELED, no key, and the next command runs', () => {
    const h = waiting()
    const { tpm } = last(h).machine.backend
    h.act(h.length - 1, { kind: 'cancel' })
    expect(h.request).toBeUndefined()
    h.extend(100_000)
    expect(h.ended).toBe(true)
    const { machine } = last(h)
    expect(rcs(h).at(-1)).toBe(28)
    const cancelled = Array.from({ length: h.length }, (_, k) => h.at(k).events).flat()
    expect(cancelled.filter(e => e.t === 'response').map(e => e.t === 'response' && e.rc)).toEqual([0x909, 0])
    expect(machine.backend.tpm.objects).toBe(tpm.objects)
  })

  it('an answer after the cancel comes too late', () => {
    const h = waiting()
    const asked = h.request
    if (!asked) throw new Error('nothing asked')
    h.act(h.length - 1, { kind: 'cancel' })
    const { machine } = last(h)
    expect(reduce(machine, { t: 'answer', result: runJob(asked) }).machine).toBe(machine)
  })

  it('is answered anew where a recording is replayed through another window', () => {
    const h = History.start(CONFIG)
    h.extend(100_000, runJob)
    const recording = saveRecording(h, 'a key')
    const narrow = { ...recording, config: { ...CONFIG, window: 64 as const } }
    const again = replayRecording(narrow, runJob)
    expect(again.request).toBeUndefined()
    expect(rcs(again)).toEqual(rcs(h).slice(0, rcs(again).length))
    const waited = Array.from({ length: again.length }, (_, k) => again.at(k)).filter(m => m.input?.t === 'answer')
    expect(waited).toHaveLength(1)
  })

  it('is replayed from a recording, with the answer in it, and without the search', () => {
    const h = History.start(CONFIG)
    h.extend(100_000, runJob)
    const text = JSON.stringify(saveRecording(h, 'a key'))
    const recording = parseRecording(text)
    expect(recording.inputs.filter(i => typeof i !== 'number').map(i => typeof i !== 'number' && i.t)).toEqual([
      'answer',
    ])
    const start = performance.now()
    expect(digest(last(verifyRecording(recording)).machine)).toBe(recording.digest)
    expect(performance.now() - start).toBeLessThan(2_000)
    const forged = text.replace(/"p":"../, '"p":"00')
    expect(() => verifyRecording(parseRecording(forged))).toThrow('the replay ends with digest')
    expect(() => parseRecording(text.replace(/"p":"../, '"p":"xx'))).toThrow('inputs[1].p')
  })
})
