// The stream of a migration, byte by byte; what is wrong with one; and the acts in a run: migrate, snapshot, return.

import { describe, expect, it } from 'vitest'
import { decode } from '../../src/codec/codec.ts'
import { explain, type Span } from '../../src/codec/explain.ts'
import { HOSTS } from '../../src/lessons/migration-table.ts'
import { be32, bytes, concat, equal, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { DAMAGES, type Damage } from '../../src/machine/damage.ts'
import { crbOf } from '../../src/machine/device.ts'
import { digest } from '../../src/machine/digest.ts'
import { type Host, hostOf } from '../../src/machine/host.ts'
import type { Machine, Migrate } from '../../src/machine/machine.ts'
import { isRefusal, load, save } from '../../src/machine/migration.ts'
import { reduce } from '../../src/machine/reduce.ts'
import { streamFor } from '../../src/machine/stream.ts'
import { answers, machineAt, runOn } from '../support/migration.ts'

const HERE = HOSTS['11.1']
const migrate = (to: Host, more: Partial<Migrate> = {}): Migrate => ({
  kind: 'migrate',
  late: true,
  label: 'migrate',
  from: HERE,
  to,
  ...more,
})
const words = (m: Machine, act: Migrate): string => {
  const { machine, events } = reduce(m, { t: 'user', act })
  const last = events.at(-1)
  // Refused: the machine is as it was.
  expect(digest({ ...machine, step: m.step })).toBe(digest(m))
  return last?.t === 'user' ? last.label : ''
}

describe('a stream', () => {
  const half = machineAt(HERE, 'taken')
  const stream = save(half, HERE)

  it('begins as those of QEMU: magic, version, configuration with the machine type', () => {
    const head = concat(utf8('QEVM'), be32(3), bytes(7), be32(11), utf8('pc-q35-11.1'))
    expect(toHex(stream.slice(0, head.length))).toBe(toHex(head))
  })

  it('has the window as a page of RAM, announced and sent', () => {
    const name = concat(bytes(11), utf8('tpm-crb-cmd'))
    const setup = concat(bytes(1), be32(1), bytes(3), utf8('ram'), be32(0), be32(4))
    const blocks = concat(fromHex('0000000000001004'), name, fromHex('0000000000001000'), fromHex('0000000000000010'))
    const page = concat(bytes(3), be32(1), fromHex('0000000000000008'), name)
    const wanted = concat(setup, blocks, bytes(0x7e), be32(1), page)
    expect(toHex(stream.slice(24, 24 + wanted.length))).toBe(toHex(wanted))
    // The window holds chunk 1 of TPM2_VerifyDigestSignature, 4,683 bytes.
    expect(toHex(stream.slice(24 + wanted.length, 34 + wanted.length))).toBe('80010000124b000001a5')
  })

  it('has the registers, and in the subsection the half-sent command with its length', () => {
    const text = toHex(stream)
    const section = toHex(concat(bytes(4), be32(2), bytes(7), utf8('tpm-crb'), be32(0), be32(0)))
    const at = text.indexOf(section) / 2 + section.length / 2
    // LOC_STATE with the locality assigned, INTF_ID with CapCRBChunk.
    expect(toHex(stream.slice(at, at + 4))).toBe('00000082')
    expect(toHex(stream.slice(at + 0x30, at + 0x34))).toBe('00025c11')
    const head = concat(bytes(5, 13), utf8('tpm-crb/chunk'), be32(0), be32(3968), fromHex('80010000124b'))
    expect(toHex(stream.slice(at + 128, at + 128 + head.length))).toBe(toHex(head))
    const rest = at + 128 + head.length - 6 + 3968
    expect(toHex(stream.slice(rest, rest + 13))).toBe('00000000000000007e00000002')
  })

  it('sends a page of zeros as such', () => {
    const fresh = machineAt(HERE, 'probed')
    const short = save(fresh, HERE)
    const name = concat(bytes(11), utf8('tpm-crb-cmd'))
    expect(toHex(short)).toContain(
      toHex(concat(fromHex('0000000000000002'), name, bytes(0), fromHex('0000000000000010'))),
    )
    expect(short.length).toBeLessThan(stream.length - 4096)
  })

  it('is read back to an equal value, and written to equal bytes', () => {
    const value = decode(streamFor(), stream)
    expect(value.machine).toBe('pc-q35-11.1')
    expect(value.tis === undefined && value.device.chunk?.command.length).toBe(3968)
    const arrived = load(half, stream, HERE)
    expect(isRefusal(arrived)).toBe(false)
    const { migration: _, ...same } = arrived as Machine
    expect(digest(same)).toBe(digest(half))
    expect(equal(save(arrived as Machine, HERE), stream)).toBe(true)
  })

  it('is explained to the last byte, with the state of the TPM and the guest', () => {
    const { spans, covered, error } = explain(streamFor(), stream)
    expect([covered, error]).toEqual([stream.length, undefined])
    let at = 0
    const leaves = (list: readonly Span[]): Span[] => list.flatMap(s => (s.children.length ? leaves(s.children) : [s]))
    for (const leaf of spans) {
      expect(leaf.at).toBe(at)
      at += leaf.length
    }
    expect(at).toBe(stream.length)
    const find = (path: string): Span | undefined =>
      path.split('/').reduce<{ list: readonly Span[]; span?: Span }>(
        ({ list }, name) => {
          const span = list.find(s => s.name === name)
          return span ? { list: span.children, span } : { list: [] }
        },
        { list: spans },
      ).span
    expect(find('section tpm-crb/registers/INTF_ID')?.text).toMatch(/^0x00025c11: .*CapCRBChunk/)
    expect(find('section tpm-crb/registers/CTRL_STS')?.text).toBe('0x00000000')
    const names = leaves(spans).map(s => s.name)
    for (const name of ['magic', 'INTF_ID', 'response_offset', 'checksum', 'end of stream', 'time'])
      expect(names).toContain(name)
  })
})

describe('what is wrong with a stream', () => {
  const half = machineAt(HERE, 'taken')
  const WANTED: { readonly [D in Damage]: RegExp } = {
    magic: /not a migration stream: it begins with 0x5145564e, not with "QEVM", at offset 0\.$/,
    version: /stream version 4 is newer than this program knows \(3\), at offset 4\.$/,
    cut: /the stream is cut: needs 4 bytes at offset 4\d\d\d, only 2 left\.$/,
    order: /section crbscope\/tpm comes before section tpm-crb, at offset 4\d\d\d\.$/,
    repeated: /section tpm-crb is repeated, at offset 8\d\d\d\.$/,
    unknown: /unknown section or instance 'serial' 0, at offset 4\d\d\d\.$/,
    newer: /section tpm-crb is of version 1, newer than this host knows \(0\), at offset 4\d\d\d\.$/,
    flipped: /section crbscope\/guest is damaged: this is not the CRC-32 of its content, at offset 1\d\d\d\d\.$/,
  }

  it.each(Object.keys(DAMAGES) as Damage[])('is said with its offset: %s', damage => {
    const label = words(half, migrate(HERE, { damage }))
    expect(label).toMatch(/^The migration is refused by the destination: /)
    expect(label).toMatch(WANTED[damage])
  })

  it('is said at every length', () => {
    const stream = save(half, HERE)
    for (let n = 0; n < stream.length; n += n < 200 || (n > 4200 && n < 4400) ? 1 : 211) {
      const refused = load(half, stream.slice(0, n), HERE)
      if (!isRefusal(refused)) throw new Error(`loaded ${n} of ${stream.length} bytes`)
      expect(refused.message, `${n} bytes`).toMatch(/offset \d+|only \d+ left|before|announced/)
    }
    expect(load(half, concat(stream, bytes(0)), HERE)).toMatchObject({
      message: expect.stringContaining('1 bytes left over'),
    })
  })

  it('is found in mutated streams: refused in words, or loaded whole', () => {
    const stream = save(half, HERE)
    let seed = 20261121
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed % n
    }
    let loads = 0
    const before = digest(half)
    for (let i = 0; i < 200; i++) {
      const copy = raw(stream).slice()
      const kind = random(4)
      const at = random(kind === 0 ? 300 : copy.length)
      let mutated: Uint8Array = copy
      if (kind < 2) copy[at] = random(256)
      else if (kind === 2) mutated = copy.slice(0, at)
      else mutated = new Uint8Array([...copy.slice(0, at), ...copy.slice(at + 1 + random(40))])
      const got = load(half, mutated, HERE)
      if (isRefusal(got)) {
        expect(got.message.length).toBeGreaterThan(10)
        continue
      }
      loads += 1
      // What loads is a machine that can be saved again, from whole.
      expect(() => save(got, HERE)).not.toThrow()
      expect(() => runOn(got, 60)).not.toThrow()
    }
    expect(digest(half)).toBe(before)
    // A changed byte of the window or of a buffer is another window, not a damaged stream.
    expect(loads).toBeGreaterThan(20)
    expect(loads).toBeLessThan(300)
  })
})

describe('the acts', () => {
  it('let the guest run on where it arrived, on a host that the machine then knows', () => {
    const m = machineAt(HERE, 'read')
    const { machine } = reduce(m, { t: 'user', act: migrate(HOSTS['11.1, x-allow=off']) })
    expect(hostOf(machine)).toEqual(HOSTS['11.1, x-allow=off'])
    expect([machine.step, machine.time]).toEqual([m.step + 1, m.time])
    expect(answers(runOn(machine))).toEqual(answers(runOn(m)))
    // From there it cannot leave any more.
    expect(words({ ...machine }, { ...migrate(HERE), from: hostOf(machine) })).toMatch(
      /refused by the source: .*blocked/,
    )
  })

  it('wait for a running command, whose answer is saved with the machine', () => {
    const m = machineAt(HERE, 'submitted')
    const { machine, events } = reduce(m, { t: 'user', act: migrate(HERE) })
    expect(events.map(e => (e.t === 'user' ? e.label : e.t))).toEqual(
      [
        expect.stringMatching(/^You let the machine migrate from QEMU 11\.1 /),
        'Saving waits for the running command; the guest stands still.',
        'tpm',
        'response',
        'device',
        'device',
        expect.stringMatching(/^The machine runs on QEMU 11\.1 .*; [\d,]+ bytes crossed\.$/),
      ].filter(e => e !== 'tpm' || events.some(x => x.t === 'tpm')),
    )
    expect(machine.backend.pending).toBeUndefined()
    expect(machine.time).toBe(m.backend.pending?.due)
    expect(crbOf(machine).response.length).toBe(4652)
    expect(machine.guest).toEqual(m.guest)
  })

  it('refuse to come from a host that this machine was not started on', () => {
    const m = machineAt(HERE, 'probed')
    expect(words(m, { ...migrate(HERE), from: HOSTS['11.1, cap-chunk=off'] })).toMatch(
      /cannot come from another host\.$/,
    )
    expect(words(m, { ...migrate(HERE), from: HOSTS['11.0 as 11.1'] })).toMatch(
      /QEMU 11\.0 has no machine type "pc-q35-11\.1"\.$/,
    )
    expect(words(m, migrate(HOSTS['11.0 as 11.1']))).toMatch(/\(QEMU: "unsupported machine type: "pc-q35-11\.1""\)\.$/)
  })

  it('take a snapshot, go on, and return to it', () => {
    const m = machineAt(HERE, 'read')
    const saved = reduce(m, { t: 'user', act: { kind: 'snapshot', late: true, label: 'You take a snapshot.' } }).machine
    const later = runOn(saved)
    expect(digest({ ...later, step: 0 })).not.toBe(digest({ ...saved, step: 0 }))
    const back = reduce(later, { t: 'user', act: { kind: 'restore', late: true, label: 'You return.' } }).machine
    expect(back.step).toBe(later.step + 1)
    expect(digest({ ...back, step: 0 })).toBe(digest({ ...saved, step: 0 }))
    expect(answers(runOn(back))).toEqual(answers(later))
  })

  it('return to nothing where nothing was saved', () => {
    const m = machineAt(HERE, 'read')
    const { machine, events } = reduce(m, { t: 'user', act: { kind: 'restore', late: true, label: 'You return.' } })
    expect(digest({ ...machine, step: m.step })).toBe(digest(m))
    expect(events.at(-1)).toMatchObject({ label: 'There is no snapshot to return to.' })
  })
})
