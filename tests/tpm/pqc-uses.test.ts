// What post-quantum keys do beyond signing and encapsulating: every attestation but a quote by pure ML-DSA, which names no
// hash; credentials, duplication and salts with ML-KEM. Part 3, 11.1, 12.5, 12.6, 13, 18 and 31.16; Part 1, 46.3 and 47.4.

import { describe, expect, it } from 'vitest'
import { encode } from '../../src/codec/codec.ts'
import { hash } from '../../src/crypto/hash.ts'
import { kdfa } from '../../src/crypto/kdf.ts'
import { hashMessage, mldsaVerify, pureMessage } from '../../src/crypto/mldsa.ts'
import { mlkemEncapsulate } from '../../src/crypto/mlkem.ts'
import { be32, bytes, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { type Attest, TPMS_ATTEST } from '../../src/spec/attest.ts'
import { OBJECT, SESSION } from '../../src/spec/attributes.ts'
import { CC } from '../../src/spec/codes.ts'
import * as attestation from '../../src/spec/commands/attestation.ts'
import { ActivateCredential, Load, MakeCredential } from '../../src/spec/commands/create.ts'
import { Duplicate, Import } from '../../src/spec/commands/duplication.ts'
import { NV_Certify, NV_DefineSpace, NV_Write } from '../../src/spec/commands/nv.ts'
import { PolicyCommandCode } from '../../src/spec/commands/policy-bind.ts'
import { GetRandom } from '../../src/spec/commands/random.ts'
import { RH } from '../../src/spec/handles.ts'
import type { Public } from '../../src/spec/keys.ts'
import { NV } from '../../src/spec/nv.ts'
import { SE } from '../../src/spec/policy.ts'
import { Driver } from '../support/driver.ts'
import { create, templates, withBits, without } from '../support/keys.ts'
import { by, NONCE, start } from '../support/sessions.ts'

const common = { qualifyingData: bytes(1), inScheme: { scheme: ALG.NULL } } as const

describe.each([
  ['ML-DSA', templates.mldsa(1)],
  ['HashML-DSA', templates.hashMldsa(1)],
])('%s signs', (_, template) => {
  const d = Driver.started()
  const key = create(d, withBits(template, OBJECT.restricted))
  const signHandle = key.handle
  const good = (said: Attest, s: { readonly sigAlg: number; readonly signature?: unknown }): boolean => {
    const octets = encode(TPMS_ATTEST, said)
    const message =
      key.outPublic.type === ALG.MLDSA
        ? pureMessage(EMPTY, octets)
        : hashMessage(ALG.SHA256, EMPTY, hash(ALG.SHA256, octets))
    return (
      s.sigAlg === key.outPublic.type && mldsaVerify(1, key.outPublic.unique as never, message, s.signature as never)
    )
  }
  const privacy = { privacyAdminHandle: RH.ENDORSEMENT, signHandle }

  it('creation, time, audit digests and NV data', () => {
    const { creationHash, creationTicket } = key
    const handles = { signHandle, objectHandle: signHandle }
    const made = d.ok(attestation.CertifyCreation, handles, { ...common, creationHash, creationTicket }).returns
    expect(good(made.certifyInfo, made.signature)).toBe(true)
    const time = d.ok(attestation.GetTime, privacy, common).returns
    expect(good(time.timeInfo, time.signature)).toBe(true)
    const log = d.ok(attestation.GetCommandAuditDigest, { privacyHandle: RH.ENDORSEMENT, signHandle }, common).returns
    expect(good(log.auditInfo, log.signature)).toBe(true)
    const sessionHandle = start(d, SE.HMAC)
    d.ok(GetRandom, {}, { bytesRequested: 4 }, [by(sessionHandle, EMPTY, SESSION.audit)])
    const session = d.ok(attestation.GetSessionAuditDigest, { ...privacy, sessionHandle }, common).returns
    expect(good(session.auditInfo, session.signature)).toBe(true)
    const at = { authHandle: RH.OWNER, nvIndex: 0x01000001 }
    const attributes = NV.OWNERREAD | NV.OWNERWRITE
    const publicInfo = { nvIndex: at.nvIndex, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize: 4 }
    d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo })
    d.ok(NV_Write, at, { data: bytes(1), offset: 0 })
    const data = d.ok(NV_Certify, { signHandle, ...at }, { ...common, size: 4, offset: 0 }).returns
    expect(good(data.certifyInfo, data.signature)).toBe(true)
  })

  it('a quote where the scheme has a hash: Part 3, 18.4', () => {
    const params = { ...common, PCRselect: [{ hash: ALG.SHA256, pcrSelect: [1, 0, 0] }] }
    const { returns, rc } = d.run(attestation.Quote, { signHandle }, params)
    if (key.outPublic.type === ALG.MLDSA) expect(rc).not.toBe(0)
    else expect(returns && good(returns.quoted, returns.signature)).toBe(true)
  })
})

describe.each([1, 2, 3])('an ML-KEM storage key of set %i', parameterSet => {
  const symmetric = { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } as const
  const storage = withBits(
    { ...templates.mlkem(parameterSet), parameters: { symmetric, parameterSet } } as Public,
    OBJECT.restricted,
  )

  it('takes credentials, and objects from elsewhere', () => {
    const d = Driver.started()
    const parent = create(d, storage)
    const parentHandle = parent.handle
    const credential = bytes(1, 2, 3)
    const made = d.ok(MakeCredential, { handle: parentHandle }, { credential, objectName: parent.name }).returns
    const back = d.ok(ActivateCredential, { activateHandle: parentHandle, keyHandle: parentHandle }, made).returns
    expect(toHex(back.certInfo)).toBe('010203')

    const authPolicy = hash(ALG.SHA256, new Uint8Array(32), be32(CC.PolicyCommandCode), be32(CC.Duplicate))
    const mobile = without(templates.mldsa(1), OBJECT.fixedTPM | OBJECT.fixedParent)
    const child = create(d, { ...mobile, authPolicy } as Public)
    const policySession = start(d)
    d.ok(PolicyCommandCode, { policySession }, { code: CC.Duplicate })
    const none = { algorithm: ALG.NULL } as const
    const handles = { objectHandle: child.handle, newParentHandle: parentHandle }
    const args = { encryptionKeyIn: EMPTY, symmetricAlg: none }
    const { duplicate, outSymSeed } = d.ok(Duplicate, handles, args, [by(policySession)]).returns
    const sent = { encryptionKey: EMPTY, objectPublic: child.outPublic, duplicate, inSymSeed: outSymSeed }
    const { outPrivate } = d.ok(Import, { parentHandle }, { ...sent, symmetricAlg: none }).returns
    const loaded = d.ok(Load, { parentHandle }, { inPrivate: outPrivate, inPublic: child.outPublic }).returns
    expect(toHex(loaded.name)).toBe(toHex(child.name))
  })

  it('salts sessions', () => {
    const d = Driver.started()
    const key = create(d, storage)
    const ek = key.outPublic.unique as never
    const { secret, ciphertext } = mlkemEncapsulate(parameterSet, ek, new Uint8Array(32))
    start(d, SE.HMAC, { tpmKey: key.handle, encryptedSalt: ciphertext })
    const made = d.tpm.sessions[0]
    if (!made?.loaded) throw new Error('no session')
    const salt = kdfa(ALG.SHA256, secret, 'SECRET', ciphertext, ek, 256)
    const { nonceTPM, key: sessionKey } = made.session
    expect(toHex(sessionKey)).toBe(toHex(kdfa(ALG.SHA256, salt, 'ATH', nonceTPM, NONCE, 256)))
  })
})
