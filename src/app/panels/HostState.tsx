// What stands behind the interface where it is no emulated TPM 2.0: whose TPM it is, the state of a TPM 1.2, what the device
// asked at power-on, and what can be done to the host.

import { toHex } from '../../lib/bytes.ts'
import { flagRows, hostButtons, hostFacts, meaning12, pcr12Rows, probeRows, whose } from '../../view/host-state.ts'
import { useBefore, useMoment } from '../hooks.ts'
import { happen } from '../runner.ts'
import { get } from '../store.ts'

function Flags({ label, flags }: { label: string; flags: NonNullable<ReturnType<typeof flagRows>>['permanent'] }) {
  return (
    <>
      <h3>{label}</h3>
      <ul aria-label={label} className="pcrs">
        {flags.map(f => (
          <li key={f.name} className={f.changed ? 'changed' : ''} data-flag={f.name} data-set={f.set}>
            {f.name} {f.set ? <b>TRUE</b> : <span className="mut">FALSE</span>}
          </li>
        ))}
      </ul>
    </>
  )
}

export function HostState() {
  const m = useMoment()
  const before = useBefore()
  const { machine } = m
  const means = meaning12(machine)
  const flags = flagRows(m, before)
  const pcrs = pcr12Rows(m, before)
  const probes = probeRows(machine)
  return (
    <section aria-label="Behind the interface" data-behind={machine.backend.behind?.host ? 'passthrough' : 'emulator'}>
      <p data-whose>{whose(machine)}</p>
      {means && <p data-rc-meaning>The last answer: {means}.</p>}
      <dl className="facts">
        {hostFacts(machine).map(f => (
          <div key={f.name} data-fact={f.name}>
            <dt>{f.name}</dt>
            <dd>{f.value}</dd>
          </div>
        ))}
      </dl>
      {hostButtons(machine).map(b => (
        <p key={b.act}>
          <button
            type="button"
            className="button"
            data-host-act={b.act}
            onClick={() => happen({ kind: 'host', label: b.label, act: b.act }, get().cursor)}
          >
            {b.label}
          </button>
        </p>
      ))}
      {flags && <Flags label="Permanent flags" flags={flags.permanent} />}
      {flags && <Flags label="Flags until Startup(CLEAR)" flags={flags.stclear} />}
      {pcrs.length > 0 && (
        <ul aria-label="PCRs of SHA-1" className="pcrs">
          {pcrs.map(p => (
            <li key={p.pcr} className={p.changed ? 'changed' : ''} data-pcr={p.pcr}>
              PCR {p.pcr} <span className="mono">{p.value}</span>
            </li>
          ))}
        </ul>
      )}
      {probes.length > 0 && (
        <>
          <h3>Asked at power-on</h3>
          <ul aria-label="Asked at power-on" className="pcrs">
            {probes.map(p => (
              <li key={p.what} data-probe={p.what}>
                {p.what}: {p.meaning}
                <br />
                <span className="mono mut">{toHex(p.asked)}</span>
                <br />
                <span className="mono mut">{toHex(p.answered).slice(0, 64)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
