// The recorded sequences of QEMU's tpm-tis, each as a test of its own; and what the replay says of files that differ, or
// are no recordings at all.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DeviceModel } from '../../src/hw/device.ts'
import { qemuTis, type SavedTis, type Tis, type TisConfig } from '../../src/hw/tis.ts'
import { readBe32 } from '../../src/lib/bytes.ts'
import { checkTis, isTisSequence, replayTis } from '../../src/trace/tis-mmio.ts'

interface Sequence {
  readonly id: string
  readonly title: string
  readonly config: object
  readonly steps: readonly (readonly unknown[])[]
  readonly end: { readonly [member: string]: unknown; readonly loc: readonly { [member: string]: number }[] }
}
const recorded = (file: string): Sequence[] =>
  readFileSync(new URL(`../vectors/tis-mmio/${file}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Sequence)

const scripted = recorded('scripted')
const random = recorded('random')
const all = [...scripted, ...random]

describe('recorded sequences', () => {
  it('are 256', () => {
    expect([scripted.length, random.length, new Set(all.map(s => s.id)).size]).toEqual([56, 200, 256])
  })

  it.each(all)('$id $title', sequence => {
    expect(isTisSequence(sequence)).toBe(true)
    expect(checkTis.line(sequence)).toBe('passed')
  })
})

describe('a recording that differs', () => {
  const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1)

  it('is found at the step that differs, whatever was read', () => {
    let changed = 0
    for (const sequence of scripted) {
      const reads = sequence.steps.flatMap((s, i) => (['r', 'FR'].includes(s[0] as string) ? [i] : []))
      const i = reads[changed % Math.max(reads.length, 1)]
      if (i === undefined) continue
      const step = sequence.steps[i] as readonly string[]
      const other = [...step.slice(0, 3), flip(step[3] as string)]
      const result = checkTis.line({ ...sequence, steps: sequence.steps.with(i, other) })
      expect(result).toMatchObject({ step: i + 1, came: step[3] })
      expect((result as { wanted: string }).wanted).toContain(other[3])
      changed += 1
    }
    expect(changed).toBeGreaterThan(50)
  })

  it('is found in every member of the final digest', () => {
    const sequence = random[0] as Sequence
    const { end } = sequence
    for (const member of Object.keys(end).filter(k => k !== 'loc')) {
      const result = checkTis.line({ ...sequence, end: { ...end, [member]: 'x' } })
      expect(result).toMatchObject({ wanted: `at the end, end.${member}: "x"` })
    }
    for (let n = 0; n < 5; n++) {
      for (const member of Object.keys(end.loc[n] ?? {})) {
        const loc = end.loc.with(n, { ...end.loc[n], [member]: -7 })
        const result = checkTis.line({ ...sequence, end: { ...end, loc } })
        expect(result).toMatchObject({ wanted: `at the end, end.loc[${n}].${member}: -7` })
      }
    }
  })
})

describe('a device that differs', () => {
  type Model = DeviceModel<Tis, TisConfig, SavedTis>
  const failures = (model: Model): number => all.filter(s => replayTis(model, s) !== 'passed').length

  it.each<[string, Partial<Model>]>([
    ['reads without taking', { take: (d, at, size) => ({ value: qemuTis.read(d, at, size), device: d, effects: [] }) }],
    ['clears the buffer at reset', { reset: d => qemuTis.create(d.config) }],
    [
      'shows the seize bit',
      {
        take(d, at, size) {
          const done = qemuTis.take?.(d, at, size) ?? { device: d, effects: [], value: 0 }
          const seizes = ((d.loc[Math.floor(at / 4096)]?.access ?? 0) & 8) !== 0
          return at % 4096 === 0 && seizes ? { ...done, value: done.value | 8 } : done
        },
      },
    ],
    ['lets locality 4 write', { write: (d, at, size, v) => qemuTis.write(d, at & 0x3fff, size, v) }],
    [
      'refuses a smaller backend',
      { load: (c, s) => (readBe32(s.buffer, 2) > c.backendBufferSize ? 'loadfail' : qemuTis.load(c, s)) },
    ],
    ['hides a failed backend', { complete: (d, a) => qemuTis.complete(d, a === 'failed' ? new Uint8Array(10) : a) }],
    ['forgets who waits', { save: d => ({ ...(qemuTis.save(d) as SavedTis), next: -1, active: -1 }) }],
  ])('is told apart when it %s', (_, change) => {
    expect(failures({ ...qemuTis, ...change })).toBeGreaterThan(0)
  })
})

describe('a line that is no sequence', () => {
  const config = { tpmVersion: '2.0', backendBufferSize: 4096, established: false, autoComplete: false }
  const sequence = (...steps: unknown[]): unknown => ({ id: 'x', config, steps, end: null })

  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /a sequence must be an object/],
    ['no config', { steps: [] }, /^config must be an object/],
    ['no steps', { config, end: null }, /steps must be a list, is missing/],
    ['a version that is none', { config: { ...config, tpmVersion: 2 }, steps: [] }, /tpmVersion must be "2.0".* is 2/],
    ['no backend size', { config: { ...config, backendBufferSize: -1 }, steps: [] }, /backendBufferSize .* is -1/],
    ['no autoComplete', { config: { ...config, autoComplete: 1 }, steps: [] }, /config.autoComplete .* is 1/],
    ['no end', { config, steps: [] }, /end must be an object/],
    ['an end without localities', { config, steps: [], end: {} }, /end.loc must be a list/],
    ['an end with few localities', { config, steps: [], end: { loc: [1] } }, /end.loc must have 5 localities, has 1/],
    [
      'an end with half a locality',
      { config, steps: [], end: { loc: [{}, 1, 1, 1, 1] } },
      /end.loc\[0\].state is miss/,
    ],
    ['a step that is no list', sequence({}), /x, step 1: a step must be a list/],
    ['an unknown step', sequence(['r', 0, 1, '81'], ['zap', 1]), /x, step 2: unknown step "zap"/],
    ['a step of the other interface', sequence(['P', 128, 4, 1, 0]), /x, step 1: unknown step "P"/],
    ['an access of 3 bytes', sequence(['r', 0, 3, '000000']), /an access size must be 1, 2, 4 or 8, is 3/],
    ['a write without a value', sequence(['w', 0, 4]), /value must be a text, is missing/],
    ['odd digits', sequence(['F', 36, '123']), /step 1: odd number/],
    ['a pattern without a start', sequence(['FP', 36, 4, 1]), /start must be a whole number/],
    ['a read that is too long', sequence(['FR', 36, 65_537, '00000000']), /length must be .* up to 65536/],
    ['an impossible count', sequence(['complete', 2]), /n must be a whole number up to 1, is 2/],
    ['an impossible flag', sequence(['startupError', true]), /startupError must be .* is true/],
    ['a load of nothing', sequence(['load', 7, 'nostream']), /configuration must be an object/],
    ['a load without a size', sequence(['save', 'saved'], ['load', {}, 'loaded']), /step 2: backendBufferSize must/],
  ])('names what is wrong: %s', (_, line, message) => {
    expect(() => checkTis.line(line)).toThrow(message)
  })

  it('is told from one by its members', () => {
    for (const other of [null, 1, [], {}, { config: 1 }, { config: null }, { config: { capChunk: true } }]) {
      expect(isTisSequence(other)).toBe(false)
    }
    expect(isTisSequence({ config })).toBe(true)
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
          checkTis.line({ ...s, steps: s.steps.with(i, damaged) })
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
