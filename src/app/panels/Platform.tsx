// Power and firmware: the buttons of the machine, what the last power event left, the firmware's screen, the event log beside
// the PCRs, and what the operating system asked of the firmware.

import './Platform.css'
import { Fragment, useState } from 'react'
import type { Span } from '../../codec/explain.ts'
import { CHANGEABLE } from '../../guest/firmware-events.ts'
import { keysFor } from '../../guest/firmware-menu.ts'
import { type LogView, logView, platformState, powerEvent, sharedRows } from '../../view/platform.ts'
import { useMoment, useSim } from '../hooks.ts'
import { POWER_ACTIONS } from '../power-actions.ts'
import { disturb } from '../runner.ts'
import type { Store } from '../store.ts'
import { Check } from './Parts.tsx'

const selectStore = (s: Store) => s

function Buttons() {
  const s = useSim(selectStore)
  return (
    <div className="power-buttons" role="group" aria-label="Power">
      {POWER_ACTIONS.map(a => (
        <button
          type="button"
          className="button"
          key={a.id}
          data-action={a.id}
          disabled={a.enabled?.(s) === false}
          onClick={a.run}
          title={`${a.label} (${a.keys})`}
        >
          {a.label}
        </button>
      ))}
    </div>
  )
}

/** The screen of the machine while its firmware runs, with the keys that it takes. */
export function Screen() {
  const { boot, entry } = useMoment().machine.guest
  if (!boot || boot.console.length === 0) return null
  return (
    <div className="console" data-console data-asks={boot.asks}>
      <pre tabIndex={0} aria-label="Screen of the machine" ref={e => void (e && (e.scrollTop = e.scrollHeight))}>
        {boot.console.join('\n')}
      </pre>
      {entry !== undefined && keysFor(boot).length > 0 && (
        <span role="group" aria-label="Keys of the machine">
          {keysFor(boot).map(k => (
            <button type="button" className="button" key={k} onClick={() => disturb({ kind: 'key', key: k })}>
              {k}
            </button>
          ))}
        </span>
      )}
    </div>
  )
}

function Survived() {
  const event = powerEvent(useMoment().machine)
  if (!event) return <p className="mut">Nothing has happened to the power of this machine yet.</p>
  return (
    <table className="survived" data-power-event>
      <caption>{event.title}</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <tbody>
        {event.rows.map(r => (
          <tr key={r.name} data-survived={r.name} className={r.same ? '' : 'changed'}>
            <th scope="row">{r.name}</th>
            {r.same ? (
              <td colSpan={2}>
                {r.after} <span className="mut">as before</span>
              </td>
            ) : (
              <>
                <td>{r.before}</td>
                <td>
                  <b>{r.after}</b>
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The fields of a structure, each with its value; what it is made of below it. */
function Fields({ spans }: { spans: readonly Span[] }) {
  return (
    <ul className="fields">
      {spans.map((s, i) => (
        <li key={i}>
          <span className="mut">{s.at}</span> {s.name} <span className="mono">{s.text}</span>
          {s.codec.doc && <span className="mut"> {s.codec.doc}</span>}
          {s.children.length > 0 && <Fields spans={s.children} />}
        </li>
      ))}
    </ul>
  )
}

function Log({ log }: { log: LogView }) {
  const [open, setOpen] = useState<number>()
  const ok = log.problems.length === 0
  return (
    <>
      <p data-log-check={ok ? 'ok' : 'wrong'}>
        <Check ok={ok} />{' '}
        {ok
          ? `The log leads to the PCRs of the TPM: ${log.rows.length} events, bank ${log.bank}.`
          : `The log does not lead to the PCRs of the TPM. ${log.problems[0]}`}{' '}
        {log.before}
      </p>
      <div className="log-and-pcrs">
        <table data-log>
          <caption className="hidden">Event log</caption>
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">PCR</th>
              <th scope="col">What</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {[
              {
                n: 0,
                pcr: 0,
                type: 'EV_NO_ACTION',
                text: 'Spec ID Event03',
                digest: 'not extended',
                wrong: false,
                differs: false,
                fields: log.header,
              },
              ...log.rows,
            ].map(r => (
              <Fragment key={r.n}>
                <tr data-log-event={r.n} className={r.wrong ? 'wrong' : r.differs ? 'changed' : ''}>
                  <th scope="row">
                    <button
                      type="button"
                      aria-expanded={open === r.n}
                      onClick={() => setOpen(open === r.n ? undefined : r.n)}
                    >
                      {r.n}
                    </button>
                  </th>
                  <td>{r.pcr}</td>
                  <td>
                    <span className="mono">{r.type}</span> {r.text}
                    {r.differs && <b> differs</b>}
                  </td>
                  <td className="mono">{r.digest}</td>
                </tr>
                {open === r.n && (
                  <tr>
                    <td colSpan={4}>
                      <Fields spans={r.fields} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
        <table data-log-pcrs>
          <caption className="hidden">PCRs as the log and the TPM have them</caption>
          <thead>
            <tr>
              <th scope="col">PCR</th>
              <th scope="col">TPM</th>
              <th scope="col">Log</th>
            </tr>
          </thead>
          <tbody>
            {log.pcrs.map(p => (
              <tr key={p.pcr} data-log-pcr={p.pcr} className={p.ok ? '' : 'wrong'}>
                <th scope="row">
                  {p.pcr} <Check ok={p.ok} />
                  <span className="hidden">{p.ok ? 'as the log says' : 'not as the log says'}</span>
                </th>
                <td className="mono">{p.tpm}</td>
                <td className="mono">{p.log}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Components() {
  const { boot } = useMoment().machine.guest
  if (!boot) return null
  return (
    <p className="components">
      Somebody changes{' '}
      {CHANGEABLE.map(what => (
        <button
          type="button"
          className="button"
          key={what}
          aria-pressed={boot.changed.includes(what)}
          onClick={() => disturb({ kind: 'change', what })}
        >
          the {what}
        </button>
      ))}
    </p>
  )
}

function Shared() {
  const rows = sharedRows(useMoment().machine)
  if (rows.length === 0) return null
  return (
    <table data-shared>
      <caption>Memory that firmware and operating system share</caption>
      <tbody>
        {rows.map(r => (
          <tr key={r.name} data-shared-field={r.name}>
            <th scope="row">
              <span className="mono">
                {r.at} {r.name}
              </span>
            </th>
            <td>{r.value}</td>
            <td className="mut">{r.doc}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** All of it: a drawer. */
export function Platform() {
  const { machine } = useMoment()
  const log = logView(machine)
  return (
    <div className="platform-state">
      <p data-platform-state>
        The machine is <b>{platformState(machine)}</b>.
      </p>
      <Buttons />
      <Survived />
      {machine.guest.boot && (
        <section aria-label="Measured boot">
          <h3>Measured boot</h3>
          {log ? <Log log={log} /> : <p className="mut">The firmware has measured nothing.</p>}
          <Components />
        </section>
      )}
      <Shared />
    </div>
  )
}
