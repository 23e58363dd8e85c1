// Power and firmware as shown: facts before and after, the log beside the PCRs, the shared memory in words.

import { describe, expect, it } from 'vitest'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import { POWER } from '../../src/machine/platform.ts'
import { logView, platformState, possible, powerEvent, sharedRows } from '../../src/view/platform.ts'
import { run, type Run } from '../support/runs.ts'

const played = (id: string): Run => {
  const s = scenarioById(id)
  if (!s) throw new Error(`no scenario ${id}`)
  return run(id, s.config)
}
const s3 = played('s3')
const last = (r: Run) => (r.moments.at(-1) as Run['moments'][number]).machine

describe('a machine that sleeps and wakes', () => {
  it('goes through its states, and offers what makes sense in each', () => {
    const seen = new Map<string, string>()
    for (const { machine } of s3.moments) {
      seen.set(platformState(machine), POWER.filter(p => possible(machine, p)).join(' '))
    }
    expect([...seen]).toEqual([
      ['on, the firmware runs', 'cold-boot warm-reset'],
      ['on, the driver has not probed', 'cold-boot warm-reset'],
      ['on, the driver is there', 'cold-boot warm-reset suspend'],
      ['going to sleep', 'cold-boot warm-reset'],
      ['asleep (S3)', 'cold-boot warm-reset resume'],
    ])
  })

  it('tells what is as before and what is not', () => {
    const event = powerEvent(last(s3))
    expect(event?.title).toMatch(/^Wake up at step \d+$/)
    const row = (name: string) => event?.rows.find(r => r.name === name)
    expect(row('PCR 0–7')?.same).toBe(true)
    expect(row('restartCount')).toMatchObject({ before: '0', after: '1', same: false })
    expect(row('Saved state')).toMatchObject({ before: 'Shutdown(STATE)', after: 'none' })
    expect(powerEvent((s3.moments[0] as Run['moments'][number]).machine)).toBeUndefined()
  })
})

describe('the log', () => {
  it('leads to the PCRs at every step of a boot, but where an event was extended and is not logged yet', () => {
    let ahead = 0
    for (const { machine } of s3.moments) {
      const log = logView(machine)
      if (!log || machine.guest.entry === undefined) continue
      const wrong = log.pcrs.filter(p => !p.ok).length
      expect(wrong).toBeLessThanOrEqual(machine.platform?.last ? 8 : 1)
      if (wrong === 1) ahead++
    }
    expect(ahead).toBeGreaterThan(0)
    expect(logView(last(s3))).toMatchObject({ bank: 'SHA256', problems: [], before: '' })
  })

  it('shows text as text, and marks the event in which a boot differs from the one before', () => {
    const view = logView(last(played('tampered')))
    expect(view?.rows.filter(r => r.differs).map(r => [r.n, r.type, r.text, r.pcr])).toEqual([[15, 'EV_IPL', 'MBR', 4]])
    expect(view?.before).toBe('Event 15 is another than in the boot before.')
    const uefi = logView(last(played('boot-uefi')))
    expect(uefi?.rows[0]?.text).toBe('crbscope-uefi-1')
    expect(uefi?.rows.every(r => r.fields.length === 4)).toBe(true)
  })

  it('is not there where nothing was measured', () => {
    expect(logView(last(played('boot-refused')))).toBeUndefined()
  })
})

it('the shared memory is said in words', () => {
  const rows = Object.fromEntries(sharedRows(last(played('ppi-clear'))).map(r => [r.name, r.value]))
  expect(rows).toMatchObject({
    pprq: '0, no request',
    lppr: '5, clear the TPM',
    pprp: '00000000, done',
    movv: 'ClearMemory 0, DisableAutoDetect 0',
  })
  expect(rows['func']).toContain('5: 3')
})
