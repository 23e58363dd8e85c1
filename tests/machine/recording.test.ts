// Recordings replay to their digest; whatever is wrong with a file is said in words.

import { describe, expect, it } from 'vitest'
import { History } from '../../src/machine/history.ts'
import { parseRecording, RecordingError, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { config, getRandom, hashOf } from '../support/machines.ts'

const recorded = () => {
  const h = History.start(config([getRandom('a'), hashOf('b', 4000)]))
  h.extend(30)
  h.act(30, { kind: 'enqueue', task: getRandom('c') })
  h.extend(10_000)
  return saveRecording(h, 'three commands')
}

describe('recording', () => {
  it('is small, and replays to the same digest after a round trip', () => {
    const text = JSON.stringify(recorded())
    expect(text.length).toBeLessThan(3_000)
    const h = verifyRecording(parseRecording(text))
    expect(h.at(h.length - 1).machine.guest.results.map(r => r.id)).toEqual(['startup', 'a', 'b', 'c'])
  })

  it('is refused when the digest is not reached', () => {
    const r = { ...recorded(), digest: '0'.repeat(64) }
    expect(() => verifyRecording(parseRecording(JSON.stringify(r)))).toThrow(/the replay ends with digest [0-9a-f]{64}/)
  })

  const base = recorded() as unknown as Record<string, unknown>
  const bad: [string, string, RegExp][] = [
    ['truncated', JSON.stringify(base).slice(0, 200), /truncated/],
    ['no JSON', 'hello', /not JSON/],
    ['of another format', JSON.stringify({ ...base, format: 'x' }), /^format: must be "crbscope-recording", is "x"/],
    ['newer', JSON.stringify({ ...base, version: 2 }), /^version: 2 is newer than this program knows/],
    ['without inputs', JSON.stringify({ ...base, inputs: 1 }), /^inputs: must be a list/],
    [
      'with an odd input',
      JSON.stringify({ ...base, inputs: [{ t: 'x', act: {} }] }),
      /^inputs\[0\]\.t: unknown kind "x"/,
    ],
    [
      'with a wrong window',
      JSON.stringify({ ...base, config: { ...(base.config as object), window: 5 } }),
      /^config\.window/,
    ],
    [
      'with bad hex',
      JSON.stringify({ ...base, config: { ...(base.config as object), seed: 'zz' } }),
      /^config\.seed: not a hex/,
    ],
  ]
  it.each(bad)('says what is wrong with one that is %s', (_, text, message) => {
    expect(() => parseRecording(text)).toThrow(RecordingError)
    expect(() => parseRecording(text)).toThrow(message)
  })
})
