// The explanation of the selected bit, field, byte or object: purpose, now, why, source. With nothing selected, of the
// register that the step was about.

import './Inspector.css'
import { memo as memoise } from '../../lib/memo.ts'
import type { Moment } from '../../machine/machine.ts'
import { hex } from '../../view/format.ts'
import { changesOf, inspect, lineNote } from '../../view/inspect.ts'
import { useBefore, useMoment, useShown, useSim, useWide } from '../hooks.ts'
import { momentAt } from '../runner.ts'
import { set, type Shown, type Store } from '../store.ts'
import { Badge } from './Parts.tsx'
import { KeptTpm } from './TpmState.tsx'

const explain = memoise(inspect)
// The moment is part of the key: another branch has other moments at the same number.
const lastChanges = memoise((name: string, k: number, m: Moment) =>
  changesOf(name, k, i => (i === k ? m : momentAt(i))),
)
const selectSelection = (s: Store) => s.selection
const selectCursor = (s: Shown) => s.cursor
const selectLength = (s: Store) => s.length
/** Moments of longer runs may have to be replayed: too slow to look back with every step. */
const WHOLE = 100_000

export function Inspector() {
  const selection = useSim(selectSelection)
  const cursor = useShown(selectCursor)
  const length = useSim(selectLength)
  const wide = useWide()
  const m = useMoment()
  const e = explain(selection, m, useBefore())
  const line = selection ? undefined : lineNote(m)
  const changes = e?.register && length <= WHOLE ? lastChanges(e.register, cursor, m) : []
  return (
    <section className="panel inspector" aria-label="Explanation" tabIndex={0}>
      <header className="head">
        <h2>Explanation</h2>
        <span>{e?.place ?? ''}</span>
      </header>
      {line && (
        <p className="the-line">
          <code>{line.text}</code>
          <br />
          {line.note}
        </p>
      )}
      {e ? (
        <div className="explained">
          <h3 data-inspect={e.title}>{e.title}</h3>
          <p>{e.purpose}</p>
          <h4>Now</h4>
          <p data-inspect-now>{e.now}</p>
          {e.why && (
            <>
              <h4>{selection?.kind === 'byte' ? 'In words' : 'On QEMU'}</h4>
              <p>{e.why}</p>
            </>
          )}
          {e.fields && (
            <ul className="fields" aria-label="Fields">
              {e.fields.map(f => (
                <li key={f.name}>
                  <button
                    type="button"
                    onClick={() => set({ selection: { kind: 'bit', register: e.register as string, field: f.name } })}
                    data-field={f.name}
                  >
                    <span className="mono mut">{f.bits}</span> {f.name}
                    <span className="mono reads">{f.reads > 0xffff ? hex(f.reads, 8) : f.reads}</span>
                    {f.meaning && <small className="mut">{f.meaning}</small>}
                  </button>
                </li>
              ))}
            </ul>
          )}
          {changes.length > 0 && <h4>Last changes</h4>}
          {changes.map(c => (
            <p key={c.step} className="change" data-change={c.step}>
              <Badge actor={c.actor} /> <span className="mut">step {c.step}</span> {c.text}
            </p>
          ))}
          <h4>Source</h4>
          <p className="mut">{e.source}</p>
          {e.term && (
            <button
              type="button"
              className="button"
              onClick={() => set({ dialog: 'reference', lookup: e.term as string })}
            >
              Open in the reference
            </button>
          )}{' '}
          {selection && (
            <button type="button" className="button" onClick={() => set({ selection: undefined })}>
              Clear the selection
            </button>
          )}
        </div>
      ) : (
        <p className="mut hint">Select a register, a bit, a byte of the window or an object to have it explained.</p>
      )}
      {wide && <KeptTpm />}
    </section>
  )
}
