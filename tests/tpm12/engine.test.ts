// What a TPM 1.2 does that no recording shows: the keys of the factory, limits, localities, jobs, sessions that go with
// what they stood for.

import { describe, expect, it } from 'vitest'
import { drbg } from '../../src/crypto/drbg.ts'
import { runJob } from '../../src/crypto/run-job.ts'
import { type Bytes, readBe32, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ET, PRESENCE, RC12 } from '../../src/spec12/codes.ts'
import * as rows from '../../src/spec12/commands.ts'
import { request12 } from '../../src/spec12/frame.ts'
import { execute12 } from '../../src/tpm12/execute.ts'
import { ENDORSEMENT, STORAGE_ROOT } from '../../src/tpm12/factory-keys.ts'
import { manufacture12 } from '../../src/tpm12/tpm.ts'
import { Client12, secretOf } from '../support/client12.ts'
import { Engine12 } from './subject.ts'

const NOTHING = {} as never
const OWNER = secretOf('owner')
const SRK = secretOf('srk')
const rc = (answer: Bytes): number => readBe32(answer, 6)

function started(): { engine: Engine12; client: Client12 } {
  const engine = new Engine12({})
  const client = new Client12(request => engine.run(request))
  engine.run(request12(rows.Startup, { startupType: 1 }))
  return { engine, client }
}

async function owned(): Promise<{ engine: Engine12; client: Client12 }> {
  const { engine, client } = started()
  const { rc: code } = await client.takeOwnership(ENDORSEMENT.n, OWNER, SRK)
  expect(code).toBe(0)
  return { engine, client }
}

describe('the TPM 1.2 engine', () => {
  it.each([
    ['endorsement', ENDORSEMENT],
    ['storage root', STORAGE_ROOT],
  ])('has the %s key that its seed gives', (name, key) => {
    const seed = drbg(utf8(`crbscope TPM 1.2 ${name} key`))
    const found = runJob({ kind: 'rsa-key', keyBits: 2048, exponent: 65537, drbg: seed })
    expect([toHex(found.n), toHex(found.p)]).toEqual([toHex(key.n), toHex(key.p)])
  })

  it('asks for the storage root key as a job, and changes nothing before it is there', async () => {
    const { engine, client } = started()
    const before = engine.tpm
    const session = await client.oiap(OWNER)
    const { request } = client.prove(
      rows.TakeOwnership,
      {
        protocolID: 5,
        encOwnerAuth: client.encrypt(ENDORSEMENT.n, OWNER),
        encSrkAuth: client.encrypt(ENDORSEMENT.n, SRK),
        srkParams: (await import('../support/client12.ts')).SRK_PARAMS,
      },
      session,
    )
    const waiting = engine.tpm
    const first = execute12(engine.tpm, request, 0)
    expect(first.job).toMatchObject({ kind: 'rsa-key', keyBits: 2048 })
    expect(first.tpm).toBe(waiting)
    expect(before.permanent.owner).toBeUndefined()
    expect(rc(engine.run(request))).toBe(0)
    expect(toHex(engine.tpm.permanent.owner?.auth ?? utf8(''))).toBe(toHex(OWNER))
  })

  it('gives no fourth session, and a new one once one is closed', async () => {
    const { engine, client } = await owned()
    const sessions = [await client.oiap(OWNER), await client.oiap(OWNER), await client.oiap(OWNER)]
    expect(rc(engine.run(request12(rows.Oiap, NOTHING)))).toBe(RC12.RESOURCES)
    const [first] = sessions
    if (!first) throw new Error('no session')
    await client.authed(rows.OwnerSetDisable, { disableState: 0 }, first, { goOn: false })
    await client.oiap(OWNER)
  })

  it('takes a proof once: the same request again is refused, and the session gone', async () => {
    const { engine, client } = await owned()
    const session = await client.oiap(OWNER)
    const { request } = client.prove(rows.OwnerSetDisable, { disableState: 0 }, session)
    expect(rc(engine.run(request))).toBe(0)
    expect(rc(engine.run(request))).toBe(RC12.AUTHFAIL)
    expect(rc(engine.run(request))).toBe(RC12.INVALID_AUTHHANDLE)
  })

  it('ends every session when the owner goes, and the keys of the owner', async () => {
    const { engine, client } = await owned()
    const osap = await client.osap(ET.SRK, 0, SRK)
    const transport = await client.transport(engine.tpm.permanent.owner?.srk.n ?? utf8(''), SRK, secretOf('t'))
    const session = await client.oiap(OWNER)
    expect((await client.authed(rows.OwnerClear, NOTHING, session)).rc).toBe(0)
    expect(engine.tpm.sessions).toEqual([])
    expect(engine.tpm.transports).toEqual([])
    expect(engine.tpm.permanent.owner).toBeUndefined()
    expect(osap.handle).not.toBe(transport.handle)
    const again = client.prove(rows.OwnerClear, NOTHING, session).request
    expect(rc(engine.run(again))).toBe(RC12.DISABLED)
  })

  it('asks for the locality of a launched environment where a PCR does', () => {
    const { engine } = started()
    const extend = (pcrNum: number): number =>
      rc(engine.run(request12(rows.Extend, { pcrNum, inDigest: new Uint8Array(20) })))
    const reset = (octet: number): number =>
      rc(engine.run(request12(rows.PcrReset, { pcrSelection: { pcrSelect: [0, 0, octet] } })))
    expect([extend(17), extend(20)]).toEqual([RC12.BAD_LOCALITY, RC12.BAD_LOCALITY])
    engine.locality = 2
    expect([extend(17), extend(20), reset(0x10), reset(0x02)]).toEqual([0, 0, 0, RC12.NOTLOCAL])
    expect(toHex(engine.tpm.pcrs[20] ?? utf8(''))).toBe('00'.repeat(20))
  })

  it('is off where it is delivered so, until somebody is present and it was started anew', () => {
    const engine = new Engine12({ disable: true, deactivated: true })
    const run = <P>(row: rows.Row12<P>, params: P): number => rc(engine.run(request12(row, params)))
    expect(run(rows.Startup, { startupType: 1 })).toBe(0)
    expect(run(rows.PcrRead, { pcrIndex: 0 })).toBe(RC12.DISABLED)
    expect(run(rows.PhysicalEnable, NOTHING)).toBe(RC12.BAD_PRESENCE)
    expect(run(rows.PhysicalPresence, { physicalPresence: PRESENCE.PRESENT })).toBe(0)
    expect(run(rows.PhysicalEnable, NOTHING)).toBe(0)
    expect(run(rows.PhysicalSetDeactivated, { state: 0 })).toBe(0)
    expect(run(rows.PcrRead, { pcrIndex: 0 })).toBe(RC12.DEACTIVATED)
    engine.init()
    expect(run(rows.Startup, { startupType: 1 })).toBe(0)
    expect(run(rows.PcrRead, { pcrIndex: 0 })).toBe(0)
  })

  it('never throws, whatever comes', () => {
    const { engine } = started()
    let seed = 1
    const random = (): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return seed >>> 8
    }
    const ordinals = rows.ROWS.map(r => r.ordinal)
    for (let i = 0; i < 4000; i++) {
      const length = 10 + (random() % 60)
      const bytes = new Uint8Array(length).map(() => (random() % 3 === 0 ? random() & 255 : 0))
      bytes.set([0, 0xc1 + (random() % 4)], 0)
      new DataView(bytes.buffer).setUint32(2, random() % 20 === 0 ? random() : length)
      new DataView(bytes.buffer).setUint32(6, ordinals[random() % ordinals.length] ?? 0)
      const answer = engine.run(bytes)
      expect(readBe32(answer, 2)).toBe(answer.length)
    }
    expect(manufacture12(utf8('x'), ENDORSEMENT).postInitialise).toBe(true)
  })
})
