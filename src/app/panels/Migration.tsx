// Two hosts side by side, what would become of the machine on stage between them, and the stream that would cross: explained
// field by field. And the table of all outcomes. What is shown is what happens: the machine is really saved and loaded.

import './Builder.css'
import './Migration.css'
import { useMemo, useState } from 'react'
import { DAMAGES, type Damage } from '../../machine/damage.ts'
import {
  BUFFER_SIZES,
  DEVICES,
  HOST_PROFILES,
  type Host,
  hostOf,
  MACHINE_TYPES,
  QEMU_VERSIONS,
  qemuOf,
  tisBufferOf,
} from '../../machine/host.ts'
import type { Event } from '../../machine/events.ts'
import { judge, type Outcome, wordsOf } from '../../machine/outcome.ts'
import { count } from '../../view/format.ts'
import { aboutHost, changed, changedSource, looking, phaseOf, resized } from '../../view/migration.ts'
import { useMoment, useSim } from '../hooks.ts'
import { undergo } from '../runner.ts'
import type { Store } from '../store.ts'
import { MigrationTable } from './MigrationTable.tsx'
import { StreamView } from './StreamView.tsx'

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly of: readonly (readonly [string, string])[]
  readonly choose: (value: string) => void
  readonly disabled?: boolean
}

const Choice = ({ label, value, of, choose, disabled }: ChoiceProps) => (
  <label>
    <span>{label}</span>
    <select className="field" value={value} disabled={disabled} onChange={e => choose(e.target.value)}>
      {of.map(([v, text]) => (
        <option key={v} value={v}>
          {text}
        </option>
      ))}
    </select>
  </label>
)

const same = (values: readonly string[]): readonly (readonly [string, string])[] => values.map(v => [v, v])
const ON_OFF = same(['on', 'off'])
const flag = (v: boolean): string => (v ? 'on' : 'off')

interface HostProps {
  readonly title: string
  readonly host: Host
  /** The machine runs there already: what it was started with stays. */
  readonly started: boolean
  readonly change: (change: Partial<Host>) => void
  /** Options of a tpm-tis that are there or not. */
  readonly become: (host: Host) => void
}

/** What only a tpm-crb has: the properties of chunks. */
function CrbChoices({ host, started, change }: HostProps) {
  const qemu = qemuOf(host)
  return (
    <>
      <Choice
        label="cap-chunk"
        value={flag(host.capChunk)}
        of={ON_OFF}
        choose={v => change({ capChunk: v === 'on' })}
        disabled={started || !qemu.chunks}
      />
      <Choice
        label="x-allow-chunk-migration"
        value={flag(host.allowChunkMigration)}
        of={ON_OFF}
        choose={v => change({ allowChunkMigration: v === 'on' })}
        disabled={!qemu.subsection}
      />
    </>
  )
}

const TIS_BUFFERS = [
  ['4096', '4,096 bytes'],
  ['8192', '8,192 (ours)'],
] as const
const LOOKS = [
  ['yes', 'yes'],
  ['no', 'no (ours)'],
] as const

/** What only a tpm-tis has. What is said to be ours is in no QEMU. */
const TisChoices = ({ host, started, become }: HostProps) => (
  <>
    <Choice
      label="buffer of the TIS"
      value={String(tisBufferOf(host))}
      of={TIS_BUFFERS}
      choose={n => become(resized(host, n === '8192' ? 8192 : undefined))}
      disabled={started || !qemuOf(host).largeTis}
    />
    {!started && (
      <Choice
        label="looks at versions"
        value={host.careless ? 'no' : 'yes'}
        of={LOOKS}
        choose={v => become(looking(host, v === 'yes'))}
      />
    )}
  </>
)

function HostChoices(props: HostProps) {
  const { title, host, started, change } = props
  const qemu = qemuOf(host)
  return (
    <fieldset className="host" data-host={started ? 'source' : 'destination'}>
      <legend>{title}</legend>
      <Choice
        label="QEMU"
        value={host.qemu}
        of={QEMU_VERSIONS.map(q => [
          q.id,
          q.id === '11.1' ? '11.1 or later' : q.id === '11.1-rfc' ? '11.1, first patch series' : q.id,
        ])}
        choose={id => change({ qemu: id })}
      />
      <Choice
        label="machine type"
        value={host.machine}
        of={same(started ? qemu.machines : MACHINE_TYPES)}
        choose={machine => change({ machine })}
      />
      <Choice
        label="device"
        value={host.device}
        of={same(DEVICES)}
        choose={device => change({ device: device as Host['device'] })}
        disabled={started}
      />
      {host.device === 'tpm-tis' ? <TisChoices {...props} /> : <CrbChoices {...props} />}
      <Choice
        label="backend takes"
        value={String(host.backendBufferSize)}
        of={[...new Set([...BUFFER_SIZES, host.backendBufferSize])].map(n => [String(n), `${count(n)} bytes`])}
        choose={n => change({ backendBufferSize: Number(n) })}
        disabled={started}
      />
      <Choice
        label="TPM"
        value={host.profile}
        of={HOST_PROFILES.map(p => [p, p === 'crbscope' ? 'with PQC' : 'without PQC'])}
        choose={profile => change({ profile })}
        disabled={started}
      />
      <p className="mut">{aboutHost(host)}</p>
    </fieldset>
  )
}

const upper = (s: string): string => s.slice(0, 1).toUpperCase() + s.slice(1)

function OutcomeView({ outcome }: { outcome: Outcome | undefined }) {
  if (!outcome) {
    return (
      <section className="outcome" aria-label="Outcome" data-outcome="waits">
        <h3>Saving waits</h3>
        <p>The TPM looks for primes; what becomes of the migration is known when it has answered.</p>
      </section>
    )
  }
  const words = wordsOf(outcome.id, outcome.act.from)
  const { refusal, waited, stream } = outcome.trip
  return (
    <section className="outcome" aria-label="Outcome" data-outcome={outcome.id}>
      <h3>{upper(words.title)}</h3>
      {waited && <p>Saving waits for the running command; its answer is saved with the machine.</p>}
      {refusal && (
        <p className="wrong">
          {upper(refusal.message)}.{refusal.qemu && <span className="mono"> QEMU: “{refusal.qemu}”</span>}
        </p>
      )}
      <p>{words.why}</p>
      <p className="mut">
        Source: {words.source}.{stream && ` The stream has ${count(stream.length)} bytes.`}
      </p>
    </section>
  )
}

const selectCursor = (s: Store) => s.cursor

/** What the act on stage came to. */
function lastWords(events: readonly Event[]): string {
  const last = events.findLast(e => e.t === 'user')
  return last && (last.act === 'migrate' || last.act === 'snapshot' || last.act === 'restore') ? last.label : ''
}

const NONE = 'none'

function Move() {
  const { machine, events } = useMoment()
  const cursor = useSim(selectCursor)
  const [source, setSource] = useState<Host>()
  const [to, setTo] = useState<Host>(() => hostOf(machine))
  const [damage, setDamage] = useState<string>(NONE)
  const from = useMemo(() => source ?? hostOf(machine), [machine, source])
  const outcome = useMemo(
    () => judge(machine, from, to, damage === NONE ? undefined : (damage as Damage)),
    [machine, from, to, damage],
  )
  const saved = machine.migration?.saved
  return (
    <div className="move">
      <p className="phase" data-phase>
        <b>Step {cursor}.</b> {phaseOf(machine)}
      </p>
      <div className="hosts">
        <HostChoices
          title="Source"
          host={from}
          started
          change={c => setSource(changedSource(from, c, machine))}
          become={setSource}
        />
        <HostChoices title="Destination" host={to} started={false} change={c => setTo(changed(to, c))} become={setTo} />
        <div className="middle">
          <OutcomeView outcome={outcome} />
          <Choice
            label="on the way"
            value={damage}
            of={[[NONE, 'nothing happens to the stream'], ...Object.entries(DAMAGES)]}
            choose={setDamage}
          />
          <p className="do">
            <button
              type="button"
              className="button main"
              disabled={!outcome}
              onClick={() => {
                if (!outcome) return
                undergo(outcome.act)
                setSource(undefined)
              }}
            >
              Migrate now
            </button>{' '}
            <button
              type="button"
              className="button"
              onClick={() => undergo({ kind: 'snapshot', late: true, label: 'You take a snapshot.' })}
            >
              Take snapshot
            </button>{' '}
            <button
              type="button"
              className="button"
              disabled={!saved}
              onClick={() => {
                undergo({ kind: 'restore', late: true, label: 'You return to the snapshot.' })
                setSource(undefined)
              }}
            >
              {saved ? `Return to snapshot of step ${saved.step}` : 'Return to snapshot'}
            </button>
          </p>
          <p role="status" data-migrated>
            {lastWords(events)}
          </p>
        </div>
      </div>
      {outcome?.trip.stream && <StreamView stream={outcome.trip.stream} to={to} />}
    </div>
  )
}

export function Migration() {
  const [all, setAll] = useState(false)
  return (
    <div className="migration-body">
      <div className="tabs" role="group" aria-label="What is shown">
        <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>
          This machine
        </button>{' '}
        <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
          All outcomes
        </button>
      </div>
      {all ? <MigrationTable /> : <Move />}
    </div>
  )
}
