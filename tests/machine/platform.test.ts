// Power, keys and changed components as acts of the user: at any moment, with or without firmware, and as a recording.

import { describe, expect, it } from 'vitest'
import { digest } from '../../src/machine/digest.ts'
import { crbOf } from '../../src/machine/device.ts'
import { History } from '../../src/machine/history.ts'
import type { MachineConfig, UserAct } from '../../src/machine/machine.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { config, getRandom } from '../support/machines.ts'

const RESET: UserAct = { kind: 'power', what: 'warm-reset' }
const COLD: UserAct = { kind: 'power', what: 'cold-boot' }
const SUSPEND: UserAct = { kind: 'power', what: 'suspend' }
const RESUME: UserAct = { kind: 'power', what: 'resume' }

const start = (more: Partial<MachineConfig> = {}): History =>
  History.start(config([getRandom('a'), getRandom('b')], more))
const last = (h: History) => h.at(h.length - 1)
const run = (h: History): History => {
  h.extend(20_000)
  expect(h.ended).toBe(true)
  return h
}
const firmware = (kind: 'seabios' | 'uefi' = 'seabios'): Partial<MachineConfig> => ({ prepare: [], firmware: kind })
const told = (h: History, k = h.length - 1): string =>
  h
    .at(k)
    .events.map(e => (e.t === 'platform' ? e.say : ''))
    .join(' ')
    .trim()
/** The first moment at which the firmware waits for a key. */
const asks = (h: History, what: string): number => {
  for (let k = 0; k < h.length; k++) if (h.at(k).machine.guest.boot?.asks === what) return k
  throw new Error(`never asks for ${what}`)
}
const answered = (h: History): readonly string[] =>
  last(h)
    .machine.guest.results.slice(last(h).machine.guest.kept)
    .map(r => r.id)

describe('at every moment of a run', () => {
  it.each([RESET, COLD])('%o leaves a machine that probes, and finishes what was not sent', act => {
    const whole = run(start())
    for (let k = 0; k < whole.length; k++) {
      const h = run(start())
      h.act(k, act)
      run(h)
      const { machine } = last(h)
      const { guest, backend } = machine
      expect(guest.globals['probed'], `step ${k}`).toBe(1)
      expect(backend.tpm).toMatchObject({ power: 'on', clock: { resetCount: 2, restartCount: 0 } })
      expect(crbOf(machine).command).toHaveLength(0)
      // One command may have been on its way; no other is lost, and none is sent twice.
      expect(new Set(answered(h)).size).toBe(answered(h).length)
      expect(answered(h).length).toBeGreaterThanOrEqual(1)
    }
  })

  it('sleep and wake-up lose no command at all', () => {
    const whole = run(start())
    for (let k = 0; k < whole.length; k += 3) {
      const h = run(start())
      const slept = h.act(k, SUSPEND)
      if (/cannot go to sleep/.test(told(h, slept))) continue
      run(h)
      expect(last(h).machine.platform?.state).toBe('asleep')
      h.act(h.length - 1, RESUME)
      run(h)
      expect(answered(h), `step ${k}`).toEqual(['a', 'b'])
      expect(last(h).machine.backend.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
    }
  })
})

describe('what cannot be', () => {
  it.each<[string, UserAct, RegExp]>([
    ['waking what does not sleep', RESUME, /does not sleep/],
    ['sleeping before the driver is there', SUSPEND, /cannot go to sleep now/],
    ['a key that nobody reads', { kind: 'key', key: 't' }, /Nobody reads the key t now/],
    ['a component that is none', { kind: 'change', what: 'moon' }, /There is no moon/],
  ])('%s is said, and changes nothing', (_, act, words) => {
    const h = start()
    h.act(0, act)
    expect(told(h)).toMatch(words)
    const { platform: _p, ...now } = last(h).machine
    expect({ ...now, step: 0 }).toEqual(start().at(0).machine)
  })

  it('a machine that sleeps does nothing more, until it wakes or is reset', () => {
    const h = run(start())
    h.act(h.length - 1, SUSPEND)
    run(h)
    const before = h.length
    h.extend(10)
    expect(h.length).toBe(before)
    h.act(h.length - 1, RESET)
    run(h)
    expect(last(h).machine.backend.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
  })
})

describe('the menu of the firmware', () => {
  const withKeys = (...keys: readonly [string, string][]): History => {
    const h = run(start(firmware()))
    for (const [what, key] of keys) {
      h.act(asks(h, what), { kind: 'key', key })
      run(h)
    }
    return h
  }

  it('clears the TPM', () => {
    const h = withKeys(['menu', 't'], ['choice', '1'])
    expect(last(h).machine.guest.boot?.console).toContain('The TPM was cleared.')
  })

  it('hides the TPM over boots, and shows it again', () => {
    const h = withKeys(['menu', 't'], ['choice', '2'])
    const enabled = (): boolean[] =>
      (['owner', 'endorsement', 'platform'] as const).map(x => last(h).machine.backend.tpm.hierarchies[x].enabled)
    expect(enabled()).toEqual([false, false, true])
    h.act(h.length - 1, COLD)
    run(h)
    expect(enabled()).toEqual([false, false, true])
    h.act(h.length - 1, RESET)
    const from = h.length
    run(h)
    let k = from
    while (h.at(k).machine.guest.boot?.asks !== 'menu') k++
    h.act(k, { kind: 'key', key: 't' })
    run(h)
    while (h.at(k).machine.guest.boot?.asks !== 'choice') k++
    h.act(k, { kind: 'key', key: '2' })
    run(h)
    expect(enabled()).toEqual([true, true, true])
  })

  it('takes no key that it does not offer', () => {
    const h = run(start(firmware()))
    h.act(asks(h, 'menu'), { kind: 'key', key: 'x' })
    expect(told(h)).toMatch(/Nobody reads/)
  })

  it('leaves the platform hierarchy to nobody', () => {
    const h = run(start(firmware()))
    expect(last(h).machine.backend.tpm.hierarchies.platform.auth).toHaveLength(20)
  })
})

describe('requests', () => {
  const ask = (op: number, parm: number, kind: 'seabios' | 'uefi'): History => {
    const task = { id: 'ask', label: 'Ask', parts: [], call: { fn: 'ppi_request', args: { op, parm } } }
    const h = run(History.start(config([task], firmware(kind))))
    h.act(h.length - 1, RESET)
    return run(h)
  }
  const result = (h: History): number => {
    const s = last(h).machine.platform?.shared
    return ((s?.[0x105] ?? 0) + (s?.[0x106] ?? 0) * 256 + (s?.[0x107] ?? 0) * 65536 + (s?.[0x108] ?? 0) * 2 ** 24) >>> 0
  }

  it('that nobody confirms are refused by the user', () => {
    expect(result(ask(5, 0, 'uefi'))).toBe(0xfffffff0)
  })
  it('that the firmware does not know have failed', () => {
    expect(result(ask(99, 0, 'uefi'))).toBe(0xfffffff1)
    expect(result(ask(23, 2, 'seabios'))).toBe(0xfffffff1)
  })
  it('to clear need nobody where the firmware says so', () => {
    expect(result(ask(22, 0, 'seabios'))).toBe(0)
  })
  it('to choose banks reset the platform again, and the log has those banks', () => {
    const h = ask(23, 0b0110, 'uefi')
    expect(result(h)).toBe(0)
    const { machine } = last(h)
    const used = machine.backend.tpm.pcrs.banks.filter(b => b.values.some(v => v.length > 0)).map(b => b.hash)
    expect(used).toEqual([0x000b, 0x000c])
    expect(machine.guest.boot?.banks).toEqual([0x000b, 0x000c])
    expect(machine.backend.tpm.clock.resetCount).toBe(3)
  })
  it('that ask for impossible banks have the code of the TPM as their result', () => {
    expect(result(ask(23, 0, 'uefi'))).toBe(0x127)
  })
})

describe('a recording', () => {
  const recorded = (): History => {
    const h = run(start(firmware()))
    h.act(asks(h, 'menu'), { kind: 'key', key: 't' })
    run(h)
    h.act(h.length - 1, { kind: 'change', what: 'boot loader' })
    h.act(h.length - 1, { kind: 'power', what: 'suspend', sudden: true })
    run(h)
    h.act(h.length - 1, RESUME)
    run(h)
    h.act(h.length - 1, COLD)
    return run(h)
  }

  it('of every kind of act reaches the same machine', () => {
    const h = recorded()
    const again = verifyRecording(parseRecording(JSON.stringify(saveRecording(h, 'power'))))
    expect(digest(last(again).machine)).toBe(digest(last(h).machine))
  })

  it('keeps a reset of a machine that waits for a long job', () => {
    // RSA, 2,048 bits: TPM2_CreatePrimary, as the builder sends it.
    const rsa = {
      id: 'rsa',
      label: 'RSA',
      parts: [
        {
          hex: '8002000000000000013140000001000000094000000900000100000004000000000018 0001000b00030072000000060080004300100800000000000000000000 0000'.replaceAll(
            ' ',
            '',
          ),
        },
      ],
    }
    const h = History.start(config([rsa]))
    h.extend(2000)
    if (!h.request) return expect(last(h).machine.guest.results.at(-1)?.rc).toBeGreaterThan(0)
    h.act(h.length - 1, RESET)
    expect(last(h).machine.platform?.state).toBe('resetting')
    expect(h.request).toBeDefined()
  })

  const changed = (change: (r: Record<string, unknown>) => void): string => {
    const r = JSON.parse(JSON.stringify(saveRecording(recorded(), 'power'))) as Record<string, unknown>
    change(r)
    try {
      parseRecording(JSON.stringify(r))
      return 'accepted'
    } catch (e) {
      return (e as Error).message
    }
  }
  const cfg = (member: string, value: unknown) =>
    changed(r => ((r['config'] as Record<string, unknown>)[member] = value))

  it('that is wrong is refused with the member that is wrong', () => {
    expect(cfg('firmware', 'coreboot')).toBe('config.firmware: must be one of seabios, uefi')
    expect(cfg('schedule', [{ when: { state: 'late' }, act: RESET }])).toMatch(
      /^config\.schedule\[0\]\.when\.state: must be one/,
    )
    expect(cfg('schedule', [{ when: { state: 'probed' }, act: { kind: 'shout' } }])).toMatch(
      /^config\.schedule\[0\]\.act\.kind: unknown/,
    )
    expect(cfg('schedule', [{ when: { state: 'done' }, act: RESET }])).toMatch(
      /^config\.schedule\[0\]\.when\.task: must be a text/,
    )
    const act = (a: unknown) => changed(r => (r['inputs'] as unknown[]).push({ t: 'user', act: a }))
    expect(act({ kind: 'power', what: 'explode' })).toMatch(/act\.what: must be one of cold-boot/)
    expect(act({ kind: 'power', what: 'warm-reset', sudden: true })).toMatch(
      /act\.sudden: may only be true, and only for suspend/,
    )
    expect(act({ kind: 'key' })).toMatch(/act\.key: must be a text/)
    const task = { id: 'x', label: 'x', parts: [], call: { fn: 'nothing', args: {} } }
    expect(act({ kind: 'enqueue', task })).toMatch(/act\.task\.call\.fn: unknown program/)
  })
})
