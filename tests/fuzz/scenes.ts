// The TPMs that the fuzz works on: prepared so that handles, sessions and Indexes of every kind are there and made-up
// commands reach the bodies. Deterministic.

import type { FoundKey } from '../../src/crypto/primes.ts'
import { type Bytes, bytes, EMPTY, fromHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { SU } from '../../src/spec/codes.ts'
import { EvictControl } from '../../src/spec/commands/context.ts'
import { NV_DefineSpace, NV_Increment, NV_Write } from '../../src/spec/commands/nv.ts'
import { LoadExternal } from '../../src/spec/commands/object.ts'
import { HashSequenceStart, MAC_Start } from '../../src/spec/commands/sequence.ts'
import { StartAuthSession } from '../../src/spec/commands/session.ts'
import { Startup } from '../../src/spec/commands/startup.ts'
import { parseCommand, password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import type { Public } from '../../src/spec/keys.ts'
import { NT, NV } from '../../src/spec/nv.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { create, templates, without } from '../support/keys.ts'
import { recordedLines } from '../support/recorded.ts'

const RSA_LINE = recordedLines('tpm2-swtpm/external-rsa.jsonl').find(l => l.name === 'LoadExternal rsa2048 private')
/** TPM2_LoadExternal of an RSA key with its private part. */
export const RSA_LOAD = fromHex((RSA_LINE as { cmdHex: string }).cmdHex)
const RSA = parseCommand(RSA_LOAD).params as {
  readonly inPublic: Public & { readonly unique: Bytes }
  readonly inPrivate: { readonly sensitive: Bytes; readonly seedValue: Bytes; readonly authValue: Bytes }
}
/** Stands in for the result of every search for a key of 2048 bits: an honest search takes a second. */
export const rsaKey = (drbg: FoundKey['drbg']): FoundKey => ({
  p: RSA.inPrivate.sensitive,
  n: RSA.inPublic.unique,
  drbg,
})

/** A storage key: restricted, decrypting. */
export const storage: Public = {
  ...templates.ecc(ALG.NULL),
  objectAttributes:
    (templates.ecc(ALG.NULL).objectAttributes & ~OBJECT.sign) | OBJECT.restricted | OBJECT.decrypt | OBJECT.noDA,
  parameters: {
    symmetric: { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB },
    scheme: { scheme: ALG.NULL },
    curveID: 3,
    kdf: { scheme: ALG.NULL },
  },
} as Public

const RIGHTS = NV.OWNERWRITE | NV.OWNERREAD | NV.AUTHWRITE | NV.AUTHREAD | NV.POLICYREAD | NV.POLICYWRITE
const INDEXES: readonly (readonly [handle: number, type: number, size: number, more: number])[] = [
  [0x01000001, NT.ORDINARY, 40, NV.NO_DA],
  [0x01000002, NT.COUNTER, 8, NV.NO_DA | NV.ORDERLY],
  [0x01000003, NT.BITS, 8, NV.NO_DA | NV.CLEAR_STCLEAR],
  [0x01000004, NT.EXTEND, 32, NV.NO_DA | NV.WRITE_STCLEAR | NV.READ_STCLEAR],
  [0x01000005, NT.PIN_FAIL, 8, NV.NO_DA],
  [0x01000006, NT.PIN_PASS, 8, NV.NO_DA],
  [0x01000007, NT.ORDINARY, 2048, NV.NO_DA | NV.WRITEDEFINE | NV.ORDERLY | NV.GLOBALLOCK],
  [0x01000008, NT.COUNTER, 8, 0],
]

function defineIndexes(d: Driver): void {
  for (const [nvIndex, type, dataSize, more] of INDEXES) {
    // A PIN Index of either kind is not written by its own authValue. Part 3, 31.3.
    const rights = type >= NT.PIN_FAIL ? RIGHTS & ~NV.AUTHWRITE : RIGHTS
    const attributes = (rights | more | (type << 4)) >>> 0
    const publicInfo = { nvIndex, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize }
    const auth = nvIndex === 0x01000005 ? bytes(7) : EMPTY
    d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth, publicInfo })
    const at = { authHandle: RH.OWNER, nvIndex }
    if (type === NT.COUNTER) d.ok(NV_Increment, at, {})
    if (type >= NT.PIN_FAIL) d.ok(NV_Write, at, { data: bytes(0, 0, 0, 0, 0, 0, 0, 9), offset: 0 })
    if (type === NT.ORDINARY) d.ok(NV_Write, at, { data: new Uint8Array(30), offset: 2 })
  }
}

const NONE = { algorithm: ALG.NULL } as const
const AES = { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } as const
const XOR = { algorithm: ALG.XOR, keyBits: ALG.SHA256 } as const

/** An HMAC session without secret, two that encrypt, one that is bound, a policy and a trial session. */
function startSessions(d: Driver): void {
  const start = (sessionType: number, symmetric: typeof NONE | typeof AES | typeof XOR, bind: number = RH.NULL) =>
    d.ok(
      StartAuthSession,
      { tpmKey: RH.NULL, bind },
      { nonceCaller: new Uint8Array(16), encryptedSalt: EMPTY, sessionType, symmetric, authHash: ALG.SHA256 },
    )
  start(0, NONE)
  start(0, AES)
  start(0, XOR)
  start(0, NONE, RH.OWNER)
  start(1, AES)
  start(3, NONE)
}

/** What stands in the transient slots of each scene. */
const SLOTS: readonly ((d: Driver) => void)[] = [
  // Keys that sign, a parent, data.
  d => {
    create(d, storage)
    create(d, templates.ecc(ALG.ECDSA))
    create(d, templates.hmacKey())
    create(d, templates.mldsa(1, 1))
    create(d, templates.mlkem(1))
    d.command(RSA_LOAD)
  },
  // Sequences, a key with an authValue that counts, a key without its private part.
  d => {
    const key = create(d, without(templates.hmacKey(), OBJECT.noDA), { userAuth: bytes(1) }).handle
    const hmac = create(d, templates.hmacKey()).handle
    d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 })
    d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.NULL })
    d.run(MAC_Start, { handle: hmac }, { auth: EMPTY, inScheme: ALG.SHA256 })
    const ecc = create(d, templates.ecc(ALG.NULL))
    d.run(LoadExternal, {}, { inPrivate: undefined, inPublic: ecc.outPublic, hierarchy: RH.NULL })
    const at = { auth: RH.OWNER, objectHandle: key }
    d.run(EvictControl, at, { persistentHandle: 0x81000009 })
  },
]

function scene(profile: Profile, fill: (d: Driver) => void): Tpm {
  const d = new Driver(profile)
  d.ok(Startup, {}, { startupType: SU.CLEAR })
  defineIndexes(d)
  const key = create(d, storage).handle
  d.ok(EvictControl, { auth: RH.OWNER, objectHandle: key }, { persistentHandle: 0x81000001 }, [password()])
  const hmac = create(d, templates.hmacKey(), { hierarchy: RH.PLATFORM }).handle
  d.ok(EvictControl, { auth: RH.PLATFORM, objectHandle: hmac }, { persistentHandle: 0x81800001 }, [password()])
  d.tpm = { ...d.tpm, objects: d.tpm.objects.map(() => undefined) }
  fill(d)
  startSessions(d)
  return d.tpm
}

/** Each with a TPM that is up, one that is not, and one that cannot write to NV memory. */
export function scenes(): readonly Tpm[] {
  const up = SLOTS.map(fill => scene(PROFILES.crbscope, fill))
  const first = up[0] as Tpm
  return [
    ...up,
    ...up,
    { ...first, nvAvailable: false },
    { ...first, physicalPresence: true },
    { ...first, failSelfTest: true },
    { ...first, profile: { ...first.profile, peculiar: new Set(['retry-on-first-use']) } },
    new Driver().tpm,
  ]
}
