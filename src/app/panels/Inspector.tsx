// The explanation of the selected bit, field, byte or object: purpose, now, why, source. With nothing selected, of the
// register that the step was about.

import './Inspector.css'
import { memo as memoise } from '../../lib/memo.ts'
import { inspect, lineNote } from '../../view/inspect.ts'
import { useBefore, useMoment, useSim } from '../hooks.ts'
import { set, type Store } from '../store.ts'

const explain = memoise(inspect)
const selectSelection = (s: Store) => s.selection

export function Inspector() {
  const selection = useSim(selectSelection)
  const m = useMoment()
  const e = explain(selection, m, useBefore())
  const line = selection ? undefined : lineNote(m)
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
          {e.history.length > 0 && <h4>Last written</h4>}
          {e.history.map(h => (
            <p key={h.step}>
              <span className="mut">step {h.step}</span> {h.text}
            </p>
          ))}
          <h4>Source</h4>
          <p className="mut">{e.source}</p>
          {selection && (
            <button type="button" className="button" onClick={() => set({ selection: undefined })}>
              Clear the selection
            </button>
          )}
        </div>
      ) : (
        <p className="mut hint">Select a register, a bit, a byte of the window or an object to have it explained.</p>
      )}
    </section>
  )
}
