// Made-up commands of every kind, valid, damaged and cut short: each gets an answer that can be explained, none shows a
// defect of the engine, and a failure changes nothing.

import { describe, expect, it } from 'vitest'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { type Bytes, be32, concat, readBe32 } from '../../src/lib/bytes.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { encodeCommand, explainResponse } from '../../src/spec/frame.ts'
import { Driver } from '../support/driver.ts'

/** TPM_RC_AUTH_FAIL of the first session. */
const COUNTED = 0x98e
const STARTUP = '80010000000c000001440000'

/** @param way 0 as declared, 1 with some octets changed, 2 cut short with a header that says so */
function damaged(bytes: Bytes, way: number, random: () => number): Bytes {
  const at = () => 10 + (random() % Math.max(1, bytes.length - 10))
  if (way === 1) {
    const copy = Uint8Array.from(bytes as Uint8Array)
    for (let i = 0; i < 3; i++) copy[at()] = random() >>> 24
    return copy
  }
  if (way !== 2) return bytes
  const cut = bytes.slice(0, at())
  return concat(cut.slice(0, 2), be32(cut.length), cut.slice(6))
}

describe('random commands', () => {
  it.each([1, 2, 3, 4])('are all answered (%i)', seed => {
    const random = randomFrom(seed)
    const d = Driver.started()
    const codes = new Set<number>()
    for (let i = 0; i < 4000; i++) {
      const row = COMMANDS[random() % COMMANDS.length] as (typeof COMMANDS)[number]
      const handles = Object.fromEntries(
        Object.entries(row.handles).map(([name, h]) => [
          name,
          random() % 2 ? arbitrary(h.codec, random) : 0x80000000 + (random() % 3),
        ]),
      )
      const bytes = damaged(encodeCommand(row, handles, arbitrary(row.params, random)), random() % 3, random)
      d.locality(random() % 5)
      const before = d.tpm
      const response = d.command(bytes)
      const rc = readBe32(response, 6)
      codes.add(rc)
      expect(explainResponse(response, readBe32(bytes, 6)).problems).toEqual([])
      // Part 3, 5.6: an authorization that counts changes what is counted, and nothing else.
      if (rc === COUNTED) expect({ ...d.tpm, lockout: before.lockout }).toEqual(before)
      else if (rc !== 0) expect(d.tpm).toBe(before)
      if (i % 100 === 99) {
        d.reset()
        d.rc(STARTUP)
      }
    }
    expect(codes.size).toBeGreaterThan(40)
  })
})
