// The circuit of a step: from the source line to the register it touched, from the window to the tape that grew. Ends are
// measured on the page; a wire is drawn only when the step has that access.

import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useAfterPaint, useMoment, useSim } from '../hooks.ts'
import type { Store } from '../store.ts'

const selectZoom = (s: Store) => s.zoom
/** At a step a frame no eye follows a wire. */
const selectBlur = (s: Store) => s.playing && s.speed === 'instant'
const NO_WIRES: readonly Wire[] = []

interface Wire {
  readonly d: string
  readonly color: string
}

const find = (stage: Element, name: string): DOMRect | undefined =>
  stage.querySelector(`[data-wire="${name}"]`)?.getBoundingClientRect()

export function Wires() {
  const m = useMoment()
  const zoom = useSim(selectZoom)
  const blur = useSim(selectBlur)
  const svg = useRef<SVGSVGElement>(null)
  const [wires, setWires] = useState(NO_WIRES)
  const [size, setSize] = useState(0)
  useLayoutEffect(() => {
    const stage = svg.current?.parentElement
    if (!stage) return
    const measure = (): void => setSize(n => n + 1)
    const observer = new ResizeObserver(measure)
    observer.observe(stage)
    // Boxes inside the stage scroll.
    stage.addEventListener('scroll', measure, true)
    return () => {
      observer.disconnect()
      stage.removeEventListener('scroll', measure, true)
    }
  }, [])
  // Another moment, size or zoom moves the ends.
  const shown = blur ? undefined : m
  const measured = useMemo(() => ({ shown, size, zoom }), [shown, size, zoom])
  useAfterPaint(() => {
    const stage = svg.current?.parentElement
    if (!stage || blur) return setWires(NO_WIRES)
    const box = stage.getBoundingClientRect()
    const out: Wire[] = []
    const line = find(stage, 'line')
    const register = find(stage, 'register')
    const window = find(stage, 'window')
    const copies = m.events.some(e => e.t === 'window')
    const crossed = m.events.find(e => e.t === 'device' && (e.effect.kind === 'taken' || e.effect.kind === 'filled'))
    const answer = crossed?.t === 'device' && crossed.effect.kind === 'filled'
    const tape = crossed ? find(stage, answer ? 'tape-answer' : 'tape-command') : undefined
    const target = register ?? (copies ? window : undefined)
    if (line && target) {
      const y = (line.top + line.bottom) / 2 - box.top
      const x = line.right - box.left
      const to = target.left - box.left
      const down = register ? target.top - box.top : target.top - box.top + 14
      out.push({ d: `M${x} ${y}H${(x + to) / 2}V${down}H${to}`, color: 'var(--g)' })
    }
    if (window && tape && tape.width > 0) {
      const y = Math.min(window.bottom, tape.bottom) - box.top - 18
      out.push({ d: `M${window.right - box.left} ${y}H${tape.left - box.left}`, color: 'var(--d)' })
    }
    // The same wires as before are no news: nothing is drawn again.
    setWires(old => (old.length === out.length && old.every((w, i) => w.d === out[i]?.d) ? old : out))
  }, measured)
  return (
    <svg ref={svg} className="wires" aria-hidden="true">
      {wires.map((w, i) => (
        <path key={i} d={w.d} fill="none" stroke={w.color} strokeWidth="3" />
      ))}
    </svg>
  )
}
