// Power where the machine is another than usual: over a TIS, with the host's TPM or a TPM 1.2 behind the interface, with
// guests that come and go, and on its way to another host.

import { describe, expect, it } from 'vitest'
import { HOSTS } from '../../src/lessons/migration-table.ts'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { digest } from '../../src/machine/digest.ts'
import { tisOf } from '../../src/machine/device.ts'
import { History } from '../../src/machine/history.ts'
import type { Machine, MachineConfig, UserAct } from '../../src/machine/machine.ts'
import { factsOf } from '../../src/machine/platform-facts.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { logView } from '../../src/view/platform.ts'
import { config, getRandom } from '../support/machines.ts'

const act = (what: 'cold-boot' | 'warm-reset' | 'suspend' | 'resume'): UserAct => ({ kind: 'power', what })
const RESET = act('warm-reset')
const run = (h: History): History => {
  h.extend(20_000)
  expect(h.ended).toBe(true)
  return h
}
const last = (h: History): Machine => h.at(h.length - 1).machine
const then = (h: History, what: UserAct): History => {
  h.act(h.length - 1, what)
  return run(h)
}
const said = (h: History): string => {
  const out: string[] = []
  for (let k = 0; k < h.length; k++) for (const e of h.at(k).events) if (e.t === 'platform') out.push(e.say)
  return out.join(' ')
}
const answers = (m: Machine): readonly string[] => m.guest.results.slice(m.guest.kept).map(r => r.id)
const again = (h: History): string =>
  digest(last(verifyRecording(parseRecording(JSON.stringify(saveRecording(h, 'power'))))))

describe('over a TIS', () => {
  const start = (more: Partial<MachineConfig> = {}): History =>
    History.start(config([getRandom('a'), getRandom('b')], { interface: 'tis', ...more }))

  it.each(['warm-reset', 'cold-boot'] as const)('%s at every moment leaves a machine that goes on', what => {
    const whole = run(start())
    for (let k = 0; k < whole.length; k += 2) {
      const h = run(start())
      h.act(k, act(what))
      const m = last(run(h))
      expect(tisOf(m)?.active, `step ${k}`).toBe(tisOf(last(whole))?.active)
      expect(m.backend.tpm).toMatchObject({ power: 'on', clock: { resetCount: 2, restartCount: 0 } })
      expect(new Set(answers(m)).size).toBe(answers(m).length)
      // One command may have been on its way.
      expect(answers(m).length).toBeGreaterThanOrEqual(1)
    }
  })

  it('a reset waits for the command that runs', () => {
    const h = run(start())
    let k = 0
    while (!h.at(k).machine.backend.pending) k++
    h.act(k, RESET)
    expect(last(h).platform?.state).toBe('resetting')
    run(h)
    expect(said(h)).toContain('the registers begin anew, memory does not.')
    expect(again(h)).toBe(digest(last(h)))
  })

  it('sleep and wake-up lose nothing', () => {
    const h = then(then(run(start()), act('suspend')), act('resume'))
    expect(answers(last(h))).toEqual(['a', 'b'])
    expect(last(h).backend.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
  })

  it.each(['seabios', 'uefi'] as const)('%s starts the TPM, and measures what it does over a CRB', kind => {
    const more = { prepare: [], firmware: kind }
    const tis = last(run(start(more)))
    const crb = last(run(History.start(config([getRandom('a'), getRandom('b')], more))))
    expect(tis.guest.boot?.started).toBe(true)
    expect(toHex(tis.guest.boot?.log ?? new Uint8Array())).toBe(toHex(crb.guest.boot?.log ?? new Uint8Array(1)))
    expect(logView(tis)?.problems).toEqual([])
    expect(logView(tis)?.rows.length).toBeGreaterThan(5)
    expect(answers(tis)).toEqual(['a', 'b'])
    expect(factsOf(tis)).toMatchObject({ Registers: 'locality free', TPM: 'started' })
  })
})

describe('where the TPM is the host’s', () => {
  const passed = (more: Partial<MachineConfig> = {}): History =>
    run(History.start(config([getRandom('a')], { prepare: [], backend: { kind: 'passthrough' }, ...more })))

  it.each(['warm-reset', 'cold-boot'] as const)('%s of the guest leaves it as it is', what => {
    const h = passed()
    const { tpm, behind } = last(h).backend
    const after = last(then(h, act(what)))
    expect(after.backend.tpm).toEqual(tpm)
    expect(after.backend.behind).toEqual(behind)
    expect(after.backend.tpm.power).toBe('on')
    expect(said(h)).toContain('The TPM is the host’s, and stays as it was.')
    expect(said(h)).not.toContain('started the TPM')
    expect(again(h)).toBe(digest(after))
  })

  it('sleep does not take its power', () => {
    const h = passed()
    const { resetCount, restartCount } = last(h).backend.tpm.clock
    const after = last(then(then(h, { kind: 'power', what: 'suspend', sudden: true }), act('resume')))
    expect(after.backend.tpm.clock).toMatchObject({ resetCount, restartCount })
    expect(said(h)).toContain('the TPM is the host’s, and keeps its power')
  })

  it.each(['seabios', 'uefi'] as const)('%s is refused by it, has no menu and measures nothing', firmware => {
    const h = passed({ firmware })
    const { boot } = last(h).guest
    expect(boot).toMatchObject({ started: false, asks: undefined })
    expect(boot?.log).toHaveLength(0)
    expect(said(h)).toContain('It could not start the TPM: it has no menu for it, and measured nothing.')
    expect(last(h).guest.results.at(-1)?.rc).toBe(28)
  })

  it('another guest has firmware and memory of its own', () => {
    const h = passed({ firmware: 'seabios' })
    h.act(h.length - 1, act('suspend'))
    h.act(h.length - 1, { kind: 'host', label: 'new guest', act: 'new-guest' })
    const m = last(h)
    expect(m.platform).toMatchObject({ state: 'on', last: undefined })
    expect(m.guest.entry).toBe('seabios_boot')
    run(h)
    expect(last(h).guest.globals['probed']).toBe(1)
    expect(again(h)).toBe(digest(last(h)))
  })
})

describe('with a TPM 1.2 of its own', () => {
  const owned = HOST.find(s => s.id === 'tpm-off')?.config
  const start = (): History => {
    if (!owned) throw new Error('no scenario')
    const { backend: _b, stages: _s, ...rest } = owned
    // TPM_Startup(ST_CLEAR), then TPM_GetRandom.
    const send = (id: string, hex: string) => ({ id, label: id, parts: [{ hex }] })
    return run(
      History.start({
        ...rest,
        prepare: [send('start', '00c10000000c000000990001')],
        tasks: [send('extend', `00c10000002200000014 0000000a ${'11'.repeat(20)}`.replaceAll(' ', ''))],
      }),
    )
  }
  const pcr = (h: History): string => toHex(last(h).backend.behind?.tpm12?.pcrs[10] ?? new Uint8Array())

  it('a reset is TPM_Init and TPM_Startup(ST_CLEAR): the PCR begins anew', () => {
    const h = start()
    expect(last(h).guest.results.at(-1)?.rc).toBe(30)
    expect(pcr(h)).not.toBe('00'.repeat(20))
    then(h, RESET)
    expect(pcr(h)).toBe('00'.repeat(20))
    expect(last(h).backend.behind?.tpm12?.postInitialise).toBe(false)
    expect(factsOf(last(h))).toMatchObject({ TPM: 'started', 'PCR 0–7': 'zeros', Owner: 'none' })
  })

  it('sleep saves the PCR with TPM_SaveState, and wake-up brings it back', () => {
    const h = start()
    const before = pcr(h)
    then(then(h, act('suspend')), act('resume'))
    expect(pcr(h)).toBe(before)
    expect(again(h)).toBe(digest(last(h)))
  })

  it('sleep without it loses the PCR', () => {
    const h = start()
    then(then(h, { kind: 'power', what: 'suspend', sudden: true }), act('resume'))
    expect(pcr(h)).toBe('00'.repeat(20))
  })
})

describe('on its way to another host', () => {
  const migrate: UserAct = { kind: 'migrate', late: true, label: 'go', from: HOSTS['11.1'], to: HOSTS['11.1'] }
  const booting = (): History => run(History.start(config([getRandom('a')], { prepare: [], firmware: 'uefi' })))

  it('a machine keeps firmware, log and shared memory', () => {
    const straight = booting()
    const { guest, platform, backend } = last(straight)
    for (let k = 1; k < straight.length; k += 97) {
      const h = booting()
      h.act(k, migrate)
      const arrived = last(h)
      expect(arrived.migration?.host, `step ${k}`).toEqual(HOSTS['11.1'])
      expect(arrived.platform).toEqual(h.at(k).machine.platform)
      const end = last(run(h))
      expect(end.guest.boot).toEqual(guest.boot)
      expect(end.platform).toEqual(platform)
      expect(end.backend.tpm.pcrs).toEqual(backend.tpm.pcrs)
    }
  })

  it('a machine that sleeps wakes there', () => {
    const h = then(booting(), act('suspend'))
    h.act(h.length - 1, migrate)
    expect(last(h).platform?.state).toBe('asleep')
    then(h, act('resume'))
    expect(last(h).guest.globals['probed']).toBe(1)
    expect(last(h).backend.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
    expect(again(h)).toBe(digest(last(h)))
  })

  it('a snapshot brings back what the platform was', () => {
    const h = booting()
    h.act(h.length - 1, { kind: 'snapshot', late: true, label: 'save' })
    const saved = last(h)
    then(h, act('cold-boot'))
    h.act(h.length - 1, { kind: 'restore', late: true, label: 'back' })
    expect(last(h).platform).toEqual(saved.platform)
    expect(last(h).guest).toEqual(saved.guest)
  })
})
