// The run as lanes, and the scrub bar over them. Drawn on a canvas, so that thousands of steps stay legible and cheap; the
// same events stand as text in the table.

import './Lanes.css'
import { memo, useEffect, useRef, useState } from 'react'
import { type Beat, beatAt, foldChunks } from '../../view/timeline.ts'
import { useShown, useSim, useWide } from '../hooks.ts'
import { seek } from '../runner.ts'
import type { Shown, Store } from '../store.ts'
import { ALL_LANES, draw, LANES, TIS_LANES } from './lane-pictures.ts'
import { Badge } from './Parts.tsx'

const selectTimeline = (s: Store) => s.timeline
const selectConfig = (s: Store) => s.config
const selectCursor = (s: Shown) => s.cursor
const selectLength = (s: Store) => s.length
const selectTheme = (s: Store) => s.theme
const selectZoom = (s: Store) => s.zoom

/** A name needs this part of the whole run to be read. */
const ROOM = 0.06

/** Names of beats where they fit; the others keep their line. */
const Beats = memo(({ beats, length, here }: { beats: readonly Beat[]; length: number; here: Beat | undefined }) => {
  const steps = Math.max(length - 1, 1)
  const shown = foldChunks(beats, length, steps * ROOM)
  const now = shown.findLast(b => here && b.from <= here.from)
  return shown.map((b, n) => {
    const end = shown[n + 1]?.from ?? length
    const left = (100 * (Math.max(b.from, 1) - 1)) / steps
    const width = (100 * (end - Math.max(b.from, 1))) / steps
    return (
      <button
        type="button"
        tabIndex={-1}
        key={b.from}
        className={b === now ? 'beat here' : 'beat'}
        style={{ left: `${left}%`, width: `${width}%` }}
        title={b.name}
        aria-label={`${b.name}, step ${b.from}`}
        onClick={() => seek(Math.max(end - 1, b.from))}
      >
        {width > 3.5 ? b.name : ''}
      </button>
    )
  })
})

export function Lanes() {
  const timeline = useSim(selectTimeline)
  const cursor = useShown(selectCursor)
  const length = useSim(selectLength)
  const theme = useSim(selectTheme)
  const zoom = useSim(selectZoom)
  const wide = useWide()
  const past = useRef<HTMLCanvasElement>(null)
  const future = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState(0)
  const config = useSim(selectConfig)
  const lanes = config?.interface ? (wide ? TIS_LANES : LANES) : wide ? ALL_LANES : LANES
  useEffect(() => {
    const observer = new ResizeObserver(() => setSize(past.current?.clientWidth ?? 0))
    if (past.current) observer.observe(past.current)
    return () => observer.disconnect()
  }, [])
  // The whole run is drawn twice: a step only moves the edge where the one picture ends and the other begins.
  useEffect(() => {
    if (past.current) draw(past.current, lanes, timeline, true)
    if (future.current) draw(future.current, lanes, timeline, false)
  }, [lanes, timeline, theme, zoom, size])
  const beat = beatAt(timeline, cursor)
  const at = (100 * cursor) / Math.max(length - 1, 1)
  return (
    <section className="lanes" aria-label="Timeline">
      <div className="lane-names" aria-hidden="true">
        <span className="legend">▶ W ◁ R</span>
        {lanes.map(l => (
          <span key={l.label}>
            {l.actor && <Badge actor={l.actor} />} {l.label}
          </span>
        ))}
      </div>
      <div className="lane-area">
        <div className="beats">
          <Beats beats={timeline.beats} length={length} here={beat} />
          <span className="played" style={{ transform: `scaleX(${at / 100})` }} />
        </div>
        <div className="lane-box">
          <canvas ref={future} style={{ clipPath: `inset(0 0 0 ${at}%)` }} aria-hidden="true" />
          <canvas ref={past} style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }} aria-hidden="true" />
        </div>
        <span className="head-track" style={{ transform: `translateX(${at}%)` }} aria-hidden="true">
          <span className={at > 96 ? 'head-line left' : 'head-line'}>
            <b>{cursor}</b>
          </span>
        </span>
        <input
          id="scrub"
          className="scrub"
          type="range"
          min={0}
          max={Math.max(length - 1, 1)}
          value={cursor}
          aria-label="Step"
          aria-valuetext={`step ${cursor} of ${length - 1}${beat ? `, ${beat.name}` : ''}`}
          onChange={e => seek(Number(e.target.value))}
        />
      </div>
    </section>
  )
}
