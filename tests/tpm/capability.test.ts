// TPM2_GetCapability, every group. Part 3, 30.2; Part 2, 6.12 to 6.16 and 10.9.

import { describe, expect, it } from 'vitest'
import { ALG, ALG_ATTRIBUTES } from '../../src/spec/algorithms.ts'
import { selectOf } from '../../src/spec/base.ts'
import { CAP, CC } from '../../src/spec/codes.ts'
import { commandAttributes } from '../../src/spec/command.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { GetCapability } from '../../src/spec/commands/capability.ts'
import { HashSequenceStart } from '../../src/spec/commands/sequence.ts'
import { RH } from '../../src/spec/handles.ts'
import { PT, PT_PCR } from '../../src/spec/properties.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { TWO_BANKS } from '../support/profiles.ts'

const SLOTS = PROFILES.crbscope.transientSlots
const ask = (capability: number, property: number, propertyCount = 0xffff, d: Driver = Driver.started()) =>
  d.ok(GetCapability, {}, { capability, property, propertyCount }).returns
const refuse = (capability: number, property: number): string =>
  Driver.started().fails(GetCapability, {}, { capability, property, propertyCount: 1 })

describe('TPM_CAP_ALGS', () => {
  it('lists what the profile has, in rising order, with attributes', () => {
    const { capabilityData, moreData } = ask(CAP.ALGS, 0)
    const algorithms = [...PROFILES.crbscope.algorithms]
      .sort((a, b) => a - b)
      .map(alg => ({ alg, algProperties: ALG_ATTRIBUTES[alg] }))
    expect(capabilityData).toEqual({ capability: CAP.ALGS, algorithms })
    expect(moreData).toBe(0)
  })

  it('starts at the next one, and says when there are more', () => {
    const first = { alg: ALG.MLKEM, algProperties: 0x209 }
    expect(ask(CAP.ALGS, 0x61, 1)).toEqual({
      moreData: 1,
      capabilityData: { capability: CAP.ALGS, algorithms: [first] },
    })
    expect(ask(CAP.ALGS, 0xa0, 3).moreData).toBe(0)
    expect(ask(CAP.ALGS, 0xa0, 2).moreData).toBe(1)
    expect(ask(CAP.ALGS, 0xa3)).toEqual({ moreData: 0, capabilityData: { capability: CAP.ALGS, algorithms: [] } })
    expect(ask(CAP.ALGS, 0, 0)).toEqual({ moreData: 1, capabilityData: { capability: CAP.ALGS, algorithms: [] } })
  })
})

describe('TPM_CAP_HANDLES', () => {
  const handles = (property: number, d?: Driver) => {
    const { capabilityData } = ask(CAP.HANDLES, property, 99, d)
    return capabilityData.capability === CAP.HANDLES ? capabilityData.handles : undefined
  }

  it('lists PCRs, permanent handles and what is loaded', () => {
    expect(handles(0)).toEqual(Array.from({ length: 24 }, (_, n) => n))
    expect(handles(20)).toEqual([20, 21, 22, 23])
    expect(handles(RH.LOCKOUT)).toEqual([
      ...[RH.LOCKOUT, RH.ENDORSEMENT, RH.PLATFORM, RH.PLATFORM_NV],
      ...[RH.ACT_0, RH.ACT_0 + 1],
    ])
    const d = Driver.started()
    for (let i = 0; i < 2; i++) d.ok(HashSequenceStart, {}, { auth: new Uint8Array(0), hashAlg: ALG.SHA256 })
    expect(handles(0x80000000, d)).toEqual([0x80000000, 0x80000001])
    expect(handles(0x80000001, d)).toEqual([0x80000001])
    expect([0x01000000, 0x02000000, 0x03000000, 0x81000000].map(h => handles(h))).toEqual([[], [], [], []])
  })

  it('knows no other types', () => expect(refuse(CAP.HANDLES, 0x05000000)).toBe('TPM_RC_HANDLE, parameter 2'))
})

describe('TPM_CAP_COMMANDS', () => {
  it('gives the attributes of every command', () => {
    const { capabilityData } = ask(CAP.COMMANDS, 0)
    expect(capabilityData).toEqual({ capability: CAP.COMMANDS, command: COMMANDS.map(commandAttributes) })
  })

  it('gives those of version 1.85 as the published tables have them', () => {
    const command = [0x050001a3, 0x050001a4, 0x020001a5, 0x020001a6, 0x020001a7, 0x020001a8, 0x120001a9, 0x120001aa]
    expect(ask(CAP.COMMANDS, CC.VerifySequenceComplete)).toEqual({
      moreData: 0,
      capabilityData: { capability: CAP.COMMANDS, command },
    })
  })

  it('leaves out what a TPM of an older version does not have', () => {
    const { capabilityData } = ask(CAP.COMMANDS, 0, 200, Driver.started({ ...PROFILES.crbscope, version: 159 }))
    if (capabilityData.capability !== CAP.COMMANDS) throw new Error('another capability')
    expect(capabilityData.command).toHaveLength(COMMANDS.filter(c => c.since === undefined).length)
  })
})

describe('TPM_CAP_TPM_PROPERTIES', () => {
  const value = (property: number, d?: Driver): number | undefined => {
    const { capabilityData } = ask(CAP.TPM_PROPERTIES, property, 1, d)
    if (capabilityData.capability !== CAP.TPM_PROPERTIES) throw new Error('another capability')
    const [first] = capabilityData.tpmProperties
    return first?.property === property ? first.value : undefined
  }

  it.each([
    ['family', PT.FAMILY_INDICATOR, 0x322e3000],
    ['level', PT.LEVEL, 0],
    ['revision', PT.REVISION, 185],
    ['manufacturer', PT.MANUFACTURER, 0x43524253],
    ['input buffer', PT.INPUT_BUFFER, 4096],
    ['transient slots', PT.HR_TRANSIENT_MIN, SLOTS],
    ['PCRs', PT.PCR_COUNT, 24],
    ['smallest selection', PT.PCR_SELECT_MIN, 3],
    ['largest command', PT.MAX_COMMAND_SIZE, 8192],
    ['largest response', PT.MAX_RESPONSE_SIZE, 8192],
    ['largest digest', PT.MAX_DIGEST, 64],
    ['ticket hash', PT.CONTEXT_HASH, ALG.SHA512],
    ['commands', PT.TOTAL_COMMANDS, COMMANDS.length],
    ['parameter sets', PT.ML_PARAMETER_SETS, 0x7f],
    ['permanent attributes', PT.PERMANENT, 0x400],
    ['attributes since startup', PT.STARTUP_CLEAR, 0x8000000f],
    ['curves', PT.LOADED_CURVES, 6],
    ['audit counter', PT.AUDIT_COUNTER_1, 0],
  ])('%s', (_, property, wanted) => expect(value(property)).toBe(wanted))

  it('tells what is free', () => {
    const d = Driver.started()
    expect(value(PT.HR_TRANSIENT_AVAIL, d)).toBe(SLOTS)
    d.ok(HashSequenceStart, {}, { auth: new Uint8Array(0), hashAlg: ALG.SHA256 })
    expect(value(PT.HR_TRANSIENT_AVAIL, d)).toBe(SLOTS - 1)
  })

  it('stays in the group that was asked for', () => {
    const all = (property: number) => {
      const { capabilityData, moreData } = ask(CAP.TPM_PROPERTIES, property)
      if (capabilityData.capability !== CAP.TPM_PROPERTIES) throw new Error('another capability')
      return { tags: capabilityData.tpmProperties.map(p => p.property), moreData }
    }
    const fixed = all(0x100)
    expect(fixed.tags).toEqual(Object.values(PT).filter(t => t < 0x200))
    expect(fixed.moreData).toBe(0)
    expect(all(0x200).tags).toEqual(Object.values(PT).filter(t => t >= 0x200))
    expect(all(0x1ff).tags).toEqual([])
    expect(all(0).tags).toEqual([])
  })
})

describe('the other groups', () => {
  it('PCR allocation', () => {
    const all = selectOf(Array.from({ length: 24 }, (_, n) => n))
    const none = selectOf([])
    // Part 1, 8.6.2: a bank for each hash algorithm, though some may be without PCRs.
    const assigned = (...full: readonly number[]) =>
      [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512].map(hash => ({
        hash,
        pcrSelect: full.includes(hash) ? all : none,
      }))
    const assignedPCR = assigned(ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512)
    const two = Driver.started(TWO_BANKS).ok(GetCapability, {}, { capability: CAP.PCRS, property: 0, propertyCount: 1 })
    expect(two.returns.capabilityData).toEqual({
      capability: CAP.PCRS,
      assignedPCR: assigned(ALG.SHA256, ALG.SHA384),
    })
    expect(ask(CAP.PCRS, 0, 1)).toEqual({ moreData: 0, capabilityData: { capability: CAP.PCRS, assignedPCR } })
    expect(refuse(CAP.PCRS, 1)).toBe('TPM_RC_VALUE, parameter 2')
  })

  it('PCR properties', () => {
    const { capabilityData } = ask(CAP.PCR_PROPERTIES, 0)
    if (capabilityData.capability !== CAP.PCR_PROPERTIES) throw new Error('another capability')
    const of = (tag: number) => capabilityData.pcrProperties.find(p => p.tag === tag)?.pcrSelect
    expect(of(PT_PCR.SAVE)).toEqual([0xff, 0xff, 0x00])
    expect(of(PT_PCR.EXTEND_L0)).toEqual([0xff, 0xff, 0x81])
    expect(of(PT_PCR.RESET_L0)).toEqual([0, 0, 0x81])
    expect(of(PT_PCR.RESET_L4)).toEqual([0, 0, 0x7e])
    expect(of(PT_PCR.NO_INCREMENT)).toEqual([0, 0, 0xe1])
    expect(of(PT_PCR.DRTM_RESET)).toEqual([0, 0, 0x7e])
    // PCR 20, 21 and 22 are the group that may have an authorization: Part 1, 14.7.
    expect(of(PT_PCR.POLICY)).toEqual([0, 0, 0x70])
    expect(of(PT_PCR.AUTH)).toEqual([0, 0, 0x70])
    const next = ask(CAP.PCR_PROPERTIES, 0x0b, 1).capabilityData
    expect(next).toMatchObject({ pcrProperties: [{ tag: PT_PCR.NO_INCREMENT }] })
  })

  it('curves', () => {
    expect(ask(CAP.ECC_CURVES, 0).capabilityData).toEqual({
      capability: CAP.ECC_CURVES,
      eccCurves: [1, 2, 3, 4, 5, 16],
    })
    expect(ask(CAP.ECC_CURVES, 4).capabilityData).toEqual({ capability: CAP.ECC_CURVES, eccCurves: [4, 5, 16] })
  })

  it('policies of permanent handles: none set', () => {
    const none = (handle: number) => ({ handle, policyHash: { hashAlg: ALG.NULL } })
    expect(ask(CAP.AUTH_POLICIES, RH.ENDORSEMENT).capabilityData).toEqual({
      capability: CAP.AUTH_POLICIES,
      authPolicies: [RH.ENDORSEMENT, RH.PLATFORM, RH.ACT_0, RH.ACT_0 + 1].map(none),
    })
    expect(refuse(CAP.AUTH_POLICIES, 0x80000000)).toBe('TPM_RC_VALUE, parameter 2')
  })

  it('lists that are empty here', () => {
    const empty = (capability: number, property: number, name: string) =>
      expect(ask(capability, property)).toEqual({ moreData: 0, capabilityData: { capability, [name]: [] } })
    expect(ask(CAP.PP_COMMANDS, 0).capabilityData).toEqual({
      capability: CAP.PP_COMMANDS,
      ppCommands: [CC.PP_Commands],
    })
    empty(CAP.ACT, RH.ACT_0 + 2, 'actData')
    empty(CAP.SPDM_SESSION_INFO, 0, 'spdmSessionInfo')
    expect(refuse(CAP.ACT, 0)).toBe('TPM_RC_VALUE, parameter 2')
  })

  it('what there is not', () => {
    expect(refuse(CAP.PUB_KEYS, 0)).toBe('TPM_RC_VALUE, parameter 2')
    expect(refuse(CAP.VENDOR_PROPERTY, 0)).toBe('TPM_RC_VALUE, parameter 1')
    const d = Driver.started()
    expect(d.rc('8001 00000016 0000017a 0000000d 00000000 00000001')).toBe('TPM_RC_VALUE, parameter 1')
    expect(d.rc('8001 00000016 0000017a 80000000 00000000 00000001')).toBe('TPM_RC_VALUE, parameter 1')
  })
})
