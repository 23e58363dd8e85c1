// Statements of the TPM: what they say, who signs them and how, and what is hidden in them. Part 3, 18; Part 1, 28 and 33.7.
// Signatures are checked apart from the engine: over the octets of the response, with the public key.

import { NO_RESULTS } from '../../src/crypto/jobs.ts'
import { describe, expect, it } from 'vitest'
import { eccCombine, eccGenerator, ecdsaVerify, type Point, toInt } from '../../src/crypto/ecc.ts'
import { schnorrVerify } from '../../src/crypto/ecc-schemes.ts'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { kdfa } from '../../src/crypto/kdf.ts'
import { hashMessage, mldsaVerify, pureMessage } from '../../src/crypto/mldsa.ts'
import { encode } from '../../src/codec/codec.ts'
import { be16, be32, type Bytes, concat, EMPTY, readBe32, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { type Attest, TPMS_ATTEST } from '../../src/spec/attest.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { CC, ST } from '../../src/spec/codes.ts'
import { Certify, CertifyCreation, GetCommandAuditDigest, GetTime, Quote } from '../../src/spec/commands/attestation.ts'
import { SetCommandCodeAuditStatus } from '../../src/spec/commands/audit.ts'
import { Commit } from '../../src/spec/commands/ephemeral.ts'
import { PCR_Extend } from '../../src/spec/commands/pcr.ts'
import { RH } from '../../src/spec/handles.ts'
import type { Public, Signature } from '../../src/spec/keys.ts'
import { auditCommand, auditHash } from '../../src/tpm/audit.ts'
import { Context } from '../../src/tpm/command.ts'
import { Driver } from '../support/driver.ts'
import { create, templates, withBits } from '../support/keys.ts'

const { ecc, hmacKey, mldsa, hashMldsa, mlkem } = templates
const NO_SCHEME = { scheme: ALG.NULL } as const
const qualifyingData = utf8('fresh')

const withScheme = (scheme: object, curveID: number = CURVE.NIST_P256): Public => {
  const t = ecc(ALG.NULL, curveID) as Extract<Public, { type: typeof ALG.ECC }>
  return { ...t, parameters: { ...t.parameters, scheme: scheme as never } }
}
const schnorr = withScheme({ scheme: ALG.ECSCHNORR, hashAlg: ALG.SHA256 })
const ecdaa = withScheme({ scheme: ALG.ECDAA, hashAlg: ALG.SHA256, count: 0 }, CURVE.BN_P256)

/** Whether the signature is one over these octets by this key. */
function good(p: Public, s: Signature | { sigAlg: typeof ALG.NULL }, octets: Bytes, secret?: Bytes): boolean {
  switch (s.sigAlg) {
    case ALG.ECDSA: {
      const digest = hash(s.hash, octets)
      return p.type === ALG.ECC && ecdsaVerify(p.parameters.curveID, p.unique, digest, s.signatureR, s.signatureS)
    }
    case ALG.ECSCHNORR: {
      const digest = hash(s.hash, octets)
      const { signatureR: r, signatureS } = s
      return p.type === ALG.ECC && schnorrVerify(p.parameters.curveID, p.unique, s.hash, digest, r, signatureS)
    }
    case ALG.MLDSA:
      return p.type === ALG.MLDSA && mldsaVerify(1, p.unique, pureMessage(EMPTY, octets), s.signature)
    case ALG.HASH_MLDSA: {
      const message = hashMessage(s.hash, EMPTY, hash(s.hash, octets))
      return p.type === ALG.HASH_MLDSA && mldsaVerify(1, p.unique, message, s.signature)
    }
    case ALG.HMAC:
      return toHex(s.hmac.digest) === toHex(hmac(ALG.SHA256, secret as Bytes, hash(ALG.SHA256, octets)))
    default:
      return false
  }
}

const octetsOf = (a: Attest): Bytes => encode(TPMS_ATTEST, a)

describe('TPM2_Certify', () => {
  const signers: readonly (readonly [string, Public, object?])[] = [
    ['ECDSA', ecc(ALG.ECDSA)],
    ['ECDSA on P-521, scheme left open', ecc(ALG.NULL, CURVE.NIST_P521), { scheme: ALG.ECDSA, hashAlg: ALG.SHA512 }],
    ['the scheme named again', ecc(ALG.ECDSA), { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 }],
    ['EC Schnorr', schnorr],
    ['HMAC', hmacKey()],
    ['ML-DSA', mldsa(1)],
    ['restricted ML-DSA', withBits(mldsa(1), OBJECT.restricted)],
    ['HashML-DSA', hashMldsa(1)],
    ['a key for X.509', { ...withBits(ecc(ALG.ECDSA), OBJECT.x509sign) } as Public],
  ]
  it.each(signers.map(([name, t, s]) => [name, t, s ?? NO_SCHEME] as const))('%s signs', (_, template, scheme) => {
    const d = Driver.started()
    const object = create(d, mlkem(1))
    const key = create(d, template)
    const inScheme = scheme as typeof NO_SCHEME
    const handles = { objectHandle: object.handle, signHandle: key.handle }
    const { certifyInfo, signature } = d.ok(Certify, handles, { qualifyingData, inScheme }).returns
    const { statement } = certifyInfo
    expect(toHex(octetsOf(certifyInfo).slice(0, 6))).toBe('ff5443478017')
    const qualified = (name: Bytes) => toHex(concat(be16(ALG.SHA256), hash(ALG.SHA256, be32(RH.OWNER), name)))
    expect(toHex(statement.qualifiedSigner)).toBe(qualified(key.name))
    expect(toHex(statement.extraData)).toBe(toHex(qualifyingData))
    const attested = statement.attested as { name: Bytes; qualifiedName: Bytes }
    expect([toHex(attested.name), toHex(attested.qualifiedName)]).toEqual([toHex(object.name), qualified(object.name)])
    const slot = d.tpm.objects[key.handle - 0x80000000]
    const secret = slot?.kind === 'object' ? slot.sensitive?.sensitive : undefined
    expect(good(key.outPublic, signature, octetsOf(certifyInfo), secret)).toBe(true)
    expect(good(key.outPublic, signature, concat(octetsOf(certifyInfo), Uint8Array.of(0)), secret)).toBe(false)
  })

  it('nobody signs with TPM_RH_NULL', () => {
    const d = Driver.started()
    const { handle } = create(d, mlkem(1))
    const handles = { objectHandle: handle, signHandle: RH.NULL }
    const { certifyInfo, signature } = d.ok(Certify, handles, { qualifyingData, inScheme: NO_SCHEME }).returns
    expect(signature).toEqual({ sigAlg: ALG.NULL })
    expect(toHex(certifyInfo.statement.qualifiedSigner)).toBe('40000007')
  })

  it('ECDAA tells neither who signed nor where the object is, and uses its commit up', () => {
    const d = Driver.started()
    const key = create(d, ecdaa, { hierarchy: RH.ENDORSEMENT })
    const none = { x: EMPTY, y: EMPTY }
    const { E, counter } = d.ok(Commit, { signHandle: key.handle }, { P1: none, s2: EMPTY, y2: EMPTY }).returns
    const inScheme = { scheme: ALG.ECDAA, hashAlg: ALG.SHA256, count: counter }
    const handles = { objectHandle: key.handle, signHandle: key.handle }
    const { certifyInfo, signature } = d.ok(Certify, handles, { qualifyingData, inScheme }).returns
    const { qualifiedSigner, extraData, attested } = certifyInfo.statement
    expect([qualifiedSigner, extraData, (attested as { qualifiedName: Bytes }).qualifiedName]).toEqual([
      EMPTY,
      EMPTY,
      EMPTY,
    ])
    if (signature.sigAlg !== ALG.ECDAA) throw new Error('another scheme')
    // [s]G - [T]Q is the point of the commit.
    const p = hash(ALG.SHA256, qualifyingData, hash(ALG.SHA256, octetsOf(certifyInfo)))
    const t = toInt(hash(ALG.SHA256, signature.signatureR, p))
    const q = key.outPublic.unique as Point
    const point = eccCombine(CURVE.BN_P256, toInt(signature.signatureS), eccGenerator(CURVE.BN_P256), -t, q)
    expect(toHex((point as Point).x)).toBe(toHex(E.x))
    expect(d.fails(Certify, handles, { qualifyingData, inScheme })).toBe('TPM_RC_VALUE, parameter 2')
    const later = { ...inScheme, count: counter + 1 }
    expect(d.fails(Certify, handles, { qualifyingData, inScheme: later })).toBe('TPM_RC_RANGE, parameter 2')
    expect(d.fails(Certify, handles, { qualifyingData, inScheme: NO_SCHEME })).toBe('TPM_RC_SCHEME, parameter 2')
  })

  const ECDSA384 = { scheme: ALG.ECDSA, hashAlg: ALG.SHA384 } as const
  it.each([
    ['a key that does not sign', mlkem(1), NO_SCHEME, 'TPM_RC_KEY, handle 2'],
    ['a scheme that is left open twice', ecc(ALG.NULL), NO_SCHEME, 'TPM_RC_SCHEME, parameter 2'],
    ['another hash than the key has', ecc(ALG.ECDSA), ECDSA384, 'TPM_RC_SCHEME, parameter 2'],
    ['a scheme for another key', hmacKey(), ECDSA384, 'TPM_RC_SCHEME, parameter 2'],
    ['a scheme with ML-DSA', mldsa(1), ECDSA384, 'TPM_RC_SCHEME, parameter 2'],
  ] as const)('refuses %s', (_, template, inScheme, wanted) => {
    const d = Driver.started()
    const { handle } = create(d, template)
    expect(d.fails(Certify, { objectHandle: handle, signHandle: handle }, { qualifyingData, inScheme })).toBe(wanted)
  })
})

describe('what a statement hides', () => {
  const time = (d: Driver, signHandle: number) =>
    d.ok(GetTime, { privacyAdminHandle: RH.ENDORSEMENT, signHandle }, { qualifyingData, inScheme: NO_SCHEME }).returns
      .timeInfo.statement

  it.each([
    ['owner', RH.OWNER, true],
    ['endorsement', RH.ENDORSEMENT, false],
    ['platform', RH.PLATFORM, false],
    ['null', RH.NULL, true],
  ] as const)('counters and version, of a key of the %s hierarchy', (_, hierarchy, hidden) => {
    const d = Driver.started()
    d.elapse(5_000_000)
    const key = create(d, ecc(ALG.ECDSA), { hierarchy })
    const { clockInfo, firmwareVersion, attested, qualifiedSigner } = time(d, key.handle)
    const plain = attested as { time: { time: bigint; clockInfo: typeof clockInfo }; firmwareVersion: bigint }
    expect(plain.time).toEqual({ time: 5000n, clockInfo: { clock: 5000n, resetCount: 1, restartCount: 0, safe: 1 } })
    expect(plain.firmwareVersion).toBe(0x0001_0000_0000_0000n)
    const { proof } = d.tpm.hierarchies.owner
    const bits = kdfa(ALG.SHA256, proof, 'OBFUSCATE', qualifiedSigner, EMPTY, 128)
    const word = (i: number) => (hidden ? readBe32(bits, 4 * i) : 0)
    expect(clockInfo.clock).toBe(5000n)
    expect(clockInfo.resetCount).toBe((1 + word(2)) >>> 0)
    expect(clockInfo.restartCount).toBe(word(3))
    const version = (BigInt(word(0)) << 32n) + BigInt(word(1)) + 0x0001_0000_0000_0000n
    expect(firmwareVersion).toBe(BigInt.asUintN(64, version))
  })

  it('and of nobody', () => {
    const d = Driver.started()
    const { proof } = d.tpm.hierarchies.owner
    const bits = kdfa(ALG.SHA512, proof, 'OBFUSCATE', be32(RH.NULL), EMPTY, 128)
    expect(time(d, RH.NULL).clockInfo.resetCount).toBe((1 + readBe32(bits, 8)) >>> 0)
  })

  it('needs endorsement authorization', () => {
    const d = Driver.started()
    const { endorsement, ...others } = d.tpm.hierarchies
    d.tpm = { ...d.tpm, hierarchies: { ...others, endorsement: { ...endorsement, auth: utf8('e') } } }
    const handles = { privacyAdminHandle: RH.ENDORSEMENT, signHandle: RH.NULL }
    expect(d.fails(GetTime, handles, { qualifyingData, inScheme: NO_SCHEME })).toBe('TPM_RC_BAD_AUTH, session 1')
  })
})

describe('TPM2_Quote', () => {
  const PCRselect = [{ hash: ALG.SHA256, pcrSelect: [1, 0, 1] }]

  it('is over the digest of the selected PCRs, with the hash of the scheme', () => {
    const d = Driver.started()
    const digest = hash(ALG.SHA256, utf8('x'))
    d.ok(PCR_Extend, { pcrHandle: 16 }, { digests: [{ hashAlg: ALG.SHA256, digest }] as never })
    const key = create(d, ecc(ALG.ECDSA, CURVE.NIST_P384))
    const params = { qualifyingData, inScheme: NO_SCHEME, PCRselect }
    const { quoted, signature } = d.ok(Quote, { signHandle: key.handle }, params).returns
    const zero = new Uint8Array(32)
    expect(quoted.statement.attested).toEqual({
      pcrSelect: PCRselect,
      pcrDigest: hash(ALG.SHA384, zero, hash(ALG.SHA256, zero, digest)),
    })
    expect(good(key.outPublic, signature, octetsOf(quoted))).toBe(true)
  })

  it('needs a hash: pure ML-DSA has none, and nobody has none unless given', () => {
    const d = Driver.started()
    const key = create(d, mldsa(1))
    const quote = (signHandle: number, inScheme: object) =>
      d.fails(Quote, { signHandle }, { qualifyingData, inScheme: inScheme as typeof NO_SCHEME, PCRselect })
    expect(quote(key.handle, NO_SCHEME)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(quote(RH.NULL, NO_SCHEME)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(quote(RH.NULL, { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 })).toBe('TPM_RC_SUCCESS')
  })
})

describe('TPM2_CertifyCreation', () => {
  it('takes the ticket of the object and its creation data only', () => {
    const d = Driver.started()
    const made = create(d, mlkem(1))
    const other = create(d, mlkem(2))
    const key = create(d, ecc(ALG.ECDSA))
    const certify = (objectHandle: number, creationHash: Bytes) =>
      [
        CertifyCreation,
        { signHandle: key.handle, objectHandle },
        { qualifyingData, creationHash, inScheme: NO_SCHEME, creationTicket: made.creationTicket },
      ] as const
    const { certifyInfo, signature } = d.ok(...certify(made.handle, made.creationHash)).returns
    expect(certifyInfo.statement.attested).toEqual({ objectName: made.name, creationHash: made.creationHash })
    expect(good(key.outPublic, signature, octetsOf(certifyInfo))).toBe(true)
    expect(d.fails(...certify(other.handle, made.creationHash))).toBe('TPM_RC_TICKET, parameter 4')
    expect(d.fails(...certify(made.handle, hash(ALG.SHA256, made.creationHash)))).toBe('TPM_RC_TICKET, parameter 4')
  })
})

describe('command audit', () => {
  const status = (d: Driver, auditAlg: number, setList: number[], clearList: number[]) =>
    d.fails(SetCommandCodeAuditStatus, { auth: RH.OWNER }, { auditAlg, setList, clearList })
  const codes = (d: Driver) => d.tpm.audit.codes

  it('the list: what is set and cleared, rising, without Shutdown and unknown codes', () => {
    const d = Driver.started()
    expect(codes(d)).toEqual([CC.SetCommandCodeAuditStatus])
    expect(status(d, ALG.NULL, [CC.GetRandom, CC.Quote, CC.Shutdown, 0x20000000, CC.Certify], [CC.Certify])).toBe(
      'TPM_RC_SUCCESS',
    )
    expect(codes(d)).toEqual([CC.SetCommandCodeAuditStatus, CC.Quote, CC.GetRandom])
    expect(status(d, d.tpm.audit.hash, [], [CC.SetCommandCodeAuditStatus, CC.Quote])).toBe('TPM_RC_SUCCESS')
    expect(codes(d)).toEqual([CC.SetCommandCodeAuditStatus, CC.GetRandom])
  })

  it('the hash changes alone', () => {
    const d = Driver.started()
    expect(status(d, ALG.SHA384, [CC.Quote], [])).toBe('TPM_RC_VALUE')
    expect(status(d, ALG.SHA384, [], [])).toBe('TPM_RC_SUCCESS')
    expect([d.tpm.audit.hash, d.tpm.audit.digest.length]).toEqual([ALG.SHA384, 48])
  })

  it('the digest is extended, counted when a log begins, stated, and cleared by a signature', () => {
    const d = Driver.started()
    const before = d.tpm
    const c = new Context(before, 0, NO_RESULTS)
    const [cp, rp] = [hash(ALG.SHA256, utf8('cp')), hash(ALG.SHA256, utf8('rp'))]
    expect(auditHash(c.tpm, before, CC.SetCommandCodeAuditStatus)).toBe(ALG.SHA256)
    expect(auditHash(c.tpm, before, CC.GetRandom)).toBeUndefined()
    auditCommand(c, cp, rp)
    auditCommand(c, rp, cp)
    const first = hash(ALG.SHA256, new Uint8Array(32), cp, rp)
    d.tpm = c.tpm
    const key = create(d, ecc(ALG.ECDSA))
    const state = (signHandle: number) =>
      d.ok(
        GetCommandAuditDigest,
        { privacyHandle: RH.ENDORSEMENT, signHandle },
        { qualifyingData, inScheme: NO_SCHEME },
      ).returns.auditInfo.statement.attested
    const wanted = {
      auditCounter: 1n,
      digestAlg: ALG.SHA256,
      auditDigest: hash(ALG.SHA256, first, rp, cp),
      commandDigest: hash(ALG.SHA256, be32(CC.SetCommandCodeAuditStatus)),
    }
    expect(state(RH.NULL)).toEqual(wanted)
    expect(state(key.handle)).toEqual(wanted)
    expect(state(RH.NULL)).toEqual({ ...wanted, auditDigest: new Uint8Array(32) })
    expect(ST.ATTEST_COMMAND_AUDIT).toBe(0x8015)
  })

  it('a change of the hash is not audited', () => {
    const d = Driver.started()
    const before = d.tpm
    status(d, ALG.SHA512, [], [])
    expect(auditHash(d.tpm, before, CC.SetCommandCodeAuditStatus)).toBeUndefined()
    expect(auditHash(d.tpm, d.tpm, CC.SetCommandCodeAuditStatus)).toBe(ALG.SHA512)
  })

  it('a log survives an orderly shutdown and no other', () => {
    const d = Driver.started()
    const c = new Context(d.tpm, 0, NO_RESULTS)
    auditCommand(c, utf8('a'), utf8('b'))
    d.tpm = c.tpm
    const { digest } = d.tpm.audit
    d.rc('8001 0000000c 00000145 0000')
    d.powerCycle()
    d.rc('8001 0000000c 00000144 0000')
    expect(toHex(d.tpm.audit.digest)).toBe(toHex(digest))
    d.powerCycle()
    d.rc('8001 0000000c 00000144 0000')
    expect(toHex(d.tpm.audit.digest)).toBe('00'.repeat(32))
    expect(d.tpm.audit.counter).toBe(1)
  })
})
