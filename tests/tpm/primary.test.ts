// Primary objects of known seeds, byte for byte as the TCG reference code makes them (recorded from libtpms 0.9.2): P-256,
// P-384, HMAC keys and sealed data in three hierarchies, with their Names, creation data and tickets. Then what no
// recording has: post-quantum keys, and what a template may not ask. Part 3, 12.1 and 24.1; Part 1, 24.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { draw, primaryStream } from '../../src/crypto/drbg.ts'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { mldsaKeys } from '../../src/crypto/mldsa.ts'
import { mlkemKeys } from '../../src/crypto/mlkem.ts'
import { encode } from '../../src/codec/codec.ts'
import { be16, be32, concat, EMPTY, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO, ST, YES } from '../../src/spec/codes.ts'
import { CreatePrimary } from '../../src/spec/commands/hierarchy.ts'
import { ReadPublic } from '../../src/spec/commands/object.ts'
import { RH } from '../../src/spec/handles.ts'
import { type Public, TPMS_CREATION_DATA, TPMT_PUBLIC } from '../../src/spec/keys.ts'
import { MLDSA } from '../../src/spec/pqc.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import type { Hierarchy } from '../../src/tpm/tpm.ts'
import { TWO_BANKS } from '../support/profiles.ts'
import { Driver } from '../support/driver.ts'
import { create, createFails, templates, withBits, without } from '../support/keys.ts'

const file = (name: string): string =>
  readFileSync(new URL(`../vectors/tpm2-primary-seeds/${name}`, import.meta.url), 'utf8')
type Line = { readonly seq: number; readonly name: string; readonly cmdHex: string; readonly rspHex: string }
const lines = file('primaries.jsonl')
  .split('\n')
  .filter(l => l !== '')
  .map(l => JSON.parse(l) as Line)
const seeds = JSON.parse(file('seeds.json')) as { readonly [name: string]: string }

/** A TPM with the seeds and proofs of the recorded one, and its PCR banks. */
function recorded(): Driver {
  const profile: Profile = { ...PROFILES.crbscope, banks: [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512] }
  const d = new Driver(profile)
  const { hierarchies: h } = d.tpm
  const of = (hierarchy: Hierarchy, seed: string, proof: string): Hierarchy => ({
    ...hierarchy,
    seed: fromHex(seeds[seed] as string),
    proof: fromHex(seeds[proof] as string),
  })
  const hierarchies = {
    ...h,
    owner: of(h.owner, 'SPSeed', 'shProof'),
    endorsement: of(h.endorsement, 'EPSeed', 'ehProof'),
    platform: of(h.platform, 'PPSeed', 'phProof'),
  }
  d.tpm = { ...d.tpm, hierarchies }
  return d
}

describe('primary objects of the reference code', () => {
  const d = recorded()
  it.each(lines.map(l => [l.seq, l.name, l] as const))('line %i: %s', (_, __, l) => {
    expect(toHex(d.command(fromHex(l.cmdHex)))).toBe(l.rspHex)
  })
})

describe('post-quantum primary keys come from the same stream at the same place', () => {
  const bound = (t: Public) => concat(be16(t.nameAlg), hash(t.nameAlg, encode(TPMT_PUBLIC, t)))

  it.each([1, 2, 3])('ML-DSA set %i: xi is the first 32 octets', set => {
    for (const template of [templates.mldsa(set), templates.hashMldsa(set)]) {
      const d = recorded()
      d.command(fromHex('80010000000c000001440000'))
      const [xi] = draw(primaryStream(fromHex(seeds['SPSeed'] as string), bound(template), EMPTY), 32)
      const { outPublic } = create(d, template)
      expect(toHex(outPublic.unique as Uint8Array)).toBe(toHex(mldsaKeys(set, xi).publicKey))
    }
  })

  it.each([1, 2, 3])('ML-KEM set %i: d and z are the first 64 octets', set => {
    const template = templates.mlkem(set)
    const d = recorded()
    d.command(fromHex('80010000000c000001440000'))
    const [dz] = draw(primaryStream(fromHex(seeds['SPSeed'] as string), bound(template), EMPTY), 64)
    expect(toHex(create(d, template).outPublic.unique as Uint8Array)).toBe(toHex(mlkemKeys(set, dz).publicKey))
  })

  it('every bit of the template counts, and so does the hierarchy', () => {
    const d = Driver.started(TWO_BANKS)
    const t = templates.mldsa(1)
    const unique = (template: Public, hierarchy: number = RH.OWNER): string => {
      const { handle, outPublic } = create(d, template, { hierarchy })
      d.rc(`8001 0000000e 00000165 ${toHex(be32(handle))}`)
      return toHex(outPublic.unique as Uint8Array)
    }
    const other = { ...t, objectAttributes: t.objectAttributes | OBJECT.noDA } as Public
    const named = { ...t, unique: utf8('another') } as Public
    const all = [unique(t), unique(other), unique(named), unique(t, RH.ENDORSEMENT), unique(t, RH.NULL)]
    expect(new Set(all).size).toBe(5)
    expect(unique(t)).toBe(all[0])
  })
})

describe('what CreatePrimary returns', () => {
  it.each([
    ['owner', RH.OWNER],
    ['endorsement', RH.ENDORSEMENT],
    ['platform', RH.PLATFORM],
    ['null', RH.NULL],
  ] as const)('hangs together in the %s hierarchy', (name, hierarchy) => {
    const d = Driver.started(TWO_BANKS)
    d.locality(3)
    const creationPCR = [{ hash: ALG.SHA256, pcrSelect: [1, 0, 0x80] }]
    const returns = create(d, templates.mlkem(1), { hierarchy, outsideInfo: utf8('outside'), creationPCR })
    const publicName = concat(be16(ALG.SHA256), hash(ALG.SHA256, encode(TPMT_PUBLIC, returns.outPublic)))
    expect(toHex(returns.name)).toBe(toHex(publicName))
    expect(toHex(returns.creationHash)).toBe(toHex(hash(ALG.SHA256, encode(TPMS_CREATION_DATA, returns.creationData))))
    const values = d.tpm.pcrs.banks[0]?.values ?? []
    expect(returns.creationData).toEqual({
      pcrSelect: creationPCR,
      pcrDigest: hash(ALG.SHA256, values[0] ?? EMPTY, values[23] ?? EMPTY),
      locality: 8,
      parentNameAlg: ALG.NULL,
      parentName: be32(hierarchy),
      parentQualifiedName: be32(hierarchy),
      outsideInfo: utf8('outside'),
    })
    const { proof } = d.tpm.hierarchies[name]
    const digest = hmac(ALG.SHA512, proof, be16(ST.CREATION), returns.name, returns.creationHash)
    expect(returns.creationTicket).toEqual({ tag: ST.CREATION, hierarchy, digest })
    const read = d.ok(ReadPublic, { objectHandle: returns.handle }, {}, []).returns
    expect(toHex(read.name)).toBe(toHex(returns.name))
    expect(toHex(read.qualifiedName)).toBe(
      toHex(concat(be16(ALG.SHA256), hash(ALG.SHA256, be32(hierarchy), returns.name))),
    )
  })

  it('a selected PCR that is not there is left out of the selection', () => {
    const d = Driver.started(TWO_BANKS)
    const returns = create(d, templates.mlkem(1), { creationPCR: [{ hash: ALG.SHA1, pcrSelect: [255, 0, 0] }] })
    expect(returns.creationData.pcrSelect).toEqual([{ hash: ALG.SHA1, pcrSelect: [0, 0, 0] }])
    expect(toHex(returns.creationData.pcrDigest)).toBe(toHex(hash(ALG.SHA256)))
  })
})

const { mldsa, hashMldsa, mlkem, ecc, hmacKey, sealed } = templates
const ATTRIBUTES = 'TPM_RC_ATTRIBUTES, parameter 2'
const AES128 = { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } as const
const storage = withBits(mlkem(1), OBJECT.restricted)

describe('templates', () => {
  const refused: readonly (readonly [string, Public, string, string?])[] = [
    ['fixedTPM without fixedParent', without(mldsa(1), OBJECT.fixedParent), ATTRIBUTES],
    ['fixedParent without fixedTPM', without(mldsa(1), OBJECT.fixedTPM), ATTRIBUTES],
    ['encryptedDuplication of what is fixed', withBits(mldsa(1), OBJECT.encryptedDuplication), ATTRIBUTES],
    ['an asymmetric key that does nothing', without(ecc(ALG.ECDSA), OBJECT.sign), ATTRIBUTES],
    ['data not made by the TPM, but none given', without(mldsa(1), OBJECT.sensitiveDataOrigin), ATTRIBUTES],
    ['data given for what the TPM makes', hmacKey(), ATTRIBUTES, 'key'],
    [
      'data given for an asymmetric key',
      without(mldsa(1), OBJECT.sensitiveDataOrigin),
      'TPM_RC_VALUE, parameter 1',
      'key',
    ],
    ['sealed data without data', sealed(), ATTRIBUTES],
    [
      'an HMAC key longer than a block',
      without(hmacKey(), OBJECT.sensitiveDataOrigin),
      'TPM_RC_SIZE, parameter 1',
      'x'.repeat(65),
    ],
    ['ML-DSA that decrypts', withBits(mldsa(1), OBJECT.decrypt), ATTRIBUTES],
    ['HashML-DSA that decrypts only', withBits(without(hashMldsa(1), OBJECT.sign), OBJECT.decrypt), ATTRIBUTES],
    ['ML-KEM that signs', withBits(mlkem(1), OBJECT.sign), ATTRIBUTES],
    ['restricted, with both uses', withBits(ecc(ALG.ECDSA), OBJECT.restricted | OBJECT.decrypt), ATTRIBUTES],
    [
      'restricted sealed data',
      withBits(without(sealed(), OBJECT.sensitiveDataOrigin), OBJECT.restricted),
      ATTRIBUTES,
      'data',
    ],
    ['a restricted key for external mu', withBits(mldsa(1, YES), OBJECT.restricted), ATTRIBUTES],
    ['x509sign on a key that does not sign', withBits(mlkem(1), OBJECT.x509sign), ATTRIBUTES],
    ['x509sign on an HMAC key', withBits(hmacKey(), OBJECT.x509sign), ATTRIBUTES],
    ['firmwareLimited outside such a hierarchy', withBits(mldsa(1), OBJECT.firmwareLimited), ATTRIBUTES],
    ['svnLimited outside such a hierarchy', withBits(mldsa(1), OBJECT.svnLimited), ATTRIBUTES],
    ['a policy of another size', { ...mldsa(1), authPolicy: new Uint8Array(20) } as Public, 'TPM_RC_SIZE, parameter 2'],
    ['HashML-DSA with a hash that FIPS 204 has no identifier for', hashMldsa(1, ALG.SHA1), 'TPM_RC_HASH, parameter 2'],
    ['a storage key without symmetric algorithm', storage, 'TPM_RC_SYMMETRIC, parameter 2'],
    [
      'a symmetric algorithm without children',
      { ...mlkem(1), parameters: { symmetric: AES128, parameterSet: 1 } } as Public,
      'TPM_RC_SYMMETRIC, parameter 2',
    ],
    [
      'ECDSA on a key that decrypts',
      withBits(without(ecc(ALG.ECDSA), OBJECT.sign), OBJECT.decrypt),
      'TPM_RC_SCHEME, parameter 2',
    ],
    [
      'a restricted signing key without scheme',
      withBits(ecc(ALG.NULL), OBJECT.restricted),
      'TPM_RC_SCHEME, parameter 2',
    ],
    [
      'a scheme on sealed data',
      without(hmacKey(), OBJECT.sign | OBJECT.sensitiveDataOrigin),
      'TPM_RC_SCHEME, parameter 2',
      'data',
    ],
  ]
  it.each(refused.map(([name, t, wanted, data]) => [name, t, wanted, data ?? ''] as const))(
    '%s',
    (_, template, wanted, data) => {
      const d = Driver.started(TWO_BANKS)
      expect(createFails(d, template, { data: utf8(data) })).toBe(wanted)
      expect(d.tpm.objects.every(o => o === undefined)).toBe(true)
    },
  )

  const accepted: readonly (readonly [string, Public, string?])[] = [
    ['ML-DSA for external mu', mldsa(1, YES)],
    ['restricted ML-DSA', withBits(mldsa(2, NO), OBJECT.restricted)],
    ['ML-KEM storage key', { ...storage, parameters: { symmetric: AES128, parameterSet: 1 } } as Public],
    ['ECC key without scheme', ecc(ALG.NULL)],
    [
      'ECC key for signing X.509 only, with a policy',
      { ...withBits(ecc(ALG.ECDSA), OBJECT.x509sign), authPolicy: new Uint8Array(32) } as Public,
    ],
    ['ECC key for ECDH', withBits(without(ecc(ALG.NULL), OBJECT.sign), OBJECT.decrypt)],
    ['HMAC key of the caller', without(hmacKey(), OBJECT.sensitiveDataOrigin), 'x'.repeat(64)],
    ['sealed data', sealed(), 'secret'],
    ['a key that can move', without(mldsa(3), OBJECT.fixedTPM | OBJECT.fixedParent)],
  ]
  it.each(accepted.map(([name, t, data]) => [name, t, data ?? ''] as const))('accepted: %s', (_, template, data) => {
    const d = Driver.started(TWO_BANKS)
    const t = data === '' ? template : without(template, OBJECT.sensitiveDataOrigin)
    expect(create(d, t, { data: utf8(data) }).handle).toBe(0x80000000)
  })

  it('a password is at most a digest long; slots run out', () => {
    const d = Driver.started(TWO_BANKS)
    expect(createFails(d, mldsa(1), { userAuth: new Uint8Array(33).fill(1) })).toBe('TPM_RC_SIZE, parameter 1')
    for (let i = 0; i < PROFILES.crbscope.transientSlots; i++) create(d, mlkem(1))
    expect(createFails(d, mlkem(1))).toBe('TPM_RC_OBJECT_MEMORY')
  })

  it('the parameter sets are those of the profile', () => {
    const d = Driver.started({ ...PROFILES.crbscope, mldsa: [MLDSA[44]], externalMu: false })
    expect(createFails(d, mldsa(3))).toBe('TPM_RC_PARMS, parameter 2')
    expect(createFails(d, mldsa(1, YES))).toBe('TPM_RC_EXT_MU, parameter 2')
    expect(createFails(d, mldsa(1))).toBe('TPM_RC_SUCCESS')
  })

  it('needs the authorization of its hierarchy', () => {
    const d = Driver.started(TWO_BANKS)
    d.tpm = {
      ...d.tpm,
      hierarchies: { ...d.tpm.hierarchies, owner: { ...d.tpm.hierarchies.owner, auth: utf8('owner') } },
    }
    const params = {
      inSensitive: { userAuth: EMPTY, data: EMPTY },
      inPublic: mlkem(1),
      outsideInfo: EMPTY,
      creationPCR: [],
    }
    expect(d.fails(CreatePrimary, { primaryHandle: RH.OWNER }, params)).toBe('TPM_RC_BAD_AUTH, session 1')
  })
})
