// Profiles: what libtpms 0.9 says of itself, and what the smaller ones leave out.

import { describe, expect, it } from 'vitest'
import { type Bytes, fromHex, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CC } from '../../src/spec/codes.ts'
import { EO } from '../../src/spec/policy.ts'
import { compare } from '../../src/tpm/compare.ts'
import { hasCommand, type Profile } from '../../src/tpm/profile.ts'
import { anyProfile, PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'

const hex8 = (n: number): string => n.toString(16).padStart(8, '0')
const capability = (d: Driver, cap: number, property: number, count: number): string => {
  const command: Bytes = fromHex(`8001000000160000017a${hex8(cap)}${hex8(property)}${hex8(count)}`)
  return toHex(d.command(command)).slice(20)
}

describe('libtpms-0.9', () => {
  const d = Driver.started(PROFILES['libtpms-0.9'])
  // Recorded from libtpms 0.9.2: capability, property, count, answer after the header.
  it.each([
    [
      'algorithms',
      [0, 0, 127],
      '00000000000000002100010000000900030000000200040000000400050000010400060000000200070000040400080000030c000a00000006000b00000004000c00000004000d00000004001400000101001500000201001600000101001700000201001800000101001900000401001a00000101001b00000501001c00000101001d00000401002000000404002100000404002200000404002300000009002500000008002600000002003f00000102004000000202004100000202004200000202004300000202004400000202',
    ],
    ['PCR banks', [5, 0, 8], '000000000500000004000403ffffff000b03ffffff000c03ffffff000d03ffffff'],
    [
      'manufacturer',
      [6, 0x105, 4],
      '0100000006000000040000010549424d000000010653572020000001072054504d0000010800000000',
    ],
    [
      'PCR properties',
      [7, 0, 64],
      '00000000070000000f0000000003ffff000000000103ffff8100000002030000810000000303ffff9100000004030000810000000503ffffff00000006030000f10000000703ffff9f00000008030000810000000903ffff870000000a0300007e00000011030000e1000000120300007e00000013030000700000001403000070',
    ],
    ['curves', [8, 0, 32], '00000000080000000800010002000300040005001000110020'],
  ])('%s', (_, [cap, property, count], wanted) => {
    expect(capability(d, cap as number, property as number, count as number)).toBe(wanted)
  })

  it.each([
    [0x102, 164],
    [0x103, 75],
    [0x104, 2021],
    [0x10d, 1024],
    [0x10e, 3],
    [0x110, 3],
    [0x111, 64],
    [0x117, 2048],
    [0x118, 6],
    [0x11e, 4096],
    [0x121, 2692],
    [0x122, 404],
    [0x125, 164],
    [0x128, 128],
    [0x12c, 1024],
  ])('property %i is %i', (property, value) => {
    expect(capability(d, 6, property, 1).slice(-16)).toBe(hex8(property) + hex8(value))
  })

  it('has 110 commands, and none of 1.85', () => {
    const { commands } = PROFILES['libtpms-0.9']
    expect(commands).toHaveLength(110)
    expect(d.rc(`8001 0000000e ${hex8(CC.Encapsulate)} 80000000`)).toBe('TPM_RC_COMMAND_CODE')
    expect(commands.some(c => c >= CC.VerifySequenceComplete)).toBe(false)
  })
})

describe('what libtpms 0.9 does otherwise', () => {
  // tpm2_createprimary -G aes: a symmetric storage key whose mode is NULL.
  const primary = (mode: string): string =>
    `8002 0000003b 00000131 40000001 00000009 40000009 0000 00 0000 0004 0000 0000` +
    ` 0012 0025 000b 00030072 0000 0006 0080 ${mode} 0000 0000 00000000`

  it.each(['0010', '0042'])('a storage key may have mode %s, but not one that only signs', mode => {
    const d = Driver.started(PROFILES['libtpms-0.9'])
    expect(d.rc(primary(mode))).toBe('TPM_RC_SUCCESS')
    expect(d.rc(primary('003f'))).toBe('TPM_RC_SCHEME, parameter 2')
    expect(Driver.started().rc(primary(mode))).toBe('TPM_RC_MODE, parameter 2')
    expect(Driver.started().rc(primary('0043'))).toBe('TPM_RC_SUCCESS')
  })

  // Part 2, 6.8: two's complement; a note tells that TPMs before 1.83 might take sign and magnitude.
  it.each([
    ['81', '82', [EO.SIGNED_LT, EO.SIGNED_LE, EO.UNSIGNED_LT], [EO.SIGNED_GT, EO.SIGNED_GE, EO.UNSIGNED_LT]],
    ['82', '81', [EO.SIGNED_GT, EO.SIGNED_GE, EO.UNSIGNED_GT], [EO.SIGNED_LT, EO.SIGNED_LE, EO.UNSIGNED_GT]],
    ['81', '02', [EO.SIGNED_LT, EO.SIGNED_LE, EO.UNSIGNED_GT], [EO.SIGNED_LT, EO.SIGNED_LE, EO.UNSIGNED_GT]],
    ['fffe', 'fffe', [EO.SIGNED_GE, EO.SIGNED_LE], [EO.SIGNED_GE, EO.SIGNED_LE]],
  ])('%s against %s', (a, b, text, libtpms) => {
    const orders = [EO.SIGNED_GT, EO.SIGNED_GE, EO.SIGNED_LT, EO.SIGNED_LE, EO.UNSIGNED_GT, EO.UNSIGNED_LT]
    const holding = (p: Profile): number[] => orders.filter(o => compare(p, o, fromHex(a), fromHex(b)))
    expect(new Set(holding(PROFILES.crbscope))).toEqual(new Set(text))
    expect(new Set(holding(PROFILES['libtpms-0.9']))).toEqual(new Set(libtpms))
  })
})

describe('profiles', () => {
  it('are found by their ids', () => {
    for (const [id, profile] of Object.entries(PROFILES)) expect(anyProfile(id)).toBe(profile)
    expect(Object.values(PROFILES).map(p => p.id)).toEqual(Object.keys(PROFILES))
    expect(anyProfile('constructor')).toBeUndefined()
  })

  it('have the commands of their list and of their version', () => {
    const row = { code: CC.Encapsulate, since: 185 }
    expect(hasCommand(PROFILES.crbscope, row)).toBe(true)
    expect(hasCommand({ ...PROFILES.crbscope, version: 184 }, row)).toBe(false)
    expect(hasCommand({ ...PROFILES.crbscope, commands: [CC.Startup] }, row)).toBe(false)
  })

  it('without post-quantum algorithms refuse their parameters', () => {
    const parms = `8001 00000010 ${hex8(CC.TestParms)} 00a0 0010 0001`
    expect(Driver.started(PROFILES['no-pqc']).rc(parms)).toBe('TPM_RC_TYPE, parameter 1')
    expect(PROFILES['no-pqc'].algorithms).not.toContain(ALG.MLDSA)
  })

  it('with a small buffer answer TPM_RC_COMMAND_SIZE to what is larger', () => {
    const long = `8001 00001001 ${hex8(CC.StirRandom)} 0ff5 ${'00'.repeat(4085)}`
    expect(Driver.started(PROFILES['buffer-4096']).rc(long)).toBe('TPM_RC_COMMAND_SIZE')
    expect(Driver.started().rc(long)).not.toBe('TPM_RC_COMMAND_SIZE')
  })
})
