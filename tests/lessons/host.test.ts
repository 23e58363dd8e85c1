// The scenarios of passthrough and TPM 1.2: their commands are made again from the story that they tell, and each ends as
// its summary says.

import { describe, expect, it } from 'vitest'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import { SCENARIOS, scenarioById } from '../../src/lessons/scenarios/index.ts'
import { qemuTis } from '../../src/hw/tis.ts'
import { TIS } from '../../src/hw/tis.map.ts'
import type { Tis } from '../../src/hw/tis.state.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { History } from '../../src/machine/history.ts'
import type { MachineConfig } from '../../src/machine/machine.ts'
import { sentence } from '../../src/view/sentences.ts'
import { made } from './told12.ts'

const find = (id: string) => HOST.find(s => s.id === id)

/** Return codes of the answers in their order, and every sentence that a step says of host, filter or TPM. */
function told(id: string): { codes: string[]; said: string[]; history: History } {
  const scenario = find(id)
  if (!scenario) throw new Error(id)
  const history = History.start(scenario.config)
  history.extend(100_000)
  expect(history.ended).toBe(true)
  const codes: string[] = []
  const said: string[] = []
  for (let k = 1; k < history.length; k++) {
    const m = history.at(k)
    for (const e of m.events) {
      if (e.t === 'response') codes.push((e.rc ?? -1).toString(16))
      if (e.t === 'user' || e.t === 'tpm' || e.t === 'platform') said.push(sentence(e, m))
    }
  }
  return { codes, said, history }
}
const last = (h: History) => h.at(h.length - 1).machine

describe('scenarios of the host', () => {
  it('are in the list', () => {
    for (const s of HOST) expect(scenarioById(s.id)).toBe(s)
    expect(SCENARIOS.length).toBeGreaterThan(HOST.length)
  })

  it('send what their stories made', async () => {
    const commands = await made(find)
    await expect(`${JSON.stringify(commands, null, 2)}\n`).toMatchFileSnapshot(
      '../../src/lessons/scenarios/tpm12-commands.json',
    )
  })

  it('passthrough-startup: TPM_RC_INITIALIZE, and it is said why', () => {
    const { codes, said, history } = told('passthrough-startup')
    expect(codes).toEqual(['100'])
    expect(said).toContain('The host’s TPM refused to be started a second time: the host’s firmware has done that.')
    expect(said.join(' ')).toContain('It could not start the TPM: it has no menu for it, and measured nothing.')
    expect(last(history).guest.boot).toMatchObject({ started: false, asks: undefined })
  })

  it('passthrough-kernel: the TPM answers the kernel with the PCR of the host; a second guest is refused', () => {
    const { codes, said, history } = told('passthrough-kernel')
    expect(codes).toEqual(['100', '0', '0'])
    const pcr = toHex(last(history).guest.results.at(-1)?.response.slice(-32) ?? new Uint8Array())
    expect(pcr).not.toBe('00'.repeat(32))
    expect(said.at(-1)).toMatch(/^A second guest is refused: the host’s one TPM is in use/)
  })

  it('passthrough12-startup: TPM_INVALID_POSTINIT, then answers', () => {
    expect(told('passthrough12-startup').codes).toEqual(['26', '0', '0', '0'])
  })

  it('owner-cleared: an owner, none, and none for the next guest, for whom the TPM is disabled', () => {
    const { codes, said, history } = told('owner-cleared')
    expect(codes).toEqual(['0', '0', '0', '0', '0', '7'])
    const owners = (results: readonly { response: { slice(a: number): unknown }; id: string }[]) =>
      results.map(r => toHex(r.response.slice(14) as never))
    expect(said).toContain('The owner is gone, and with the owner all keys; the TPM is disabled and deactivated.')
    expect(said.some(s => s.startsWith('The guest is switched off and removed.'))).toBe(true)
    const { backend, guest } = last(history)
    expect(owners(guest.results.slice(0, 1))).toEqual(['00'])
    expect(backend.behind?.host).toMatchObject({ guests: 2, boots: 1 })
    expect(backend.behind?.tpm12?.permanent.owner).toBeUndefined()
    const first = History.start(find('owner-cleared')?.config ?? last(history).config).at(0).machine
    expect(first.backend.behind?.tpm12?.permanent.owner).toBeDefined()
  })

  it('filter-round: refused by code, done in a transport session', () => {
    const { codes, said, history } = told('filter-round')
    expect(codes).toEqual(['0', '8', '0', '0', '0', '0'])
    expect(said).toContain('The filter stopped TPM_OwnerClear: the host’s TPM has not seen it.')
    expect(last(history).backend.behind?.tpm12?.permanent.owner).toBeUndefined()
  })

  it('filter-hidden: a filter that unwraps stops the command and not the parameter', () => {
    const { codes, said, history } = told('filter-hidden')
    expect(codes).toEqual(['0', '0', '0', '8', '0', '7'])
    expect(said).toContain(
      'The filter stopped TPM_OwnerClear, wrapped in TPM_ExecuteTransport: the host’s TPM has not seen it.',
    )
    const tpm = last(history).backend.behind?.tpm12
    expect([tpm?.permanent.flags.disable, tpm?.permanent.owner !== undefined]).toEqual([true, true])
  })

  it('show the registers of a TPM 1.2 where one is behind them', () => {
    const read = (id: string, register: 'INTF_CAPABILITY' | 'INTERFACE_ID') => {
      const { device } = History.start(scenarioById(id)?.config as MachineConfig).at(0).machine
      return qemuTis.read(device as Tis, TIS[register].at, 4)
    }
    expect(read('tpm-off', 'INTF_CAPABILITY')).toBe(0x2000_0697)
    expect(read('tpm-off', 'INTERFACE_ID')).toBe(0xffff_ffff)
    expect(read('tis-get-random', 'INTF_CAPABILITY')).toBe(0x3000_0697)
  })

  it('tpm-off: off for every guest until somebody stood before the host', () => {
    const { codes, history } = told('tpm-off')
    expect(codes).toEqual(['7', '3', '2d', '7', '0'])
    expect(last(history).backend.behind?.host).toEqual({ real: false, guests: 3, boots: 4, sent: 0 })
  })

  it('keys-gone: the key works, and is not there any more', () => {
    const { codes } = told('keys-gone')
    expect(codes).toEqual(['0', '0', '0', '0', '0', '0', '0', '0', '0', '12'])
  })
})
