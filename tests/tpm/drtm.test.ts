// The _TPM_Hash_ indications: what they do to PCRs before and after TPM2_Startup, and what abandons them. Part 1, 31.

import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { concat, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { abandonHash, hashData, hashEnd, hashStart } from '../../src/tpm/drtm.ts'
import { pcrValue } from '../../src/tpm/pcr.ts'
import { powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'

const SHA256 = ALG.SHA256
const zero = new Uint8Array(32)
const from = (n: number) => {
  const b = new Uint8Array(32)
  b[31] = n
  return b
}
const launch = (tpm: Tpm, ...parts: string[]): Tpm =>
  hashEnd(parts.reduce((t, p) => hashData(t, utf8(p)), hashStart(tpm))).tpm
const pcr = (tpm: Tpm, n: number): string => toHex(pcrValue(tpm, SHA256, n) as Uint8Array)
const measured = (start: Uint8Array, text: string): string =>
  toHex(hash(SHA256, concat(start, hash(SHA256, utf8(text)))))

describe('after TPM2_Startup', () => {
  it('PCRs 17 to 22 become zero, 17 is extended, restartCount rises', () => {
    const { tpm } = Driver.started()
    expect(pcr(tpm, 17)).toBe('ff'.repeat(32))
    const after = launch(tpm, 'a', 'bc')
    expect(pcr(after, 17)).toBe(measured(zero, 'abc'))
    for (const n of [18, 19, 20, 21, 22]) expect(pcr(after, n)).toBe('00'.repeat(32))
    for (const n of [0, 16, 23]) expect(pcr(after, n)).toBe(pcr(tpm, n))
    expect(after.clock.restartCount).toBe(tpm.clock.restartCount + 1)
    expect(after.pcrs.updateCounter).toBe(tpm.pcrs.updateCounter + after.pcrs.banks.length)
    expect(pcr(launch(after, ''), 17)).toBe(measured(zero, ''))
  })

  it('nothing happens without a start, nor after a command in between', () => {
    const { tpm } = Driver.started()
    expect(hashData(tpm, utf8('x'))).toBe(tpm)
    expect(hashEnd(tpm).tpm).toBe(tpm)
    const abandoned = abandonHash(hashData(hashStart(tpm), utf8('x')))
    expect(hashEnd(abandoned).tpm.pcrs).toBe(tpm.pcrs)
  })

  it('takes no more than the profile allows', () => {
    const { tpm } = Driver.started()
    const open = hashStart({ ...tpm, profile: { ...tpm.profile, maxSequence: 4 } })
    expect(hashData(hashData(open, utf8('abcd')), utf8('e')).hashSequence?.length).toBe(4)
  })
})

describe('before TPM2_Startup', () => {
  const measuredStart = (d: Driver, startupType: number): void => {
    d.tpm = launch(d.tpm, 'rom')
    d.ok(Startup, {}, { startupType })
  }

  it('PCR 0 begins at 4 and is extended; without it, at the locality', () => {
    const d = new Driver()
    expect(pcr(launch(d.tpm, 'rom'), 0)).toBe(pcr(d.tpm, 0))
    measuredStart(d, 0)
    expect(pcr(d.tpm, 0)).toBe(measured(from(4), 'rom'))
    expect(pcr(d.tpm, 17)).toBe('ff'.repeat(32))
    expect(pcr(Driver.started().tpm, 0)).toBe(toHex(zero))
  })

  it('what stands is the last of several', () => {
    const d = new Driver()
    d.tpm = launch(d.tpm, 'first')
    measuredStart(d, 0)
    expect(pcr(d.tpm, 0)).toBe(measured(from(4), 'rom'))
  })

  it('a resume needs it where the start had it, and only there', () => {
    const d = new Driver()
    measuredStart(d, 0)
    const value = pcr(d.tpm, 0)
    d.ok(Shutdown, {}, { shutdownType: 1 })
    d.tpm = powerOn(d.tpm)
    expect(d.fails(Startup, {}, { startupType: 1 })).toBe('TPM_RC_LOCALITY')
    measuredStart(d, 1)
    expect(pcr(d.tpm, 0)).toBe(value)

    const plain = Driver.started()
    plain.ok(Shutdown, {}, { shutdownType: 1 })
    plain.tpm = launch(powerOn(plain.tpm), 'rom')
    expect(plain.fails(Startup, {}, { startupType: 1 })).toBe('TPM_RC_LOCALITY')
  })

  it('power-off forgets it', () => {
    const d = new Driver()
    d.tpm = powerOn(launch(d.tpm, 'rom'))
    d.ok(Startup, {}, { startupType: 0 })
    expect(pcr(d.tpm, 0)).toBe(toHex(zero))
  })
})
