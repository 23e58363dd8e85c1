// Numbers, names and structures of the vocabulary: Part 2 as data.

import { describe, expect, it } from 'vitest'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { type AnyCodec, decode, encode, Malformed } from '../../src/codec/codec.ts'
import { explain } from '../../src/codec/explain.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { ALG, ALG_ATTRIBUTES, algName, CURVE, curveName, DIGEST_SIZE, digestSize } from '../../src/spec/algorithms.ts'
import * as attributes from '../../src/spec/attributes.ts'
import * as propertyBits from '../../src/spec/property-bits.ts'
import * as base from '../../src/spec/base.ts'
import * as capability from '../../src/spec/capability.ts'
import { CC, ST } from '../../src/spec/codes.ts'
import { handleName, RH } from '../../src/spec/handles.ts'
import * as keys from '../../src/spec/keys.ts'
import * as pqc from '../../src/spec/pqc.ts'
import { PT, PT_PCR } from '../../src/spec/properties.ts'
import { ATTRIBUTE_MEANINGS } from '../../src/spec/attribute-meanings.ts'
import * as ATTRIBUTES from '../../src/spec/attributes.ts'
import { MEANINGS } from '../../src/spec/return-code-meanings.ts'
import { RC, returnCode, returnCodeName, type RcName } from '../../src/spec/return-codes.ts'

const isCodec = (v: unknown): v is AnyCodec => typeof v === 'object' && v !== null && 'shape' in v && 'read' in v
const CODECS = [...Object.values(base), ...Object.values(keys), ...Object.values(pqc), ...Object.values(capability)]
  .filter(isCodec)
  .concat([...Object.values(attributes), ...Object.values(propertyBits)].filter(isCodec))

describe('every structure', () => {
  it.each(CODECS.map(c => [c.name, c] as const))('%s: round trip, and refused when cut short', (_, codec) => {
    expect(codec.source).toMatch(/^Part 2, \d+(\.\d+)*, Table \d+$/)
    for (let seed = 0; seed < 20; seed++) {
      const value = arbitrary(codec, randomFrom(seed))
      const bytes = encode(codec, value)
      expect(encode(codec, decode(codec, bytes))).toEqual(bytes)
      const step = Math.max(1, Math.floor(bytes.length / 64))
      for (let n = 0; n < bytes.length; n += step) {
        expect(() => decode(codec, bytes.slice(0, n))).toThrow(Malformed)
        expect(explain(codec, bytes.slice(0, n)).error).toBeInstanceOf(Malformed)
      }
    }
  })
})

describe('return codes', () => {
  it('are those of Table 18', () => {
    expect([RC.INITIALIZE, RC.COMMAND_SIZE, RC.READ_ONLY]).toEqual([0x100, 0x142, 0x156])
    expect([RC.ASYMMETRIC, RC.HASH, RC.BAD_AUTH, RC.PARMS]).toEqual([0x081, 0x083, 0x0a2, 0x0aa])
    expect([RC.EXT_MU, RC.ONE_SHOT_SIGNATURE, RC.SIGN_CONTEXT_KEY]).toEqual([0x0ab, 0x0ac, 0x0ad])
    expect([RC.CONTEXT_GAP, RC.REFERENCE_H0, RC.REFERENCE_S0, RC.NV_UNAVAILABLE]).toEqual([0x901, 0x910, 0x918, 0x923])
  })

  it.each([
    [0x000, 'TPM_RC_SUCCESS'],
    [0x2c3, 'TPM_RC_HASH, parameter 2'],
    [0x184, 'TPM_RC_VALUE, handle 1'],
    [0x9a2, 'TPM_RC_BAD_AUTH, session 1'],
    [0xfc4, 'TPM_RC_VALUE, parameter 15'],
    [0x095, 'TPM_RC_SIZE'],
    [0x910, 'TPM_RC_REFERENCE_H0'],
    [0x100, 'TPM_RC_INITIALIZE'],
    [0x0ff, '0x0ff'],
  ])('%i is %s', (code, name) => expect(returnCodeName(code)).toBe(name))

  it('say what they mean, and whether to try again', () => {
    for (const name of Object.keys(RC)) expect(MEANINGS[name as RcName].length, name).toBeGreaterThan(3)
    expect(returnCode(RC.RETRY).warning).toBe(true)
    expect(returnCode(RC.HASH).warning).toBe(false)
    expect(returnCode(RC.FAILURE).warning).toBe(false)
    expect(returnCode(0x9a2)).toMatchObject({ base: RC.BAD_AUTH, of: 'session', number: 1 })
  })

  it('have a number each', () => expect(new Set(Object.values(RC)).size).toBe(Object.values(RC).length))
})

describe('algorithms', () => {
  it('have names and attributes', () => {
    expect(algName(ALG.HASH_MLDSA)).toBe('TPM_ALG_HASH_MLDSA')
    expect(algName(0x7777)).toBe('algorithm 0x7777')
    expect(curveName(CURVE.NIST_P384)).toBe('TPM_ECC_NIST_P384')
    for (const alg of Object.values(ALG)) expect(ALG_ATTRIBUTES[alg]).toBeDefined()
    expect([ALG.MLKEM, ALG.MLDSA, ALG.HASH_MLDSA].map(a => ALG_ATTRIBUTES[a])).toEqual([0x209, 0x109, 0x109])
  })

  it('have digest sizes when they are hashes, and only then', () => {
    expect(Object.entries(DIGEST_SIZE).map(([k, v]) => [Number(k), v])).toContainEqual([ALG.SHA384, 48])
    expect(() => digestSize(ALG.AES)).toThrow(RangeError)
  })
})

describe('numbers', () => {
  it('are unique in each table', () => {
    for (const t of [ALG, CURVE, CC, ST, PT, PT_PCR]) expect(new Set(Object.values(t)).size).toBe(Object.keys(t).length)
  })

  it('are those of the published tables, at their ends', () => {
    expect([CC.NV_UndefineSpaceSpecial, CC.SignSequenceStart, CC.TestParms]).toEqual([0x11f, 0x1aa, 0x18a])
    expect([ST.MESSAGE_VERIFIED, ST.DIGEST_VERIFIED]).toEqual([0x8026, 0x8027])
    expect([PT.FAMILY_INDICATOR, PT.MAX_COMMAND_SIZE, PT.ML_PARAMETER_SETS]).toEqual([0x100, 0x11e, 0x131])
    expect([PT.PERMANENT, PT.AUDIT_COUNTER_1]).toEqual([0x200, 0x214])
  })
})

describe('handles', () => {
  it.each([
    [0, 'PCR 0'],
    [RH.PW, 'TPM_RS_PW'],
    [RH.OWNER, 'TPM_RH_OWNER'],
    [0x80000002, 'transient 0x80000002'],
    [0x02000001, 'HMAC session 0x02000001'],
    [0x01800001, 'NV 0x01800001'],
    [0x7fffffff, '0x7fffffff'],
  ])('%i is called %s', (h, name) => expect(handleName(h)).toBe(name))
})

const refused = (codec: AnyCodec, hex: string): string => {
  try {
    decode(codec, fromHex(hex))
  } catch (e) {
    if (e instanceof Malformed) return e.reason
    throw e
  }
  return 'accepted'
}

describe('what a declaration refuses, and with which word', () => {
  it.each<[string, AnyCodec, string]>([
    ['hash', keys.TPMT_PUBLIC, '0008000600000000'],
    ['type', keys.TPMT_PUBLIC, '0006000b00000000'],
    ['reserved', keys.TPMT_PUBLIC, '0008000b00000001'],
    ['hash', keys.TPMT_PUBLIC, '0008001000000000'],
    ['parms', keys.TPMT_PUBLIC_PARMS, '00a10004'],
    ['value', keys.TPMT_PUBLIC_PARMS, '00a1000102'],
    ['hash', keys.TPMT_PUBLIC_PARMS, '00a200010010'],
    ['curve', keys.TPMT_PUBLIC_PARMS, '0023001000100099'],
    ['symmetric', keys.TPMT_PUBLIC_PARMS, '00a0000a'],
    ['mode', keys.TPMT_PUBLIC_PARMS, '00a000060080000b'],
    ['value', keys.TPMT_PUBLIC_PARMS, '00a000060081'],
    ['value', keys.TPMT_PUBLIC_PARMS, '0008000b'],
    ['scheme', keys.TPMT_SIGNATURE, '0010'],
    ['scheme', keys.TPMT_SIGNATURE, '000b'],
    ['selector', keys.TPMT_SIG_SCHEME, '00a1'],
    ['tag', base.TPMT_TK_HASHCHECK, '802240000007'],
    ['value', base.TPMT_TK_HASHCHECK, '802440000009'],
    ['size', base.TPM2B_DIGEST, '0041'],
    ['size', keys.TPM2B_PUBLIC, '0000'],
    ['size', keys.TPM2B_SENSITIVE_CREATE, '0000'],
    ['size', pqc.TPM2B_PRIVATE_KEY_MLDSA, '0010'],
    ['value', base.TPMS_PCR_SELECTION, '000b05'],
    ['insufficient', base.TPM2B_DIGEST, '000401'],
    ['size', keys.TPM2B_SENSITIVE_CREATE, '0003000000ff'],
  ])('%s', (reason, codec, hex) => expect(refused(codec, hex)).toBe(reason))
})

describe('PCR selections', () => {
  it('are bit maps with PCR 0 in the lowest bit of the first octet', () => {
    expect(base.selectOf([0, 9, 23])).toEqual([1, 2, 128])
    expect(base.pcrsOf([1, 2, 128])).toEqual([0, 9, 23])
    expect(toHex(encode(base.TPMS_PCR_SELECTION, { hash: ALG.SHA256, pcrSelect: [1, 2, 128] }))).toBe('000b03010280')
  })
})

describe('tickets', () => {
  it('of a digest name its hash, others do not', () => {
    const hmac = new Uint8Array(0)
    const hex = (v: Parameters<typeof encode<never>>[1]) => toHex(encode(base.TPMT_TK_VERIFIED, v))
    expect(hex({ tag: ST.DIGEST_VERIFIED, hierarchy: RH.NULL, metadata: ALG.SHA256, hmac } as never)).toBe(
      '802740000007000b0000',
    )
    expect(hex({ tag: ST.MESSAGE_VERIFIED, hierarchy: RH.NULL, hmac } as never)).toBe('8026400000070000')
  })
})

describe('attribute words', () => {
  it('have a meaning for every bit of every declared word', () => {
    for (const codec of [...Object.values(ATTRIBUTES), ...Object.values(propertyBits)]) {
      if (typeof codec !== 'object' || !('shape' in codec) || codec.shape.kind !== 'flags') continue
      const meanings = ATTRIBUTE_MEANINGS[codec.name] ?? {}
      expect(Object.keys(meanings).sort(), codec.name).toEqual(Object.keys(codec.shape.fields).sort())
    }
  })
})
