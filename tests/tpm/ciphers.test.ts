// Block ciphers besides AES: Camellia in every profile, TDES in that of a TPM which has it. Storage keys, duplicates,
// credentials, sessions and MACs use the cipher that they name, checked with OpenSSL. Part 1, 18.3, 19, 20.3 and 21.

import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encode } from '../../src/codec/codec.ts'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { kdfa } from '../../src/crypto/kdf.ts'
import { cmac } from '../../src/crypto/symmetric.ts'
import { be16, be32, type Bytes, bytes, concat, EMPTY, raw, readBe16, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { OBJECT, SESSION } from '../../src/spec/attributes.ts'
import { CC } from '../../src/spec/codes.ts'
import { ActivateCredential, Create, Load, MakeCredential } from '../../src/spec/commands/create.ts'
import { Duplicate, Import } from '../../src/spec/commands/duplication.ts'
import { PolicyCommandCode } from '../../src/spec/commands/policy-bind.ts'
import { MAC_Start, SequenceComplete } from '../../src/spec/commands/sequence.ts'
import { StartAuthSession } from '../../src/spec/commands/session.ts'
import { Hash, MAC } from '../../src/spec/commands/symmetric.ts'
import { RH } from '../../src/spec/handles.ts'
import { type Public, type Sensitive, TPM2B_SENSITIVE } from '../../src/spec/keys.ts'
import { SE } from '../../src/spec/policy.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import type { LoadedObject } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { create, createFails, OWNED, templates, without } from '../support/keys.ts'
import { by, NONCE, start } from '../support/sessions.ts'

type Whole = LoadedObject & { readonly sensitive: Sensitive }

/** Without the one in whose place a first use of an authValue answers TPM_RC_RETRY. */
const libtpms = { ...PROFILES['libtpms-0.9'], peculiar: new Set([]) }

const ciphers = [
  ['camellia-128-cfb', ALG.CAMELLIA, 128, 16, PROFILES.crbscope],
  ['camellia-256-cfb', ALG.CAMELLIA, 256, 16, PROFILES.crbscope],
  ['des-ede-cfb', ALG.TDES, 128, 8, libtpms],
  ['des-ede3-cfb', ALG.TDES, 192, 8, libtpms],
] as const

describe.each(ciphers)('%s', (name, algorithm, keyBits, block, profile) => {
  const symmetric = { algorithm, keyBits, mode: ALG.CFB } as const
  const cipherKey = (mode: number, use: number): Public => ({
    nameAlg: ALG.SHA256,
    objectAttributes: OWNED | use,
    authPolicy: EMPTY,
    type: ALG.SYMCIPHER,
    parameters: { sym: { algorithm, keyBits, mode } },
    unique: EMPTY,
  })
  const storage: Public = {
    ...templates.ecc(ALG.NULL),
    objectAttributes: OWNED | OBJECT.restricted | OBJECT.decrypt,
    parameters: { ...templates.ecc(ALG.NULL).parameters, symmetric },
  } as Public
  const opened = (key: Bytes, iv: Bytes, data: Bytes): Bytes =>
    Uint8Array.from(createDecipheriv(name, raw(key), raw(iv)).update(raw(data)))
  const secretOf = (d: Driver, handle: number): Bytes =>
    (d.tpm.objects[handle - 0x80000000] as Whole).sensitive.seedValue

  it('protects the children of a storage key', () => {
    const d = Driver.started(profile)
    const parent = create(d, storage)
    const made = d.ok(
      Create,
      { parentHandle: parent.handle },
      {
        inSensitive: { userAuth: utf8('child'), data: utf8('a secret') },
        inPublic: without(templates.sealed(), OBJECT.sensitiveDataOrigin),
        outsideInfo: EMPTY,
        creationPCR: [],
      },
    ).returns
    const { outPrivate, outPublic } = made
    const loaded = d.ok(Load, { parentHandle: parent.handle }, { inPrivate: outPrivate, inPublic: outPublic })

    const at = 2 + readBe16(outPrivate, 0)
    const iv = outPrivate.slice(at + 2, at + 2 + readBe16(outPrivate, at))
    const key = kdfa(ALG.SHA256, secretOf(d, parent.handle), 'STORAGE', loaded.returns.name, EMPTY, keyBits)
    expect(iv).toHaveLength(block)
    const slot = d.tpm.objects[(loaded.handle as number) - 0x80000000] as Whole
    const authValue = concat(utf8('child'), new Uint8Array(27))
    expect(toHex(opened(key, iv, outPrivate.slice(at + 2 + block)))).toBe(
      toHex(encode(TPM2B_SENSITIVE, { ...slot.sensitive, authValue })),
    )
  })

  it('takes a credential, and objects wrapped twice', () => {
    const d = Driver.started(profile)
    const { handle, name: objectName } = create(d, storage)
    const made = d.ok(MakeCredential, { handle }, { credential: bytes(1, 2, 3), objectName }).returns
    const back = d.ok(ActivateCredential, { activateHandle: handle, keyHandle: handle }, made).returns
    expect(toHex(back.certInfo)).toBe('010203')

    const authPolicy = hash(ALG.SHA256, new Uint8Array(32), be32(CC.PolicyCommandCode), be32(CC.Duplicate))
    const mobile = without(templates.hmacKey(), OBJECT.fixedTPM | OBJECT.fixedParent)
    const child = create(d, { ...mobile, authPolicy } as Public)
    const duplicate = (newParentHandle: number) => {
      const policySession = start(d)
      d.ok(PolicyCommandCode, { policySession }, { code: CC.Duplicate })
      const handles = { objectHandle: child.handle, newParentHandle }
      const args = { encryptionKeyIn: EMPTY, symmetricAlg: symmetric }
      return d.ok(Duplicate, handles, args, [{ ...by(policySession), sessionAttributes: 0 }]).returns
    }

    // The inner wrapping alone: a digest over what follows and the Name.
    const inner = duplicate(RH.NULL)
    const clear = opened(inner.encryptionKeyOut, new Uint8Array(block), inner.duplicate)
    expect(toHex(clear.slice(0, 34))).toBe(toHex(concat(be16(32), hash(ALG.SHA256, clear.slice(34), child.name))))

    const { encryptionKeyOut, outSymSeed, duplicate: both } = duplicate(handle)
    expect(encryptionKeyOut).toHaveLength(keyBits / 8)
    const sent = { encryptionKey: encryptionKeyOut, objectPublic: child.outPublic, duplicate: both }
    const more = { inSymSeed: outSymSeed, symmetricAlg: symmetric }
    const { outPrivate } = d.ok(Import, { parentHandle: handle }, { ...sent, ...more }).returns
    const loaded = d.ok(Load, { parentHandle: handle }, { inPrivate: outPrivate, inPublic: child.outPublic }).returns
    expect(toHex(loaded.name)).toBe(toHex(child.name))
  })

  it('encrypts a parameter of a session', () => {
    const d = Driver.started(profile)
    const args = { nonceCaller: NONCE, encryptedSalt: EMPTY, sessionType: SE.HMAC, authHash: ALG.SHA256, symmetric }
    const session = d.ok(StartAuthSession, { tpmKey: RH.NULL, bind: RH.NULL }, args)
    const params = { data: utf8('abc'), hashAlg: ALG.SHA256, hierarchy: RH.NULL }
    const sessionAttributes = SESSION.continueSession | SESSION.encrypt
    const cpHash = hash(
      ALG.SHA256,
      be32(CC.Hash),
      concat(be16(3), params.data, be16(params.hashAlg), be32(params.hierarchy)),
    )
    const proof = hmac(ALG.SHA256, EMPTY, cpHash, NONCE, session.returns.nonceTPM, bytes(sessionAttributes))
    const auth = { sessionHandle: session.handle as number, nonce: NONCE, sessionAttributes, hmac: proof }
    const answer = d.ok(Hash, {}, params, [auth])
    const nonceTPM = answer.auths[0]?.nonce as Bytes
    const made = kdfa(ALG.SHA256, EMPTY, 'CFB', nonceTPM, NONCE, keyBits + 8 * block)
    const out = opened(made.slice(0, keyBits / 8), made.slice(keyBits / 8), answer.returns.outHash)
    expect(toHex(out)).toBe(toHex(hash(ALG.SHA256, utf8('abc'))))
  })

  it('makes MACs, at once and in a sequence', () => {
    const d = Driver.started(profile)
    const key = Uint8Array.from({ length: keyBits / 8 }, (_, i) => 3 * i + 1)
    const template = without(cipherKey(ALG.CMAC, OBJECT.sign), OBJECT.sensitiveDataOrigin)
    const { handle } = create(d, template, { data: key })
    const buffer = utf8('a message of more than one block')
    const wanted = toHex(cmac(algorithm, key, buffer))
    expect(toHex(d.ok(MAC, { handle }, { buffer, inScheme: ALG.NULL }).returns.outMAC)).toBe(wanted)
    const sequenceHandle = d.ok(MAC_Start, { handle }, { auth: EMPTY, inScheme: ALG.NULL }).handle as number
    const { result } = d.ok(SequenceComplete, { sequenceHandle }, { buffer, hierarchy: RH.NULL }).returns
    expect(toHex(result)).toBe(wanted)
  })
})

describe('what a profile has not', () => {
  const tdes = { algorithm: ALG.TDES, keyBits: 128, mode: ALG.CFB } as const
  const key = { ...templates.sealed(), type: ALG.SYMCIPHER, parameters: { sym: tdes } } as Public

  it('is refused: TDES is deprecated, Part 2, Table 8', () => {
    expect(createFails(Driver.started(), key)).toBe('TPM_RC_SYMMETRIC, parameter 2')
  })

  it('is refused also where it is listed', () => {
    const d = Driver.started(libtpms)
    const sm2 = { ...templates.ecc(ALG.ECDSA), parameters: { ...templates.ecc(ALG.ECDSA).parameters } }
    const template = { ...sm2, parameters: { ...sm2.parameters, scheme: { scheme: ALG.SM2, hashAlg: ALG.SHA256 } } }
    expect(createFails(d, template as Public)).toBe('TPM_RC_SCHEME, parameter 2')
  })

  it('a key of TDES has odd parity', () => {
    const d = Driver.started(libtpms)
    const template = { ...key, objectAttributes: OWNED | OBJECT.sign | OBJECT.decrypt } as Public
    const { handle } = create(d, template)
    const slot = d.tpm.objects[handle - 0x80000000] as Whole
    const secret = raw(slot.sensitive.sensitive as unknown as Bytes)
    expect(secret).toHaveLength(16)
    const ones = [...secret].map(x => x.toString(2).replaceAll('0', '').length % 2)
    expect(ones).toEqual(Array.from({ length: 16 }, () => 1))
  })
})
