// The event table: the equal of the picture. One row an event, the reason in words, and filters; a row can be gone to.

import './Events.css'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { count } from '../../lib/count.ts'
import { type EventFilter, type EventRow, eventRows, NO_FILTER, passes } from '../../view/events.ts'
import { faceOf } from '../../view/face.ts'
import { useShown, useSim } from '../hooks.ts'
import { momentAt, seek } from '../runner.ts'
import type { Shown, Store } from '../store.ts'
import { Badge } from './Parts.tsx'

const selectConfig = (s: Store) => s.config
const selectCursor = (s: Shown) => s.cursor
const selectTimeline = (s: Store) => s.timeline

const ROW_HEIGHT = 30

/** Rows of all moments; those of moments that stay the same are kept. */
function useRows(filter: EventFilter): readonly EventRow[] {
  const timeline = useSim(selectTimeline)
  const all = useMemo(() => {
    const rows: EventRow[] = []
    for (let k = 0; k < timeline.ticks.length; k++) rows.push(...eventRows(momentAt(k)).map(r => ({ ...r, step: k })))
    return rows
  }, [timeline])
  return useMemo(() => (filter === NO_FILTER ? all : all.filter(r => passes(r, filter))), [all, filter])
}

export default function Events() {
  const config = useSim(selectConfig)
  const [filter, setFilter] = useState<EventFilter>({ ...NO_FILTER, busOnly: true })
  const rows = useRows(filter)
  const cursor = useShown(selectCursor)
  const box = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  })
  const first = rows.findIndex(r => r.step >= cursor)
  useEffect(() => {
    if (first >= 0) list.scrollToIndex(Math.min(first + 2, rows.length - 1), { align: 'center' })
  }, [first, list, rows.length])
  const items = list.getVirtualItems()
  const change = (part: Partial<EventFilter>): void => setFilter(f => ({ ...f, ...part }))
  return (
    <section className="events" aria-label="Events">
      <div className="filters">
        <input
          className="field"
          type="search"
          placeholder="filter"
          aria-label="Filter events by text"
          value={filter.text}
          onChange={e => change({ text: e.target.value })}
        />
        <select
          className="plain"
          aria-label="Only one actor"
          value={filter.actor}
          onChange={e => change({ actor: e.target.value as EventFilter['actor'] })}
        >
          <option value="">all actors</option>
          <option value="G">guest</option>
          <option value="D">device</option>
          <option value="T">TPM</option>
        </select>
        <select
          className="plain"
          aria-label="Only one register"
          value={filter.register}
          onChange={e => change({ register: e.target.value })}
        >
          <option value="">all registers</option>
          {Object.keys(faceOf(config).map).map(r => (
            <option key={r}>{r}</option>
          ))}
          <option>window</option>
        </select>
        <label>
          <input type="checkbox" checked={!filter.busOnly} onChange={e => change({ busOnly: !e.target.checked })} />{' '}
          lines and locals
        </label>
        <span className="mut" data-event-count={rows.length}>
          {count(rows.length)} events
        </span>
      </div>
      <div className="event-box" ref={box} tabIndex={0} role="region" aria-label="Event table">
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">who</th>
              <th scope="col">access</th>
              <th scope="col">value</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            {items[0] && items[0].start > 0 && (
              <tr aria-hidden="true">
                <td colSpan={5} style={{ height: items[0].start, padding: 0 }} />
              </tr>
            )}
            {items.map(item => {
              const r = rows[item.index] as EventRow
              return (
                <tr
                  key={item.key}
                  aria-rowindex={item.index + 2}
                  className={r.step === cursor ? 'now' : r.step > cursor ? 'future' : ''}
                  aria-current={r.step === cursor ? 'step' : undefined}
                >
                  <td>
                    <button type="button" onClick={() => seek(r.step)} aria-label={`Go to step ${r.step}`}>
                      {r.step}
                    </button>
                  </td>
                  <td>
                    <Badge actor={r.actor} />
                  </td>
                  <td className="mono">{r.access}</td>
                  <td className="mono">
                    {r.register && r.register !== 'window' ? `${r.register} ${r.value}` : r.value}
                  </td>
                  <td title={r.why}>{r.why}</td>
                </tr>
              )
            })}
            {items.length > 0 && (
              <tr aria-hidden="true">
                <td colSpan={5} style={{ height: list.getTotalSize() - (items.at(-1)?.end ?? 0), padding: 0 }} />
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  )
}
