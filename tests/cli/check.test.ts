// `crbscope check`: which lines count, how failures are told, and the last line. What each replayer finds is tested where
// the replayer is.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { History } from '../../src/machine/history.ts'
import { saveRecording } from '../../src/machine/recording.ts'
import { kindOf } from '../../src/cli/replay.ts'
import { config, getRandom } from '../support/machines.ts'
import { crbscope } from './run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crbscope-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, ...lines: readonly (string | object)[]): string => {
  const path = join(folder, name)
  writeFileSync(path, lines.map(l => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n'))
  return path
}
const last = (out: string): string | undefined => out.trimEnd().split('\n').at(-1)

/** Reads LOC_STATE of a device without an owner; `value` is what the recording says came back. */
const sequence = (id: string, value: string) => ({
  id,
  title: 'a read',
  config: {
    capChunk: true,
    backendBufferSize: 4096,
    allowChunkMigration: true,
    established: false,
    autoComplete: false,
  },
  steps: [['r', 0, 4, value]],
  end: null,
})

const TIS_CONFIG = { tpmVersion: '2.0', backendBufferSize: 4096, established: false, autoComplete: false }

describe('kinds of lines', () => {
  it.each([
    ['crb', { config: { capChunk: false } }],
    ['tis', { config: { tpmVersion: '2.0' } }],
    ['transcript', { cmdHex: '80', rspHex: '80' }],
    ['client', { cmdHex: '80', rspHex: '80', sameCmd: 1 }],
    ['transcript', { event: 'powerCycle' }],
    ['recording', { format: 'crbscope-recording', config: { capChunk: true } }],
    [undefined, { label: 'data for other tests', seed: '00' }],
    [undefined, {}],
  ])('%s', (kind, json) => {
    expect(kindOf(json)).toBe(kind)
  })

  it('refuses an unknown format in words', () => {
    expect(kindOf({ format: 'other', config: { capChunk: true } })).toEqual({ cannot: 'unknown format "other"' })
  })
})

describe('check', () => {
  it('counts what agrees and shows what does not, with file, line, name and step', () => {
    const path = file('two.jsonl', sequence('good', '00000081'), sequence('bad', '000000ff'), { note: 'for others' })
    const r = crbscope(['check', path])
    expect(r).toMatchObject({ code: 1, err: '' })
    expect(last(r.out)).toBe('1 passed, 1 failed')
    const [first] = r.out.split('\n')
    expect(first).toContain(`${path}:2: `)
    for (const word of ['bad', 'step 1', '000000ff', '00000081']) expect(first).toContain(word)
  })

  it('reads standard input, takes several files, and exits with 0 when all agrees', () => {
    const line = JSON.stringify(sequence('good', '00000081'))
    expect(crbscope(['check', '-'], `${line}\n${line}\n`)).toMatchObject({ code: 0, out: '2 passed, 0 failed\n' })
    const path = file('one.jsonl', sequence('good', '00000081'))
    expect(crbscope(['check', '--profile', 'crbscope', path, path])).toMatchObject({
      code: 0,
      out: '2 passed, 0 failed\n',
    })
  })

  it('shows as many differences as asked for, and says how many more there are', () => {
    const path = file('many.jsonl', ...Array.from({ length: 12 }, (_, i) => sequence(`bad${i}`, '000000ff')))
    expect(crbscope(['check', path]).out.split('\n')).toHaveLength(10 + 1 + 1 + 1)
    const r = crbscope(['check', '--show', '2', path]).out.trimEnd().split('\n')
    expect(r.slice(2)).toEqual(['and 10 more', '0 passed, 12 failed'])
  })

  it('leaves out what is excluded, and says why', () => {
    const path = file(
      'excluded.jsonl',
      sequence('good', '00000081'),
      sequence('bad', '000000ff'),
      sequence('worse', '00'),
    )
    const list = file('list.txt', '# what and why', 'bad the recorder was wrong', 'excluded.jsonl:3 so it was here')
    const r = crbscope(['check', '--exclude', list, path])
    expect(r.code).toBe(0)
    expect(r.out.trimEnd().split('\n')).toEqual([
      'excluded bad: the recorder was wrong',
      'excluded excluded.jsonl:3: so it was here',
      '1 passed, 0 failed, 2 excluded',
    ])
    expect(crbscope(['check', '--exclude', file('list2.txt', 'bad'), path])).toMatchObject({ code: 2, out: '' })
  })

  it.each([
    ['a broken line', ['{"config":', sequence('good', '00000081')], ':1: broken line', '1 passed, 1 failed'],
    ['a line that is no object', ['[1]'], ':1: broken line', '0 passed, 1 failed'],
    ['an unknown format', [{ format: 'other' }], ':1: unknown format "other"', '0 passed, 1 failed'],
    ['nothing to compare', [{ note: 'x' }, ''], ': nothing in it can be compared', '0 passed, 1 failed'],
    ['an empty file', [''], ': nothing in it can be compared', '0 passed, 1 failed'],
    [
      'a TIS sequence of no version',
      [{ config: { tpmVersion: 2 } }],
      ':1: tis: backendBufferSize',
      '0 passed, 1 failed',
    ],
    [
      'a TIS sequence with an unknown step',
      [
        {
          id: 'odd',
          config: TIS_CONFIG,
          steps: [
            ['r', 0, 1, '81'],
            ['W', 128, '00'],
          ],
          end: null,
        },
      ],
      ':1: odd: odd, step 2: unknown step "W"',
      '0 passed, 1 failed',
    ],
    ['a frame of a client that is none', [{ cmdHex: '80', rspHex: '80', sameCmd: 0 }], ':1: ', '0 passed, 1 failed'],
    ['a recording of a newer version', [{ format: 'crbscope-recording', version: 99 }], ':1: ', '0 passed, 1 failed'],
    ['a sequence with an unknown step', [{ ...sequence('odd', '00'), steps: [['zap']] }], ':1: ', '0 passed, 1 failed'],
    [
      'a transcript whose command is no bytes',
      [{ cmdHex: 'zz', rspHex: '', det: 'fixed' }],
      ':1: ',
      '0 passed, 1 failed',
    ],
  ])('%s is a failure that names file and line', (_, lines, what, totals) => {
    const path = file('odd.jsonl', ...lines)
    const r = crbscope(['check', path])
    expect(r).toMatchObject({ code: 1, err: '' })
    expect(r.out).toContain(`${path}${what}`)
    expect(last(r.out)).toBe(totals)
  })

  it('names a file that is not there, and checks the others', () => {
    const r = crbscope(['check', join(folder, 'none.jsonl'), file('one.jsonl', sequence('good', '00000081'))])
    expect(r).toMatchObject({ code: 1, err: '' })
    expect(r.out).toContain('none.jsonl: no such file')
    expect(last(r.out)).toBe('1 passed, 1 failed')
  })

  it('replays a file beside a seeds.json with these seeds and libtpms-0.9, unless told otherwise', () => {
    const inner = mkdtempSync(join(folder, 'seeded-'))
    const names = ['EPSeed', 'SPSeed', 'PPSeed', 'phProof', 'shProof', 'ehProof']
    const seeds = (digit: string): string => JSON.stringify(Object.fromEntries(names.map(n => [n, digit.repeat(128)])))
    const path = join(inner, 'raw.jsonl')
    const line = { test: 'a', det: 'fixed', name: 'manufacturer' }
    const startup = { ...line, name: 'Startup', cmdHex: '80010000000c000001440000', rspHex: '80010000000a00000000' }
    const manufacturer = (id: string): object => ({
      ...line,
      cmdHex: '8001000000160000017a000000060000010500000001',
      rspHex: `80010000001b0000000001000000060000000100000105${id}`,
    })
    writeFileSync(path, [startup, manufacturer('49424d00')].map(l => JSON.stringify(l)).join('\n'))
    writeFileSync(join(inner, 'seeds.json'), seeds('0'))
    expect(crbscope(['check', path]).out).toBe('2 passed, 0 failed\n')
    expect(last(crbscope(['check', '--profile', 'crbscope', path]).out)).toBe('1 passed, 1 failed')
    // Broken seeds beside the file concern those who do not ask for others.
    writeFileSync(join(inner, 'seeds.json'), '{}')
    expect(crbscope(['check', path])).toMatchObject({ code: 1, err: expect.stringContaining('malformed seeds') })
    const other = file('other-seeds.json', seeds('1'))
    expect(crbscope(['check', '--profile', 'libtpms-0.9', '--seeds', other, path]).out).toBe('2 passed, 0 failed\n')
  })

  it('replays a recording of its own to its digest, and sees a changed one', () => {
    const history = History.start(config([getRandom('r')]))
    history.extend(60)
    const recording = saveRecording(history, 'random numbers')
    expect(crbscope(['check', file('own.json', recording)])).toMatchObject({ code: 0, out: '1 passed, 0 failed\n' })
    const changed = { ...recording, digest: recording.digest.replace(/^./, c => (c === '0' ? '1' : '0')) }
    const fewer = { ...recording, inputs: [5] }
    const r = crbscope(['check', file('changed.json', changed, fewer, { ...recording, version: 99 })])
    expect(r.code).toBe(1)
    expect(r.out.trimEnd().split('\n')).toEqual([
      expect.stringContaining(
        `changed.json:1: random numbers: wanted digest ${changed.digest}, came digest ${recording.digest}`,
      ),
      expect.stringContaining('changed.json:2: random numbers: wanted digest'),
      expect.stringContaining('newer than this program knows'),
      '0 passed, 3 failed',
    ])
  })

  it('follows the conversations of clients, and tells what it recomputed', () => {
    const line = { test: 'a', sameCmd: 1, cmdHex: '80010000000c000001440000', rspHex: '80010000000a00000000' }
    const again = { ...line, cmdHex: '80010000000e0000017d00033132330b', sameCmd: 0 }
    const hash = {
      ...line,
      cmdHex: '8001000000150000017d0003616263000b40000007',
      rspHex:
        '80010000003400000000' +
        '0020ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' +
        '8024400000070000',
    }
    const path = file('client.jsonl', line, hash, { test: 'a', event: 'init', flags: 1 }, line)
    expect(crbscope(['check', path])).toMatchObject({ code: 0, out: 'recomputed: 1 hash\n3 passed, 0 failed\n' })
    const wrong = { ...hash, rspHex: hash.rspHex.replace('ba78', 'ba79') }
    const r = crbscope(['check', file('client2.jsonl', line, wrong, again)])
    expect(r.code).toBe(1)
    expect(r.out).toContain('client2.jsonl:2: a: TPM2_Hash: wanted outHash ba7916bf')
    expect(r.out).toContain('client2.jsonl:3: a: TPM2_Hash: wanted a frame that parses')
    expect(last(r.out)).toBe('1 passed, 2 failed')
  })

  it('replays transcripts group by group, each on a fresh TPM', () => {
    const startup = {
      test: 'a',
      name: 'Startup',
      cmdHex: '80010000000c000001440000',
      rspHex: '80010000000a00000000',
      det: 'fixed',
    }
    const twice = { ...startup, rspHex: '80010000000a00000100' }
    const path = file(
      't.jsonl',
      startup,
      twice,
      { ...startup, test: 'b' },
      { ...startup, test: 'b', det: 'no' },
      startup,
    )
    expect(crbscope(['check', path])).toMatchObject({ code: 0, out: '4 passed, 0 failed\n' })
    const r = crbscope(['check', file('t2.jsonl', startup, startup)])
    expect(r.out).toContain('t2.jsonl:2: a: Startup: wanted TPM_RC_SUCCESS (0x000), came TPM_RC_INITIALIZE (0x100)')
  })
})
