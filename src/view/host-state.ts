// What stands behind the interface where it is no emulated TPM 2.0, as rows: whose TPM it is, what a TPM 1.2 keeps, what the
// device asked at power-on. The state of a real TPM cannot be seen; that of a simulated host is what the host sees.

import type { HostAct, Probe } from '../backend/behind.ts'
import { migrationBlocker } from '../backend/others.ts'
import { readBe32, toHex } from '../lib/bytes.ts'
import type { Machine, Moment } from '../machine/machine.ts'
import { RETURN_MEANINGS } from '../spec12/meanings.ts'
import { PERMANENT_FLAGS, STCLEAR_FLAGS } from '../spec12/structures.ts'
import type { Tpm12 } from '../tpm12/tpm.ts'
import { commandName } from '../spec/codes.ts'
import { count, short } from './format.ts'

export interface HostFact {
  readonly name: string
  readonly value: string
}

/** Whose TPM this is, in a sentence or two. */
export function whose({ backend }: Machine): string {
  const { behind } = backend
  if (!behind) return ''
  const kind = `TPM ${behind.version}`
  if (behind.host?.real) {
    const { where } = behind.config.bridge ?? { where: 'outside' }
    return `Opaque: ${where} answers. What it keeps cannot be seen from here; its answers are in the run.`
  }
  return behind.host
    ? `Opaque to the guest: the host’s ${kind}, passed through. This is what the host sees of it.`
    : `A ${kind} of the guest’s own.`
}

const yes = (v: boolean): string => (v ? 'yes' : 'no')

function facts12(tpm: Tpm12): readonly HostFact[] {
  const { permanent, stclear } = tpm
  const power = tpm.postInitialise ? 'not started yet' : tpm.testState === 'failed' ? 'failure mode' : 'started'
  const activated = stclear.deactivated
    ? permanent.flags.deactivated
      ? 'no'
      : 'from the next start'
    : permanent.flags.deactivated
      ? 'until the next start'
      : 'yes'
  return [
    { name: 'Power', value: power },
    { name: 'Enabled', value: yes(!permanent.flags.disable) },
    { name: 'Activated', value: activated },
    { name: 'Owner', value: yes(permanent.owner !== undefined) },
    { name: 'Storage root key', value: permanent.owner ? short(permanent.owner.srk.n, 8) : 'none' },
    {
      name: 'Physical presence',
      value: stclear.physicalPresenceLock ? 'locked: no' : yes(stclear.physicalPresence),
    },
    { name: 'Sessions', value: `${tpm.sessions.length}, transport ${tpm.transports.length}` },
    { name: 'Saved state', value: yes(tpm.saved !== undefined) },
  ]
}

/** Of the machine around the TPM, and of the TPM. */
export function hostFacts({ backend }: Machine): readonly HostFact[] {
  const { behind } = backend
  if (!behind) return []
  const { host, config, tpm12, bufferSize } = behind
  const filter = config.filter ?? []
  const looks = config.unwraps ? ', also inside transport sessions' : ''
  return [
    ...(host && !host.real
      ? [
          { name: 'Guests so far', value: count(host.guests) },
          { name: 'Boots of the host', value: count(host.boots) },
        ]
      : []),
    ...(host?.real ? [{ name: 'Commands sent out', value: count(host.sent) }] : []),
    ...(filter.length > 0 ? [{ name: 'Filter', value: `${filter.map(commandName).join(', ')}${looks}` }] : []),
    { name: 'Largest message', value: `${count(bufferSize)} bytes` },
    { name: 'Migration', value: migrationBlocker(backend) ? 'blocked: the state stays with the host' : 'possible' },
    ...(tpm12 ? facts12(tpm12) : []),
  ]
}

export interface FlagRow {
  readonly name: string
  readonly set: boolean
  readonly changed: boolean
}

const rows = <F extends string>(
  names: readonly F[],
  now: { readonly [f in F]: boolean },
  then: { readonly [f in F]: boolean } | undefined,
): readonly FlagRow[] =>
  names.map(name => ({ name, set: now[name], changed: then !== undefined && then[name] !== now[name] }))

const tpm12Of = (m: Moment | undefined): Tpm12 | undefined => m?.machine.backend.behind?.tpm12

/** The flags that stay over power-off, and those that stay until Startup(CLEAR). */
export function flagRows(m: Moment, before: Moment | undefined) {
  const tpm = tpm12Of(m)
  const old = tpm12Of(before)
  if (!tpm) return undefined
  return {
    permanent: rows(PERMANENT_FLAGS, tpm.permanent.flags, old?.permanent.flags),
    stclear: rows(STCLEAR_FLAGS, tpm.stclear, old?.stclear),
  }
}

export interface Pcr12Row {
  readonly pcr: number
  readonly value: string
  readonly changed: boolean
}

/** PCRs that are not at a start value. */
export function pcr12Rows(m: Moment, before: Moment | undefined): readonly Pcr12Row[] {
  const old = tpm12Of(before)
  return (tpm12Of(m)?.pcrs ?? []).flatMap((v, pcr) => {
    const text = toHex(v)
    if (/^(00|ff)\1*$/.test(text)) return []
    return [{ pcr, value: text, changed: old !== undefined && old.pcrs[pcr] !== v }]
  })
}

export const probeRows = ({ backend }: Machine): readonly Probe[] => backend.behind?.probes ?? []

/** What the last answer of a TPM 1.2 means; empty when all went well. */
export function meaning12({ backend, exchange }: Machine): string {
  if (backend.behind?.version !== '1.2' || !exchange?.response || exchange.response.length < 10) return ''
  return RETURN_MEANINGS[readBe32(exchange.response, 6)] ?? ''
}

export interface HostButton {
  readonly act: HostAct
  readonly label: string
}

/** What a person can let happen to the host. */
export function hostButtons({ backend }: Machine): readonly HostButton[] {
  const { behind } = backend
  if (!behind?.host || behind.host.real) return []
  return [
    { act: 'second-guest', label: 'Start a second guest' },
    { act: 'new-guest', label: 'Replace the guest' },
    { act: 'reboot-host', label: 'Start the host anew' },
    ...(behind.version === '1.2'
      ? [{ act: 'enable-tpm', label: 'Enable the TPM in the host’s firmware' } as const]
      : []),
  ]
}
