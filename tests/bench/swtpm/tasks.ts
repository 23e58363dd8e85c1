// What is measured: each task prepares its part on a server and gives the round that is timed, one command or a few that
// belong together. `prepare` runs before each round, outside the time.

import { createHash, createHmac } from 'node:crypto'
import { type Bytes, be16, be32, bytes, concat, EMPTY } from '../../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../../src/spec/algorithms.ts'
import { OBJECT, SESSION } from '../../../src/spec/attributes.ts'
import { CC, ST } from '../../../src/spec/codes.ts'
import type { CommandRow } from '../../../src/spec/command.ts'
import { RSA_Decrypt, RSA_Encrypt } from '../../../src/spec/commands/asymmetric.ts'
import { GetCapability } from '../../../src/spec/commands/capability.ts'
import { ReadClock } from '../../../src/spec/commands/clock.ts'
import { ContextLoad, ContextSave, FlushContext } from '../../../src/spec/commands/context.ts'
import { Create, Load, Unseal } from '../../../src/spec/commands/create.ts'
import { ECDH_ZGen } from '../../../src/spec/commands/ecdh.ts'
import { CreatePrimary } from '../../../src/spec/commands/hierarchy.ts'
import { NV_DefineSpace, NV_Increment, NV_Read, NV_ReadPublic, NV_Write } from '../../../src/spec/commands/nv.ts'
import { ReadPublic } from '../../../src/spec/commands/object.ts'
import { PCR_Extend, PCR_Read } from '../../../src/spec/commands/pcr.ts'
import { PolicyGetDigest, PolicyPCR } from '../../../src/spec/commands/policy-bind.ts'
import { PolicySecret } from '../../../src/spec/commands/policy-sign.ts'
import { GetRandom } from '../../../src/spec/commands/random.ts'
import { HashSequenceStart, SequenceComplete, SequenceUpdate } from '../../../src/spec/commands/sequence.ts'
import { PolicyRestart, StartAuthSession } from '../../../src/spec/commands/session.ts'
import { Sign, VerifySignature } from '../../../src/spec/commands/signing.ts'
import { EncryptDecrypt2, Hash, MAC } from '../../../src/spec/commands/symmetric.ts'
import { type AuthCommand, decodeResponse, encodeCommand, password } from '../../../src/spec/frame.ts'
import { RH } from '../../../src/spec/handles.ts'
import type { Public } from '../../../src/spec/keys.ts'
import { NV } from '../../../src/spec/nv.ts'
import type { Server } from './server.ts'

export interface Prepared {
  readonly round: () => Promise<unknown>
  readonly prepare?: () => Promise<unknown>
  /** Undoes what a round left, outside the time. */
  readonly after?: () => Promise<unknown>
}
export interface Task {
  readonly name: string
  readonly kind: 'plain' | 'nv' | 'key'
  /** The ratio that is wanted at most. */
  readonly atMost: number
  readonly rounds?: number
  readonly on: (s: Server) => Promise<Prepared>
}

type EncodeArgs = Parameters<typeof encodeCommand>
const command = (row: unknown, handles: object, params: object, auths?: readonly AuthCommand[]): Bytes =>
  encodeCommand(row as CommandRow, handles as EncodeArgs[1], params as never, auths)
const same =
  (b: Bytes) =>
  async (s: Server): Promise<Prepared> => ({ round: () => s.ask(b) })
/** A command that is the same each time. */
const fixed = (...args: Parameters<typeof command>) => same(command(...args))

const USER = OBJECT.fixedTPM | OBJECT.fixedParent | OBJECT.sensitiveDataOrigin | OBJECT.userWithAuth | OBJECT.noDA
const NONE = { algorithm: ALG.NULL } as const
const AES = { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } as const
const area = (bits: number) => ({ nameAlg: ALG.SHA256, objectAttributes: USER | bits, authPolicy: EMPTY }) as const

const ecc = (bits: number, symmetric: typeof NONE | typeof AES, scheme: object): Public =>
  ({
    ...area(bits),
    type: ALG.ECC,
    parameters: { symmetric, scheme, curveID: CURVE.NIST_P256, kdf: { scheme: ALG.NULL } },
    unique: { x: EMPTY, y: EMPTY },
  }) as Public
const PARENT = ecc(OBJECT.restricted | OBJECT.decrypt, AES, { scheme: ALG.NULL })
const ECDSA = ecc(OBJECT.sign, NONE, { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 })
const ECDH = ecc(OBJECT.decrypt, NONE, { scheme: ALG.NULL })
const rsa = (bits: number, scheme: object): Public =>
  ({
    ...area(bits),
    type: ALG.RSA,
    parameters: { symmetric: NONE, scheme, keyBits: 2048, exponent: 0 },
    unique: EMPTY,
  }) as Public
const RSASSA = rsa(OBJECT.sign, { scheme: ALG.RSASSA, hashAlg: ALG.SHA256 })
const OAEP = rsa(OBJECT.decrypt, { scheme: ALG.OAEP, hashAlg: ALG.SHA256 })
const HMAC_KEY: Public = {
  ...area(OBJECT.sign),
  type: ALG.KEYEDHASH,
  parameters: { scheme: { scheme: ALG.HMAC, hashAlg: ALG.SHA256 } },
  unique: EMPTY,
}
const AES_KEY = {
  ...area(OBJECT.sign | OBJECT.decrypt),
  type: ALG.SYMCIPHER,
  parameters: { sym: AES },
  unique: EMPTY,
} as unknown as Public
const SEALED: Public = {
  ...area(0),
  objectAttributes: (USER & ~OBJECT.sensitiveDataOrigin) >>> 0,
  type: ALG.KEYEDHASH,
  parameters: { scheme: { scheme: ALG.NULL } },
  unique: EMPTY,
}

const DATA = Uint8Array.from({ length: 32 }, (_, i) => i)
const DIGEST: Bytes = Uint8Array.from(createHash('sha256').update('crbscope').digest())
const creation = (inPublic: Public, data: Bytes = EMPTY) =>
  ({ inSensitive: { userAuth: EMPTY, data }, inPublic, outsideInfo: EMPTY, creationPCR: [] }) as const

const primary = async (s: Server, inPublic: Public): Promise<number> =>
  (await s.ok(CreatePrimary, { primaryHandle: RH.OWNER }, creation(inPublic))).handle as number
const flush = (s: Server, flushHandle: number) => s.ok(FlushContext, {}, { flushHandle })

const PCRS = [{ hash: ALG.SHA256, pcrSelect: bytes(7, 0, 0) }] as const

/** Adds a key that stays for the task, and takes it away after it: slots are few. */
const withKey =
  (inPublic: Public, f: (s: Server, handle: number) => Promise<Prepared> | Prepared) =>
  async (s: Server): Promise<Prepared> =>
    f(s, await primary(s, inPublic))

const session = async (s: Server, sessionType: number): Promise<{ handle: number; nonceTPM: Bytes }> => {
  const r = await s.ok(
    StartAuthSession,
    { tpmKey: RH.NULL, bind: RH.NULL },
    { nonceCaller: NONCE, encryptedSalt: EMPTY, sessionType, symmetric: NONE, authHash: ALG.SHA256 },
  )
  return { handle: r.handle as number, nonceTPM: r.returns.nonceTPM }
}
const NONCE = DATA.slice(0, 16)

const NV_AUTH = bytes(1, 2, 3)
/** An Index that its authValue reads and writes. @returns its handle */
async function index(s: Server, nvIndex: number, dataSize: number, more = 0): Promise<number> {
  const rights = NV.AUTHREAD | NV.AUTHWRITE | NV.OWNERREAD | NV.OWNERWRITE | NV.NO_DA
  const publicInfo = { nvIndex, nameAlg: ALG.SHA256, attributes: (rights | more) >>> 0, authPolicy: EMPTY, dataSize }
  await s.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: NV_AUTH, publicInfo })
  return nvIndex
}
const writeOnce = (s: Server, nvIndex: number, n: number) =>
  s.ok(NV_Write, { authHandle: RH.OWNER, nvIndex }, { data: DATA.slice(0, n), offset: 0 })

/** TPM2_NV_Read in an HMAC session, with nonces that roll. Part 1, 16.6.5. */
async function hmacRead(s: Server): Promise<Prepared> {
  const nvIndex = await index(s, 0x01000011, 32)
  await writeOnce(s, nvIndex, 32)
  const name = (await s.ok(NV_ReadPublic, { nvIndex }, {})).returns.nvName
  const { handle, nonceTPM } = await session(s, 0)
  let newest = nonceTPM
  let next: Bytes = EMPTY
  let last: Bytes = EMPTY
  const params = concat(be16(32), be16(0))
  return {
    async prepare() {
      const cp = createHash('sha256')
        .update(concatBuffer(be32(CC.NV_Read), name, name, params))
        .digest()
      const attributes = SESSION.continueSession
      const hmac = createHmac('sha256', concatBuffer(NV_AUTH))
        .update(concatBuffer(Uint8Array.from(cp), NONCE, newest, bytes(attributes)))
        .digest()
      const auth = { sessionHandle: handle, nonce: NONCE, sessionAttributes: attributes, hmac: Uint8Array.from(hmac) }
      next = command(NV_Read, { authHandle: nvIndex, nvIndex }, { size: 32, offset: 0 }, [auth])
    },
    async round() {
      last = await s.ask(next)
      return last
    },
    async after() {
      newest = decodeResponse(NV_Read, last).auths[0]?.nonce as Bytes
    },
  }
}
const concatBuffer = (...parts: readonly Bytes[]): Buffer => Buffer.from(concat(...parts) as Uint8Array)

async function loadChild(s: Server): Promise<Prepared> {
  const parentHandle = await primary(s, PARENT)
  const { outPrivate, outPublic } = (await s.ok(Create, { parentHandle }, creation(ECDSA))).returns
  const load = command(Load, { parentHandle }, { inPrivate: outPrivate, inPublic: outPublic })
  let loaded = 0
  return {
    async round() {
      loaded = decodeResponse(Load, await s.ask(load)).handle as number
    },
    after: () => flush(s, loaded),
  }
}

async function unseal(s: Server): Promise<Prepared> {
  const parentHandle = await primary(s, PARENT)
  const { outPrivate, outPublic } = (await s.ok(Create, { parentHandle }, creation(SEALED, DATA))).returns
  const itemHandle = (await s.ok(Load, { parentHandle }, { inPrivate: outPrivate, inPublic: outPublic as Public }))
    .handle as number
  return fixed(Unseal, { itemHandle }, {})(s)
}

const context = withKey(ECDSA, (s, saveHandle) => {
  const save = command(ContextSave, { saveHandle }, {})
  return {
    async round() {
      const { returns } = decodeResponse(ContextSave, await s.ask(save))
      const load = await s.ask(command(ContextLoad, {}, { context: returns?.context as object }))
      return s.ask(command(FlushContext, {}, { flushHandle: decodeResponse(ContextLoad, load).handle }))
    },
  }
})

const validation = { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: EMPTY }
const sign = (inPublic: Public) =>
  withKey(inPublic, (s, keyHandle) =>
    fixed(Sign, { keyHandle }, { digest: DIGEST, inScheme: { scheme: ALG.NULL }, validation })(s),
  )
const verify = (inPublic: Public) =>
  withKey(inPublic, async (s, keyHandle) => {
    const inScheme = { scheme: ALG.NULL } as never
    const { signature } = (await s.ok(Sign, { keyHandle }, { digest: DIGEST, inScheme, validation } as never)).returns
    return fixed(VerifySignature, { keyHandle }, { digest: DIGEST, signature })(s)
  })

const zgen = withKey(ECDH, async (s, keyHandle) => {
  const { outPublic } = (await s.ok(ReadPublic, { objectHandle: keyHandle }, {})).returns
  return fixed(ECDH_ZGen, { keyHandle }, { inPoint: (outPublic as { unique: object }).unique })(s)
})

const decrypt = withKey(OAEP, async (s, keyHandle) => {
  const inScheme = { scheme: ALG.NULL } as never
  const { outData } = (await s.ok(RSA_Encrypt, { keyHandle }, { message: DATA, inScheme, label: EMPTY })).returns
  return fixed(RSA_Decrypt, { keyHandle }, { cipherText: outData, inScheme, label: EMPTY })(s)
})

const child = (inPublic: Public, data: Bytes = EMPTY) =>
  withKey(PARENT, (s, parentHandle) => fixed(Create, { parentHandle }, creation(inPublic, data))(s))

const policy =
  (make: (policySession: number) => Bytes) =>
  async (s: Server): Promise<Prepared> => {
    const { handle } = await session(s, 3)
    const restart = command(PolicyRestart, { sessionHandle: handle }, {})
    return { round: () => s.ask(make(handle)), after: () => s.ask(restart) }
  }

const sequence = async (s: Server): Promise<Prepared> => {
  const start = command(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 })
  const buffer = new Uint8Array(512)
  return {
    async round() {
      const sequenceHandle = decodeResponse(HashSequenceStart, await s.ask(start)).handle as number
      await s.ask(command(SequenceUpdate, { sequenceHandle }, { buffer }))
      return s.ask(command(SequenceComplete, { sequenceHandle }, { buffer: DATA, hierarchy: RH.NULL }))
    },
  }
}

const sessionPair = async (s: Server): Promise<Prepared> => {
  const params = { nonceCaller: NONCE, encryptedSalt: EMPTY, sessionType: 0, symmetric: NONE, authHash: ALG.SHA256 }
  const start = command(StartAuthSession, { tpmKey: RH.NULL, bind: RH.NULL }, params)
  return {
    async round() {
      const flushHandle = decodeResponse(StartAuthSession, await s.ask(start)).handle
      return s.ask(command(FlushContext, {}, { flushHandle }))
    },
  }
}

const nvRead = async (s: Server): Promise<Prepared> => {
  const nvIndex = await index(s, 0x01000012, 32)
  await writeOnce(s, nvIndex, 32)
  return fixed(NV_Read, { authHandle: RH.OWNER, nvIndex }, { size: 32, offset: 0 })(s)
}
const nvWrite = async (s: Server): Promise<Prepared> => {
  const nvIndex = await index(s, 0x01000013, 32)
  let n = 0
  let next: Bytes = EMPTY
  return {
    async prepare() {
      const data = concat(be32(++n), DATA.slice(0, 28))
      next = command(NV_Write, { authHandle: nvIndex, nvIndex }, { data, offset: 0 }, [password(NV_AUTH)])
    },
    round: () => s.ask(next),
  }
}
const nvIncrement = async (s: Server): Promise<Prepared> => {
  const nvIndex = await index(s, 0x01000014, 8, 1 << 4)
  return fixed(NV_Increment, { authHandle: RH.OWNER, nvIndex }, {})(s)
}

const hashOf = (n: number) => fixed(Hash, {}, { data: new Uint8Array(n), hashAlg: ALG.SHA256, hierarchy: RH.NULL })

const PLAIN: readonly (readonly [string, Task['on']])[] = [
  ['GetRandom, 32 bytes', fixed(GetRandom, {}, { bytesRequested: 32 })],
  ['GetCapability, 127 properties', fixed(GetCapability, {}, { capability: 6, property: 0x100, propertyCount: 127 })],
  ['PCR_Read, 3 PCRs', fixed(PCR_Read, {}, { pcrSelectionIn: PCRS })],
  ['PCR_Extend', fixed(PCR_Extend, { pcrHandle: 16 }, { digests: [{ hashAlg: ALG.SHA256, digest: DIGEST }] })],
  ['Hash, 64 bytes', hashOf(64)],
  ['Hash, 1024 bytes', hashOf(1024)],
  ['HashSequenceStart, Update, Complete', sequence],
  ['ReadClock', fixed(ReadClock, {}, {})],
  ['ReadPublic, P-256', withKey(ECDSA, (s, objectHandle) => fixed(ReadPublic, { objectHandle }, {})(s))],
  ['StartAuthSession, FlushContext', sessionPair],
  ['PolicyPCR', policy(h => command(PolicyPCR, { policySession: h }, { pcrDigest: EMPTY, pcrs: PCRS }))],
  ['PolicyGetDigest', policy(h => command(PolicyGetDigest, { policySession: h }, {}))],
  [
    'PolicySecret',
    policy(h =>
      command(
        PolicySecret,
        { authHandle: RH.OWNER, policySession: h },
        { nonceTPM: EMPTY, cpHashA: EMPTY, policyRef: EMPTY, expiration: 0 },
      ),
    ),
  ],
  [
    'HMAC, 64 bytes',
    withKey(HMAC_KEY, (s, handle) => fixed(MAC, { handle }, { buffer: new Uint8Array(64), inScheme: ALG.NULL })(s)),
  ],
  [
    'EncryptDecrypt2, 64 bytes',
    withKey(AES_KEY, (s, keyHandle) => {
      const params = { inData: new Uint8Array(64), decrypt: 0, mode: ALG.NULL, ivIn: new Uint8Array(16) }
      return fixed(EncryptDecrypt2, { keyHandle }, params)(s)
    }),
  ],
  ['NV_ReadPublic', async s => fixed(NV_ReadPublic, { nvIndex: await index(s, 0x01000015, 32) }, {})(s)],
  ['NV_Read, 32 bytes', nvRead],
  ['NV_Read, 32 bytes, HMAC session', hmacRead],
  ['Load, P-256 child', loadChild],
  ['Unseal', unseal],
  ['Create, sealed data', child(SEALED, DATA)],
  ['ContextSave, ContextLoad, FlushContext', context],
]

export const TASKS: readonly Task[] = [
  ...PLAIN.map(([name, on]) => ({ name, on, kind: 'plain', atMost: 2 }) as const),
  { name: 'NV_Write, 32 bytes', kind: 'nv', atMost: 2, on: nvWrite },
  { name: 'NV_Increment', kind: 'nv', atMost: 2, on: nvIncrement },
  { name: 'Sign, ECDSA P-256', kind: 'key', atMost: 3, on: sign(ECDSA) },
  { name: 'VerifySignature, ECDSA P-256', kind: 'key', atMost: 6, on: verify(ECDSA) },
  { name: 'ECDH_ZGen, P-256', kind: 'key', atMost: 8, on: zgen },
  { name: 'Create, P-256', kind: 'key', atMost: 8, on: child(ECDSA) },
  { name: 'Sign, RSASSA 2048', kind: 'key', atMost: 3, rounds: 300, on: sign(RSASSA) },
  { name: 'VerifySignature, RSASSA 2048', kind: 'key', atMost: 3, on: verify(RSASSA) },
  { name: 'RSA_Decrypt, OAEP 2048', kind: 'key', atMost: 3, rounds: 300, on: decrypt },
  { name: 'Create, RSA-2048', kind: 'key', atMost: 5, rounds: 60, on: child(RSASSA) },
]
