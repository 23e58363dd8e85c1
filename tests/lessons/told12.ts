// The commands that the scenarios of TPM 1.2 send. Their proofs depend on the nonces of the TPM, which depend on nothing but
// the seed and what was sent before: so they are found by running the same TPM once, and kept as data.

import { others } from '../../src/backend/behind.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { type Bytes, fromHex, toHex } from '../../src/lib/bytes.ts'
import { CAP, CAP_PROP, PRESENCE } from '../../src/spec12/codes.ts'
import * as rows from '../../src/spec12/commands.ts'
import { request12 } from '../../src/spec12/frame.ts'
import { STORAGE_ROOT } from '../../src/tpm12/factory-keys.ts'
import { be32 } from '../../src/lib/bytes.ts'
import { Client12, secretOf } from '../support/client12.ts'

const NOTHING = {} as never
const OWNER = secretOf('owner')
const SRK = secretOf('srk')

type Story = (client: Client12, send: (request: Bytes) => Bytes) => Promise<void>

const owned = (): Bytes => request12(rows.GetCapability, { capArea: CAP.PROPERTY, subCap: be32(CAP_PROP.OWNER) })
const pcr = (pcrIndex: number): Bytes => request12(rows.PcrRead, { pcrIndex })
const startup = (): Bytes => request12(rows.Startup, { startupType: 1 })
const presence = (): Bytes => request12(rows.PhysicalPresence, { physicalPresence: PRESENCE.PRESENT })

/** By scenario; each command becomes one task, in this order. */
const STORIES: { readonly [id: string]: Story } = {
  'passthrough12-startup': async (_, send) => {
    send(startup())
    send(request12(rows.GetCapability, { capArea: CAP.VERSION_VAL, subCap: new Uint8Array(0) }))
    send(pcr(0))
    send(request12(rows.Extend, { pcrNum: 10, inDigest: secretOf('the guest’s kernel') }))
  },
  'owner-cleared': async (client, send) => {
    send(owned())
    const session = await client.oiap(OWNER)
    await client.authed(rows.OwnerClear, NOTHING, session)
    send(owned())
    send(owned())
    send(pcr(0))
  },
  'filter-round': async (client, send) => {
    const session = await client.oiap(OWNER)
    const clear = client.prove(rows.OwnerClear, NOTHING, session).request
    send(clear)
    const transport = await client.transport(STORAGE_ROOT.n, SRK, secretOf('transport'))
    await client.wrapped(transport, clear, [10, 10])
    send(owned())
  },
  'filter-hidden': async (client, send) => {
    const session = await client.oiap(OWNER)
    const clear = client.prove(rows.OwnerClear, NOTHING, session).request
    const transport = await client.transport(STORAGE_ROOT.n, SRK, secretOf('transport'))
    await client.wrapped(transport, clear, [10, 10])
    const disable = client.prove(rows.OwnerSetDisable, { disableState: 1 }, session).request
    // The first attempt never reached the TPM, so its nonces are those that it had.
    await client.wrapped(transport, disable, [10, 11])
    send(pcr(0))
  },
  'tpm-off': async (_, send) => {
    send(pcr(0))
    send(presence())
    send(request12(rows.PhysicalEnable, NOTHING))
    send(pcr(0))
    send(pcr(0))
  },
  'keys-gone': async (client, send) => {
    send(startup())
    const transport = await client.transport(STORAGE_ROOT.n, SRK, secretOf('transport'))
    await client.wrapped(transport, pcr(0), [10, 14])
    const session = await client.oiap(OWNER)
    await client.authed(rows.OwnerClear, NOTHING, session)
    send(presence())
    send(request12(rows.PhysicalEnable, NOTHING))
    // The same key again, with a proof that its secret still makes.
    const again = await client.oiap(SRK)
    const { request } = client.prove(
      rows.EstablishTransport,
      {
        transPublic: { tag: 0x1e, transAttributes: 1, algID: 7, encScheme: 1 },
        secret: client.encrypt(STORAGE_ROOT.n, secretOf('any')),
      },
      again,
      { handle: 0x40000000 },
    )
    send(request)
  },
}

/** What each scenario sends, as hexadecimal. */
export async function made(scenario: (id: string) => Scenario | undefined): Promise<{ [id: string]: string[] }> {
  const out: { [id: string]: string[] } = {}
  for (const [id, story] of Object.entries(STORIES)) {
    const config = scenario(id)?.config
    if (!config) throw new Error(`no scenario ${id}`)
    const { seed, backend = { kind: 'emulator' as const }, backendBufferSize } = config
    let b = others().create(fromHex(seed), '1.2', backend, backendBufferSize)
    const sent: string[] = []
    const send = (request: Bytes): Bytes => {
      sent.push(toHex(request))
      const done = others().runNow(b, request)
      b = done.backend
      return done.response
    }
    await story(new Client12(send), send)
    out[id] = sent
  }
  return out
}
