// Loading from outside, reading, flushing, and asking for parameters. Part 3, 12.3, 12.4, 28.4 and 30.3.

import { describe, expect, it } from 'vitest'
import { eccPrivate, eccPublic } from '../../src/crypto/ecc.ts'
import { hash } from '../../src/crypto/hash.ts'
import { mldsaKeys } from '../../src/crypto/mldsa.ts'
import { mlkemKeys } from '../../src/crypto/mlkem.ts'
import { encode } from '../../src/codec/codec.ts'
import { be16, type Bytes, concat, EMPTY, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO, YES } from '../../src/spec/codes.ts'
import { TestParms } from '../../src/spec/commands/capability.ts'
import { FlushContext } from '../../src/spec/commands/context.ts'
import { LoadExternal, ReadPublic } from '../../src/spec/commands/object.ts'
import { HashSequenceStart } from '../../src/spec/commands/sequence.ts'
import { Decapsulate, Encapsulate } from '../../src/spec/commands/asymmetric.ts'
import { RH } from '../../src/spec/handles.ts'
import { type Public, type PublicParms, type Sensitive, TPMT_PUBLIC_OR_NULL } from '../../src/spec/keys.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { create, createFails, load, loadFails, OWNED, templates, withBits, without } from '../support/keys.ts'

const LOOSE = OBJECT.fixedTPM | OBJECT.fixedParent
const seed = (n: number): Bytes => Uint8Array.from({ length: n }, (_, i) => (11 * i + n) & 255)
const d256 = eccPrivate(CURVE.NIST_P256, seed(40))
const d384 = eccPrivate(CURVE.NIST_P384, seed(56))
const point = (curve: number, d: Bytes) => eccPublic(curve, d) ?? { x: EMPTY, y: EMPTY }
const secret = (type: number, sensitive: Bytes, seedValue: Bytes = EMPTY): Sensitive =>
  ({ sensitiveType: type, authValue: EMPTY, seedValue, sensitive }) as Sensitive
const whole = (t: Public, unique: unknown): Public => ({ ...without(t, LOOSE), unique }) as Public
const hmacUnique = (alg: number) => hash(alg, seed(32), utf8('hmac key'))

/** Public and private part of each kind of key. */
const PAIRS: readonly (readonly [string, Public, Sensitive])[] = [
  ...[1, 2, 3].flatMap(set => {
    const { publicKey } = mldsaKeys(set, seed(32))
    return [
      [`ML-DSA ${set}`, whole(templates.mldsa(set), publicKey), secret(ALG.MLDSA, seed(32))] as const,
      [`HashML-DSA ${set}`, whole(templates.hashMldsa(set), publicKey), secret(ALG.HASH_MLDSA, seed(32))] as const,
      [
        `ML-KEM ${set}`,
        whole(templates.mlkem(set), mlkemKeys(set, seed(64)).publicKey),
        secret(ALG.MLKEM, seed(64)),
      ] as const,
    ]
  }),
  ['P-256', whole(templates.ecc(ALG.ECDSA), point(CURVE.NIST_P256, d256)), secret(ALG.ECC, d256)],
  ['P-384', whole(templates.ecc(ALG.ECDSA, CURVE.NIST_P384), point(CURVE.NIST_P384, d384)), secret(ALG.ECC, d384)],
  ['HMAC', whole(templates.hmacKey(), hmacUnique(ALG.SHA256)), secret(ALG.KEYEDHASH, utf8('hmac key'), seed(32))],
]

describe.each(PAIRS)('%s', (_, publicArea, sensitive) => {
  it('loads whole, and alone; Name and Qualified Name are the digest of the public area', () => {
    const d = Driver.started()
    const handles = [load(d, publicArea, sensitive), load(d, publicArea, undefined, RH.OWNER)]
    const name = toHex(concat(be16(ALG.SHA256), hash(ALG.SHA256, encode(TPMT_PUBLIC_OR_NULL, publicArea))))
    for (const objectHandle of handles) {
      const r = d.ok(ReadPublic, { objectHandle }, {}, []).returns
      expect([toHex(r.name), toHex(r.qualifiedName)]).toEqual([name, name])
      expect(encode(TPMT_PUBLIC_OR_NULL, r.outPublic as Public)).toEqual(encode(TPMT_PUBLIC_OR_NULL, publicArea))
    }
  })

  it('the private part must be that of the public part, and come alone in the NULL hierarchy', () => {
    const d = Driver.started()
    const other = Uint8Array.from(
      { length: sensitive.sensitive.length },
      (_, i) => (sensitive.sensitive[i] as number) ^ (i === 5 ? 1 : 0),
    )
    expect(loadFails(d, publicArea, { ...sensitive, sensitive: other } as Sensitive)).toBe('TPM_RC_BINDING')
    expect(loadFails(d, publicArea, sensitive, RH.OWNER)).toBe('TPM_RC_HIERARCHY, parameter 3')
    for (const bit of [OBJECT.fixedTPM, OBJECT.fixedParent, OBJECT.restricted]) {
      expect(loadFails(d, withBits(publicArea, bit), sensitive)).toBe('TPM_RC_ATTRIBUTES, parameter 2')
    }
    const type = publicArea.type === ALG.ECC ? ALG.KEYEDHASH : ALG.ECC
    expect(loadFails(d, publicArea, secret(type, seed(32)))).toBe('TPM_RC_TYPE, parameter 1')
    const authValue = new Uint8Array(33).fill(1)
    expect(loadFails(d, publicArea, { ...sensitive, authValue })).toBe('TPM_RC_SIZE, parameter 1')
  })

  it('without a Name it has an empty one, and may have a longer password', () => {
    const d = Driver.started()
    const nameless = { ...publicArea, nameAlg: ALG.NULL } as Public
    const handle = load(d, nameless, { ...sensitive, authValue: seed(40) })
    expect(d.ok(ReadPublic, { objectHandle: handle }, {}, []).returns.name.length).toBe(0)
    expect(loadFails(d, { ...nameless, authPolicy: new Uint8Array(32) } as Public)).toBe('TPM_RC_SIZE, parameter 2')
  })

  it('alone, its attributes are not looked at, but its policy and public key are', () => {
    const d = Driver.started()
    expect(loadFails(d, withBits(without(publicArea, OWNED), OBJECT.fixedTPM))).toBe('TPM_RC_SUCCESS')
    expect(loadFails(d, { ...publicArea, authPolicy: new Uint8Array(31) } as Public)).toBe('TPM_RC_SIZE, parameter 2')
    const bad =
      publicArea.type === ALG.ECC
        ? { x: publicArea.unique.y, y: publicArea.unique.x }
        : (publicArea.unique as Bytes).slice(1)
    const wanted = publicArea.type === ALG.ECC ? 'TPM_RC_ECC_POINT, parameter 2' : 'TPM_RC_KEY, parameter 2'
    expect(loadFails(d, { ...publicArea, unique: bad } as Public)).toBe(wanted)
  })
})

describe('TPM2_LoadExternal', () => {
  it('private parts of a wrong size', () => {
    const d = Driver.started()
    const ecc = PAIRS.find(p => p[0] === 'P-256') as (typeof PAIRS)[0]
    for (const d of [EMPTY, new Uint8Array(32), new Uint8Array(32).fill(255), seed(33)]) {
      expect(loadFails(Driver.started(), ecc[1], secret(ALG.ECC, d))).toBe('TPM_RC_KEY_SIZE, parameter 1')
    }
    const hmac = PAIRS.find(p => p[0] === 'HMAC') as (typeof PAIRS)[0]
    expect(loadFails(d, hmac[1], secret(ALG.KEYEDHASH, seed(65), seed(32)))).toBe('TPM_RC_KEY_SIZE, parameter 1')
    // xi has 32 octets, d and z 64: the type itself says so.
    const mldsa = PAIRS[0] as (typeof PAIRS)[0]
    expect(loadFails(d, mldsa[1], secret(ALG.MLDSA, seed(31)))).toBe('TPM_RC_SIZE, parameter 1')
  })

  it('an ML-KEM key with a coefficient that is not below q is none', () => {
    const d = Driver.started()
    const { publicKey } = mlkemKeys(1, seed(64))
    const bad = concat(Uint8Array.of(255, 255, 255), publicKey.slice(3))
    expect(loadFails(d, whole(templates.mlkem(1), bad))).toBe('TPM_RC_KEY, parameter 2')
  })

  it('a TPM without external mu refuses keys for it', () => {
    const d = Driver.started({ ...PROFILES.crbscope, externalMu: false })
    const { publicKey } = mldsaKeys(1, seed(32))
    expect(loadFails(d, whole(templates.mldsa(1, YES), publicKey))).toBe('TPM_RC_EXT_MU, parameter 2')
    expect(loadFails(d, whole(templates.mldsa(1, NO), publicKey))).toBe('TPM_RC_SUCCESS')
  })

  it('hierarchies that are disabled or that this TPM has not', () => {
    const d = Driver.started()
    const { owner } = d.tpm.hierarchies
    d.tpm = { ...d.tpm, hierarchies: { ...d.tpm.hierarchies, owner: { ...owner, enabled: false } } }
    const [, publicArea] = PAIRS[0] as (typeof PAIRS)[0]
    expect(loadFails(d, publicArea, undefined, RH.OWNER)).toBe('TPM_RC_HIERARCHY, parameter 3')
    expect(loadFails(d, publicArea, undefined, RH.FW_OWNER)).toBe('TPM_RC_VALUE, parameter 3')
    expect(d.fails(LoadExternal, {}, { inPrivate: undefined, inPublic: publicArea, hierarchy: RH.LOCKOUT })).toBe(
      'TPM_RC_VALUE, parameter 3',
    )
  })

  it('a lone public key has no secret to authorize', () => {
    const d = Driver.started()
    const { publicKey } = mlkemKeys(1, seed(64))
    const keyHandle = load(d, whole(templates.mlkem(1), publicKey))
    const { ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
    expect(d.fails(Decapsulate, { keyHandle }, { ciphertext })).toBe('TPM_RC_AUTH_UNAVAILABLE')
  })
})

describe('TPM2_ReadPublic and TPM2_FlushContext', () => {
  it('are about objects; sequences have no public area but can be flushed', () => {
    const d = Driver.started()
    const sequence = d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 }).handle as number
    const key = create(d, templates.mldsa(1)).handle
    expect(d.fails(ReadPublic, { objectHandle: sequence }, {}, [])).toBe('TPM_RC_SEQUENCE')
    expect(d.fails(ReadPublic, { objectHandle: key }, {}, [])).toBe('TPM_RC_SUCCESS')
    for (const flushHandle of [sequence, key]) {
      expect(d.fails(FlushContext, {}, { flushHandle })).toBe('TPM_RC_SUCCESS')
      expect(d.fails(FlushContext, {}, { flushHandle })).toBe('TPM_RC_HANDLE, parameter 1')
      expect(d.fails(ReadPublic, { objectHandle: flushHandle }, {}, [])).toBe('TPM_RC_REFERENCE_H0')
    }
    expect(d.tpm.objects.every(o => o === undefined)).toBe(true)
    expect(d.fails(FlushContext, {}, { flushHandle: RH.OWNER })).toBe('TPM_RC_VALUE, parameter 1')
    expect(d.fails(FlushContext, {}, { flushHandle: 0x02000000 })).toBe('TPM_RC_HANDLE, parameter 1')
  })
})

describe('TPM2_TestParms', () => {
  const { mldsa, hashMldsa, mlkem, ecc, hmacKey } = templates
  const parms = (p: Public): PublicParms => ({ type: p.type, parameters: p.parameters }) as PublicParms
  const unknown = (t: Public, parameterSet: number): Public =>
    ({ ...t, parameters: { ...t.parameters, parameterSet } }) as Public

  const withKdf = (t: Public): Public => {
    const kdf = { scheme: ALG.KDF1_SP800_108, hashAlg: ALG.SHA256 }
    return { ...t, parameters: { ...t.parameters, kdf } } as Public
  }

  it.each([
    ['ML-DSA', mldsa(3), 'TPM_RC_SUCCESS'],
    ['ML-DSA with external mu', mldsa(1, YES), 'TPM_RC_SUCCESS'],
    ['HashML-DSA', hashMldsa(2, ALG.SHA512), 'TPM_RC_SUCCESS'],
    ['HashML-DSA with SHA-1', hashMldsa(2, ALG.SHA1), 'TPM_RC_HASH, parameter 1'],
    ['HashML-DSA with a hash that this TPM lacks', hashMldsa(2, ALG.SHA3_256), 'TPM_RC_HASH, parameter 1'],
    ['ML-KEM', mlkem(2), 'TPM_RC_SUCCESS'],
    ['an unknown set of ML-KEM', unknown(mlkem(1), 4), 'TPM_RC_PARMS, parameter 1'],
    ['an unknown set of ML-DSA', unknown(mldsa(1), 0), 'TPM_RC_PARMS, parameter 1'],
    ['P-384', ecc(ALG.ECDSA, CURVE.NIST_P384), 'TPM_RC_SUCCESS'],
    ['P-521', ecc(ALG.ECDSA, CURVE.NIST_P521), 'TPM_RC_SUCCESS'],
    ['SM2, which this TPM lacks', ecc(ALG.ECDSA, CURVE.SM2_P256), 'TPM_RC_CURVE, parameter 1'],
    ['HMAC', hmacKey(), 'TPM_RC_SUCCESS'],
    ['ECC with a key derivation function', withKdf(ecc(ALG.NULL)), 'TPM_RC_KDF, parameter 1'],
  ] as const)('%s', (_, template, wanted) => {
    expect(Driver.started().fails(TestParms, {}, { parameters: parms(template) })).toBe(wanted)
  })

  it('a key derivation function is refused in templates too', () => {
    const decrypts = withBits(without(withKdf(ecc(ALG.NULL)), OBJECT.sign), OBJECT.decrypt)
    expect(createFails(Driver.started(), decrypts)).toBe('TPM_RC_KDF, parameter 2')
  })

  it('external mu on a TPM that has it not', () => {
    const d = Driver.started({ ...PROFILES.crbscope, externalMu: false })
    expect(d.fails(TestParms, {}, { parameters: parms(mldsa(1, YES)) })).toBe('TPM_RC_EXT_MU, parameter 1')
  })
})
