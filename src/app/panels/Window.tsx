// The data window: the message as a tape that passes it chunk by chunk, and under the carriage the bytes as fields, as hex
// or as a picture. Bytes of earlier messages are hatched: they are still there, and nobody should read them.

import './Window.css'
import { lazy, memo, Suspense } from 'react'
import { faceOf } from '../../view/face.ts'
import { count, hex } from '../../view/format.ts'
import {
  type Chunk,
  chunksOf,
  fieldRows,
  memorySize,
  ROW,
  type Row,
  type Segment,
  summary,
  tapeParts,
  windowBytes,
} from '../../view/window.ts'
import { useMoment, useSim } from '../hooks.ts'
import { set, type Store, type WindowView } from '../store.ts'

const HexView = lazy(() => import('./HexView.tsx'))
const Picture = lazy(async () => ({ default: (await import('./HexView.tsx')).Picture }))

/** Id of the cell that is selected. */
const SELECTED = 'window-selected'

const VIEWS: readonly WindowView[] = ['fields', 'hex', 'picture']
const selectView = (s: Store) => s.windowView
const selectSelection = (s: Store) => s.selection

/** Shares of the tape from which a number, and a number with its bytes, have room. */
const NUMBER = 0.05
const BYTES = 0.11

const Tape = memo(({ chunks, kind }: { chunks: readonly Chunk[]; kind: string }) => {
  const parts = tapeParts(chunks)
  const widest = parts.toSorted((a, b) => b.share - a.share)[0]
  const here = parts.find(p => p.state === 'here')
  // A chunk too narrow for its number has it beside it, on the widest part.
  const beside = here && here.share < NUMBER ? here.first : undefined
  return (
    <div className="tape" data-kind={kind} aria-hidden="true">
      {parts.map(p => (
        <span
          key={p.first}
          className={`tape-part ${p.state}${p.state === 'done' && p === widest && beside ? ' end' : ''}`}
          style={{ flexGrow: p.length }}
          data-chunk={p.first}
        >
          {(p.share >= NUMBER || p === widest) && (
            <span>
              {p === widest && p.state === 'coming' && beside && <b>◂ {beside} </b>}
              {p.first === p.last ? (
                <>
                  <b>{p.first}</b> {p.share >= BYTES && count(p.length)}
                  {p.length > 2000 ? ' bytes' : ''}
                </>
              ) : (
                `${p.first}–${p.last}`
              )}
              {p === widest && p.state === 'done' && beside && <b> {beside} ▸</b>}
            </span>
          )}
        </span>
      ))}
    </div>
  )
})

/** The bytes of one field in one row, with its name beneath where it begins. */
function SegmentView({ s, bytes, selected }: { s: Segment; bytes: readonly string[]; selected: number | undefined }) {
  const here = selected !== undefined && selected >= s.from && selected < s.from + s.length
  const heavy = s.leaf !== undefined && s.leaf.at === 2 && s.leaf.length === 4
  const cls = `segment${s.stale ? ' stale' : ''}${heavy ? ' heavy' : ''}${s.leaf?.error ? ' error' : ''}`
  return (
    <span
      role="gridcell"
      className={cls}
      style={{ gridColumn: `span ${s.length}` }}
      aria-selected={here}
      id={here ? SELECTED : undefined}
      onClick={() => set({ selection: { kind: 'byte', at: s.from } })}
      onKeyDown={() => undefined}
      tabIndex={-1}
    >
      <span className="bytes">{bytes.join(' ')}</span>
      <span className="label">{s.label}</span>
    </span>
  )
}

const foldedText = (r: Row): string => {
  const only = r.segments[0]
  if (only?.stale) return only.zero ? 'of zero' : 'of an older message'
  return `of ${only?.leaf?.name ?? 'the message'}`
}

const inFold = (r: Row, at: number | undefined): boolean =>
  at !== undefined && at >= r.at && at < r.at + (r.folded + 1) * ROW

const Fields = memo(
  ({
    rows,
    bytes,
    selected,
  }: {
    rows: readonly Row[]
    bytes: ReturnType<typeof windowBytes>
    selected: number | undefined
  }) => {
    return rows.map(r => (
      <div role="row" className={r.folded > 0 ? 'row folded' : 'row'} key={r.at} data-window-row={hex(r.at, 3)}>
        <span role="rowheader" className="offset">
          {hex(r.at, 3)}
        </span>
        {r.folded > 0 ? (
          <span
            role="gridcell"
            className={`segment fold${r.segments[0]?.stale ? ' stale' : ''}`}
            style={{ gridColumn: 'span 16' }}
            aria-selected={inFold(r, selected)}
            id={inFold(r, selected) ? SELECTED : undefined}
            tabIndex={-1}
            onClick={() => set({ selection: { kind: 'byte', at: r.at } })}
            onKeyDown={() => undefined}
          >
            {count((r.folded + 1) * ROW)} bytes {foldedText(r)}
          </span>
        ) : (
          r.segments.map(s => (
            <SegmentView
              key={s.from}
              s={s}
              bytes={Array.from({ length: s.length }, (_, i) => hex(bytes[s.from + i] ?? 0, 2))}
              selected={selected}
            />
          ))
        )}
      </div>
    ))
  },
)

const MOVES: { readonly [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ROW, ArrowDown: ROW }

export function Window() {
  const { machine } = useMoment()
  const view = useSim(selectView)
  const selection = useSim(selectSelection)
  const selected = selection?.kind === 'byte' ? selection.at : undefined
  const size = memorySize(machine)
  const { port, place } = faceOf(machine.config)
  const { content } = machine
  const chunks = chunksOf(content, size)
  const chunk = chunks.find(c => c.state === 'here')
  const bytes = windowBytes(machine)
  const move = (e: React.KeyboardEvent): void => {
    const by = MOVES[e.key]
    if (by === undefined || e.ctrlKey || e.shiftKey || e.altKey) return
    e.preventDefault()
    e.stopPropagation()
    // A cell that was clicked has the focus, and may leave the page.
    if (e.currentTarget instanceof HTMLElement) e.currentTarget.focus({ preventScroll: true })
    const at = Math.max(0, Math.min((selected ?? -by) + by, size - 1))
    set({ selection: { kind: 'byte', at } })
    requestAnimationFrame(() => document.getElementById(SELECTED)?.scrollIntoView({ block: 'nearest' }))
  }
  return (
    <section className="window" aria-label="Data window">
      <header className="window-head">
        <h3>{port}</h3>
        <span className="mono mut">{place(size)}</span>
        <span>
          <b data-window-fill>{count(content.length)}</b> of {count(size)} bytes
        </span>
        {chunk && (
          <span className="mut" data-window-chunk>
            {content.kind === 'answer' ? 'answer, ' : ''}chunk {chunk.n} of {chunks.length}
          </span>
        )}
        {size < 3968 && <em className="teaching">teaching window</em>}
        <span className="tabs">
          {VIEWS.map(v => (
            <button type="button" key={v} aria-pressed={v === view} onClick={() => set({ windowView: v })}>
              {v}
            </button>
          ))}
        </span>
      </header>
      <div className="carriage">
        {chunks.length > 0 ? (
          <Tape chunks={chunks} kind={content.kind} />
        ) : (
          <div className="tape none">nothing in it yet</div>
        )}
      </div>
      <div
        className={`paper ${view}`}
        role={view === 'fields' && content.kind === 'nothing' ? 'group' : 'grid'}
        aria-rowcount={view === 'fields' && content.kind === 'nothing' ? undefined : Math.ceil(size / ROW)}
        aria-label={summary(machine)}
        aria-activedescendant={selected === undefined ? undefined : SELECTED}
        tabIndex={0}
        onKeyDown={move}
        data-wire="window"
      >
        {view === 'fields' && content.kind !== 'nothing' && (
          <Fields rows={fieldRows(machine)} bytes={bytes} selected={selected} />
        )}
        {view === 'fields' && content.kind === 'nothing' && (
          <p className="mut empty">All zero. A command is put here, and then the answer.</p>
        )}
        {view === 'hex' && (
          <Suspense>
            <HexView bytes={bytes} fresh={content.kind === 'nothing' ? 0 : content.length} selected={selected} />
          </Suspense>
        )}
        {view === 'picture' && (
          <Suspense>
            <Picture machine={machine} selected={selected} />
          </Suspense>
        )}
      </div>
    </section>
  )
}
