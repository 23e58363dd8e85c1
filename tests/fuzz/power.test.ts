// A thousand power cycles at random points, orderly and not, with commands in between that change what NV memory holds.

/* oxlint-disable vitest/no-standalone-expect -- the model asserts as it goes, called from the tests below */
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { be32, concat, EMPTY } from '../../src/lib/bytes.ts'
import { SU } from '../../src/spec/codes.ts'
import { COUNTER, DATA, Model, ORDERLY_COUNTER, ORDERLY_DATA } from './model.ts'

describe('a thousand power cycles', () => {
  it.each([1, 2, 3, 4])('lose nothing that was acknowledged (%i)', { timeout: 120_000 }, seed => {
    const random = randomFrom(seed)
    const below = (n: number): number => random() % n
    const m = new Model()
    for (let cycle = 0; cycle < 250; cycle++) {
      for (let n = below(12); n > 0; n--) {
        // No zeros at the end: an authValue loses them.
        const value = concat(be32(random()), be32((random() | 1) >>> 0))
        switch (below(9)) {
          case 0:
            m.write(DATA, value)
            break
          case 1:
            m.write(ORDERLY_DATA, value)
            break
          case 2:
            m.increment(COUNTER)
            break
          case 3:
            for (let k = below(300); k >= 0; k--) m.increment(ORDERLY_COUNTER)
            break
          case 4:
            m.setBit(below(32))
            break
          case 5:
            m.fold(value)
            break
          case 6:
            m.changeAuth(below(3) ? value : EMPTY)
            break
          case 7:
            m.drop(0x81800001 + below(4))
            break
          default:
            if (!m.d.tpm.persistent.some(p => p.handle === 0x81800001 + (cycle % 4))) m.evict(0x81000001 + (cycle % 4))
        }
        m.keep()
        m.d.elapse(below(20_000_000))
        m.keep()
      }
      const shutdown = [undefined, undefined, SU.CLEAR, SU.STATE, SU.STATE][below(5)]
      m.cycle(shutdown, below(2) ? SU.STATE : SU.CLEAR)
    }
    for (const n of Object.values(m.cycles)) expect(n).toBeGreaterThan(10)
  })
})
