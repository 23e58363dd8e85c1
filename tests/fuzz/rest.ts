// A tour of the commands that no recording has succeeding: attestations, credentials, duplication, key exchanges, sequences
// of signatures, policies by ticket, and what the platform does. Each is sent with what it needs.

import { type Bytes, be16, be32, bytes, concat, EMPTY, utf8 } from '../../src/lib/bytes.ts'
import { encode } from '../../src/codec/codec.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT, SESSION } from '../../src/spec/attributes.ts'
import { CAP, CC, NO, YES } from '../../src/spec/codes.ts'
import { ACT_SetTimeout } from '../../src/spec/commands/act.ts'
import { Policy_AC_SendSelect } from '../../src/spec/commands/attached.ts'
import * as attestation from '../../src/spec/commands/attestation.ts'
import { ActivateCredential, CreateLoaded, MakeCredential } from '../../src/spec/commands/create.ts'
import { FlushContext } from '../../src/spec/commands/context.ts'
import { Duplicate, Import, Rewrap } from '../../src/spec/commands/duplication.ts'
import { ECC_Decrypt, ECC_Encrypt, ZGen_2Phase } from '../../src/spec/commands/ecdh.ts'
import { Commit, EC_Ephemeral } from '../../src/spec/commands/ephemeral.ts'
import * as control from '../../src/spec/commands/hierarchy-control.ts'
import * as nv from '../../src/spec/commands/nv.ts'
import { PCR_SetAuthPolicy, PCR_SetAuthValue } from '../../src/spec/commands/pcr-admin.ts'
import * as bind from '../../src/spec/commands/policy-bind.ts'
import { PolicyAuthorizeNV, PolicySecret, PolicyTicket } from '../../src/spec/commands/policy-sign.ts'
import { GetRandom } from '../../src/spec/commands/random.ts'
import { SignSequenceStart, VerifySequenceStart } from '../../src/spec/commands/sequence.ts'
import { SignDigest, SignSequenceComplete, VerifySequenceComplete } from '../../src/spec/commands/signing.ts'
import { Startup } from '../../src/spec/commands/startup.ts'
import { password } from '../../src/spec/frame.ts'
import { HT, RH } from '../../src/spec/handles.ts'
import { type Public, TPMT_PUBLIC } from '../../src/spec/keys.ts'
import { NV } from '../../src/spec/nv.ts'
import { EO, SE } from '../../src/spec/policy.ts'
import { hash } from '../../src/crypto/hash.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { element, oid, sequence } from '../../src/tpm/der.ts'
import type { Driver } from '../support/driver.ts'
import { create, NULL_CHECK, templates, without } from '../support/keys.ts'
import { by, start } from '../support/sessions.ts'
import { Recorder, type Step } from './recorder.ts'
import { storage } from './scenes.ts'

const INDEX = 0x01000040
const NONE = { scheme: ALG.NULL } as const
const qualifyingData = bytes(1, 2)
const owner = { authHandle: RH.OWNER, nvIndex: INDEX }
const ecc = (use: number, scheme: object, more = {}): Public =>
  ({
    ...without(templates.ecc(ALG.NULL), OBJECT.sign),
    objectAttributes: without(templates.ecc(ALG.NULL), OBJECT.sign).objectAttributes | use,
    parameters: { ...(templates.ecc(ALG.NULL) as { parameters: object }).parameters, scheme, ...more },
  }) as Public

function begun(profile = PROFILES.crbscope as (typeof PROFILES)[keyof typeof PROFILES]): Recorder {
  const d = new Recorder(profile)
  d.ok(Startup, {}, { startupType: 0 })
  return d
}
const publicIndex = (authPolicy: Bytes = EMPTY, more = 0, dataSize = 34) => ({
  ...{ nvIndex: INDEX, nameAlg: ALG.SHA256, authPolicy, dataSize },
  attributes: NV.OWNERREAD | NV.OWNERWRITE | NV.AUTHREAD | NV.AUTHWRITE | NV.NO_DA | more,
})
/** A policy of one command for ADMIN role. */
const commandPolicy = (code: number): Bytes =>
  hash(ALG.SHA256, new Uint8Array(32), be32(CC.PolicyCommandCode), be32(code))
function approving(d: Driver, code: number): number {
  const policySession = start(d)
  d.ok(bind.PolicyCommandCode, { policySession }, { code })
  return policySession
}

function attestations(): Recorder {
  const d = begun()
  const object = create(d, templates.hmacKey())
  const { handle: signHandle } = create(d, templates.ecc(ALG.ECDSA))
  const { handle: objectHandle, creationHash, creationTicket } = object
  const common = { qualifyingData, inScheme: NONE }
  d.ok(attestation.Certify, { objectHandle, signHandle }, common)
  d.ok(attestation.CertifyCreation, { signHandle, objectHandle }, { ...common, creationHash, creationTicket })
  const PCRselect = [{ hash: ALG.SHA256, pcrSelect: [1, 0, 1] }]
  d.ok(attestation.Quote, { signHandle }, { ...common, PCRselect })
  const admin = { privacyAdminHandle: RH.ENDORSEMENT, signHandle }
  d.ok(attestation.GetTime, admin, common)
  const privacy = { privacyHandle: RH.ENDORSEMENT, signHandle }
  d.ok(attestation.GetCommandAuditDigest, privacy, common)
  const sessionHandle = start(d, SE.HMAC)
  d.ok(GetRandom, {}, { bytesRequested: 4 }, [by(sessionHandle, EMPTY, SESSION.audit)])
  d.ok(attestation.GetSessionAuditDigest, { ...admin, sessionHandle }, common)
  d.ok(
    nv.NV_DefineSpace2,
    { authHandle: RH.OWNER },
    {
      auth: EMPTY,
      publicInfo: { handleType: HT.NV_INDEX, ...publicIndex() },
    },
  )
  d.ok(nv.NV_ReadPublic2, { nvIndex: INDEX }, {})
  d.ok(nv.NV_Write, owner, { data: bytes(1), offset: 0 })
  d.ok(nv.NV_Certify, { signHandle, ...owner }, { ...common, size: 4, offset: 0 })
  const usage = sequence(oid('551d0f'), element(4, element(3, bytes(0, 0x80))))
  const name = sequence(element(0x31, sequence(oid('550403'), element(0x0c, utf8('a')))))
  const time = element(0x17, utf8('250101000000Z'))
  const partialCertificate = sequence(name, sequence(time, time), name, element(0xa3, sequence(usage)))
  const x509 = { reserved: EMPTY, inScheme: NONE, partialCertificate }
  d.ok(attestation.CertifyX509, { objectHandle: signHandle, signHandle }, x509)
  return d
}

function storages(): Recorder {
  const d = begun()
  const parent = create(d, storage)
  const parentHandle = parent.handle
  const made = d.ok(MakeCredential, { handle: parentHandle }, { credential: bytes(1), objectName: parent.name }).returns
  d.ok(ActivateCredential, { activateHandle: parentHandle, keyHandle: parentHandle }, made)
  const mobile = {
    ...without(templates.hmacKey(), OBJECT.fixedTPM | OBJECT.fixedParent),
    authPolicy: commandPolicy(CC.Duplicate),
  } as Public
  const sensitive = { userAuth: EMPTY, data: EMPTY }
  const child = d.ok(CreateLoaded, { parentHandle }, { inSensitive: sensitive, inPublic: encode(TPMT_PUBLIC, mobile) })
  const objectPublic = child.returns.outPublic as Public
  const duplicate = { encryptionKeyIn: EMPTY, symmetricAlg: { algorithm: ALG.NULL } } as const
  const handles = { objectHandle: child.handle as number, newParentHandle: parentHandle }
  const out = d.ok(Duplicate, handles, duplicate, [by(approving(d, CC.Duplicate))]).returns
  const rewrap = { inDuplicate: out.duplicate, name: child.returns.name, inSymSeed: out.outSymSeed }
  const again = d.ok(Rewrap, { oldParent: parentHandle, newParent: parentHandle }, rewrap).returns
  d.ok(
    Import,
    { parentHandle },
    {
      ...{ encryptionKey: EMPTY, objectPublic, symmetricAlg: { algorithm: ALG.NULL } as const },
      ...{ duplicate: again.outDuplicate, inSymSeed: again.outSymSeed },
    },
  )
  return d
}

function exchanges(): Recorder {
  const d = begun()
  const curveID = CURVE.NIST_P256
  const inScheme = { scheme: ALG.KDF2, hashAlg: ALG.SHA256 } as const
  const dh = create(d, ecc(OBJECT.decrypt, { scheme: ALG.ECDH, hashAlg: ALG.SHA256 }))
  const inQsB = dh.outPublic.unique as { x: Bytes; y: Bytes }
  const { Q, counter } = d.ok(EC_Ephemeral, {}, { curveID }).returns
  d.ok(ZGen_2Phase, { keyA: dh.handle }, { inQsB, inQeB: Q, inScheme: ALG.ECDH, counter })
  const open = create(d, ecc(OBJECT.decrypt, NONE))
  const made = d.ok(ECC_Encrypt, { keyHandle: open.handle }, { plainText: bytes(1, 2, 3), inScheme }, []).returns
  d.ok(ECC_Decrypt, { keyHandle: open.handle }, { ...made, inScheme })
  d.ok(FlushContext, {}, { flushHandle: open.handle })
  const anonymous = create(
    d,
    ecc(OBJECT.sign, { scheme: ALG.ECDAA, hashAlg: ALG.SHA256, count: 0 }, { curveID: CURVE.BN_P256 }),
  )
  d.ok(Commit, { signHandle: anonymous.handle }, { P1: { x: EMPTY, y: EMPTY }, s2: EMPTY, y2: EMPTY })
  const keyHandle = create(d, templates.ecc(ALG.ECDSA)).handle
  const digest = new Uint8Array(32)
  d.ok(SignDigest, { keyHandle }, { context: EMPTY, digest, validation: NULL_CHECK })
  const sequence = { auth: EMPTY, context: EMPTY }
  const signing = d.ok(SignSequenceStart, { keyHandle }, sequence).handle as number
  const { signature } = d.ok(SignSequenceComplete, { sequenceHandle: signing, keyHandle }, { buffer: bytes(1) }).returns
  const empty = d.ok(SignSequenceStart, { keyHandle }, sequence).handle as number
  const nothing = d.ok(SignSequenceComplete, { sequenceHandle: empty, keyHandle }, { buffer: EMPTY }).returns
  const verifying = d.ok(VerifySequenceStart, { keyHandle }, { ...sequence, hint: EMPTY }).handle as number
  d.fails(VerifySequenceComplete, { sequenceHandle: verifying, keyHandle }, { signature })
  d.ok(VerifySequenceComplete, { sequenceHandle: verifying, keyHandle }, nothing)
  return d
}

function policies(): Recorder {
  const d = begun()
  const policySession = start(d)
  const secret = { nonceTPM: EMPTY, cpHashA: EMPTY, policyRef: EMPTY, expiration: -1000 }
  const { timeout, policyTicket } = d.ok(PolicySecret, { authHandle: RH.OWNER, policySession }, secret).returns
  const rest = { timeout, cpHashA: EMPTY, policyRef: EMPTY, authName: be32(RH.OWNER), ticket: policyTicket }
  d.ok(PolicyTicket, { policySession: start(d) }, rest)
  const capability = { operandB: EMPTY, offset: 0, operation: EO.EQ, capability: CAP.ALGS, property: ALG.SHA256 }
  d.ok(bind.PolicyCapability, { policySession }, capability)
  d.ok(bind.PolicyParameters, { policySession: start(d) }, { pHash: new Uint8Array(32) })
  d.ok(bind.PolicyTransportSPDM, { policySession: start(d) }, { reqKeyName: EMPTY, tpmKeyName: EMPTY })
  const names = { objectName: EMPTY, authHandleName: be32(RH.OWNER), acName: be32(0x90000000) }
  d.ok(Policy_AC_SendSelect, { policySession: start(d) }, { ...names, includeObject: YES })
  d.ok(
    nv.NV_DefineSpace,
    { authHandle: RH.OWNER },
    { auth: EMPTY, publicInfo: publicIndex(commandPolicy(CC.NV_ChangeAuth)) },
  )
  d.ok(nv.NV_Write, owner, { data: concat(be16(ALG.SHA256), new Uint8Array(32)), offset: 0 })
  d.ok(PolicyAuthorizeNV, { ...owner, policySession: start(d) }, {})
  const change = approving(d, CC.NV_ChangeAuth)
  d.ok(nv.NV_ChangeAuth, { nvIndex: INDEX }, { newAuth: bytes(1) }, [by(change)])
  return d
}

function platform(): Recorder {
  const d = begun()
  d.tpm = { ...d.tpm, physicalPresence: true }
  const authHandle = RH.PLATFORM
  d.ok(ACT_SetTimeout, { actHandle: RH.ACT_0 }, { startTimeout: 5 })
  d.ok(control.SetAlgorithmSet, { authHandle }, { algorithmSet: 0 })
  d.ok(control.PP_Commands, { auth: authHandle }, { setList: [CC.Clear], clearList: [] })
  d.ok(control.ChangeEPS, { authHandle }, {})
  d.ok(control.ChangePPS, { authHandle }, {})
  const special = publicIndex(
    commandPolicy(CC.NV_UndefineSpaceSpecial),
    NV.POLICY_DELETE | NV.PLATFORMCREATE | NV.PPWRITE,
  )
  d.ok(nv.NV_DefineSpace, { authHandle }, { auth: EMPTY, publicInfo: special })
  const approvals = [by(approving(d, CC.NV_UndefineSpaceSpecial)), password()]
  d.ok(nv.NV_UndefineSpaceSpecial, { nvIndex: INDEX, platform: authHandle }, {}, approvals)
  d.ok(control.ReadOnlyControl, { authHandle }, { state: YES })
  d.ok(control.ReadOnlyControl, { authHandle }, { state: NO })
  return d
}

/** Only another TPM has PCRs with authorizations. */
function pcrs(): Recorder {
  const d = begun(PROFILES['libtpms-0.9'])
  const policy = { authPolicy: EMPTY, hashAlg: ALG.NULL, pcrNum: 20 }
  d.ok(PCR_SetAuthPolicy, { authHandle: RH.PLATFORM }, policy)
  d.ok(PCR_SetAuthValue, { pcrHandle: 20 }, { auth: bytes(1) })
  return d
}

export const restOfTours = (): readonly (readonly Step[])[] =>
  [attestations, storages, exchanges, policies, platform, pcrs].map(tour => tour().steps)
