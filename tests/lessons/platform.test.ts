// The scenarios of power and firmware, played to their end: what each command came to, what the power events were, and what
// was left. Walks back and recordings reach the same machine.

import { describe, expect, it } from 'vitest'
import { PLATFORM } from '../../src/lessons/scenarios/platform.ts'
import { readBe32, toHex } from '../../src/lib/bytes.ts'
import { digest } from '../../src/machine/digest.ts'
import { crbOf } from '../../src/machine/device.ts'
import { History } from '../../src/machine/history.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { factsOf } from '../../src/machine/platform-facts.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { returnCodeName } from '../../src/spec/return-codes.ts'
import { check, difference, replay } from '../../src/trace/event-log.ts'

const runs = new Map<string, History>()
/** A scenario at its end; played once. */
function played(id: string): History {
  let h = runs.get(id)
  if (!h) {
    const s = PLATFORM.find(p => p.id === id)
    if (!s) throw new Error(`no scenario ${id}`)
    h = History.start(s.config)
    h.extend(100_000)
    runs.set(id, h)
  }
  expect(h.ended).toBe(true)
  return h
}
const end = (id: string): Machine => {
  const h = played(id)
  return h.at(h.length - 1).machine
}
const answers = (m: Machine): Record<string, string> =>
  Object.fromEntries(
    m.guest.results
      .slice(m.guest.kept)
      .map(r => [r.id, r.response.length >= 10 ? returnCodeName(readBe32(r.response, 6)) : `returned ${r.rc}`]),
  )
const response = (m: Machine, id: string) => m.guest.results.findLast(r => r.id === id)?.response
/** The values in an answer to TPM2_PCR_Read of one selection: after counter, selection and count, each with its size. */
const pcrsIn = (m: Machine, id: string): string =>
  toHex(response(m, id)?.slice(10 + 4 + 4 + 6 + 4) ?? new Uint8Array(0))
/** TPMS_TIME_INFO of an answer to TPM2_ReadClock: clock, resetCount, restartCount, safe. */
const clockIn = (m: Machine, id: string) => {
  const b = response(m, id) ?? new Uint8Array(0)
  return { clock: readBe32(b, 22), resets: readBe32(b, 26), restarts: readBe32(b, 30), safe: b[34] }
}
const said = (id: string, what: string): readonly string[] => {
  const h = played(id)
  const out: string[] = []
  for (let k = 0; k < h.length; k++) {
    for (const e of h.at(k).events) if (e.t === 'platform' && e.what === what) out.push(e.say)
  }
  return out
}
const live = (m: Machine) => (bank: number) => m.backend.tpm.pcrs.banks.find(b => b.hash === bank)?.values ?? []
const logged = (m: Machine) => replay(m.guest.boot?.log ?? new Uint8Array(0))

const OK = 'TPM_RC_SUCCESS'
const EXPECTED: { readonly [id: string]: Record<string, string> } = {
  'boot-seabios': { pcrs: OK },
  'boot-uefi': { pcrs: OK },
  'boot-menu': { define: OK, there: OK, gone: 'TPM_RC_HANDLE, handle 1' },
  'boot-refused': { random: OK },
  'warm-reset': { extend: OK, before: OK, after: OK, pcr: OK },
  hibernate: { extend: OK, before: OK, shutdown: OK, after: OK },
  s3: { before: OK, after: OK },
  's3-lost': { before: OK, after: OK },
  'reset-executing': {},
  'memory-overwrite': { key: OK, mor: 'returned 0' },
  'ppi-clear': { define: OK, ask: 'returned 0', result: 'returned 0', gone: 'TPM_RC_HANDLE, handle 1' },
  tampered: {
    ...{ trial: OK, 'trial-pcr': OK, policy: OK, flush: OK, parent: OK, seal: OK, load: OK },
    ...{ session1: OK, now1: OK, unseal1: OK, parent2: OK, load2: OK, session2: OK, now2: OK },
    unseal2: 'TPM_RC_POLICY_FAIL, session 1',
  },
}

describe('each scenario', () => {
  it('is expected here', () => {
    expect(PLATFORM.map(s => s.id).sort()).toEqual(Object.keys(EXPECTED).sort())
  })
  it.each(PLATFORM.map(s => s.id))('%s gives the answers that its summary tells of', id => {
    expect(answers(end(id))).toEqual(EXPECTED[id])
  })
  it.each(PLATFORM.map(s => s.id))('%s is the same machine on the way back, and replays from its recording', id => {
    const h = played(id)
    const some = Array.from({ length: h.length }, (_, k) => k).filter(k => k % 61 === 0 || k === h.length - 1)
    const there = some.map(k => digest(h.at(k).machine))
    expect(some.toReversed().map(k => digest(h.at(k).machine))).toEqual(there.toReversed())
    const text = JSON.stringify(saveRecording(h, id))
    expect(() => verifyRecording(parseRecording(text))).not.toThrow()
  })
})

describe('measured boot', () => {
  it.each(['boot-seabios', 'boot-uefi'])('%s: the log leads to the PCRs of every bank', id => {
    const m = end(id)
    const r = logged(m)
    expect(r.banks.map(b => b.hash)).toEqual(m.backend.tpm.pcrs.banks.map(b => b.hash))
    expect(check(r, live(m))).toEqual([])
    // All of PCR 0 to 7 were extended, and nothing else was.
    expect(new Set(r.events.map(e => e.pcrIndex))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]))
    for (const { values } of m.backend.tpm.pcrs.banks) {
      values.forEach((v, n) =>
        expect(
          v.some(b => b !== 0 && b !== 255),
          `PCR ${n}`,
        ).toBe(n < 8),
      )
    }
  })

  it('measures secure boot where there is such a thing', () => {
    expect(logged(end('boot-uefi')).events.filter(e => e.pcrIndex === 7)).toHaveLength(6)
    expect(logged(end('boot-seabios')).events.filter(e => e.pcrIndex === 7)).toHaveLength(1)
  })

  it('leaves a TPM alone that somebody else has started', () => {
    const m = end('boot-refused')
    expect(m.guest.boot).toMatchObject({
      started: false,
      console: ['crbscope firmware, SeaBIOS-like', 'Starting the operating system.'],
    })
    expect(m.guest.boot?.log).toHaveLength(0)
    expect(said('boot-refused', 'command')).toEqual(['The firmware has the answer to TPM2_Startup: TPM_RC_INITIALIZE.'])
    expect(said('boot-refused', 'power').join()).toMatch(/could not start the TPM: it has no menu/)
    expect(said('boot-refused', 'key')).toEqual([])
  })

  it('shows a changed boot loader in PCR 4, in the log, and in nothing else', () => {
    const m = end('tampered')
    const boot = m.guest.boot
    if (!boot) throw new Error('no boot')
    const now = replay(boot.log)
    const before = replay(boot.previous)
    expect(check(now, live(m))).toEqual([])
    expect(difference(now, before)).toBe(15)
    expect(check(before, live(m)).map(w => w.pcr)).toEqual([4, 4, 4, 4])
    expect(m.platform?.last?.before['PCR 0–7']).not.toBe(factsOf(m)['PCR 0–7'])
  })
})

describe('resets', () => {
  it('a warm reset counts as TPM Reset: PCRs begin anew, the clock goes back to what was stored', () => {
    const m = end('warm-reset')
    expect(clockIn(m, 'before')).toMatchObject({ resets: 1, restarts: 0, safe: 1 })
    expect(clockIn(m, 'after')).toMatchObject({ resets: 2, restarts: 0, safe: 0 })
    expect(pcrsIn(m, 'pcr')).toBe(`0020${'00'.repeat(32)}`)
  })

  it('hibernation counts as TPM Restart', () => {
    const m = end('hibernate')
    expect(clockIn(m, 'before')).toMatchObject({ resets: 1, restarts: 0 })
    expect(clockIn(m, 'after')).toMatchObject({ resets: 1, restarts: 1, safe: 1 })
    // The TPM had no power for the five seconds in between.
    expect(clockIn(m, 'after').clock - clockIn(m, 'before').clock).toBeLessThan(20)
  })

  it('a reset waits for the command, whose answer stays in the window beside clean registers', () => {
    const h = played('reset-executing')
    const k = Array.from({ length: h.length }, (_, i) => i).find(i => h.at(i).machine.platform?.state === 'resetting')
    if (k === undefined) throw new Error('never reset')
    expect(h.at(k).machine.backend.pending).toBeDefined()
    const m = h.at(h.length - 1).machine
    const { window } = crbOf(m)
    expect(crbOf(m).regs).toEqual(crbOf(History.start(h.config).at(0).machine).regs)
    expect(window.length).toBe(3968)
    const facts = factsOf(m)
    expect(facts['Data window']).toMatch(/^60 bytes, 80010000003c00000000/)
    expect(m.guest.results.slice(m.guest.kept)).toEqual([])
  })

  it('the memory overwrite bit takes the window along', () => {
    const h = played('memory-overwrite')
    const m = h.at(h.length - 1).machine
    expect(m.platform?.last?.before['Data window']).toMatch(/^60 bytes/)
    expect(factsOf(m)['Data window']).toBe('zeros')
  })
})

describe('sleep', () => {
  it('keeps the PCRs with a saved state: TPM Resume', () => {
    const m = end('s3')
    expect(pcrsIn(m, 'after')).toBe(pcrsIn(m, 'before'))
    expect(m.backend.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
    expect(m.time).toBeGreaterThan(60_000_000)
    // The minute of sleep is not on the clock of a TPM without power.
    expect(m.backend.tpm.clock.clock).toBeLessThan(10_000_000)
    expect(check(logged(m), live(m))).toEqual([])
  })

  it('loses them without one: Startup(STATE) is refused, the firmware falls back to CLEAR', () => {
    const m = end('s3-lost')
    expect(said('s3-lost', 'command').slice(-2)).toEqual([
      'The firmware has the answer to TPM2_Startup: TPM_RC_VALUE, parameter 1.',
      'The firmware has the answer to TPM2_Startup: TPM_RC_SUCCESS.',
    ])
    expect(pcrsIn(m, 'after')).toBe(`0020${'00'.repeat(32)}`.repeat(3))
    expect(m.backend.tpm.clock).toMatchObject({ resetCount: 2, restartCount: 0 })
    const wrong = check(logged(m), live(m))
    expect(wrong.filter(w => w.bank === 11).map(w => [w.pcr, w.event])).toEqual([
      ...[
        [0, 1],
        [1, 3],
        [2, 4],
        [3, 9],
        [4, 5],
        [5, 11],
        [6, 12],
        [7, 13],
      ],
    ])
  })
})

describe('requests for the next boot', () => {
  it('are carried out when somebody says so, and the result is there for the operating system', () => {
    expect(said('ppi-clear', 'memory').filter(s => /pprq|pprp|lppr/.test(s))).toEqual([
      ...['The firmware read pprq: 0 (no request).', 'The operating system wrote 5 (clear the TPM) to pprq.'],
      ...['The firmware read pprq: 5 (clear the TPM).', 'The firmware wrote 0 (done) to pprp.'],
      ...['The firmware wrote 5 (clear the TPM) to lppr.', 'The firmware wrote 0 (no request) to pprq.'],
      ...['The operating system read lppr: 5 (clear the TPM).', 'The operating system read pprp: 0 (done).'],
    ])
    expect(said('ppi-clear', 'key')).toContain('The firmware read the key F12.')
    expect(end('ppi-clear').backend.tpm).toMatchObject({ physicalPresence: false, nv: { indexes: [] } })
  })
})
