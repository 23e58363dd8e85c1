// The stream of a machine with a TIS, byte by byte; what is wrong with one; another buffer, another interface; and what the
// acts come to at any step of any scenario over a TIS. The table of outcomes is outcomes.test.ts.

import { describe, expect, it } from 'vitest'
import { decode } from '../../src/codec/codec.ts'
import { explain, type Span } from '../../src/codec/explain.ts'
import { HOSTS } from '../../src/lessons/migration-table.ts'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { TIS_MIGRATIONS } from '../../src/lessons/scenarios/tis-migration.ts'
import { TIS_SCENARIOS } from '../../src/lessons/scenarios/tis.ts'
import { be32, bytes, concat, equal, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { type Damage, DAMAGES } from '../../src/machine/damage.ts'
import { tisOf } from '../../src/machine/device.ts'
import { digest } from '../../src/machine/digest.ts'
import { History } from '../../src/machine/history.ts'
import { type Host, hostOf } from '../../src/machine/host.ts'
import type { Machine, Migrate, UserAct } from '../../src/machine/machine.ts'
import { isRefusal, knownOf, load, save } from '../../src/machine/migration.ts'
import { powerOn } from '../../src/machine/power.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { reduce } from '../../src/machine/reduce.ts'
import { streamFor } from '../../src/machine/stream.ts'
import { answers, machineAt, runOn } from '../support/migration.ts'

const SMALL = HOSTS['TIS 11.1']
const LARGE = HOSTS['TIS 11.1, buffer 8192']
const migrate = (from: Host, to: Host, more: Partial<Migrate> = {}): Migrate => ({
  ...{ kind: 'migrate', late: true, label: 'migrate', from, to },
  ...more,
})
const SNAPSHOT: UserAct = { kind: 'snapshot', late: true, label: 'You take a snapshot.' }
const RESTORE: UserAct = { kind: 'restore', late: true, label: 'You return to the snapshot.' }
const said = (m: Machine, act: UserAct): string => {
  const { machine, events } = reduce(m, { t: 'user', act })
  const last = events.at(-1)
  // Refused: the machine is as it was.
  expect(digest({ ...machine, step: m.step })).toBe(digest(m))
  return last?.t === 'user' ? last.label : ''
}
/** Head of the section after file header and configuration, which have 24 bytes. */
const HEAD_AT = 24
const head = (version: number) => concat(bytes(4), be32(2), bytes(7), utf8('tpm-tis'), be32(0), be32(version))
const BODY_AT = HEAD_AT + 21

describe.each([
  ['4,096', 4096, SMALL, 4017, 4018],
  ['8,192', 8192, LARGE, 4682, 4683],
] as const)('a stream with a buffer of %s bytes', (_, size, here, held, total) => {
  const half = machineAt(here, 'tis-part')
  const stream = save(half, here)

  it('has no RAM, but the section, whose version says how long the buffer is', () => {
    expect(toHex(stream.slice(HEAD_AT, BODY_AT))).toBe(toHex(head(size === 4096 ? 0 : 1)))
    // The command as it was sent so far: its size, and nothing behind what was sent.
    expect(toHex(stream.slice(BODY_AT + 2, BODY_AT + 6))).toBe(toHex(be32(total)))
    expect(raw(stream.slice(BODY_AT + held, BODY_AT + size)).every(v => v === 0)).toBe(true)
    const after = BODY_AT + size
    expect(toHex(stream.slice(after, after + 2))).toBe(held.toString(16).padStart(4, '0'))
    // Locality 0 is active and receives; then four that are idle; then the footer.
    expect(toHex(stream.slice(after + 2, after + 9))).toBe('00ffff00000004')
    expect(toHex(stream.slice(after + 110, after + 115))).toBe('7e00000002')
    expect(toHex(concat(stream.slice(0, 8), stream.slice(stream.length - 1)))).toBe('5145564d0000000300')
  })

  it('is read back to an equal machine, and written to equal bytes', () => {
    const arrived = load(half, stream, here)
    if (isRefusal(arrived)) throw new Error(arrived.message)
    expect(digest(arrived)).toBe(digest(half))
    expect(tisOf(arrived)).toEqual(tisOf(half))
    expect(equal(save(arrived, here), stream)).toBe(true)
  })

  it('is explained to the last byte, as it was sent and as its reader takes it', () => {
    for (const known of [undefined, knownOf(here)]) {
      const { spans, covered, error } = explain(streamFor(known), stream)
      expect([covered, error]).toEqual([stream.length, undefined])
      let at = 0
      for (const s of spans) {
        expect(s.at).toBe(at)
        at += s.length
      }
      expect(at).toBe(stream.length)
      const section = spans.find(s => s.name === 'section tpm-tis')?.children ?? []
      const text = (name: string): string | undefined => section.find(s => s.name === name)?.text
      expect(text('rw_offset')).toBe(`${held.toLocaleString('en-US')}: position in the buffer`)
      expect(text('active_locty')).toBe('locality 0')
      const loc = section.find(s => s.name === 'loc[0]')?.children.map(s => `${s.name} ${s.text}`)
      expect(loc).toEqual([
        'state reception',
        'inte INT_ENABLE 0x00000008: typePolarity 1',
        'ints INT_STATUS 0x00000000',
        'access ACCESS 0xa0: tpmRegValidSts, activeLocality',
        'sts STS 0x04000088: tpmFamily 1, stsValid, Expect',
        'iface_id INTERFACE_ID 0x00002100: CapFIFO, CapLocality',
      ])
    }
  })

  it('is refused in words at every length', () => {
    for (let n = 0; n < stream.length; n += n < 80 || (n > BODY_AT + size && n < BODY_AT + size + 140) ? 1 : 211) {
      const refused = load(half, stream.slice(0, n), here)
      if (!isRefusal(refused)) throw new Error(`loaded ${n} of ${stream.length} bytes`)
      expect(refused.message, `${n} bytes`).toMatch(/offset \d+|only \d+ left|before|announced/)
    }
    expect(load(half, concat(stream, bytes(0)), here)).toMatchObject({
      message: expect.stringContaining('1 bytes left over'),
    })
  })

  it('is found when it is mutated: refused in words, or loaded whole', () => {
    let seed = 20261121 + size
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed % n
    }
    const before = digest(half)
    let [loads, refusals] = [0, 0]
    for (let i = 0; i < 300; i++) {
      const copy = raw(stream).slice()
      const kind = random(5)
      // Often in what follows the array: position, localities, footer.
      const near = kind < 2 ? BODY_AT + size + random(116) : kind === 2 ? random(80) : random(copy.length)
      let mutated: Uint8Array = copy
      if (kind < 3) copy[near] = random(256)
      else if (kind === 3) mutated = copy.slice(0, near)
      else mutated = new Uint8Array([...copy.slice(0, near), ...copy.slice(near + 1 + random(40))])
      const got = load(half, mutated, here)
      if (isRefusal(got)) {
        refusals += 1
        expect(got.message).toMatch(/offset \d+|left over|only \d+ left|TPM|announced|holds/)
        continue
      }
      loads += 1
      expect(() => save(got, here)).not.toThrow()
      expect(() => runOn(got, 60)).not.toThrow()
    }
    expect(digest(half)).toBe(before)
    // A changed byte of the buffer or of a register is another state, not a damaged stream.
    expect(loads).toBeGreaterThan(20)
    expect(refusals).toBeGreaterThan(100)
  })

  const known = size === 4096 ? 0 : 1
  const WANTED: { readonly [D in Damage]: RegExp } = {
    magic: /not a migration stream: it begins with 0x5145564e, not with "QEVM", at offset 0\.$/,
    version: /stream version 4 is newer than this program knows \(3\), at offset 4\.$/,
    cut: /the stream is cut: needs \d+ bytes at offset 45, only 50 left\.$/,
    order: /section crbscope\/tpm comes before section tpm-tis, at offset 24\.$/,
    repeated: new RegExp(`section tpm-tis is repeated, at offset ${BODY_AT + size + 115}\\.$`),
    unknown: /unknown section or instance 'serial' 0, at offset 24\.$/,
    newer: new RegExp(
      `section tpm-tis is of version ${known + 1}, newer than this host knows \\(${known}\\), at offset 41`,
    ),
    flipped: /section crbscope\/guest is damaged: this is not the CRC-32 of its content, at offset \d+\.$/,
  }
  it.each(Object.keys(DAMAGES) as Damage[])('is refused with its offset when it has: %s', damage => {
    const label = said(half, migrate(here, here, { damage }))
    expect(label).toMatch(/^The migration is refused by the destination: /)
    expect(label).toMatch(WANTED[damage])
  })
})

describe('another buffer', () => {
  const FROM = HOSTS['TIS 11.1 as 11.0, buffer 8192']
  const large = machineAt(FROM, 'tis-part')
  const small = machineAt(SMALL, 'tis-part')

  it('is refused by its version, in words and in QEMU’s', () => {
    expect(said(large, migrate(FROM, HOSTS['TIS 11.0']))).toBe(
      'The migration is refused by the destination: section tpm-tis is of version 1, newer than this host knows (0), ' +
        'at offset 41 (QEMU: "savevm: unsupported version 1 for \'tpm-tis\' v0").',
    )
    expect(said(small, migrate(SMALL, LARGE))).toBe(
      'The migration is refused by the destination: section tpm-tis is of version 0, too old for a buffer of ' +
        '8,192 bytes (1), at offset 41.',
    )
  })

  it('is misread by who does not look: where its own array ends, bytes of the sender’s become position and localities', () => {
    const to = HOSTS['TIS 11.0, version unchecked']
    const end = BODY_AT + 4096 + 110
    expect(said(large, migrate(FROM, to))).toMatch(
      new RegExp(`section tpm-tis does not end here: 0x.. instead of its footer, at offset ${end} \\(QEMU: "Missing`),
    )
    const stream = save(large, FROM)
    const { spans, error } = explain(streamFor(knownOf(to)), stream)
    expect(error?.at).toBe(end)
    const section = spans.find(s => s.name === 'section tpm-tis')?.children as readonly Span[]
    const position = section.find(s => s.name === 'rw_offset')
    // The half-sent command reaches up to byte 4,682: what stands there is a part of a signature.
    expect(position?.at).toBe(BODY_AT + 4096)
    const [high, low] = [...raw(stream.slice(BODY_AT + 4096, BODY_AT + 4098))] as [number, number]
    expect(position?.value).toBe(high * 256 + low)
    expect(position?.value).not.toBe(4682)
  })

  it('a receiver with a larger one that does not look swallows what follows the section', () => {
    const to = HOSTS['TIS 11.1, buffer 8192, version unchecked']
    expect(said(small, migrate(SMALL, to))).toMatch(
      /: section tpm-tis does not end here: 0x.. instead of its footer, at /,
    )
  })

  it('with its own version, one that does not look still checks what it reads', () => {
    const to = HOSTS['TIS 11.1, version unchecked']
    const stream = save(small, SMALL)
    expect(isRefusal(load(small, stream, to))).toBe(false)
    const at = BODY_AT + 4096 + 2
    const odd = concat(stream.slice(0, at), bytes(9), stream.slice(at + 1))
    expect(load(small, odd, to)).toMatchObject({ kind: 'damaged', message: `0x09 is not a locality, at offset ${at}` })
  })
})

describe('another interface', () => {
  it('refuses what it has no device for', () => {
    const m = machineAt(SMALL, 'tis-part')
    expect(said(m, migrate(SMALL, HOSTS['11.1']))).toMatch(
      /refused by the destination: unknown section or instance 'tpm-tis' 0, at offset 24 \(QEMU: "Unknown section/,
    )
    const crb = machineAt(HOSTS['11.1'], 'taken')
    expect(said(crb, migrate(HOSTS['11.1'], SMALL))).toMatch(
      /refused by the destination: unknown RAM block "tpm-crb-cmd", at offset \d+ \(QEMU: "Unknown ramblock/,
    )
  })

  it('is not the one that a machine was started with', () => {
    const tis = machineAt(SMALL, 'tis-part')
    expect(said(tis, migrate(HOSTS['11.1'], SMALL))).toMatch(
      /was started with a tpm-tis with a buffer of 4,096 bytes and a backend of 8,192 bytes, and cannot come/,
    )
    expect(said(tis, migrate(LARGE, SMALL))).toMatch(/cannot come from another host\.$/)
    expect(said(tis, migrate(HOSTS['TIS 11.1, backend 4096'], SMALL))).toMatch(/cannot come from another host\.$/)
    expect(said(tis, migrate(HOSTS['TIS 11.0, buffer 8192'], SMALL))).toMatch(
      /the tpm-tis of QEMU 11\.0 has a buffer of 4,096 bytes\.$/,
    )
    const crb = machineAt(HOSTS['11.1'], 'taken')
    expect(said(crb, migrate(SMALL, SMALL))).toMatch(/was started with cap-chunk=on and .*cannot come from another/)
  })

  it('cannot be put under a driver of the other', () => {
    const [tis, crb] = [machineAt(SMALL, 'tis-part'), machineAt(HOSTS['11.1'], 'taken')]
    expect(load(crb, save(tis, SMALL), SMALL)).toMatchObject({ kind: 'damaged' })
    expect(load(tis, save(crb, HOSTS['11.1']), HOSTS['11.1'])).toMatchObject({ kind: 'damaged' })
  })
})

describe('the acts over a TIS', () => {
  it('wait for a running command, whose answer is saved with the machine', () => {
    const m = machineAt(SMALL, 'tis-submitted')
    const { machine, events } = reduce(m, { t: 'user', act: migrate(SMALL, SMALL) })
    const labels = events.flatMap(e => (e.t === 'user' ? [e.label] : []))
    expect(labels[1]).toBe('Saving waits for the running command; the guest stands still.')
    expect(labels[2]).toMatch(/^The machine runs on QEMU 11\.1 \(pc-q35-11\.1, tpm-tis, backend 8192\); [\d,]+ bytes/)
    expect(machine.backend.pending).toBeUndefined()
    expect(decode(streamFor(), save(machine, SMALL)).tis?.loc[0]?.state).toBe(2)
    expect(machine.guest).toEqual(m.guest)
  })

  it.each([...TIS_SCENARIOS, ...TIS_MIGRATIONS].filter(s => s.config.interface).map(s => [s.id, s] as const))(
    'can be done at every step of %s, and change nothing',
    (_, { config }) => {
      const whole = History.start(config)
      whole.extend(20_000)
      const wanted = answers(whole.at(whole.length - 1).machine)
      for (let k = 0; k < whole.length; k += Math.max(1, Math.floor(whole.length / 25))) {
        const m = whole.at(k).machine
        const here = hostOf(m)
        const gone = reduce(m, { t: 'user', act: migrate(here, here) }).machine
        expect(gone.migration?.host, `step ${k}`).toEqual(here)
        const saved = reduce(gone, { t: 'user', act: SNAPSHOT }).machine
        const end = runOn(saved)
        expect(answers(end), `step ${k}`).toEqual(wanted)
        const back = reduce(end, { t: 'user', act: RESTORE }).machine
        expect(digest({ ...back, step: 0 }), `step ${k}`).toBe(digest({ ...saved, step: 0 }))
        expect(answers(runOn(back)), `step ${k}`).toEqual(wanted)
      }
    },
  )

  it('are part of a recording, with the options of a tpm-tis', () => {
    const h = History.start((TIS_MIGRATIONS[1] as Scenario).config)
    h.extend(30)
    h.act(h.length - 1, migrate(HOSTS['TIS 11.1 as 11.0, buffer 8192'], HOSTS['TIS 11.0, version unchecked']))
    h.act(h.length - 1, migrate(LARGE, HOSTS['TIS 11.1, buffer 8192, version unchecked']))
    h.extend(20)
    const recording = saveRecording(h, 'moved')
    const again = verifyRecording(parseRecording(JSON.stringify(recording)))
    expect(hostOf(again.at(again.length - 1).machine)).toEqual(HOSTS['TIS 11.1, buffer 8192, version unchecked'])
    const spoilt = (more: object) => {
      const copy = structuredClone(recording) as unknown as { inputs: { act: { to: object } }[] }
      Object.assign((copy.inputs[1] as { act: { to: object } }).act.to, more)
      return () => parseRecording(JSON.stringify(copy))
    }
    expect(spoilt({ tisBuffer: 4096 })).toThrow('inputs[1].act.to.tisBuffer: must be 8192, or absent for 4096')
    expect(spoilt({ careless: false })).toThrow('inputs[1].act.to.careless: must be true, or absent')
    expect(spoilt({ device: 'tpm-crb' })).toThrow('inputs[1].act.to.device: must be tpm-tis where')
  })

  it('leave a guest where the TPM is the host’s', () => {
    const passed = HOST.map(s => powerOn(s.config)).filter(m => m.backend.behind?.host)
    expect(passed.map(m => (tisOf(m) ? 'TIS' : 'CRB'))).toEqual(expect.arrayContaining(['TIS', 'CRB']))
    for (const m of passed) {
      const label = said(m, migrate(hostOf(m), hostOf(m)))
      expect(label).toBe(
        'The migration is refused by the source: the TPM is the host’s, and its owner, keys and PCRs cannot go along with the guest.',
      )
      expect(said(m, SNAPSHOT)).toMatch(/^No snapshot can be taken: the TPM is the host’s/)
    }
  })
})
