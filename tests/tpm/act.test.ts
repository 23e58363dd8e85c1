// Countdown timers, and the two policies that no command of this TPM can meet. Part 3, 33.2, 24.3, 23.25 and 32.4;
// Part 1, 40; Part 2, 8.12.

import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { be16, be32, type Bytes, bytes, concat, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CAP, CC, NO, SU, YES } from '../../src/spec/codes.ts'
import { ACT_SetTimeout } from '../../src/spec/commands/act.ts'
import { Policy_AC_SendSelect } from '../../src/spec/commands/attached.ts'
import { GetCapability } from '../../src/spec/commands/capability.ts'
import { HierarchyChangeAuth, HierarchyControl, SetPrimaryPolicy } from '../../src/spec/commands/hierarchy-control.ts'
import {
  PolicyCpHash,
  PolicyGetDigest,
  PolicyPhysicalPresence,
  PolicyTransportSPDM,
} from '../../src/spec/commands/policy-bind.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { by, start } from '../support/sessions.ts'

const SECOND = 1_000_000
const FIRST = { actHandle: RH.ACT_0 }
const STATE = { shutdownType: SU.STATE }
const set = (d: Driver, startTimeout: number) => d.ok(ACT_SetTimeout, FIRST, { startTimeout })

/** Timeout and attributes of the first timer: 1 signaled, 2 before the last Resume. */
function seen(d: Driver): readonly number[] {
  const { capabilityData } = d.ok(
    GetCapability,
    {},
    { capability: CAP.ACT, property: RH.ACT_0, propertyCount: 1 },
  ).returns
  if (capabilityData.capability !== CAP.ACT) throw new Error('another capability')
  const { handle, timeout, attributes } = capabilityData.actData[0] as (typeof capabilityData.actData)[0]
  expect(handle).toBe(RH.ACT_0)
  return [timeout, attributes]
}
function resume(d: Driver): void {
  d.powerCycle()
  d.ok(Startup, {}, { startupType: SU.STATE })
}

describe('a countdown timer', () => {
  it('counts whole seconds and signals once it is through, until it is set again', () => {
    const d = Driver.started()
    expect(seen(d)).toEqual([0, 0])
    set(d, 3)
    d.elapse(2 * SECOND - 1)
    expect(seen(d)).toEqual([2, 0])
    d.elapse(SECOND)
    expect(seen(d)).toEqual([1, 0])
    d.elapse(1)
    expect(seen(d)).toEqual([0, 1])
    d.elapse(SECOND)
    expect(seen(d)).toEqual([0, 1])
    set(d, 5)
    expect(seen(d)).toEqual([5, 0])
  })

  it.each([
    ['zero to more', 0, [7], [7, 0]],
    ['more to more', 9, [7], [7, 0]],
    ['zero to zero', 0, [0], [0, 0]],
    ['more to zero signals', 9, [0], [0, 1]],
    ['all ones only stop the signal', 9, [0, 0xffffffff], [0, 0]],
    ['all ones else are a number', 9, [0xffffffff], [0xffffffff, 0]],
  ] as const)('%s', (_, before, then, after) => {
    const d = Driver.started()
    set(d, before)
    for (const t of then) set(d, t)
    expect(seen(d)).toEqual(after)
  })

  it('a Resume keeps it, halved unless it was set since, and tells what had signaled', () => {
    const d = Driver.started()
    set(d, 100)
    d.ok(Shutdown, {}, STATE)
    d.elapse(10 * SECOND)
    resume(d)
    expect(seen(d)).toEqual([100, 0])
    d.ok(Shutdown, {}, STATE)
    resume(d)
    expect(seen(d)).toEqual([50, 0])
    set(d, 0)
    d.ok(Shutdown, {}, STATE)
    resume(d)
    expect(seen(d)).toEqual([0, 3])
    set(d, 0)
    expect(seen(d)).toEqual([0, 1])
  })

  it('set after Shutdown(STATE) nullifies it; Restart and Reset end it', () => {
    const d = Driver.started()
    d.ok(Shutdown, {}, STATE)
    set(d, 5)
    d.powerCycle()
    expect(d.fails(Startup, {}, { startupType: SU.STATE })).toBe('TPM_RC_VALUE, parameter 1')
    d.ok(Startup, {}, { startupType: SU.CLEAR })
    expect(seen(d)).toEqual([0, 0])
    set(d, 5)
    d.ok(Shutdown, {}, STATE)
    d.powerCycle()
    d.ok(Startup, {}, { startupType: SU.CLEAR })
    d.elapse(9 * SECOND)
    expect(seen(d)).toEqual([0, 0])
  })

  it('is approved by platformAuth while there is a platform, or by its own policy', () => {
    const d = Driver.started()
    d.ok(HierarchyChangeAuth, { authHandle: RH.PLATFORM }, { newAuth: bytes(1) })
    const two = { startTimeout: 2 }
    expect(d.fails(ACT_SetTimeout, FIRST, two)).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(d.fails(ACT_SetTimeout, FIRST, two, [password(bytes(1))])).toBe('TPM_RC_SUCCESS')
    const authPolicy = hash(ALG.SHA256, concat(new Uint8Array(32), be32(CC.PolicyPhysicalPresence)))
    const policy = { authPolicy, hashAlg: ALG.SHA256 }
    d.ok(SetPrimaryPolicy, { authHandle: RH.ACT_0 }, policy, [password(bytes(1))])
    d.ok(HierarchyControl, { authHandle: RH.PLATFORM }, { enable: RH.PLATFORM, state: NO }, [password(bytes(1))])
    expect(d.fails(ACT_SetTimeout, FIRST, two, [password(bytes(1))])).toBe('TPM_RC_AUTH_UNAVAILABLE')
    const policySession = start(d)
    d.ok(PolicyPhysicalPresence, { policySession }, {})
    expect(d.fails(ACT_SetTimeout, FIRST, two, [by(policySession)])).toBe('TPM_RC_PP')
    d.tpm = { ...d.tpm, physicalPresence: true }
    expect(d.fails(ACT_SetTimeout, FIRST, two, [by(policySession)])).toBe('TPM_RC_SUCCESS')
    expect(d.fails(ACT_SetTimeout, { actHandle: RH.ACT_0 + 1 }, two, [by(policySession)])).toBe(
      'TPM_RC_POLICY_FAIL, session 1',
    )
  })

  it('that the TPM does not have is no handle, and another TPM has none', () => {
    const d = Driver.started()
    expect(d.fails(ACT_SetTimeout, { actHandle: RH.ACT_0 + 2 }, { startTimeout: 1 })).toBe('TPM_RC_VALUE, handle 1')
    const other = Driver.started(PROFILES['libtpms-0.9'])
    expect(other.fails(ACT_SetTimeout, FIRST, { startTimeout: 1 })).toBe('TPM_RC_COMMAND_CODE')
    const policy = { authPolicy: EMPTY, hashAlg: ALG.NULL }
    expect(other.fails(SetPrimaryPolicy, { authHandle: RH.ACT_0 }, policy)).toBe('TPM_RC_VALUE, handle 1')
  })
})

const digestOf = (d: Driver, policySession: number): string =>
  toHex(d.ok(PolicyGetDigest, { policySession }, {}).returns.policyDigest)
const folded = (...parts: readonly Bytes[]): string => toHex(hash(ALG.SHA256, new Uint8Array(32), ...parts))
const name = concat(be16(ALG.SHA256), new Uint8Array(32).fill(7))

describe('TPM2_PolicyTransportSPDM', () => {
  const demand = (d: Driver, policySession: number, reqKeyName: Bytes, tpmKeyName: Bytes) =>
    d.fails(PolicyTransportSPDM, { policySession }, { reqKeyName, tpmKeyName })

  it('folds in the Names of the keys where any is given, and comes once', () => {
    const d = Driver.started()
    const code = be32(CC.PolicyTransportSPDM)
    const keys = hash(ALG.SHA256, be16(0), be16(34), name)
    for (const [tpmKeyName, digest] of [
      [EMPTY, folded(code)],
      [name, folded(code, keys)],
    ] as const) {
      const s = start(d)
      expect(demand(d, s, EMPTY, tpmKeyName)).toBe('TPM_RC_SUCCESS')
      expect(digestOf(d, s)).toBe(digest)
      expect(demand(d, s, EMPTY, EMPTY)).toBe('TPM_RC_VALUE, handle 1')
    }
  })

  it('takes Names only', () => {
    const d = Driver.started()
    const s = start(d)
    expect(demand(d, s, bytes(0), EMPTY)).toBe('TPM_RC_HASH, parameter 1')
    expect(demand(d, s, EMPTY, concat(be16(ALG.NULL), name))).toBe('TPM_RC_HASH, parameter 2')
    expect(demand(d, s, name, name.slice(1))).toBe('TPM_RC_HASH, parameter 2')
    expect(demand(d, s, name.slice(0, 33), EMPTY)).toBe('TPM_RC_SIZE, parameter 1')
  })

  it('is met by no command that comes without such a channel', () => {
    const d = Driver.started()
    const authPolicy = hash(ALG.SHA256, new Uint8Array(32), be32(CC.PolicyTransportSPDM))
    d.ok(SetPrimaryPolicy, { authHandle: RH.OWNER }, { authPolicy, hashAlg: ALG.SHA256 })
    const s = start(d)
    demand(d, s, EMPTY, EMPTY)
    const change = [HierarchyChangeAuth, { authHandle: RH.OWNER }, { newAuth: EMPTY }, [by(s)]] as const
    expect(d.fails(...change)).toBe('TPM_RC_CHANNEL, session 1')
  })
})

it('TPM2_Policy_AC_SendSelect binds Names to a command that this TPM does not have', () => {
  const d = Driver.started()
  const names = { objectName: name, authHandleName: be32(RH.OWNER), acName: be32(0x90000000) }
  const code = be32(CC.Policy_AC_SendSelect)
  for (const [includeObject, digest] of [
    [YES, folded(code, name, names.authHandleName, names.acName, bytes(1))],
    [NO, folded(code, names.authHandleName, names.acName, bytes(0))],
  ] as const) {
    const policySession = start(d)
    d.ok(Policy_AC_SendSelect, { policySession }, { ...names, includeObject })
    expect(digestOf(d, policySession)).toBe(digest)
    expect(d.fails(PolicyCpHash, { policySession }, { cpHashA: new Uint8Array(32) })).toBe('TPM_RC_CPHASH')
    const auth = [by(policySession)]
    const change = [HierarchyChangeAuth, { authHandle: RH.OWNER }, { newAuth: EMPTY }, auth] as const
    expect(d.fails(...change)).toBe('TPM_RC_POLICY_CC, session 1')
  }
})
