// Both interfaces side by side: the totals are those of the runs themselves, and the seal gives the same answers over both.

import { describe, expect, it } from 'vitest'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { compare, costText } from '../../src/view/compare.ts'
import { run } from '../support/runs.ts'

const config = (id: string) => scenarioById(id)?.config as NonNullable<ReturnType<typeof scenarioById>>['config']

describe('the comparison', () => {
  it.each(['seal-crb', 'seal-tis'])('has the same two sides from whichever scenario: %s', id => {
    const c = compare(config(id))
    expect(c.labels).toHaveLength(3)
    for (const [side, own] of [
      [c.crb, run('crb', config('seal-crb'))],
      [c.tis, run('tis', config('seal-tis'))],
    ] as const) {
      const last = own.moments.at(-1)?.machine
      expect([side.cost.steps, side.cost.time]).toEqual([last?.step, last?.time])
      expect(side.commands.map(x => x.got)).toEqual(['437 bytes', '59 bytes', '40 bytes'])
    }
  })

  it('counts a byte through the port as one access, and eight of a copy', () => {
    const { crb, tis } = compare(config('seal-tis'))
    // Out and back: each byte once; the CRB driver looks at four bytes of the size field beforehand.
    const bytes = 74 + 437 + 222 + 59 + 27 + 40
    expect([crb.cost.bytes, tis.cost.bytes]).toEqual([bytes + 3 * 4, bytes])
    expect(tis.cost.accesses).toBeGreaterThan(bytes)
    expect(crb.cost.accesses).toBeLessThan(bytes / 4)
    expect(costText(tis.cost)).toMatch(/^\d+ steps, [\d,]+ accesses, 859 bytes, /)
  })

  it('gives the same bytes over both', () => {
    const answers = (id: string) =>
      run(id, config(id))
        .moments.at(-1)
        ?.machine.guest.results.map(r => toHex(r.response))
    expect(answers('seal-tis')).toEqual(answers('seal-crb'))
    expect(answers('seal-tis')?.at(-1)).toContain(toHex(new TextEncoder().encode('only this TPM tells')))
  })

  it('shows what does not fit', () => {
    const { crb, tis } = compare(config('tis-verify'))
    expect([crb.commands[0]?.got, tis.commands[0]?.got]).toEqual(['84 bytes', 'no answer'])
  })
})
