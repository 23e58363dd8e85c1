// Certificates that a TPM completes and signs: put together here, and verified by node:crypto. Part 3, 18.8; RFC 5280.

import { createPublicKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { type Bytes, be32, concat, EMPTY, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { CertifyX509 } from '../../src/spec/commands/attestation.ts'
import type { Public } from '../../src/spec/keys.ts'
import { bitString, element, elements, integer, oid, sequence } from '../../src/tpm/der.ts'
import { publicKeyInfo } from '../../src/tpm/x509.ts'
import { Driver } from '../support/driver.ts'
import { create, OWNED, templates } from '../support/keys.ts'

const { ecc, hmacKey, mldsa, mlkem } = templates
const name = (text: string): Bytes => sequence(element(0x31, sequence(oid('550403'), element(0x0c, utf8(text)))))
const time = (text: string): Bytes => element(0x17, utf8(text))
const validity = sequence(time('250101000000Z'), time('350101000000Z'))
const usage = (bits: number): Bytes => sequence(oid('551d0f'), element(4, element(3, Uint8Array.of(0, bits))))
const attributes = (bits: number): Bytes => sequence(oid('6781050a010101'), element(4, bitString(be32(bits))))
const extensions = (...list: Bytes[]): Bytes => element(0xa3, sequence(...list))
const DIGITAL_SIGNATURE = 0x80
const KEY_AGREEMENT = 0x08
const partial = (list: Bytes, ...first: Bytes[]): Bytes =>
  sequence(...first, name('issuer'), validity, name('subject'), list)
const SIGNS = extensions(usage(DIGITAL_SIGNATURE))
const NO_SCHEME = { scheme: ALG.NULL } as const

const run = (objectHandle: number, signHandle: number, partialCertificate: Bytes, reserved: Bytes = EMPTY) =>
  [CertifyX509, { objectHandle, signHandle }, { reserved, inScheme: NO_SCHEME, partialCertificate }] as const

const parts = (octets: Bytes) =>
  elements(octets)?.[0] ? (elements(elements(octets)?.[0]?.content as Bytes) ?? []) : []

describe('TPM2_CertifyX509', () => {
  it.each([CURVE.NIST_P256, CURVE.NIST_P384])('curve %#x: the certificate verifies', curve => {
    const d = Driver.started()
    const key = create(d, ecc(ALG.ECDSA, curve))
    const list = extensions(usage(DIGITAL_SIGNATURE), attributes(OWNED | OBJECT.sign))
    const returns = d.ok(...run(key.handle, key.handle, partial(list))).returns
    const [version, serial, algorithm, info] = parts(returns.addedToCertificate).map(e => e.whole)
    const tbs = sequence(
      ...[version, serial, algorithm].map(e => e as Bytes),
      ...[name('issuer'), validity, name('subject'), info as Bytes, list],
    )
    const { signature } = returns
    if (signature.sigAlg !== ALG.ECDSA) throw new Error('another scheme')
    expect(toHex(returns.tbsDigest)).toBe(toHex(hash(signature.hash, tbs)))
    const value = sequence(integer(signature.signatureR), integer(signature.signatureS))
    const certificate = new X509Certificate(Buffer.from(raw(sequence(tbs, algorithm as Bytes, bitString(value)))))
    const publicKey = createPublicKey({ key: Buffer.from(raw(info as Bytes)), format: 'der', type: 'spki' })
    expect(certificate.verify(publicKey)).toBe(true)
    expect(certificate.subject).toBe('CN=subject')
    expect(certificate.serialNumber).toHaveLength(32)
  })

  it('an algorithm that the caller names is not added', () => {
    const d = Driver.started()
    const { handle } = create(d, ecc(ALG.ECDSA))
    const named = partial(SIGNS, sequence(oid('2a8648ce3d040302')))
    expect(parts(d.ok(...run(handle, handle, named)).returns.addedToCertificate)).toHaveLength(3)
    expect(parts(d.ok(...run(handle, handle, partial(SIGNS))).returns.addedToCertificate)).toHaveLength(4)
  })

  it.each([
    ['no DER', utf8('not DER'), 'TPM_RC_VALUE, parameter 3'],
    ['too few elements', sequence(validity), 'TPM_RC_VALUE, parameter 3'],
    ['no key usage', partial(extensions(attributes(OWNED | OBJECT.sign))), 'TPM_RC_VALUE, parameter 3'],
    ['a usage that the key has not', partial(extensions(usage(KEY_AGREEMENT))), 'TPM_RC_ATTRIBUTES, parameter 3'],
    [
      'other attributes',
      partial(extensions(usage(DIGITAL_SIGNATURE), attributes(OWNED))),
      'TPM_RC_ATTRIBUTES, parameter 3',
    ],
  ] as const)('refuses %s', (_, certificate, wanted) => {
    const d = Driver.started()
    const { handle } = create(d, ecc(ALG.ECDSA))
    expect(d.fails(...run(handle, handle, certificate))).toBe(wanted)
  })

  it('refuses keys without a place in a certificate, and schemes without digest', () => {
    const d = Driver.started()
    const signer = create(d, ecc(ALG.ECDSA)).handle
    const fails = (object: Public, sign: number = signer) =>
      d.fails(...run(create(d, object).handle, sign, partial(SIGNS)))
    expect(fails(hmacKey())).toBe('TPM_RC_KEY, handle 1')
    expect(fails(ecc(ALG.NULL, CURVE.BN_P256))).toBe('TPM_RC_KEY, handle 1')
    expect(fails(ecc(ALG.ECDSA), create(d, mldsa(1)).handle)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(fails(ecc(ALG.ECDSA), create(d, mlkem(1)).handle)).toBe('TPM_RC_KEY, handle 2')
    expect(d.fails(...run(signer, signer, partial(SIGNS), utf8('x')))).toBe('TPM_RC_SIZE, parameter 1')
  })

  it('post-quantum keys stand in it with the identifiers of RFC 9881 and RFC 9935', () => {
    const d = Driver.started()
    const identifier = (p: Public) => toHex(parts(publicKeyInfo(p) as Bytes)[0]?.content as Bytes)
    expect(identifier(create(d, mldsa(2)).outPublic)).toBe('0609608648016503040312')
    expect(identifier(create(d, mlkem(3)).outPublic)).toBe('0609608648016503040403')
  })
})

describe('DER', () => {
  it('lengths of one, two and three octets come back; longer forms and cut ends are refused', () => {
    for (const n of [0, 1, 127, 128, 255, 256, 4000]) {
      const whole = element(4, new Uint8Array(n))
      expect(elements(whole)?.map(e => e.content.length)).toEqual([n])
      expect(elements(whole.slice(0, -1))).toBeUndefined()
    }
    for (const bad of ['04', '048101', '04810100', '0482000100', '0480', '0483000001ff', '1f0100', '0402ff']) {
      expect(elements(fromHex(bad))).toBeUndefined()
    }
    expect(toHex(concat(integer(fromHex('0000ff')), integer(fromHex('007f'))))).toBe('020200ff02017f')
  })
})
