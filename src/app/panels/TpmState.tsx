// The TPM's state as the engine has it: objects, PCRs, hierarchies, clock, and what the last answer means.

import { lazy, Suspense } from 'react'
import { readBe32 } from '../../lib/bytes.ts'
import { memo as memoise } from '../../lib/memo.ts'
import { MEANINGS } from '../../spec/return-code-meanings.ts'
import { type RcName, returnCode } from '../../spec/return-codes.ts'
import { facts, nvRows, objectRows, pcrRows, persistentRows, sessionRows, type StateRow } from '../../view/tpm-state.ts'
import { useBefore, useMoment, useSim, useWide } from '../hooks.ts'
import { set, type Store } from '../store.ts'
import { HostState } from './HostState.tsx'

const rows = memoise(objectRows)
const Keeping = lazy(() => import('./Kept.tsx'))
const selectSelection = (s: Store) => s.selection

/** What the return code of the last answer means; empty when there is none or all went well. */
function meaning(response: ReturnType<typeof useMoment>['machine']['exchange']): string {
  const rc = response?.response && response.response.length >= 10 ? readBe32(response.response, 6) : 0
  return rc === 0 ? '' : (MEANINGS[returnCode(rc).name.replace('TPM_RC_', '') as RcName] ?? '')
}

/** What the TPM keeps of one kind; nothing of it, nothing shown. */
function Kept({ label, rows: kept }: { label: string; rows: readonly StateRow[] }) {
  if (kept.length === 0) return null
  return (
    <>
      <h3>{label}</h3>
      <ul aria-label={label} className="pcrs">
        {kept.map(r => (
          <li key={r.handle} className={r.changed ? 'changed' : ''} data-kept={r.handleText}>
            <span className="mono mut">{r.handleText}</span> {r.what}
          </li>
        ))}
      </ul>
    </>
  )
}

/** The TPM's state in full: a column of the wide layout, a drawer elsewhere. */
export function TpmState() {
  const { behind } = useMoment().machine.backend
  const ours = useOurs()
  const wide = useWide()
  return (
    <div className="tpm-state">
      {behind && <HostState />}
      {ours && <Tpm20State />}
      {!wide && <KeptTpm />}
    </div>
  )
}

function Tpm20State() {
  const m = useMoment()
  const before = useBefore()
  const objects = rows(m.machine.backend.tpm.objects)
  const pcrs = pcrRows(m, before)
  const selection = useSim(selectSelection)
  const means = meaning(m.machine.exchange)
  return (
    <>
      {means && <p data-rc-meaning>The last answer: {means}.</p>}
      <dl className="facts">
        {facts(m.machine).map(f => (
          <div key={f.name} data-fact={f.name}>
            <dt>{f.name}</dt>
            <dd>{f.value}</dd>
          </div>
        ))}
      </dl>
      <ul aria-label="Loaded objects">
        {objects.map(o => (
          <li key={o.handle} data-object={o.handleText}>
            <button
              type="button"
              aria-pressed={selection?.kind === 'object' && selection.handle === o.handle}
              onClick={() => set({ selection: { kind: 'object', handle: o.handle } })}
            >
              <span className="mono mut">{o.handleText}</span> {o.what}
              {o.name && <span className="name mut">Name {o.name}</span>}
            </button>
          </li>
        ))}
      </ul>
      <Kept label="Persistent objects" rows={persistentRows(m, before)} />
      <Kept label="Sessions" rows={sessionRows(m, before)} />
      <Kept label="NV Indexes" rows={nvRows(m, before)} />
      {pcrs.length > 0 && (
        <ul aria-label="PCRs" className="pcrs">
          {pcrs.map(p => (
            <li key={`${p.bank}${p.pcr}`} className={p.changed ? 'changed' : ''} data-pcr={p.pcr}>
              PCR {p.pcr} <span className="mut">{p.bank}</span> <span className="mono">{p.value}</span>
            </li>
          ))}
        </ul>
      )}
      {pcrs.length === 0 && <p className="mut">All PCRs have their start values.</p>}
    </>
  )
}

/** Of a TPM 1.2, or one outside, there is nothing to say in the words of TPM 2.0. */
function useOurs(): boolean {
  const { behind } = useMoment().machine.backend
  return behind === undefined || (behind.version !== '1.2' && !behind.host?.real)
}

/** The TPM that this browser keeps: below its state, or where the wide layout has room for it. */
export const KeptTpm = () =>
  useOurs() && (
    <Suspense>
      <Keeping />
    </Suspense>
  )
