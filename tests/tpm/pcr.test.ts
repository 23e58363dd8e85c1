// PCRs: values, banks, the update counter, localities of the PC Client platform. Part 3, 22; Part 1, 14.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Bytes, concat, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { selectOf } from '../../src/spec/base.ts'
import { PCR_Event, PCR_Extend, PCR_Read, PCR_Reset } from '../../src/spec/commands/pcr.ts'
import { PCR_Allocate } from '../../src/spec/commands/pcr-admin.ts'
import { Startup } from '../../src/spec/commands/startup.ts'
import { RH } from '../../src/spec/handles.ts'
import { TWO_BANKS } from '../support/profiles.ts'
import { Driver } from '../support/driver.ts'

const sha = (name: string, ...parts: readonly Bytes[]): Bytes =>
  Uint8Array.from(
    createHash(name)
      .update(concat(...parts) as Uint8Array)
      .digest(),
  )
const D256 = { hashAlg: ALG.SHA256, digest: new Uint8Array(32).fill(1) } as const
const D384 = { hashAlg: ALG.SHA384, digest: new Uint8Array(48).fill(2) } as const
const D1 = { hashAlg: ALG.SHA1, digest: new Uint8Array(20) } as const
const value = (d: Driver, bank: number, n: number): Bytes =>
  d.tpm.pcrs.banks.find(b => b.hash === bank)?.values[n] as Bytes
/** Changes since TPM2_Startup, which itself counts the 20 PCRs that it resets and that count. Part 1, 14.9. */
const counter = (d: Driver): number => d.tpm.pcrs.updateCounter - 20

describe('TPM2_PCR_Extend', () => {
  it('hashes the old value and the digest, bank by bank', () => {
    const d = Driver.started(TWO_BANKS)
    d.ok(PCR_Extend, { pcrHandle: 7 }, { digests: [D256, D384] })
    const wanted = sha('sha256', new Uint8Array(32), D256.digest)
    expect(value(d, ALG.SHA256, 7)).toEqual(wanted)
    expect(value(d, ALG.SHA384, 7)).toEqual(sha('sha384', new Uint8Array(48), D384.digest))
    expect(counter(d)).toBe(2)
    expect(d.events).toHaveLength(2)
    expect(d.events[0]).toEqual({
      ...{ kind: 'pcr-extend', pcr: 7, bank: ALG.SHA256 },
      ...{ old: new Uint8Array(32), new: wanted, digest: D256.digest },
    })
    d.ok(PCR_Extend, { pcrHandle: 7 }, { digests: [D256] })
    expect(value(d, ALG.SHA256, 7)).toEqual(sha('sha256', wanted, D256.digest))
    expect(counter(d)).toBe(3)
  })

  it('leaves other PCRs and banks alone, and shares them with the state before', () => {
    const d = Driver.started(TWO_BANKS)
    const before = d.tpm.pcrs.banks
    d.ok(PCR_Extend, { pcrHandle: 1 }, { digests: [D256] })
    expect(d.tpm.pcrs.banks[1]).toBe(before[1])
    expect(d.tpm.pcrs.banks[0]?.values[2]).toBe(before[0]?.values[2])
  })

  it('ignores a digest of a bank that is not allocated, and TPM_RH_NULL', () => {
    const d = Driver.started(TWO_BANKS)
    const before = d.tpm.pcrs.banks
    d.ok(PCR_Extend, { pcrHandle: 1 }, { digests: [D1] })
    d.ok(PCR_Extend, { pcrHandle: RH.NULL }, { digests: [D256] })
    expect(d.tpm.pcrs.banks).toBe(before)
    expect(counter(d)).toBe(0)
  })

  it('does not count the PCRs of the trusted computing base', () => {
    const d = Driver.started(TWO_BANKS)
    d.ok(PCR_Extend, { pcrHandle: 16 }, { digests: [D256] })
    d.ok(PCR_Extend, { pcrHandle: 23 }, { digests: [D256] })
    expect(counter(d)).toBe(0)
  })

  it('refuses a hash that the TPM does not have, with the number of the parameter', () => {
    const d = Driver.started(TWO_BANKS)
    const tail = '00000010 00000009 40000009 0000 00 0000 00000001 0012'
    expect(d.rc(`8002 00000021 00000182 ${tail}`)).toBe('TPM_RC_HASH, parameter 1')
    expect(d.rc(`8002 0000001f 00000182 ${tail.replace('00000001 0012', '00000005')}`)).toBe('TPM_RC_SIZE, parameter 1')
  })
})

/** Localities that may extend, and that may reset: PC Client Platform TPM Profile. Locality 4 resets by a dynamic launch. */
const LOCALITIES: readonly (readonly [pcr: number, extend: string, reset: string])[] = [
  [0, '01234', ''],
  [15, '01234', ''],
  [16, '01234', '0123'],
  [17, '234', ''],
  [18, '234', ''],
  [19, '23', ''],
  [20, '123', '2'],
  [21, '2', '2'],
  [22, '2', '2'],
  [23, '01234', '0123'],
]

describe('localities', () => {
  it.each(LOCALITIES)('PCR %i: extended from %s, reset from %s', (pcrHandle, extend, reset) => {
    for (let locality = 0; locality <= 4; locality++) {
      const d = Driver.started(TWO_BANKS)
      d.locality(locality)
      const rc = (allowed: string) => (allowed.includes(String(locality)) ? 'TPM_RC_SUCCESS' : 'TPM_RC_LOCALITY')
      expect(d.fails(PCR_Reset, { pcrHandle }, {})).toBe(rc(reset))
      expect(d.fails(PCR_Extend, { pcrHandle }, { digests: [D256] })).toBe(rc(extend))
      expect(d.fails(PCR_Event, { pcrHandle }, { eventData: D256.digest })).toBe(rc(extend))
      const selection = { pcrSelectionIn: [{ hash: ALG.SHA256, pcrSelect: selectOf([pcrHandle]) }] }
      expect(d.fails(PCR_Read, {}, selection)).toBe('TPM_RC_SUCCESS')
    }
  })
})

describe('TPM2_PCR_Reset', () => {
  it('sets all banks to zero and counts once, where it counts', () => {
    const d = Driver.started(TWO_BANKS)
    d.locality(2)
    d.ok(PCR_Extend, { pcrHandle: 20 }, { digests: [D256, D384] })
    d.ok(PCR_Reset, { pcrHandle: 20 }, {})
    expect(value(d, ALG.SHA256, 20)).toEqual(new Uint8Array(32))
    expect(value(d, ALG.SHA384, 20)).toEqual(new Uint8Array(48))
    expect(counter(d)).toBe(3)
    expect(d.events).toEqual([{ kind: 'pcr-reset', pcr: 20 }])
    expect(d.rc('8002 0000001b 0000013d 40000007 00000009 40000009 0000 00 0000')).toBe('TPM_RC_VALUE, handle 1')
  })
})

describe('TPM2_PCR_Event', () => {
  it('hashes the data with every bank and extends', () => {
    const d = Driver.started(TWO_BANKS)
    const eventData = Uint8Array.of(1, 2, 3)
    const { digests } = d.ok(PCR_Event, { pcrHandle: 4 }, { eventData }).returns
    expect(digests).toEqual([
      { hashAlg: ALG.SHA1, digest: sha('sha1', eventData) },
      { hashAlg: ALG.SHA256, digest: sha('sha256', eventData) },
      { hashAlg: ALG.SHA384, digest: sha('sha384', eventData) },
      { hashAlg: ALG.SHA512, digest: sha('sha512', eventData) },
    ])
    expect(value(d, ALG.SHA256, 4)).toEqual(sha('sha256', new Uint8Array(32), sha('sha256', eventData)))
    expect(counter(d)).toBe(2)
  })

  it('takes nothing to 1,024 bytes, and TPM_RH_NULL', () => {
    const d = Driver.started(TWO_BANKS)
    d.ok(PCR_Event, { pcrHandle: 0 }, { eventData: new Uint8Array(0) })
    d.ok(PCR_Event, { pcrHandle: 0 }, { eventData: new Uint8Array(1024) })
    expect(d.fails(PCR_Event, { pcrHandle: 0 }, { eventData: new Uint8Array(1025) })).toBe('TPM_RC_SIZE, parameter 1')
    const before = counter(d)
    expect(d.ok(PCR_Event, { pcrHandle: RH.NULL }, { eventData: new Uint8Array(1) }).returns.digests).toHaveLength(4)
    expect(counter(d)).toBe(before)
  })
})

describe('TPM2_PCR_Allocate', () => {
  const ALL = Array.from({ length: 24 }, (_, n) => n)
  const allocate = (d: Driver, ...banks: readonly (readonly [hash: number, pcrs: readonly number[]])[]) =>
    d.ok(
      PCR_Allocate,
      { authHandle: RH.PLATFORM },
      { pcrAllocation: banks.map(([hash, pcrs]) => ({ hash, pcrSelect: selectOf(pcrs) })) },
    ).returns
  const restart = (d: Driver): void => {
    d.powerCycle()
    d.ok(Startup, {}, { startupType: 0 })
  }
  const banks = (d: Driver): readonly number[] => d.tpm.pcrs.banks.map(b => b.hash)

  it('gives PCRs to a bank that had none, and takes those of another, at the next _TPM_Init', () => {
    const d = Driver.started(TWO_BANKS)
    const r = allocate(d, [ALG.SHA1, [0, 17]], [ALG.SHA384, []])
    expect(r).toEqual({ allocationSuccess: 1, maxPCR: 24, sizeNeeded: 2 * 20 + 24 * 32, sizeAvailable: 24 * 164 })
    expect(banks(d)).toEqual([ALG.SHA256, ALG.SHA384])
    restart(d)
    expect(banks(d)).toEqual([ALG.SHA1, ALG.SHA256])
    d.ok(PCR_Extend, { pcrHandle: 0 }, { digests: [D1, D256, D384] })
    expect(value(d, ALG.SHA1, 0)).toEqual(sha('sha1', new Uint8Array(20), D1.digest))
    expect(value(d, ALG.SHA1, 1)).toHaveLength(0)
    expect(counter(d)).toBe(2)
  })

  it('forgets what was asked before: each request starts from the banks of now', () => {
    const d = Driver.started(TWO_BANKS)
    allocate(d, [ALG.SHA384, []])
    allocate(d, [ALG.SHA512, ALL])
    restart(d)
    expect(banks(d)).toEqual([ALG.SHA256, ALG.SHA384, ALG.SHA512])
  })

  it('keeps the PCRs of a static and of a dynamic launch in some bank', () => {
    const d = Driver.started(TWO_BANKS)
    const pcrAllocation = [ALG.SHA256, ALG.SHA384].map(hash => ({ hash, pcrSelect: selectOf([0, 1]) }))
    expect(d.fails(PCR_Allocate, { authHandle: RH.PLATFORM }, { pcrAllocation })).toBe('TPM_RC_PCR')
    restart(d)
    expect(banks(d)).toEqual([ALG.SHA256, ALG.SHA384])
  })
})

describe('TPM2_PCR_Read', () => {
  const read = (d: Driver, ...selections: readonly (readonly [hash: number, ...pcrs: readonly number[]])[]) =>
    d.ok(PCR_Read, {}, { pcrSelectionIn: selections.map(([hash, ...n]) => ({ hash, pcrSelect: selectOf(n) })) }).returns

  it('gives the values in the order of the list, each bank in rising order', () => {
    const d = Driver.started(TWO_BANKS)
    d.ok(PCR_Extend, { pcrHandle: 3 }, { digests: [D256, D384] })
    const r = read(d, [ALG.SHA384, 3], [ALG.SHA256, 17, 3])
    expect(r.pcrValues).toEqual([value(d, ALG.SHA384, 3), value(d, ALG.SHA256, 3), value(d, ALG.SHA256, 17)])
    expect(r.pcrSelectionOut).toEqual([
      { hash: ALG.SHA384, pcrSelect: selectOf([3]) },
      { hash: ALG.SHA256, pcrSelect: selectOf([3, 17]) },
    ])
    expect(r.pcrUpdateCounter).toBe(22)
  })

  it('gives eight at most, and says which', () => {
    const d = Driver.started(TWO_BANKS)
    const r = read(d, [ALG.SHA256, 0, 1, 2, 3, 4, 5], [ALG.SHA384, 6, 7, 8, 9])
    expect(r.pcrValues).toHaveLength(8)
    expect(r.pcrSelectionOut[1]).toEqual({ hash: ALG.SHA384, pcrSelect: selectOf([6, 7]) })
  })

  it('keeps the selector of a bank that has none', () => {
    const d = Driver.started(TWO_BANKS)
    const r = read(d, [ALG.SHA512, 0, 1])
    expect(r).toEqual({
      pcrUpdateCounter: 20,
      pcrSelectionOut: [{ hash: ALG.SHA512, pcrSelect: [0, 0, 0] }],
      pcrValues: [],
    })
  })

  it('refuses a selection of another size', () => {
    const d = Driver.started(TWO_BANKS)
    expect(d.rc('8001 00000013 0000017e 00000001 000b 02 0000')).toBe('TPM_RC_VALUE, parameter 1')
    expect(d.rc('8001 00000015 0000017e 00000001 000b 04 00000000')).toBe('TPM_RC_VALUE, parameter 1')
    expect(toHex(d.command(new Uint8Array([0x80, 1, 0, 0, 0, 14, 0, 0, 1, 0x7e, 0, 0, 0, 0])))).toBe(
      '80010000001600000000000000140000000000000000',
    )
  })
})
