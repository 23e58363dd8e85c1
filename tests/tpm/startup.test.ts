// Startup, Shutdown and what survives them; modes; self-tests. Part 3, 9 and 10; Part 1, 9.2 and 33.

import { describe, expect, it } from 'vitest'
import { equal, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CAP, SU } from '../../src/spec/codes.ts'
import { GetCapability } from '../../src/spec/commands/capability.ts'
import { ClockSet, ReadClock } from '../../src/spec/commands/clock.ts'
import { ContextSave, FlushContext } from '../../src/spec/commands/context.ts'
import { PCR_Extend, PCR_Read, PCR_Reset } from '../../src/spec/commands/pcr.ts'
import { PolicyPassword } from '../../src/spec/commands/policy-bind.ts'
import { GetRandom } from '../../src/spec/commands/random.ts'
import { HashSequenceStart } from '../../src/spec/commands/sequence.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { GetTestResult, IncrementalSelfTest, SelfTest } from '../../src/spec/commands/testing.ts'
import { RH } from '../../src/spec/handles.ts'
import { PT } from '../../src/spec/properties.ts'
import { RC } from '../../src/spec/return-codes.ts'
import { execute } from '../../src/tpm/execute.ts'
import { TWO_BANKS } from '../support/profiles.ts'
import { Driver } from '../support/driver.ts'
import { start } from '../support/sessions.ts'

const CLEAR = { startupType: SU.CLEAR }
const STATE = { startupType: SU.STATE }
const digest = new Uint8Array(32).fill(7)
const extendPcr = (d: Driver, pcrHandle: number) =>
  d.ok(PCR_Extend, { pcrHandle }, { digests: [{ hashAlg: ALG.SHA256, digest }] })
const pcr = (d: Driver, n: number): string => toHex(d.tpm.pcrs.banks[0]?.values[n] as Uint8Array)
const ZERO = '00'.repeat(32)
const ONES = 'ff'.repeat(32)

describe('before TPM2_Startup', () => {
  it('nothing else is accepted', () => {
    const d = new Driver(TWO_BANKS)
    expect(d.fails(GetRandom, {}, { bytesRequested: 4 })).toBe('TPM_RC_INITIALIZE')
    expect(d.fails(GetTestResult, {}, {})).toBe('TPM_RC_INITIALIZE')
    expect(d.fails(Startup, {}, CLEAR)).toBe('TPM_RC_SUCCESS')
    expect(d.fails(GetRandom, {}, { bytesRequested: 4 })).toBe('TPM_RC_SUCCESS')
  })

  it('Startup comes once, with a type that fits, without sessions', () => {
    const d = new Driver(TWO_BANKS)
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_VALUE, parameter 1')
    expect(d.rc('8001 0000000c 00000144 0002')).toBe('TPM_RC_VALUE, parameter 1')
    expect(d.rc('8002 00000019 00000144 00000009 40000009 0000 00 0000 0000')).toBe('TPM_RC_AUTH_CONTEXT')
    d.ok(Startup, {}, CLEAR)
    expect(d.fails(Startup, {}, CLEAR)).toBe('TPM_RC_INITIALIZE')
  })

  it.each([
    [0, 'TPM_RC_SUCCESS', ZERO],
    [3, 'TPM_RC_SUCCESS', `${'00'.repeat(31)}03`],
    [1, 'TPM_RC_LOCALITY', ZERO],
    [4, 'TPM_RC_LOCALITY', ZERO],
  ])('from locality %i: %s', (locality, rc, pcr0) => {
    const d = new Driver(TWO_BANKS)
    d.locality(locality)
    expect(d.fails(Startup, {}, CLEAR)).toBe(rc)
    expect(pcr(d, 0)).toBe(pcr0)
  })
})

describe('reset, restart, resume', () => {
  const lived = (): Driver => {
    const d = Driver.started(TWO_BANKS)
    extendPcr(d, 0)
    extendPcr(d, 16)
    d.ok(HashSequenceStart, {}, { auth: new Uint8Array(0), hashAlg: ALG.SHA256 })
    return d
  }

  it('reset: all starts afresh', () => {
    const d = lived()
    const { proof } = d.tpm.hierarchies.null
    d.powerCycle()
    d.ok(Startup, {}, CLEAR)
    expect(d.events).toEqual([{ kind: 'startup', how: 'reset' }])
    expect([pcr(d, 0), pcr(d, 16), pcr(d, 17), pcr(d, 23)]).toEqual([ZERO, ZERO, ONES, ZERO])
    expect(d.tpm.objects.every(o => o === undefined)).toBe(true)
    expect(equal(d.tpm.hierarchies.null.proof, proof)).toBe(false)
    expect(d.tpm.clock).toMatchObject({ resetCount: 2, restartCount: 0, safe: false })
    expect(d.tpm.orderly).toBe(false)
    // Each PCR that counts was reset: Part 1, 14.9.
    expect(d.tpm.pcrs.updateCounter).toBe(20)
  })

  it('reset after Shutdown(CLEAR) is orderly', () => {
    const d = lived()
    d.ok(Shutdown, {}, { shutdownType: SU.CLEAR })
    d.powerCycle()
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_VALUE, parameter 1')
    d.ok(Startup, {}, CLEAR)
    expect(d.tpm.clock).toMatchObject({ resetCount: 2, safe: true })
    expect(d.tpm.orderly).toBe(true)
  })

  it('restart: PCRs start afresh, the rest goes on', () => {
    const d = lived()
    const before = d.tpm
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    d.powerCycle()
    d.ok(Startup, {}, CLEAR)
    expect(d.events).toEqual([{ kind: 'startup', how: 'restart' }])
    expect(pcr(d, 0)).toBe(ZERO)
    expect(d.tpm.hierarchies.null.proof).toBe(before.hierarchies.null.proof)
    expect(d.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
    expect(d.tpm.pcrs.updateCounter).toBe(before.pcrs.updateCounter + 20)
  })

  it('resume: saved PCRs come back, the others do not', () => {
    const d = lived()
    const pcr0 = pcr(d, 0)
    expect(pcr0).not.toBe(ZERO)
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    d.powerCycle()
    d.ok(Startup, {}, STATE)
    expect(d.events).toEqual([{ kind: 'startup', how: 'resume' }])
    expect([pcr(d, 0), pcr(d, 16), pcr(d, 17)]).toEqual([pcr0, ZERO, ONES])
    expect(d.tpm.objects.every(o => o === undefined)).toBe(true)
    expect(d.tpm.clock).toMatchObject({ resetCount: 1, restartCount: 1 })
  })

  it('any start allows lockoutAuth again when its recovery time is zero: Part 3, 9.3.1; no start does otherwise', () => {
    for (const [lockoutRecovery, shutdownType, startup] of [
      ...([
        [0, SU.STATE, STATE],
        [0, SU.STATE, CLEAR],
        [0, SU.CLEAR, CLEAR],
      ] as const),
      ...([
        [60, SU.STATE, STATE],
        [60, SU.CLEAR, CLEAR],
      ] as const),
    ]) {
      const d = lived()
      d.tpm = { ...d.tpm, lockout: { ...d.tpm.lockout, lockoutRecovery, authEnabled: false } }
      d.ok(Shutdown, {}, { shutdownType })
      d.powerCycle()
      d.ok(Startup, {}, startup)
      expect(d.tpm.lockout.authEnabled).toBe(lockoutRecovery === 0)
    }
  })

  it('resume must come from the locality of the first Startup', () => {
    const d = lived()
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    d.powerCycle()
    d.locality(3)
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_LOCALITY')
    d.locality(0)
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_SUCCESS')
  })

  it('a PCR that changes after Shutdown(STATE) nullifies it; reading one does not', () => {
    const d = lived()
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    d.ok(PCR_Read, {}, { pcrSelectionIn: [] })
    d.ok(GetRandom, {}, { bytesRequested: 8 })
    expect(d.tpm.shutdown.type).toBe('state')
    expect(d.fails(PCR_Reset, { pcrHandle: 0 }, {})).toBe('TPM_RC_LOCALITY')
    expect(d.tpm.shutdown.type).toBe('state')
    d.ok(PCR_Reset, { pcrHandle: 16 }, {})
    expect(d.tpm.shutdown.type).toBe('none')
    d.powerCycle()
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_VALUE, parameter 1')
  })
})

describe('what else nullifies Shutdown(STATE)', () => {
  const object = (d: Driver): number =>
    d.ok(HashSequenceStart, {}, { auth: new Uint8Array(0), hashAlg: ALG.SHA256 }).handle as number
  it.each<[string, (d: Driver) => () => unknown]>([
    ['a session that is started', d => () => start(d)],
    [
      'the context of a session that is saved',
      d => {
        const saveHandle = start(d)
        return () => d.ok(ContextSave, { saveHandle }, {})
      },
    ],
    [
      'a saved session that is forgotten',
      d => {
        const saveHandle = start(d)
        d.ok(ContextSave, { saveHandle }, {})
        return () => d.ok(FlushContext, {}, { flushHandle: saveHandle })
      },
    ],
    [
      'the context of an object that is saved',
      d => {
        const saveHandle = object(d)
        return () => d.ok(ContextSave, { saveHandle }, {})
      },
    ],
    ['Clock that is set', d => () => d.ok(ClockSet, { auth: RH.OWNER }, { newTime: 1_000_000n })],
  ])('%s: Part 3, 9.4.1; Part 1, 9.2.4', (_, prepare) => {
    const d = Driver.started(TWO_BANKS)
    const change = prepare(d)
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    change()
    d.powerCycle()
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_VALUE, parameter 1')
  })

  it('not a session that is used, nor an object that is made', () => {
    const d = Driver.started(TWO_BANKS)
    const policySession = start(d)
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    d.ok(PolicyPassword, { policySession }, {})
    object(d)
    d.powerCycle()
    expect(d.fails(Startup, {}, STATE)).toBe('TPM_RC_SUCCESS')
  })
})

describe('the clock', () => {
  const read = (d: Driver) => d.ok(ReadClock, {}, {}).returns.currentTime

  it('counts milliseconds since power-on and over all', () => {
    const d = Driver.started(TWO_BANKS)
    d.elapse(12_345_678)
    expect(read(d)).toEqual({
      time: 12_345n,
      clockInfo: { clock: 12_345n, resetCount: 1, restartCount: 0, safe: 1 },
    })
  })

  it('loses what was not stored, and says that it is not safe', () => {
    const d = Driver.started(TWO_BANKS)
    d.elapse(5_000_000)
    d.powerCycle()
    d.ok(Startup, {}, CLEAR)
    expect(read(d)).toMatchObject({ time: 0n, clockInfo: { clock: 4096n, safe: 0 } })
    d.elapse(3_000_000)
    expect(read(d)).toMatchObject({ time: 3000n, clockInfo: { clock: 7096n, safe: 0 } })
    d.elapse(1_096_000)
    expect(read(d).clockInfo).toMatchObject({ clock: 8192n, safe: 1 })
  })

  it('loses nothing over an orderly shutdown, unless it was read after that', () => {
    const d = Driver.started(TWO_BANKS)
    d.elapse(5_000_000)
    d.ok(Shutdown, {}, { shutdownType: SU.CLEAR })
    d.powerCycle()
    d.ok(Startup, {}, CLEAR)
    expect(read(d).clockInfo).toMatchObject({ clock: 5000n, safe: 1 })
    d.ok(Shutdown, {}, { shutdownType: SU.CLEAR })
    read(d)
    d.powerCycle()
    d.ok(Startup, {}, CLEAR)
    expect(read(d).clockInfo.safe).toBe(0)
  })
})

describe('self-tests', () => {
  it('are asked for, all or some, and leave nothing to do', () => {
    const d = Driver.started(TWO_BANKS)
    const all = d.tpm.profile.algorithms
    expect(d.ok(GetTestResult, {}, {}).returns.testResult).toBe(RC.NEEDS_TEST)
    expect(d.ok(IncrementalSelfTest, {}, { toTest: [] }).returns.toDoList).toEqual(all)
    const { toDoList } = d.ok(IncrementalSelfTest, {}, { toTest: [ALG.SHA256, ALG.SHA384] }).returns
    expect(toDoList).toEqual(all.filter(a => a !== ALG.SHA256 && a !== ALG.SHA384))
    d.ok(SelfTest, {}, { fullTest: 0 })
    expect(d.ok(IncrementalSelfTest, {}, { toTest: [] }).returns.toDoList).toEqual([])
    expect(d.ok(GetTestResult, {}, {}).returns.testResult).toBe(RC.SUCCESS)
    d.ok(SelfTest, {}, { fullTest: 1 })
    expect(d.events).toEqual([{ kind: 'self-test', algorithms: all, passed: true }])
    expect(d.rc('8001 0000000b 00000143 02')).toBe('TPM_RC_VALUE, parameter 1')
  })

  it('that fail put the TPM into failure mode', () => {
    const d = Driver.started(TWO_BANKS)
    d.tpm = { ...d.tpm, power: 'failure' }
    expect(d.fails(GetRandom, {}, { bytesRequested: 1 })).toBe('TPM_RC_FAILURE')
    expect(d.ok(GetTestResult, {}, {}).returns.testResult).toBe(RC.FAILURE)
    const ask = (capability: number, property: number) =>
      d.ok(GetCapability, {}, { capability, property, propertyCount: 99 }).returns
    const { capabilityData, moreData } = ask(CAP.TPM_PROPERTIES, PT.FAMILY_INDICATOR)
    if (capabilityData.capability !== CAP.TPM_PROPERTIES) throw new Error('another capability')
    expect(capabilityData.tpmProperties[0]?.property).toBe(PT.MANUFACTURER)
    expect(capabilityData.tpmProperties.at(-1)?.property).toBe(PT.FIRMWARE_VERSION_2)
    expect(moreData).toBe(0)
    expect(ask(CAP.ALGS, 0)).toEqual({ moreData: 0, capabilityData: { capability: CAP.ALGS, algorithms: [] } })
    expect(d.rc('8002 00000019 0000017c 00000009 40000009 0000 00 0000 0000')).toBe('TPM_RC_FAILURE')
  })
})

describe('execute', () => {
  it('does not change the TPM that it was given', () => {
    const d = Driver.started(TWO_BANKS)
    const before = d.tpm
    const copy = structuredClone({ ...before, profile: undefined })
    const command = new Uint8Array([0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 16])
    const a = execute(before, command, 0)
    const b = execute(before, command, 0)
    expect(a.response).toEqual(b.response)
    expect(a.tpm).not.toBe(before)
    expect({ ...before, profile: undefined }).toEqual(copy)
  })
})
