// What just happened, and what comes next: if everything else were hidden, these two would remain.

import './Sentence.css'
import { useEffect, useRef, useState } from 'react'
import { now, upcoming } from '../../view/sentences.ts'
import { useMoment, useSim } from '../hooks.ts'
import { seek } from '../runner.ts'
import type { Store } from '../store.ts'

const selectNext = (s: Store) => s.next
const selectLength = (s: Store) => s.length
const selectComplete = (s: Store) => s.complete
const selectCursor = (s: Store) => s.cursor
const selectMoved = (s: Store) => s.moved
const selectPlaying = (s: Store) => s.playing
const selectNotice = (s: Store) => s.notice

/** While playing, at most one message in this many milliseconds reaches a screen reader. */
const SPOKEN_EVERY = 2000

/** The text as it is spoken: every step by hand, now and then while playing. */
function useSpoken(text: string, playing: boolean): string {
  const [spoken, setSpoken] = useState(text)
  const last = useRef(0)
  useEffect(() => {
    const wait = playing ? Math.max(0, last.current + SPOKEN_EVERY - performance.now()) : 0
    const timer = setTimeout(() => {
      last.current = performance.now()
      setSpoken(text)
    }, wait)
    return () => clearTimeout(timer)
  }, [text, playing])
  return spoken
}

/** Long sentences take smaller type rather than a third line: the band is two lines high. */
const sizeOf = (length: number): 'long' | 'longer' | undefined =>
  length > 108 ? 'longer' : length > 90 ? 'long' : undefined

function StepField() {
  const cursor = useSim(selectCursor)
  const length = useSim(selectLength)
  const complete = useSim(selectComplete)
  const [typed, setTyped] = useState<string>()
  const commit = (): void => {
    if (typed !== undefined && /^\d+$/.test(typed)) seek(Number(typed))
    setTyped(undefined)
  }
  return (
    <label className="step-of">
      step
      <input
        id="step-field"
        inputMode="numeric"
        value={typed ?? String(cursor)}
        aria-label="Step number"
        onFocus={e => e.target.select()}
        onChange={e => setTyped(e.target.value)}
        onBlur={commit}
        onKeyDown={e => {
          if (e.key === 'Enter') {
            commit()
            e.currentTarget.blur()
          } else if (e.key === 'Escape') setTyped(undefined)
        }}
      />
      <span data-steps={length - 1}>
        of {length - 1}
        {complete ? '' : '…'}
      </span>
    </label>
  )
}

export function Sentence() {
  const m = useMoment()
  const next = useSim(selectNext)
  const moved = useSim(selectMoved)
  const playing = useSim(selectPlaying)
  const notice = useSim(selectNotice)
  const said = `${moved === 'back' ? 'Back: ' : ''}${now(m)}`
  const spoken = useSpoken(notice || said, playing)
  const nextText = notice || upcoming(next, m)
  // One size for both: what has happened is never set smaller than what comes.
  const size = sizeOf(Math.max(said.length, nextText.length))
  return (
    <section className="sentence" aria-label="Now and next">
      <p data-size={size}>
        <span className="tag">Now</span>
        <strong data-now>{said}</strong>
      </p>
      <p className="next" data-size={size}>
        <span className="tag">{notice ? 'Note' : 'Next'}</span>
        <span data-next>{nextText}</span>
      </p>
      <StepField />
      <span className="hidden" role="status">
        {spoken}
      </span>
    </section>
  )
}
