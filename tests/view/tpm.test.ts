// The tapes: who holds which bytes, true to QEMU's device, which collects a command and hands it over at Start; and the
// TPM's state, as the engine has it.

import { describe, expect, it } from 'vitest'
import { modelOf } from '../../src/machine/device.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { MachineConfig, Moment } from '../../src/machine/machine.ts'
import { answerTape, commandTape, lastExchange, objectRows, slotText, tpmStatus } from '../../src/view/tpm.ts'
import { facts, pcrRows } from '../../src/view/tpm-state.ts'
import { config as machine } from '../support/machines.ts'
import { everyRun, find, run, writes } from '../support/runs.ts'

const config = (id: string): MachineConfig => (scenarioById(id) as { config: MachineConfig }).config
const verify = run('verify', config('verify-mldsa87'))
const sign = run('sign', config('sign-mldsa87'))
const NEXT_CHUNK = writes(0x4c, 4)
const START = writes(0x4c, 1)
const holders = (t: ReturnType<typeof commandTape>) => t.parts.map(p => [p.length, p.holder])

describe('tapes', () => {
  it.each(everyRun())('show every byte once, and none with the TPM before Start: $name', ({ moments }) => {
    for (const m of moments) {
      const inside = modelOf(m.machine.config).inside(m.machine.device)
      for (const tape of [commandTape(m.machine), answerTape(m.machine)]) {
        expect(tape.parts.reduce((sum, p) => sum + p.length, 0)).toBe(tape.total)
        expect(tape.crossed).toBeLessThanOrEqual(tape.total)
        expect(tape.note).not.toBe('')
      }
      const command = holders(commandTape(m.machine))
      if (inside.busy) expect(command).toEqual([[m.machine.backend.pending?.command.length, 'tpm']])
      else if (inside.command.length > 0) {
        expect(command[0]).toEqual([inside.command.length, 'device'])
        expect(command.some(([, who]) => who === 'tpm')).toBe(false)
      }
      expect(answerTape(m.machine).total).toBe(inside.response.length)
    }
  })

  it('of a command in two chunks: guest, device, TPM', () => {
    const [copied] = find(verify, m => m.events.some(e => e.t === 'window' && e.dir === 'in'))
    expect(holders(commandTape(copied.machine))).toEqual([[4683, 'none']])
    const [half] = find(verify, NEXT_CHUNK)
    expect(commandTape(half.machine)).toMatchObject({ total: 4683, crossed: 3968 })
    expect(holders(commandTape(half.machine))).toEqual([
      [3968, 'device'],
      [715, 'none'],
    ])
    expect(tpmStatus(half.machine)).toBe('waiting')
    const [started] = find(verify, START)
    expect(holders(commandTape(started.machine))).toEqual([[4683, 'tpm']])
    expect(tpmStatus(started.machine)).toBe('executing')
  })

  it('of an answer in two chunks: the device, then the guest, as it reads', () => {
    const reads = sign.moments.filter(
      m => m.events.some(e => e.t === 'window' && e.dir === 'out') && answerTape(m.machine).total === 4652,
    )
    const tapes = reads.map(m => holders(answerTape(m.machine)))
    expect(tapes).toContainEqual([[4652, 'device']])
    expect(tapes).toContainEqual([
      [3968, 'guest'],
      [684, 'device'],
    ])
    expect(tapes.at(-1)).toEqual([[4652, 'guest']])
  })

  it('of the command before, while the next one is sent', () => {
    const notes = sign.moments
      .map(m => m.machine)
      .filter(m => commandTape(m).note === 'Still with the guest.' && answerTape(m).total > 0)
      .map(m => answerTape(m).note)
    expect(new Set(notes)).toEqual(new Set(['Of the command before. The device keeps it.']))
  })
})

describe('state', () => {
  it('lists what is loaded, by handle', () => {
    const { objects } = (verify.moments[0] as Moment).machine.backend.tpm
    const [row] = objectRows(objects)
    expect(row).toMatchObject({ handle: 0x80000000, handleText: '80000000', what: 'HashML-DSA-87 key' })
    expect(row?.name).toMatch(/^000b[0-9a-f]{16}…$/)
    const sequence = run('sequence', config('sign-sequence'))
    const [m] = find(sequence, x => x.machine.backend.tpm.objects.some(o => o?.kind !== 'object' && o !== undefined))
    expect(objectRows(m.machine.backend.tpm.objects).map(o => o.what)).toContainEqual(
      expect.stringMatching(/sequence, [\d,]+ bytes$/),
    )
    for (const o of m.machine.backend.tpm.objects) if (o) expect(slotText(o)).not.toBe('')
  })

  it('shows a PCR once it left its start value, and marks the step that changed it', () => {
    const digest = '11'.repeat(32)
    const extend = {
      id: 'extend',
      label: 'extend',
      parts: [{ hex: `80020000000000000182000000010000000940000009000001000000000001000b${digest}` }],
    }
    const { moments, name } = run('extend', machine([extend]))
    expect(pcrRows(moments[0] as Moment, undefined)).toEqual([])
    const [m, before] = find({ name, moments }, x => x.events.some(e => e.t === 'response'))
    const value = m.machine.backend.tpm.pcrs.banks.find(b => b.hash === 0x0b)?.values[1]
    expect(value).not.toEqual(fromHex('00'.repeat(32)))
    expect(pcrRows(m, before)).toEqual([
      { pcr: 1, bank: 'SHA256', value: `${toHex(value as NonNullable<typeof value>).slice(0, 32)}…`, changed: true },
    ])
    expect(pcrRows(moments.at(-1) as Moment, moments.at(-2))[0]?.changed).toBe(false)
    const fact = (n: string) => facts((moments.at(-1) as Moment).machine).find(f => f.name === n)?.value
    expect([fact('PCR updates'), fact('Power'), fact('Hierarchies')]).toEqual(['21', 'started', 'all on'])
  })

  it('says the last answer in words', () => {
    expect(lastExchange((verify.moments[0] as Moment).machine)).toBeUndefined()
    expect(lastExchange((verify.moments.at(-1) as Moment).machine)).toEqual({
      command: 'TPM2_VerifyDigestSignature',
      rc: 'TPM_RC_SUCCESS',
    })
  })
})
