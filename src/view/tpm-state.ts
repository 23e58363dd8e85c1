// The state of the TPM in full: PCRs that are not at their start values, power, hierarchies, clock and slots.

import type { Machine, Moment } from '../machine/machine.ts'
import { algName } from '../spec/algorithms.ts'
import { count, short } from './format.ts'

export { objectRows } from './tpm.ts'

export interface PcrRow {
  readonly pcr: number
  readonly bank: string
  readonly value: string
  readonly changed: boolean
}

const isReset = (value: { readonly [i: number]: number; readonly length: number }): boolean => {
  for (let i = 1; i < value.length; i++) if (value[i] !== value[0]) return false
  return value[0] === 0 || value[0] === 0xff
}

/** PCRs that differ from their reset value, by bank; those that this step changed are marked. */
export function pcrRows(m: Moment, before: Moment | undefined): readonly PcrRow[] {
  const { banks } = m.machine.backend.tpm.pcrs
  const old = before?.machine.backend.tpm.pcrs.banks
  return banks.flatMap((bank, b) =>
    bank.values.flatMap((value, pcr) =>
      isReset(value)
        ? []
        : [
            {
              pcr,
              bank: algName(bank.hash).replace('TPM_ALG_', ''),
              value: short(value, 16),
              changed: old !== undefined && old[b]?.values[pcr] !== value,
            },
          ],
    ),
  )
}

export interface Fact {
  readonly name: string
  readonly value: string
}

/** Power, hierarchies, clock and slots, as the engine has them. */
export function facts(m: Machine): readonly Fact[] {
  const { tpm } = m.backend
  const off = (['owner', 'endorsement', 'platform'] as const).filter(h => !tpm.hierarchies[h].enabled)
  const used = tpm.objects.filter(o => o !== undefined).length
  return [
    {
      name: 'Power',
      value: tpm.power === 'on' ? 'started' : tpm.power === 'init' ? 'not started yet' : 'failure mode',
    },
    { name: 'Objects', value: `${used} of ${tpm.objects.length}` },
    { name: 'Hierarchies', value: off.length === 0 ? 'all on' : `${off.join(', ')} off` },
    { name: 'PCR banks', value: tpm.pcrs.banks.map(b => algName(b.hash).replace('TPM_ALG_', '')).join(', ') },
    { name: 'PCR updates', value: count(tpm.pcrs.updateCounter) },
    { name: 'Clock', value: `${Math.floor(tpm.clock.clock / 1000)} ms` },
    { name: 'Resets', value: `${tpm.clock.resetCount}, restarts ${tpm.clock.restartCount}` },
  ]
}
