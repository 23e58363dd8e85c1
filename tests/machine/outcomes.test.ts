// The table of migrations, each carried out: saved, sent as bytes, loaded, and run on to the guest's last command.

import { describe, expect, it } from 'vitest'
import { CASES, HOSTS, type HostName } from '../../src/lessons/migration-table.ts'
import { POINTS } from '../../src/lessons/when.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { judge, OUTCOMES } from '../../src/machine/outcome.ts'
import { reduce } from '../../src/machine/reduce.ts'
import { answers, machineAt, runOn } from '../support/migration.ts'

const home = new Map<Machine, readonly string[]>()
/** What the guest gets when nothing is migrated. */
function undisturbed(m: Machine): readonly string[] {
  let known = home.get(m)
  if (!known) {
    known = answers(runOn(m))
    home.set(m, known)
  }
  return known
}

const pairs = [...new Set(CASES.map(c => `${c.from} → ${c.to}`))].map(name => name.split(' → ') as [HostName, HostName])

describe('the table', () => {
  it('has more than 200 cases, each once, and every outcome and point', () => {
    const names = CASES.map(c => `${c.from} → ${c.to}, ${c.at}`)
    expect(names.length).toBeGreaterThan(200)
    expect(new Set(names).size).toBe(names.length)
    const outcomes = new Set(CASES.map(c => c.outcome))
    expect(Object.keys(OUTCOMES).filter(o => !outcomes.has(o as never))).toEqual(['host-tpm', 'damaged'])
    expect(Object.keys(POINTS).filter(at => !CASES.some(c => c.at === at))).toEqual([])
  })

  it('says what the guest gets exactly where a machine arrives', () => {
    for (const c of CASES)
      expect(c.same === undefined, `${c.from} → ${c.to}, ${c.at}`).toBe(OUTCOMES[c.outcome].family === 'refused')
  })
})

describe.each(pairs)('%s → %s', (from, to) => {
  it.each(CASES.filter(c => c.from === from && c.to === to))('$at: $outcome', ({ at, outcome, same }) => {
    const m = machineAt(HOSTS[from], at)
    const judged = judge(m, HOSTS[from], HOSTS[to])
    expect(judged?.id).toBe(outcome)
    const { machine, events } = reduce(m, { t: 'user', act: judged?.act as NonNullable<typeof judged>['act'] })
    const refused = OUTCOMES[outcome].family === 'refused'
    expect(machine.migration?.host).toEqual(refused ? undefined : HOSTS[to])
    expect(events.at(-1)).toMatchObject({
      t: 'user',
      act: 'migrate',
      label: expect.stringMatching(
        refused ? /^The migration is refused by the (source|destination): .+\.$/ : /^The machine runs on QEMU /,
      ),
    })
    const got = answers(runOn(machine))
    const wanted = undisturbed(m)
    // A refused migration leaves a machine that goes on as if nothing had been tried.
    if (same === false) expect(got).not.toEqual(wanted)
    else expect(got).toEqual(wanted)
  })
})
