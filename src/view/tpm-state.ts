// The state of the TPM in full: PCRs that are not at their start values, power, hierarchies, clock and slots.

import type { Machine, Moment } from '../machine/machine.ts'
import { algName } from '../spec/algorithms.ts'
import { NT, NV, nvType } from '../spec/nv.ts'
import type { Lockout } from '../tpm/lockout.ts'
import type { NvIndex } from '../tpm/nv-memory.ts'
import type { Session } from '../tpm/sessions.ts'
import { count, short, word } from './format.ts'
import { slotText } from './tpm.ts'

export { objectRows } from './tpm.ts'

export interface PcrRow {
  readonly pcr: number
  readonly bank: string
  readonly value: string
  readonly changed: boolean
}

const isReset = (value: { readonly [i: number]: number; readonly length: number }): boolean => {
  for (let i = 1; i < value.length; i++) if (value[i] !== value[0]) return false
  // A PCR that is not allocated has no value at all.
  return value.length === 0 || value[0] === 0 || value[0] === 0xff
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

/** Something that the TPM keeps, in a line: what it is called, what it is, and whether this step changed it. */
export interface StateRow {
  readonly handle: number
  readonly handleText: string
  readonly what: string
  readonly changed: boolean
}

const rowsOf = <T>(
  now: readonly T[],
  then: readonly T[] | undefined,
  of: (item: T) => Omit<StateRow, 'changed' | 'handleText'>,
) =>
  now.map((item): StateRow => {
    const row = of(item)
    return { ...row, handleText: word(row.handle), changed: then !== undefined && !then.includes(item) }
  })

const KIND = { hmac: 'HMAC', policy: 'policy', trial: 'trial policy' } as const

function sessionText(s: Session): string {
  const hash = algName(s.hash).replace('TPM_ALG_', '')
  const how = [s.key.length > 0 ? 'with a session key' : 'without a session key', ...(s.audit ? ['audits'] : [])]
  const policy = s.policy ? `, policyDigest ${short(s.policy.digest, 8)}` : ''
  return `${KIND[s.kind]}, ${hash}, ${how.join(', ')}${policy}`
}

type Active = Machine['backend']['tpm']['sessions']
const loadedSessions = (all: Active): readonly Session[] => all.flatMap(a => (a?.loaded ? [a.session] : []))
const savedSessions = (all: Active) => all.flatMap(a => (a && !a.loaded ? [a] : []))

/** Sessions in the TPM, and those whose context is saved. */
export function sessionRows(m: Moment, before: Moment | undefined): readonly StateRow[] {
  const { sessions } = m.machine.backend.tpm
  const old = before?.machine.backend.tpm.sessions
  return [
    ...rowsOf(loadedSessions(sessions), old && loadedSessions(old), s => ({ handle: s.handle, what: sessionText(s) })),
    ...rowsOf(savedSessions(sessions), old && savedSessions(old), s => ({ handle: s.handle, what: 'saved outside' })),
  ]
}

/** Objects that stay over power-off. */
export const persistentRows = (m: Moment, before: Moment | undefined): readonly StateRow[] =>
  rowsOf(m.machine.backend.tpm.persistent, before?.machine.backend.tpm.persistent, p => ({
    handle: p.handle,
    what: slotText(p.object),
  }))

const NV_KIND: { readonly [type: number]: string } = {
  [NT.ORDINARY]: 'data',
  [NT.COUNTER]: 'counter',
  [NT.BITS]: 'bits',
  [NT.EXTEND]: 'extend',
  [NT.PIN_FAIL]: 'PIN fail',
  [NT.PIN_PASS]: 'PIN pass',
}

function nvText({ publicArea: p, data }: NvIndex): string {
  const locks = [
    ...(p.attributes & NV.WRITELOCKED ? ['write-locked'] : []),
    ...(p.attributes & NV.READLOCKED ? ['read-locked'] : []),
  ]
  const content = p.attributes & NV.WRITTEN ? short(data, 12) : 'not written'
  return [`${NV_KIND[nvType(p.attributes)] ?? 'Index'}, ${p.dataSize} bytes: ${content}`, ...locks].join(', ')
}

/** NV Indexes with the begin of their data. */
export const nvRows = (m: Moment, before: Moment | undefined): readonly StateRow[] =>
  rowsOf(m.machine.backend.tpm.nv.indexes, before?.machine.backend.tpm.nv.indexes, i => ({
    handle: i.publicArea.nvIndex,
    what: nvText(i),
  }))

const lockoutText = (l: Lockout): string =>
  l.failedTries >= l.maxTries ? `locked: ${l.failedTries} failed` : `${l.failedTries} of ${l.maxTries} failed`

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
    { name: 'Sessions', value: `${loadedSessions(tpm.sessions).length} of ${tpm.profile.sessions}` },
    { name: 'NV Indexes', value: count(tpm.nv.indexes.length) },
    { name: 'Lockout', value: lockoutText(tpm.lockout) },
    { name: 'PCR banks', value: tpm.pcrs.banks.map(b => algName(b.hash).replace('TPM_ALG_', '')).join(', ') },
    { name: 'PCR updates', value: count(tpm.pcrs.updateCounter) },
    { name: 'Clock', value: `${Math.floor(tpm.clock.clock / 1000)} ms` },
    { name: 'Resets', value: `${tpm.clock.resetCount}, restarts ${tpm.clock.restartCount}` },
  ]
}
