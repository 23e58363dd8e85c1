// A slice of the corrupted images; `npm run fuzz:images` makes 100,000 of them.

import { describe, expect, it } from 'vitest'
import { openStored } from '../../src/nvram/stored.ts'
import { fresh } from '../support/states.ts'
import { bases, check, corrupted, KINDS } from './images.ts'

describe('corrupted images', () => {
  const all = bases()

  it('are made of images that open', () => {
    for (const b of all) expect(openStored(b.image, b.key, fresh).layout).toBe(b.layout)
  })

  it('are each refused for the right reason, none accepted', { timeout: 60_000 }, () => {
    const seen = new Set<string>()
    const reasons = new Set<string>()
    const end = performance.now() + 6000
    let seed = 1
    for (; seed <= 4000 && performance.now() < end; seed++) {
      const c = corrupted(all, seed)
      seen.add(c.kind)
      reasons.add(check(c, seed))
    }
    expect(seed).toBeGreaterThan(500)
    expect([...seen].sort()).toEqual([...KINDS].sort())
    expect(reasons.size).toBeGreaterThanOrEqual(11)
  })

  it('that are accepted, or refused for a wrong reason, are noticed', () => {
    const base = all[1]
    if (!base) throw new Error('no base')
    const whole = { kind: 'none', base, image: base.image, key: base.key, reasons: ['damaged'] as const }
    expect(() => check(whole, 0)).toThrow(/^seed 0, DER in clear 0, none: accepted/)
    expect(() => check({ ...whole, image: base.image.slice(0, 9) }, 0)).toThrow(
      /refused as "truncated".*not as damaged/,
    )
  })
})
