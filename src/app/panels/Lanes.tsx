// The run as lanes, and the scrub bar over them. Drawn on a canvas, so that thousands of steps stay legible and cheap; the
// same events stand as text in the table.

import './Lanes.css'
import { memo, useEffect, useRef, useState } from 'react'
import { type Beat, beatAt, type Tick, type Timeline } from '../../view/timeline.ts'
import { useSim, useWide } from '../hooks.ts'
import { seek } from '../runner.ts'
import type { Store } from '../store.ts'
import { Badge } from './Parts.tsx'

const selectTimeline = (s: Store) => s.timeline
const selectCursor = (s: Store) => s.cursor
const selectLength = (s: Store) => s.length
const selectTheme = (s: Store) => s.theme
const selectZoom = (s: Store) => s.zoom

interface Lane {
  readonly label: string
  readonly actor?: 'G' | 'D' | 'T'
  readonly draw: (
    c: CanvasRenderingContext2D,
    t: Tick,
    x: number,
    w: number,
    y: number,
    h: number,
    past: boolean,
    i: Ink,
  ) => void
}

interface Ink {
  readonly g: string
  readonly d: string
  readonly t: string
  readonly edge: string
  readonly ink: string
}

/** Below this many pixels a step is a column, not a shape. */
const SHAPE = 5

const square: Lane['draw'] = (c, _t, x, w, y, h, past, i) => {
  const s = Math.min(6, w - 1)
  c.fillStyle = i.g
  c.strokeStyle = i.edge
  if (s < 2) return past ? c.fillRect(x, y + h / 2 - 3, Math.max(w, 1), 6) : c.fillRect(x, y + h / 2, Math.max(w, 1), 1)
  if (past) c.fillRect(x + w / 2 - s / 2, y + h / 2 - s / 2, s, s)
  else c.strokeRect(x + w / 2 - s / 2 + 0.5, y + h / 2 - s / 2 + 0.5, s - 1, s - 1)
}

const arrow: Lane['draw'] = (c, t, x, w, y, h, past, i) => {
  if (!t.bus) return
  const color = t.bus === 'write' ? i.g : i.d
  c.strokeStyle = past ? color : i.edge
  c.fillStyle = past ? color : i.edge
  if (w < SHAPE) return c.fillRect(x, t.bus === 'write' ? y + 4 : y + h / 2, Math.max(w, 1), h / 2 - 4)
  const half = Math.min(6, h / 2 - 3, w * 0.9)
  const m = y + h / 2
  const at = x + w / 2
  const dir = t.bus === 'write' ? 1 : -1
  c.beginPath()
  c.moveTo(at - dir * half, m - half)
  c.lineTo(at + dir * half, m)
  c.lineTo(at - dir * half, m + half)
  c.closePath()
  c.lineWidth = 1.6
  if (t.bus === 'write' && past) c.fill()
  else c.stroke()
}

const block: Lane['draw'] = (c, t, x, w, y, h, past, i) => {
  if (!t.tpm) return
  const color = t.tpm === 'execute' ? i.t : i.d
  c.lineWidth = 1
  if (past) {
    c.fillStyle = color
    c.fillRect(x, y + 4, Math.max(w, 1.5), h - 8)
  } else {
    c.fillStyle = i.edge
    c.fillRect(x, y + 4, Math.max(w, 1), 1)
    c.fillRect(x, y + h - 5, Math.max(w, 1), 1)
    if (t.tpm !== 'execute' && w >= SHAPE) c.strokeRect(x + 0.5, y + 4.5, w - 1, h - 9)
  }
}

const wave =
  (level: (t: Tick) => number): Lane['draw'] =>
  (c, t, x, w, y, h, past, i) => {
    c.fillStyle = past ? i.ink : i.edge
    const high = level(t) > 0
    c.fillRect(x, high ? y + 4 : y + h - 5, Math.max(w, 1), past ? 2 : 1)
  }

const spike: Lane['draw'] = (c, t, x, w, y, h, past, i) => {
  c.fillStyle = past ? i.ink : i.edge
  c.fillRect(x, y + h - 5, Math.max(w, 1), past ? 2 : 1)
  if (!t.nextChunk) return
  c.fillStyle = past ? i.g : i.edge
  c.fillRect(x + w / 2 - 1, y + 3, 2, h - 7)
}

const LANES: readonly Lane[] = [
  { label: 'Lines', actor: 'G', draw: square },
  { label: 'Bus', actor: 'D', draw: arrow },
  { label: 'TPM', actor: 'T', draw: block },
]
const WAVES: readonly Lane[] = [
  { label: 'Start', draw: wave(t => t.start) },
  { label: 'nextChunk', draw: spike },
  { label: 'tpmIdle', draw: wave(t => t.idle) },
]

const ALL_LANES: readonly Lane[] = [...LANES, ...WAVES]

/** The whole run drawn twice, as past and as future; a cursor then only decides where one ends and the other begins. */
interface Pictures {
  readonly past: HTMLCanvasElement
  readonly future: HTMLCanvasElement
}

function draw(
  like: HTMLCanvasElement,
  lanes: readonly Lane[],
  t: Timeline,
  length: number,
  past: boolean,
): HTMLCanvasElement {
  const { clientWidth: width, clientHeight: height } = like
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(width * devicePixelRatio, 1)
  canvas.height = Math.max(height * devicePixelRatio, 1)
  const c = canvas.getContext('2d')
  if (!c) return canvas
  const css = getComputedStyle(like)
  const color = (name: string): string => css.getPropertyValue(name).trim()
  const i: Ink = { g: color('--g'), d: color('--d'), t: color('--t'), edge: color('--edge'), ink: color('--ink') }
  c.scale(devicePixelRatio, devicePixelRatio)
  const w = width / Math.max(length - 1, 1)
  const h = height / lanes.length
  // Where steps are narrower than a pixel, one in so many is enough for the picture.
  const stride = Math.max(1, Math.floor(0.5 / w))
  lanes.forEach((lane, n) => {
    const y = n * h
    c.fillStyle = i.edge
    c.globalAlpha = 0.35
    c.fillRect(0, Math.round(y + h) - 1, width, 1)
    c.globalAlpha = 1
    for (let k = 1; k < length; k += stride) {
      const tick = t.ticks[k]
      if (tick) lane.draw(c, tick, (k - 1) * w, w, y, h, past, i)
    }
  })
  return canvas
}

/** Puts the two pictures together at the cursor. */
function show(canvas: HTMLCanvasElement, { past, future }: Pictures, cursor: number, length: number): void {
  const { width, height } = past
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  const c = canvas.getContext('2d')
  if (!c) return
  const at = Math.round((width * cursor) / Math.max(length - 1, 1))
  c.clearRect(0, 0, width, height)
  if (at > 0) c.drawImage(past, 0, 0, at, height, 0, 0, at, height)
  if (at < width) c.drawImage(future, at, 0, width - at, height, at, 0, width - at, height)
}

/** Names of beats where they fit; the others keep their line. */
const Beats = memo(({ beats, length, here }: { beats: readonly Beat[]; length: number; here: Beat | undefined }) => {
  const steps = Math.max(length - 1, 1)
  return beats.map((b, n) => {
    const end = beats[n + 1]?.from ?? length
    const left = (100 * (Math.max(b.from, 1) - 1)) / steps
    const width = (100 * (end - Math.max(b.from, 1))) / steps
    return (
      <button
        type="button"
        tabIndex={-1}
        key={b.from}
        className={b === here ? 'beat here' : 'beat'}
        style={{ left: `${left}%`, width: `${width}%` }}
        title={b.name}
        aria-label={`${b.name}, step ${b.from}`}
        onClick={() => seek(Math.max(end - 1, b.from))}
      >
        {width > 2 ? b.name : ''}
      </button>
    )
  })
})

export function Lanes() {
  const timeline = useSim(selectTimeline)
  const cursor = useSim(selectCursor)
  const length = useSim(selectLength)
  const theme = useSim(selectTheme)
  const zoom = useSim(selectZoom)
  const wide = useWide()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [size, setSize] = useState(0)
  const lanes = wide ? ALL_LANES : LANES
  useEffect(() => {
    const observer = new ResizeObserver(() => setSize(canvas.current?.clientWidth ?? 0))
    if (canvas.current) observer.observe(canvas.current)
    return () => observer.disconnect()
  }, [])
  const pictures = useRef<Pictures>(undefined)
  useEffect(() => {
    if (!canvas.current) return
    const like = canvas.current
    pictures.current = {
      past: draw(like, lanes, timeline, length, true),
      future: draw(like, lanes, timeline, length, false),
    }
  }, [lanes, timeline, length, theme, zoom, size])
  useEffect(() => {
    if (canvas.current && pictures.current) show(canvas.current, pictures.current, cursor, length)
  }, [lanes, timeline, cursor, length, theme, zoom, size])
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
          <span className="played" style={{ width: `${at}%` }} />
        </div>
        <div className="lane-box">
          <canvas ref={canvas} aria-hidden="true" />
        </div>
        <span className={at > 96 ? 'head-line left' : 'head-line'} style={{ left: `${at}%` }} aria-hidden="true">
          <b>{cursor}</b>
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
