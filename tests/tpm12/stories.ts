// Stories of a TPM 1.2, told to whoever answers: our engine in the tests, and once another TPM, whose answers are kept in
// tests/vectors/tpm12-swtpm. A line of a story is a request with the way in which two answers to it are compared.

import { be16, be32, type Bytes, bytes, EMPTY, fromHex, utf8 } from '../../src/lib/bytes.ts'
import { CAP, CAP_FLAG, CAP_PROP, ET, ORD, PRESENCE, ST12 } from '../../src/spec12/codes.ts'
import * as rows from '../../src/spec12/commands.ts'
import { request12 } from '../../src/spec12/frame.ts'
import { type Answer12, Client12, secretOf, SRK_PARAMS } from '../support/client12.ts'

/** `bytes`: all of the answer; `length`: its length and code; `code`: its code. */
export type Way = 'bytes' | 'length' | 'code'

/** A TPM 1.2 and the platform around it. */
export interface Subject12 {
  /** Answers; `way` says how the answer may be compared. */
  send(request: Bytes, name: string, way: Way): Bytes | Promise<Bytes>
  /** Power goes and comes back: TPM_Init. */
  init(): void | Promise<void>
}

const NOTHING = {} as never
const OWNER = secretOf('owner')
const SRK = secretOf('srk')
const sub = (n: number): Bytes => be32(n)

class Teller {
  readonly s: Subject12
  readonly client: Client12
  constructor(s: Subject12) {
    this.s = s
    this.client = new Client12((request, name) => s.send(request, name, 'length'))
  }

  async exact<P, R>(row: rows.Row12<P, R>, params: P, handle?: number): Promise<Bytes> {
    return this.s.send(request12(row, params, [], handle), row.name, 'bytes')
  }
  async code<P, R>(row: rows.Row12<P, R>, params: P): Promise<Bytes> {
    return this.s.send(request12(row, params), row.name, 'code')
  }
  async raw(hex: string): Promise<Bytes> {
    return this.s.send(fromHex(hex), 'bytes', 'bytes')
  }
  start(type: number = ST12.CLEAR): Promise<Bytes> {
    return this.exact(rows.Startup, { startupType: type })
  }
  presence(bits: number): Promise<Bytes> {
    return this.exact(rows.PhysicalPresence, { physicalPresence: bits })
  }
  flags(): Promise<Bytes> {
    return this.exact(rows.GetCapability, { capArea: CAP.FLAG, subCap: sub(CAP_FLAG.PERMANENT) })
  }
  volatile(): Promise<Bytes> {
    return this.exact(rows.GetCapability, { capArea: CAP.FLAG, subCap: sub(CAP_FLAG.VOLATILE) })
  }
  owned(): Promise<Bytes> {
    return this.exact(rows.GetCapability, { capArea: CAP.PROPERTY, subCap: sub(CAP_PROP.OWNER) })
  }
  extend(pcrNum: number, fill = 1): Promise<Bytes> {
    return this.exact(rows.Extend, { pcrNum, inDigest: new Uint8Array(20).fill(fill) })
  }
  pcr(pcrIndex: number): Promise<Bytes> {
    return this.exact(rows.PcrRead, { pcrIndex })
  }
  async pubek(): Promise<Bytes> {
    const { returns } = await this.client.call(rows.ReadPubek, { antiReplay: this.client.fresh() })
    return returns?.pubEndorsementKey.pubKey ?? EMPTY
  }
  /** On and activated, as a platform is that is used. */
  async on(): Promise<void> {
    await this.start()
    await this.presence(PRESENCE.CMD_ENABLE)
    await this.presence(PRESENCE.PRESENT)
    await this.exact(rows.PhysicalEnable, NOTHING)
    await this.exact(rows.PhysicalSetDeactivated, { state: 0 })
    await this.s.init()
    await this.start()
  }
  take(): Promise<Answer12<unknown>> {
    return this.pubek().then(n => this.client.takeOwnership(n, OWNER, SRK))
  }
}

const PROPERTIES = [CAP_PROP.PCR, CAP_PROP.DIR, CAP_PROP.OWNER]

/** Each starts with a TPM as the factory left it, after TPM_Init. */
export const STORIES: { readonly [name: string]: (s: Subject12) => Promise<void> } = {
  async startup(s) {
    const t = new Teller(s)
    for (const row of [rows.PcrRead]) await t.exact(row, { pcrIndex: 0 })
    await t.exact(rows.SaveState, NOTHING)
    await t.flags()
    await t.start(7)
    await t.start()
    await t.flags()
    await s.init()
    await t.start()
    await t.start()
    await t.start(ST12.STATE)
    await t.exact(rows.SelfTestFull, NOTHING)
    await t.exact(rows.ContinueSelfTest, NOTHING)
    await t.code(rows.GetTestResult, NOTHING)
    await s.init()
    await t.start(ST12.STATE)
    await t.flags()
    await t.extend(0)
    await t.code(rows.GetTestResult, NOTHING)
    await t.start()
    await s.init()
    await t.start(ST12.DEACTIVATED)
    await t.volatile()
    await t.pcr(0)
  },
  async frames(s) {
    const t = new Teller(s)
    await t.start()
    await t.raw('00c10000000a000000ff')
    await t.raw('00c10000000a00000001')
    await t.raw('00c10000000a00000099')
    await t.raw('00c10000000b0000009900')
    await t.raw('00c10000000b00000050')
    await t.raw('00c10000000b0000005000')
    await t.raw('00c20000000a00000050')
    await t.raw('00c40000000a00000050')
    await t.raw('80010000000c000001440000')
    await t.raw('00c10000000e0000001500000018')
    await t.raw('00c10000000e00000015ffffffff')
    await t.raw('00c1000000100000001500000000abcd')
    await t.raw('00c10000000d00000015000000')
    await t.raw('00c10000000c4000000a0001')
    await t.raw('00c10000000c4000000a0000')
    await t.raw('00c10000000b0000007102')
    await t.raw('00c10000000a0000005b')
    await t.raw('00c10000000a0000006e')
    await t.raw('00c10000000b0000006e01')
  },
  async pcrs(s) {
    const t = new Teller(s)
    await t.on()
    for (const i of [0, 15, 16, 17, 20, 22, 23]) await t.pcr(i)
    for (const i of [0, 10, 16, 23, 17, 19, 20, 21, 24]) await t.extend(i)
    for (const i of [0, 10, 16, 23]) await t.pcr(i)
    await t.extend(0, 2)
    await t.pcr(0)
    const select = (...pcrSelect: number[]) => t.exact(rows.PcrReset, { pcrSelection: { pcrSelect } })
    await select(0, 0, 0x81)
    await select(0, 0, 0x01)
    await select(1, 0, 0)
    await select(1, 0, 1)
    await select(0, 0, 2)
    await select(0, 0, 0)
    await t.pcr(16)
    await t.pcr(23)
    await t.exact(rows.SaveState, NOTHING)
    await s.init()
    await t.start(ST12.STATE)
    for (const i of [0, 10, 16, 17]) await t.pcr(i)
    await t.exact(rows.SaveState, NOTHING)
    await t.pcr(0)
    await s.init()
    await t.start(ST12.STATE)
  },
  async switches(s) {
    const t = new Teller(s)
    await t.on()
    await t.flags()
    await t.volatile()
    for (const row of [rows.PhysicalDisable, rows.PhysicalEnable, rows.ForceClear, rows.SetTempDeactivated]) {
      await t.exact(row, NOTHING)
    }
    await t.exact(rows.PhysicalSetDeactivated, { state: 1 })
    await t.exact(rows.SetOwnerInstall, { state: 0 })
    await t.presence(PRESENCE.PRESENT | PRESENCE.NOTPRESENT)
    await t.presence(PRESENCE.PRESENT | PRESENCE.LOCK)
    await t.presence(PRESENCE.PRESENT | PRESENCE.CMD_ENABLE)
    await t.presence(PRESENCE.CMD_DISABLE | PRESENCE.CMD_ENABLE)
    await t.presence(PRESENCE.HW_DISABLE | PRESENCE.HW_ENABLE)
    await t.presence(PRESENCE.PRESENT)
    await t.volatile()
    await t.exact(rows.SetOwnerInstall, { state: 0 })
    await t.flags()
    await t.exact(rows.SetOwnerInstall, { state: 1 })
    await t.exact(rows.PhysicalDisable, NOTHING)
    await t.exact(rows.PhysicalDisable, NOTHING)
    await t.flags()
    await t.pcr(0)
    await t.extend(0)
    await t.exact(rows.ForceClear, NOTHING)
    await t.exact(rows.PhysicalSetDeactivated, { state: 1 })
    await t.exact(rows.PhysicalEnable, NOTHING)
    await t.pcr(0)
    await t.exact(rows.PhysicalSetDeactivated, { state: 1 })
    await t.pcr(1)
    await s.init()
    await t.start()
    await t.pcr(1)
    await t.extend(1)
    await t.volatile()
    await t.exact(rows.PhysicalSetDeactivated, { state: 0 })
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.PhysicalSetDeactivated, { state: 0 })
    await t.pcr(1)
    await s.init()
    await t.start()
    await t.pcr(1)
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.SetTempDeactivated, NOTHING)
    await t.pcr(1)
    await t.exact(rows.SetTempDeactivated, NOTHING)
    await s.init()
    await t.start()
    await t.pcr(1)
    await t.exact(rows.DisableForceClear, NOTHING)
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.ForceClear, NOTHING)
    await t.presence(PRESENCE.LOCK)
    await t.presence(PRESENCE.PRESENT)
    await t.volatile()
    await s.init()
    await t.start()
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.ForceClear, NOTHING)
    await t.flags()
    await t.volatile()
    await t.pcr(0)
    await t.presence(PRESENCE.LIFETIME_LOCK)
    await t.presence(PRESENCE.CMD_DISABLE)
    await t.flags()
  },
  async capability(s) {
    const t = new Teller(s)
    await t.on()
    const ask = (capArea: number, subCap: Bytes, way: 'exact' | 'code' = 'exact') =>
      t[way](rows.GetCapability, { capArea, subCap })
    for (const o of [ORD.Startup, ORD.TakeOwnership, ORD.OwnerClear, ORD.PhysicalPresence, 1, 0xfff]) {
      await ask(CAP.ORD, sub(o))
    }
    for (const a of [1, 4, 5, 7, 2, 0x99]) await ask(CAP.ALG, sub(a))
    for (const p of [1, 2, 5, 99]) await ask(CAP.PID, be16(p))
    for (const p of PROPERTIES) await ask(CAP.PROPERTY, sub(p))
    for (const p of [CAP_PROP.MANUFACTURER, CAP_PROP.TIS_TIMEOUT, CAP_PROP.DURATION]) {
      await ask(CAP.PROPERTY, sub(p), 'code')
    }
    await ask(CAP.PROPERTY, sub(0xffff))
    await ask(CAP.VERSION, EMPTY)
    await ask(CAP.VERSION_VAL, EMPTY, 'code')
    await ask(CAP.FLAG, sub(0x107))
    await ask(CAP.FLAG, EMPTY)
    await ask(CAP.ORD, bytes(1))
    await ask(0x4444, EMPTY)
    await ask(CAP.KEY_HANDLE, EMPTY)
    await t.client.call(rows.GetRandom, { bytesRequested: 16 })
    await t.exact(rows.GetRandom, { bytesRequested: 0 })
    await t.exact(rows.StirRandom, { inData: utf8('abc') })
    await t.exact(rows.StirRandom, { inData: EMPTY })
  },
  async owner(s) {
    const t = new Teller(s)
    await t.on()
    await t.owned()
    await t.exact(rows.Osap, { entityType: ET.OWNER, entityValue: 0, nonceOddOSAP: new Uint8Array(20) })
    await t.take()
    await t.owned()
    await t.flags()
    await t.pubek()
    await t.client.takeOwnership(new Uint8Array(256).fill(0xc1), OWNER, SRK)
    const { client } = t
    const session = await client.oiap(OWNER)
    await client.authed(rows.OwnerSetDisable, { disableState: 1 }, session)
    await t.flags()
    await t.pcr(0)
    await client.authed(rows.OwnerSetDisable, { disableState: 0 }, session)
    await client.authed(rows.OwnerSetDisable, { disableState: 1 }, session, { spoil: true })
    await client.authed(rows.OwnerSetDisable, { disableState: 0 }, session)
    const owner = await client.osap(ET.OWNER, 0, OWNER)
    await client.authed(rows.OwnerSetDisable, { disableState: 0 }, owner)
    const srk = await client.osap(ET.SRK, 0, SRK)
    await client.authed(rows.OwnerSetDisable, { disableState: 0 }, srk)
    await client.authed(rows.DisableOwnerClear, NOTHING, owner)
    await t.flags()
    await client.authed(rows.OwnerClear, NOTHING, owner)
    await t.owned()
    await t.exact(rows.SetOwnerInstall, { state: 0 })
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.ForceClear, NOTHING)
    await t.owned()
    await t.flags()
    await t.volatile()
    await t.exact(rows.ForceClear, NOTHING)
    await t.pubek()
    await t.exact(rows.PhysicalEnable, NOTHING)
    await t.exact(rows.PhysicalSetDeactivated, { state: 0 })
    await s.init()
    await t.start()
    await t.take()
    const again = await client.oiap(OWNER)
    await client.authed(rows.OwnerClear, NOTHING, again)
    await t.flags()
    await t.volatile()
    await t.owned()
  },
  async refusals(s) {
    const t = new Teller(s)
    await t.on()
    const n = await t.pubek()
    const { client } = t
    await t.presence(PRESENCE.PRESENT)
    await t.exact(rows.SetOwnerInstall, { state: 0 })
    await client.takeOwnership(n, OWNER, SRK)
    await t.exact(rows.SetOwnerInstall, { state: 1 })
    const change = (more: Partial<typeof SRK_PARAMS>) => client.takeOwnership(n, OWNER, SRK, { ...SRK_PARAMS, ...more })
    await change({ keyUsage: 0x10 })
    await change({ keyFlags: 2 })
    await change({ algorithmParms: { ...SRK_PARAMS.algorithmParms, algorithmID: 6 } })
    await change({ algorithmParms: { ...SRK_PARAMS.algorithmParms, encScheme: 1 } })
    await change({ algorithmParms: { ...SRK_PARAMS.algorithmParms, sigScheme: 2 } })
    await client.takeOwnership(n, OWNER.slice(1), SRK)
    await client.takeOwnership(n, OWNER, SRK.slice(1))
    await t.owned()
    for (let i = 0; i < 3; i++) await client.oiap(OWNER)
    await t.exact(rows.Osap, { entityType: ET.SRK, entityValue: 0, nonceOddOSAP: new Uint8Array(20) })
  },
  async transport(s) {
    const t = new Teller(s)
    await t.on()
    const { client } = t
    const n = await t.pubek()
    const { returns } = await client.takeOwnership(n, OWNER, SRK)
    const srkPub = (returns as { srkPub: typeof SRK_PARAMS }).srkPub.pubKey
    const session = await client.transport(srkPub, SRK, secretOf('transport'))
    await client.wrapped(session, request12(rows.PcrRead, { pcrIndex: 3 }), [10, 14])
    await client.wrapped(session, request12(rows.GetRandom, { bytesRequested: 8 }), [10, 14])
    const owner = await client.oiap(OWNER)
    const disable = client.prove(rows.OwnerSetDisable, { disableState: 0 }, owner).request
    await client.wrapped(session, disable, [10, 11])
    await client.wrapped(session, request12(rows.SelfTestFull, NOTHING), [10, 10])
    await client.wrapped(session, request12(rows.PcrRead, { pcrIndex: 99 }), [10, 14])
    const second = await client.oiap(OWNER)
    const clear = client.prove(rows.OwnerClear, NOTHING, second).request
    await client.wrapped(session, clear, [10, 10])
    await t.owned()
    await t.flags()
  },
}
