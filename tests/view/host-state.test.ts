// What is shown of a TPM 1.2, of a host whose TPM is passed through, and of one that cannot be seen.

import { describe, expect, it } from 'vitest'
import { HOST } from '../../src/lessons/scenarios/host.ts'
import { History } from '../../src/machine/history.ts'
import { flagRows, hostButtons, hostFacts, meaning12, pcr12Rows, probeRows, whose } from '../../src/view/host-state.ts'
import { config } from '../support/machines.ts'

const run = (id: string): History => {
  const found = HOST.find(s => s.id === id)
  if (!found) throw new Error(id)
  const h = History.start(found.config)
  h.extend(10_000)
  return h
}
const fact = (h: History, k: number, name: string) => hostFacts(h.at(k).machine).find(f => f.name === name)?.value

describe('the state behind the interface', () => {
  it('of a TPM 1.2 whose owner goes: facts, flags that change, PCRs, what is blocked', () => {
    const h = run('owner-cleared')
    const end = h.length - 1
    expect([fact(h, 0, 'Owner'), fact(h, end, 'Owner')]).toEqual(['yes', 'no'])
    expect([fact(h, 0, 'Enabled'), fact(h, end, 'Enabled')]).toEqual(['yes', 'no'])
    expect(fact(h, end, 'Activated')).toBe('until the next start')
    expect([fact(h, 0, 'Guests so far'), fact(h, end, 'Guests so far')]).toEqual(['1', '2'])
    expect(fact(h, 0, 'Migration')).toMatch(/^blocked/)
    const cleared = Array.from({ length: h.length }, (_, k) => k).find(
      k => k > 0 && flagRows(h.at(k), h.at(k - 1))?.permanent.some(f => f.name === 'disable' && f.changed),
    )
    expect(cleared).toBeGreaterThan(10)
    expect(pcr12Rows(h.at(0), undefined).map(p => p.pcr)).toEqual([0])
    expect(meaning12(h.at(end).machine)).toBe('the TPM is disabled')
    expect(whose(h.at(0).machine)).toMatch(/^Opaque to the guest: the host’s TPM 1\.2/)
    expect(hostButtons(h.at(0).machine).map(b => b.act)).toEqual([
      'second-guest',
      'new-guest',
      'reboot-host',
      'enable-tpm',
    ])
  })

  it('of a TPM outside: opaque, with no button', () => {
    const bridge = { where: 'swtpm at 127.0.0.1:2321', bufferSize: 4096 }
    const { machine } = History.start(config([], { prepare: [], backend: { kind: 'passthrough', bridge } })).at(0)
    expect(whose(machine)).toMatch(/^Opaque: swtpm at 127\.0\.0\.1:2321 answers/)
    expect([hostButtons(machine), probeRows(machine)]).toEqual([[], []])
    expect(hostFacts(machine).map(f => f.name)).toEqual(['Commands sent out', 'Largest message', 'Migration'])
  })

  it('of a TPM of the guest’s own: what its emulator announced', () => {
    const h = run('keys-gone')
    expect(probeRows(h.at(0).machine).map(p => p.what)).toEqual(['GET_CAPABILITY', 'SET_BUFFERSIZE', 'GET_INFO'])
    expect([fact(h, 0, 'Migration'), fact(h, 0, 'Guests so far')]).toEqual(['possible', undefined])
    expect(hostButtons(h.at(0).machine)).toEqual([])
  })
})
