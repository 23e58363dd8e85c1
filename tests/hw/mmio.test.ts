// The recorded sequences of QEMU's device, each as a test of its own; and what the replay says of files that differ, or
// are no recordings at all.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { qemuCrb } from '../../src/hw/crb.ts'
import type { DeviceModel } from '../../src/hw/device.ts'
import type { Crb } from '../../src/hw/crb.ts'
import { checkMmio, isMmioSequence, replayMmio } from '../../src/trace/mmio.ts'

interface Sequence {
  readonly id: string
  readonly title: string
  readonly config: object
  readonly steps: readonly (readonly unknown[])[]
  readonly end: { readonly [member: string]: unknown; readonly regs: readonly number[] } | null
}
const recorded = (file: string): Sequence[] =>
  readFileSync(new URL(`../vectors/crb-mmio/${file}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Sequence)

const scripted = recorded('scripted')
const random = recorded('random')
const all = [...scripted, ...random]

describe('recorded sequences', () => {
  it('are 377', () => {
    expect([scripted.length, random.length, new Set(all.map(s => s.id)).size]).toEqual([77, 300, 377])
  })

  it.each(all)('$id $title', sequence => {
    expect(isMmioSequence(sequence)).toBe(true)
    expect(checkMmio.line(sequence)).toBe('passed')
  })
})

describe('a recording that differs', () => {
  const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1)

  it('is found at the step that differs, whatever was read', () => {
    let changed = 0
    for (const sequence of scripted) {
      const reads = sequence.steps.flatMap((s, i) => (['r', 'R', 'H'].includes(s[0] as string) ? [i] : []))
      const i = reads[changed % Math.max(reads.length, 1)]
      if (i === undefined) continue
      const step = sequence.steps[i] as readonly string[]
      const other = [...step.slice(0, 3), flip(step[3] as string)]
      const result = checkMmio.line({ ...sequence, steps: sequence.steps.with(i, other) })
      expect(result).toMatchObject({ step: i + 1, came: step[3] })
      expect((result as { wanted: string }).wanted).toContain(other[3])
      changed += 1
    }
    expect(changed).toBeGreaterThan(60)
  })

  it('is found in every member of the final digest', () => {
    const sequence = random.find(s => s.end) as Sequence
    const end = sequence.end as NonNullable<Sequence['end']>
    for (const member of Object.keys(end).filter(k => k !== 'regs')) {
      const result = checkMmio.line({ ...sequence, end: { ...end, [member]: 'x' } })
      expect(result).toMatchObject({ wanted: `at the end, ${member}: "x"` })
    }
    for (let i = 0; i < 32; i++) {
      const regs = end.regs.with(i, ((end.regs[i] as number) ^ 1) >>> 0)
      const result = checkMmio.line({ ...sequence, end: { ...end, regs } })
      expect((result as { wanted: string }).wanted).toContain(`at ${(4 * i).toString(16).padStart(2, '0')}: `)
    }
  })

  it('is found in what other steps report', () => {
    const first = all.find(s => s.steps.some(x => x[0] === 'complete' && x[1] === 1)) as Sequence
    const i = first.steps.findIndex(x => x[0] === 'complete' && x[1] === 1)
    expect(checkMmio.line({ ...first, steps: first.steps.with(i, ['complete', 0]) })).toMatchObject({ step: i + 1 })
    const second = all.find(s => s.steps.some(x => x[0] === 'save' && x[1] === 'saved+chunk')) as Sequence
    const k = second.steps.findIndex(x => x[0] === 'save' && x[1] === 'saved+chunk')
    expect(checkMmio.line({ ...second, steps: second.steps.with(k, ['save', 'saved']) })).toEqual({
      name: `${second.id} ${second.title}`,
      step: k + 1,
      wanted: 'a save: saved',
      came: 'saved+chunk',
    })
  })
})

describe('a device that differs', () => {
  const failures = (model: DeviceModel<Crb>): number => all.filter(s => replayMmio(model, s) !== 'passed').length

  it.each<[string, Partial<DeviceModel<Crb>>]>([
    ['decodes within a word', { write: (d, at, size, v) => qemuCrb.write(d, at & ~3, size, v) }],
    ['forgets the window at reset', { reset: d => qemuCrb.create(d.config) }],
    ['computes tpmEstablished for any offset', { read: (d, at, size) => qemuCrb.read(d, at, size) | (at < 4 ? 1 : 0) }],
    [
      'drops what is half sent when it goes idle',
      {
        write(d, at, size, v) {
          const done = qemuCrb.write(d, at, size, v)
          return at === 0x40 && v === 2 ? { ...done, device: { ...done.device, command: new Uint8Array(0) } } : done
        },
      },
    ],
    ['loads what is too large', { load: (c, s) => qemuCrb.load({ ...c, backendBufferSize: 2 ** 20 }, s) }],
    ['takes tpmSts back', { complete: (d, a) => qemuCrb.complete({ ...d, regs: d.regs.with(17, 0) }, a) }],
  ])('is told apart when it %s', (_, change) => {
    expect(failures({ ...qemuCrb, ...change })).toBeGreaterThan(0)
  })
})

describe('a line that is no sequence', () => {
  const config = {
    capChunk: true,
    backendBufferSize: 4096,
    allowChunkMigration: true,
    established: false,
    autoComplete: false,
  }
  const sequence = (...steps: unknown[]): unknown => ({ id: 'x', config, steps, end: null })

  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /a sequence must be an object/],
    ['a list', [], /a sequence must be an object/],
    ['no config', { steps: [] }, /^config must be an object/],
    ['no steps', { config, end: null }, /steps must be a list, is missing/],
    ['a config member missing', { config: { ...config, capChunk: undefined }, steps: [] }, /capChunk must be true or/],
    ['a negative size', { config: { ...config, backendBufferSize: -1 }, steps: [] }, /backendBufferSize .* is -1/],
    ['no autoComplete', { config: { ...config, autoComplete: 1 }, steps: [] }, /config.autoComplete .* is 1/],
    ['no end', { config, steps: [] }, /end must be an object/],
    ['an end without registers', { config, steps: [], end: {} }, /end.regs must be a list/],
    ['an end with few registers', { config, steps: [], end: { regs: [1] } }, /end.regs must have 32 words, has 1/],
    ['a step that is no list', sequence({}), /x, step 1: a step must be a list/],
    ['an empty step', sequence([]), /step 1: unknown step missing/],
    ['an unknown step', sequence(['r', 0, 4, '00000081'], ['zap', 1]), /x, step 2: unknown step "zap"/],
    ['an access of 3 bytes', sequence(['r', 0, 3, '000000']), /an access size must be 1, 2, 4 or 8, is 3/],
    ['a write without a value', sequence(['w', 0, 4]), /value must be a text, is missing/],
    ['a value that is no number', sequence(['w', 0, 4, '0x000001']), /must be 8 hexadecimal digits, is "0x000001"/],
    ['a value of another size', sequence(['w', 0, 8, '00000001']), /the value of 8 bytes must be 16/],
    ['an offset that is no number', sequence(['w', '8', 4, '00000001']), /offset must be a whole number .* is "8"/],
    ['bytes beyond the window', sequence(['W', 4095, '0000']), /2 bytes at 4095 are not within the data window/],
    ['bytes before the window', sequence(['R', 127, 1, '00000000']), /1 bytes at 127 are not within/],
    ['odd digits', sequence(['W', 128, '123']), /odd number/],
    ['a pattern without a start', sequence(['P', 128, 4, 1]), /start must be a whole number/],
    ['a pattern that is too long', sequence(['P', 128, 3969, 1, 0]), /length must be .* up to 3968/],
    ['an impossible count', sequence(['complete', 2]), /n must be a whole number up to 1, is 2/],
    ['an impossible flag', sequence(['est', true]), /established must be .* is true/],
    ['a load of nothing', sequence(['load', 7, 'nostream']), /configuration must be an object/],
    [
      'steps after a load that failed',
      sequence(
        ...[
          ['w', 8, 4, '00000001'],
          ['P', 128, 3968, 1, 0],
          ['W', 128, '800100001000'],
          ['w', 76, 4, '00000004'],
          ['save', 'saved+chunk'],
          ['load', { backendBufferSize: 100 }, 'loadfail'],
          ['reset'],
        ],
      ),
      /step 7: a step after a load that failed/,
    ],
  ])('names what is wrong: %s', (_, line, message) => {
    expect(() => checkMmio.line(line)).toThrow(message)
  })

  it('is told from one by its members', () => {
    for (const other of [null, 1, [], {}, { config: 1 }, { config: null }, { config: { tpmVersion: 2 } }]) {
      expect(isMmioSequence(other)).toBe(false)
    }
    expect(isMmioSequence({ config })).toBe(true)
  })

  it('takes a backend far larger than any message', () => {
    const line = {
      config: { ...config, backendBufferSize: 0xffff_ffff, autoComplete: true },
      steps: [
        ['w', 8, 4, '00000001'],
        ['W', 128, '80010000000a0200000c'],
        ['w', 76, 4, '00000001'],
        ['H', 128, 6, '80010000000c'],
        ['r', 76, 4, '00000000'],
      ],
      end: null,
    }
    expect(checkMmio.line(line)).toBe('passed')
  })

  it('never ends in anything but a verdict or a sentence, however a recording is damaged', () => {
    const odd = [null, -1, 1.5, 2 ** 40, '', 'zz', true, [], {}, [[]], 'saved', Number.NaN]
    let sentences = 0
    for (const [n, s] of scripted.entries()) {
      for (let i = 0; i < s.steps.length; i += 3) {
        const step = s.steps[i] as readonly unknown[]
        const k = (n + i) % (step.length + 1)
        const damaged = k < step.length ? step.with(k, odd[(n * 7 + i) % odd.length]) : step.slice(0, -1)
        try {
          checkMmio.line({ ...s, steps: s.steps.with(i, damaged) })
        } catch (e) {
          expect(e).toBeInstanceOf(Error)
          expect((e as Error).message).toContain(`${s.id} ${s.title}, step ${i + 1}: `)
          sentences += 1
        }
      }
    }
    expect(sentences).toBeGreaterThan(50)
  })
})
