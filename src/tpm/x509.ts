// What an X.509 certificate of a TPM key holds: algorithm identifiers, public keys, and the extensions that must agree with
// the attributes of the object. RFC 5280, 5480, 9881, 9935; Part 2, 8.11; Part 3, 18.8.

import { uncompressed } from '../crypto/ecc.ts'
import { be32, type Bytes, equal, fromHex, readBe32 } from '../lib/bytes.ts'
import { ALG, CURVE } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import type { Public } from '../spec/keys.ts'
import { bitString, element, elements, integer, NULL, oid, sequence, TAG } from './der.ts'
import type { Scheme } from './schemes.ts'

const CURVE_OID: { readonly [curve: number]: string } = {
  [CURVE.NIST_P192]: '2a8648ce3d030101',
  [CURVE.NIST_P224]: '2b81040021',
  [CURVE.NIST_P256]: '2a8648ce3d030107',
  [CURVE.NIST_P384]: '2b81040022',
  [CURVE.NIST_P521]: '2b81040023',
}
const ECDSA_OID: { readonly [hash: number]: string } = {
  [ALG.SHA1]: '2a8648ce3d0401',
  [ALG.SHA256]: '2a8648ce3d040302',
  [ALG.SHA384]: '2a8648ce3d040303',
  [ALG.SHA512]: '2a8648ce3d040304',
}
const RSASSA_OID: { readonly [hash: number]: string } = {
  [ALG.SHA1]: '2a864886f70d010105',
  [ALG.SHA256]: '2a864886f70d01010b',
  [ALG.SHA384]: '2a864886f70d01010c',
  [ALG.SHA512]: '2a864886f70d01010d',
}
const RSA_OID = '2a864886f70d010101'
const EC_OID = '2a8648ce3d0201'
/** The last arc is that of set 1, less one. */
const nistOid = (arc: string, last: number): Bytes => oid(`608648016503040${arc}${last.toString(16).padStart(2, '0')}`)

/** The identifier of a signature algorithm; undefined for a scheme that has none here. */
export function signatureAlgorithm(s: Scheme): Bytes | undefined {
  const own = s.alg === ALG.ECDSA ? ECDSA_OID[s.hash] : s.alg === ALG.RSASSA ? RSASSA_OID[s.hash] : undefined
  if (own === undefined) return undefined
  return s.alg === ALG.RSASSA ? sequence(oid(own), NULL) : sequence(oid(own))
}

/** SubjectPublicKeyInfo; undefined for an object that has no public key, or on a curve without identifier. */
export function publicKeyInfo(p: Public): Bytes | undefined {
  switch (p.type) {
    case ALG.ECC: {
      const { curveID } = p.parameters
      const curve = CURVE_OID[curveID]
      if (curve === undefined) return undefined
      return sequence(sequence(oid(EC_OID), oid(curve)), bitString(uncompressed(curveID, p.unique)))
    }
    case ALG.RSA: {
      // 0 stands for the usual exponent: Part 2, 12.2.3.4.
      const exponent = be32(p.parameters.exponent === 0 ? 0x10001 : p.parameters.exponent)
      return sequence(sequence(oid(RSA_OID), NULL), bitString(sequence(integer(p.unique), integer(exponent))))
    }
    case ALG.MLDSA:
      return sequence(sequence(nistOid('3', 0x10 + p.parameters.parameterSet)), bitString(p.unique))
    case ALG.MLKEM:
      return sequence(sequence(nistOid('4', p.parameters.parameterSet)), bitString(p.unique))
    default:
      return undefined
  }
}

const KEY_USAGE = fromHex('551d0f')
/** tcg-tpmaObject. */
const TPMA_OBJECT = fromHex('6781050a010101')

/** TPMA_X509_KEY_USAGE: what each bit asks of the object. Part 2, 8.11, Table 45. */
const REQUIRED: readonly (readonly [bit: number, fits: (p: Public) => boolean])[] = [
  ...[23, 24, 27, 28].map(bit => [bit, (p: Public) => (p.objectAttributes & OBJECT.decrypt) !== 0] as const),
  ...[25, 26, 31].map(bit => [bit, (p: Public) => (p.objectAttributes & OBJECT.sign) !== 0] as const),
  [
    29,
    p => {
      const parent = OBJECT.decrypt | OBJECT.restricted
      return (p.objectAttributes & parent) === parent
    },
  ],
  [30, p => (p.objectAttributes & OBJECT.fixedTPM) !== 0],
]

/** A bit string as a word, its first bit the highest. */
function bitsOf(value: Bytes): number | undefined {
  const [bits] = elements(value) ?? []
  if (bits?.tag !== TAG.BIT_STRING || bits.content.length < 2 || bits.content.length > 5) return undefined
  const word = new Uint8Array(4)
  for (let i = 1; i < bits.content.length; i++) word[i - 1] = bits.content[i] as number
  return readBe32(word, 0)
}

/** Whether the extensions agree with the object: undefined when they cannot be read, or there is no key usage. */
export function extensionsFit(extensions: Bytes, p: Public): boolean | undefined {
  const [list] = elements(extensions) ?? []
  if (list?.tag !== TAG.SEQUENCE) return undefined
  let usage: number | undefined
  let fits = true
  for (const extension of elements(list.content) ?? []) {
    const parts = elements(extension.content) ?? []
    const id = parts[0]
    const value = parts.at(-1)
    if (id?.tag !== TAG.OID || value?.tag !== TAG.OCTET_STRING) return undefined
    const isUsage = equal(id.content, KEY_USAGE)
    if (!isUsage && !equal(id.content, TPMA_OBJECT)) continue
    const word = bitsOf(value.content)
    if (word === undefined) return undefined
    if (isUsage) usage = word
    else fits &&= word === p.objectAttributes >>> 0
  }
  if (usage === undefined) return undefined
  const asked = usage
  return fits && REQUIRED.every(([bit, holds]) => ((asked >>> bit) & 1) === 0 || holds(p))
}

/** What the caller brings: four or five elements, in order. */
export interface PartialCertificate {
  readonly algorithm: Bytes | undefined
  readonly issuer: Bytes
  readonly validity: Bytes
  readonly subject: Bytes
  readonly extensions: Bytes
  /** What is in the extensions' tag. */
  readonly list: Bytes
}

export function partialOf(certificate: Bytes): PartialCertificate | undefined {
  const outer = elements(certificate)
  if (outer?.length !== 1 || outer[0]?.tag !== TAG.SEQUENCE) return undefined
  const parts = elements(outer[0].content) ?? []
  if (parts.length !== 4 && parts.length !== 5) return undefined
  const [issuer, validity, subject, extensions] = parts.slice(-4)
  if (!issuer || !validity || !subject || extensions?.tag !== TAG.CONTEXT_3) return undefined
  if (parts.slice(0, -1).some(e => e.tag !== TAG.SEQUENCE)) return undefined
  return {
    algorithm: parts.length === 5 ? parts[0]?.whole : undefined,
    issuer: issuer.whole,
    validity: validity.whole,
    subject: subject.whole,
    extensions: extensions.whole,
    list: extensions.content,
  }
}

/** Version 3. */
export const VERSION: Bytes = element(TAG.CONTEXT_0, integer(Uint8Array.of(2)))
