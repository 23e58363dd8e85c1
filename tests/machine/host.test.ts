// Backends and hosts in a machine: what is announced and probed, what a recording keeps of it and refuses, a TPM outside
// whose answers are inputs, and what acts of a person do to a host.

import { describe, expect, it } from 'vitest'
import { others } from '../../src/backend/behind.ts'
import { migrationBlocker } from '../../src/backend/others.ts'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { digest } from '../../src/machine/digest.ts'
import { History } from '../../src/machine/history.ts'
import type { MachineConfig } from '../../src/machine/machine.ts'
import { powerOn } from '../../src/machine/power.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { reduce } from '../../src/machine/reduce.ts'
import { sentence } from '../../src/view/sentences.ts'
import { config, getRandom } from '../support/machines.ts'

const bridge = { where: 'swtpm at 127.0.0.1:2321', bufferSize: 4096 }
const outside = (more: Partial<MachineConfig> = {}): MachineConfig =>
  config([getRandom('r')], { prepare: [], backend: { kind: 'passthrough', bridge }, ...more })
const ANSWER = fromHex('80010000001c0000000000100102030405060708090a0b0c0d0e0f10')
const scenario = (id: string): MachineConfig => {
  const found = HOST.find(s => s.id === id)
  if (!found) throw new Error(id)
  return found.config
}
const last = (h: History) => h.at(h.length - 1)

describe('what a backend announces', () => {
  it('an emulator answers on its control channel; the device takes the size that is agreed upon', () => {
    const machine = powerOn(config([], { prepare: [], backend: { kind: 'emulator' }, backendBufferSize: 4096 }))
    const { probes, bufferSize } = machine.backend.behind ?? {}
    expect(probes?.map(p => p.what)).toEqual(['GET_CAPABILITY', 'SET_BUFFERSIZE', 'GET_INFO'])
    expect(toHex(probes?.[1]?.answered ?? ANSWER)).toBe('00000000000010000000 0af800002000'.replace(' ', ''))
    expect(bufferSize).toBe(4096)
    expect(JSON.parse(probes?.[2]?.meaning ?? '')).toMatchObject({ TPMSpecification: { family: '2.0' } })
  })

  it('a buffer that the TPM does not give is cut to what it gives', () => {
    const machine = powerOn(config([], { prepare: [], backend: { kind: 'emulator' }, backendBufferSize: 1000 }))
    expect(machine.backend.behind?.bufferSize).toBe(2808)
  })

  it('a TPM 1.2 has 4,096 bytes; passed through, it is asked by a command', () => {
    const old = powerOn(config([], { prepare: [], tpmVersion: '1.2' }))
    expect([old.backend.behind?.bufferSize, old.backend.behind?.probes.length]).toEqual([4096, 3])
    const passed = powerOn(config([], { prepare: [], tpmVersion: '1.2', backend: { kind: 'passthrough' } }))
    expect(passed.backend.behind?.probes.map(p => [p.what, p.meaning])).toEqual([['TPM_GetCapability', '4096 bytes']])
    const today = powerOn(config([], { prepare: [], backend: { kind: 'passthrough' } }))
    expect(today.backend.behind?.probes.map(p => [p.what, p.meaning])).toEqual([['TPM2_GetCapability', '8192 bytes']])
  })

  it('changes nothing for a machine whose configuration says nothing of it', () => {
    expect(powerOn(config([getRandom('r')])).backend.behind).toBeUndefined()
  })
})

describe('a TPM outside', () => {
  const waiting = (): History => {
    const h = History.start(outside())
    h.extend(10_000)
    return h
  }

  it('is asked once, while virtual time stands still, and the answer goes on to the guest', () => {
    const h = waiting()
    expect([h.outbound, h.halted, h.ended]).toEqual([{ id: 1 }, true, false])
    const before = last(h).machine
    expect(reduce(before, { t: 'step' }).machine).toBe(before)
    h.answer({ id: 1, response: ANSWER })
    h.extend(10_000)
    expect(h.ended).toBe(true)
    expect(toHex(last(h).machine.guest.results[0]?.response ?? new Uint8Array())).toBe(toHex(ANSWER))
  })

  it('an answer to another command changes nothing', () => {
    const h = waiting()
    const before = last(h).machine
    expect(reduce(before, { t: 'answer', result: { id: 7, response: ANSWER } }).machine).toBe(before)
  })

  it.each([
    ['given up', { id: 1, why: 'The bridge is down.' }, 'The bridge is down.'],
    [
      'cut short',
      { id: 1, response: ANSWER.slice(0, 9) },
      'swtpm at 127.0.0.1:2321 answered 9 bytes that are no answer of a TPM.',
    ],
    [
      'of another length',
      { id: 1, response: ANSWER.slice(0, 20) },
      'swtpm at 127.0.0.1:2321 answered 20 bytes that are no answer of a TPM.',
    ],
  ])('an answer %s fails the device, and the driver says so', (_, result, text) => {
    const h = waiting()
    h.answer(result)
    const m = last(h)
    expect(m.events.filter(e => e.t === 'tpm').map(e => sentence(e, m))).toContain(text)
    h.extend(10_000)
    expect(h.ended).toBe(true)
    expect(last(h).machine.guest.results[0]?.rc).toBeLessThan(0)
  })

  it('is in a recording: its replay asks nobody', () => {
    const h = waiting()
    h.answer({ id: 1, response: ANSWER })
    h.extend(10_000)
    const text = JSON.stringify(saveRecording(h, 'outside'))
    const again = verifyRecording(parseRecording(text))
    expect(digest(last(again).machine)).toBe(digest(last(h).machine))
  })

  it('a filter stops a command before it leaves', () => {
    const h = History.start(outside({ backend: { kind: 'passthrough', bridge, filter: [0x17b] } }))
    h.extend(10_000)
    expect([h.ended, h.outbound]).toEqual([true, undefined])
    expect(toHex(last(h).machine.guest.results[0]?.response ?? ANSWER)).toBe('80010000000a00000143')
  })
})

describe('a host', () => {
  it('keeps its TPM over a reset of the guest; a TPM of the guest’s own is reset', () => {
    const passed = powerOn(scenario('owner-cleared')).backend
    expect(others().init(passed).behind?.tpm12).toBe(passed.behind?.tpm12)
    const own = powerOn(
      config([], {
        prepare: [{ id: 's', label: '', parts: [{ hex: '00c10000000c000000990001' }] }],
        tpmVersion: '1.2',
      }),
    )
    expect(own.backend.behind?.tpm12?.postInitialise).toBe(false)
    expect(others().init(own.backend).behind?.tpm12?.postInitialise).toBe(true)
  })

  it('blocks migration, and only it does', () => {
    expect(migrationBlocker(powerOn(scenario('owner-cleared')).backend)).toMatch(/^Migration is not possible/)
    expect(migrationBlocker(powerOn(scenario('keys-gone')).backend)).toBeUndefined()
    expect(migrationBlocker(powerOn(config([])).backend)).toBeUndefined()
  })

  it('a person may let things happen to it: another future begins, and is recorded', () => {
    const h = History.start(scenario('passthrough-kernel'))
    h.extend(10_000)
    const k = h.act(h.length - 1, { kind: 'host', label: 'the host is started anew', act: 'reboot-host' })
    const m = h.at(k)
    expect(m.machine.backend.behind?.host).toMatchObject({ guests: 2, boots: 2 })
    expect(m.events.map(e => sentence(e, m)).join()).toMatch(/^The host is started anew/)
    const again = verifyRecording(parseRecording(JSON.stringify(saveRecording(h, 'host'))))
    expect(digest(last(again).machine)).toBe(digest(m.machine))
  })

  it('of which there is none: nothing happens, and it is said', () => {
    const m = powerOn(config([]))
    const done = reduce(m, { t: 'user', act: { kind: 'host', label: '', act: 'reboot-host' } })
    expect(done.machine).toEqual({ ...m, step: 1 })
    expect(done.events).toMatchObject([{ label: expect.stringMatching(/^Nothing happens/) }])
  })
})

describe('a recording with a member that is wrong is refused by name', () => {
  const recording = (change: (c: Record<string, unknown>) => unknown, inputs: unknown[] = [1]) => {
    const h = History.start(scenario('owner-cleared'))
    const good = saveRecording(h, 'x')
    return JSON.stringify({ ...good, inputs, config: { ...good.config, ...(change({ ...good.config }) as object) } })
  }
  it.each<[string, (c: Record<string, unknown>) => unknown, RegExp]>([
    ['tpmVersion', () => ({ tpmVersion: '2.0' }), /^config\.tpmVersion: only "1\.2"/],
    ['backend.kind', () => ({ backend: { kind: 'magic' } }), /^config\.backend\.kind: must be emulator or passthrough/],
    ['backend.tpm', () => ({ backend: { kind: 'emulator', tpm: 'old' } }), /^config\.backend\.tpm: must be new/],
    ['backend.filter', () => ({ backend: { kind: 'passthrough', filter: [-1] } }), /^config\.backend\.filter\[0\]/],
    ['backend.bridge', () => ({ backend: { kind: 'emulator', bridge } }), /^config\.backend\.bridge: only passthrough/],
    ['stages', () => ({ stages: [{ act: 'explode', tasks: [] }] }), /^config\.stages\[0\]\.act: must be one of/],
    [
      'stages of an emulator',
      () => ({ backend: { kind: 'emulator' } }),
      /^config\.stages: only a machine with passthrough/,
    ],
  ])('%s', (_, change, message) => {
    expect(() => parseRecording(recording(change))).toThrow(message)
  })
  it('an answer that is none', () => {
    expect(() => parseRecording(recording(() => ({}), [{ t: 'reply', id: 0 }]))).toThrow(/^inputs\[0\]\.id/)
    expect(() => parseRecording(recording(() => ({}), [{ t: 'reply', id: 1, response: 'xx' }]))).toThrow(/response/)
  })
})
