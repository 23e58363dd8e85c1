// The lanes as drawings on a canvas: each lane draws the whole run at once, as past or as future, so that a frame of play
// only has to put two pictures together at the cursor. Thousands of steps become columns, then every so many of them.

import type { Tick, Timeline } from '../../view/timeline.ts'

interface Ink {
  readonly g: string
  readonly d: string
  readonly t: string
  readonly edge: string
  readonly ink: string
  readonly on: string
  readonly page: string
}

/** What a lane draws with: its steps, its place, and whether they are past. */
interface Pen {
  readonly c: CanvasRenderingContext2D
  readonly ticks: readonly Tick[]
  /** Width of a step, top of the lane and its height, in CSS pixels. */
  readonly w: number
  readonly y: number
  readonly h: number
  /** One step in so many is drawn. */
  readonly stride: number
  readonly past: boolean
  readonly ink: Ink
}

export interface Lane {
  readonly label: string
  readonly actor?: 'G' | 'D' | 'T'
  readonly draw: (p: Pen) => void
}

/** Below this many pixels a step is a column, not a shape. */
const SHAPE = 5

/** Calls `each` with the left edge of every step that is drawn. */
function eachStep({ ticks, w, stride }: Pen, each: (x: number, t: Tick) => void): void {
  for (let k = 1; k < ticks.length; k += stride) each((k - 1) * w, ticks[k] as Tick)
}

/** Calls `each` with every stretch of steps that have the same value. */
function eachStretch<T>(
  { ticks, w }: Pen,
  of: (t: Tick) => T,
  each: (value: T, x: number, width: number) => void,
): void {
  for (let from = 1, k = 1; k < ticks.length; k++) {
    const value = of(ticks[k] as Tick)
    if (k + 1 < ticks.length && of(ticks[k + 1] as Tick) === value) continue
    each(value, (from - 1) * w, (k + 1 - from) * w)
    from = k + 1
  }
}

function squares(p: Pen): void {
  const { c, w, y, h, past, ink } = p
  const s = Math.min(6, w - 1)
  const top = y + h / 2
  c.fillStyle = ink.g
  c.strokeStyle = ink.edge
  eachStep(p, x => {
    if (s < 2) c.fillRect(x, past ? top - 3 : top, Math.max(w, 1), past ? 6 : 1)
    else if (past) c.fillRect(x + w / 2 - s / 2, top - s / 2, s, s)
    else c.strokeRect(x + w / 2 - s / 2 + 0.5, top - s / 2 + 0.5, s - 1, s - 1)
  })
}

function arrows(p: Pen): void {
  const { c, w, y, h, past, ink } = p
  const half = Math.min(6, h / 2 - 3, w * 0.9)
  const m = y + h / 2
  c.lineWidth = 1.6
  eachStep(p, (x, { bus }) => {
    if (!bus) return
    const write = bus === 'write'
    c.strokeStyle = c.fillStyle = past ? (write ? ink.g : ink.d) : ink.edge
    if (w < SHAPE) return c.fillRect(x, write ? y + 4 : m, Math.max(w, 1), h / 2 - 4)
    const at = x + w / 2
    const tip = write ? half : -half
    c.beginPath()
    c.moveTo(at - tip, m - half)
    c.lineTo(at + tip, m)
    c.lineTo(at - tip, m + half)
    c.closePath()
    if (write && past) c.fill()
    else c.stroke()
  })
}

/** The second cue of who holds the bytes: hatched for the device, dotted for the TPM. */
function texture({ c, y, h, ink }: Pen, x: number, width: number, dots: boolean): void {
  c.save()
  c.beginPath()
  c.rect(x, y + 4, width, h - 8)
  c.clip()
  c.strokeStyle = c.fillStyle = ink.on
  c.globalAlpha = 0.6
  c.beginPath()
  for (let a = x - h; a < x + width; a += 6) {
    c.moveTo(a, y + h)
    if (!dots) c.lineTo(a + h, y)
    else for (let b = y + 7; b < y + h; b += 6) c.fillRect(a, b, 1.6, 1.6)
  }
  c.stroke()
  c.restore()
}

/** What device and TPM did with the bytes, with its name where there is room: in the stretch, or after it. */
function deeds(p: Pen): void {
  const { c, w, y, h, past, ink } = p
  let room: (() => void) | undefined
  c.lineWidth = 1
  eachStretch(
    p,
    t => t.tpm,
    (deed, x, stretch) => {
      if (!deed) {
        if (room && stretch > c.measureText('execute').width) room()
        room = undefined
        return
      }
      const width = Math.max(stretch, 1.5)
      c.fillStyle = deed === 'execute' ? ink.t : ink.d
      c.strokeStyle = ink.edge
      if (!past) c.strokeRect(x + 0.5, y + 4.5, width - 1, h - 9)
      else {
        c.fillRect(x, y + 4, width, h - 8)
        if (w >= SHAPE) texture(p, x, width, deed === 'execute')
      }
      const name = c.measureText(deed).width
      const write = (at: number) => () => {
        c.fillStyle = ink.page
        c.fillRect(at - 3, y + 6, name + 6, h - 12)
        c.fillStyle = ink.ink
        c.fillText(deed, at, y + h / 2)
      }
      room = width > name + 10 ? write(x + 5) : write(x + width + 4)
      if (width > name + 10) {
        room()
        room = undefined
      }
    },
  )
}

/** The level of a bit, as a line that rises and falls. */
const wave =
  (level: (t: Tick) => number): Lane['draw'] =>
  p => {
    const { c, y, h, past, ink } = p
    c.strokeStyle = past ? ink.ink : ink.edge
    c.lineWidth = past ? 2 : 1
    c.beginPath()
    eachStretch(p, level, (value, x, width) => {
      const at = value > 0 ? y + 5 : y + h - 5
      if (x === 0) c.moveTo(x, at)
      else c.lineTo(x, at)
      c.lineTo(x + width, at)
    })
    c.stroke()
  }

/** A bit that never reads 1: a flat line, with a spike where 1 was written. */
function spikes(p: Pen): void {
  const { c, w, y, h, past, ink } = p
  wave(() => 0)(p)
  c.fillStyle = past ? ink.g : ink.edge
  eachStep({ ...p, stride: 1 }, (x, t) => t.nextChunk && c.fillRect(x + w / 2 - 1, y + 3, 2, h - 8))
}

export const LANES: readonly Lane[] = [
  { label: 'Lines', actor: 'G', draw: squares },
  { label: 'Bus', actor: 'D', draw: arrows },
  { label: 'TPM', actor: 'T', draw: deeds },
]
export const ALL_LANES: readonly Lane[] = [
  ...LANES,
  { label: 'Start', draw: wave(t => t.start) },
  { label: 'nextChunk', draw: spikes },
  { label: 'tpmIdle', draw: wave(t => t.idle) },
]
export const TIS_LANES: readonly Lane[] = [
  ...LANES,
  { label: 'Executes', draw: wave(t => t.start) },
  { label: 'No owner', draw: wave(t => t.idle) },
]

/** Draws the whole run into a canvas, in its size and colours. */
export function draw(canvas: HTMLCanvasElement, lanes: readonly Lane[], { ticks }: Timeline, past: boolean): void {
  const { clientWidth: width, clientHeight: height } = canvas
  canvas.width = Math.max(width * devicePixelRatio, 1)
  canvas.height = Math.max(height * devicePixelRatio, 1)
  const c = canvas.getContext('2d')
  if (!c) return
  const css = getComputedStyle(canvas)
  // Through a real property, so that system colours become ones that a canvas can paint with.
  const color = (name: string): string => {
    canvas.style.color = `var(--${name})`
    return css.color
  }
  const names = ['g', 'd', 't', 'edge', 'ink', 'on', 'page'] as const
  const ink = Object.fromEntries(names.map(n => [n, color(n)])) as unknown as Ink
  c.scale(devicePixelRatio, devicePixelRatio)
  c.font = `${css.fontSize} ${css.fontFamily}`
  c.textBaseline = 'middle'
  const w = width / Math.max(ticks.length - 1, 1)
  const h = height / lanes.length
  const stride = Math.max(1, Math.floor(0.5 / w))
  lanes.forEach((lane, n) => {
    const y = n * h
    c.fillStyle = ink.edge
    c.globalAlpha = 0.35
    c.fillRect(0, Math.round(y + h) - 1, width, 1)
    c.globalAlpha = 1
    lane.draw({ c, ticks, w, y, h, stride, past, ink })
  })
}
