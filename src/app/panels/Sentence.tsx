// What just happened, and what comes next: if everything else were hidden, these two would remain.

import './Sentence.css'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { now, upcoming } from '../../view/sentences.ts'
import { useMoment, useShown, useSim } from '../hooks.ts'
import { seek } from '../runner.ts'
import type { Shown, Store } from '../store.ts'

const selectNext = (s: Shown) => s.next
const selectLength = (s: Store) => s.length
const selectComplete = (s: Store) => s.complete
const selectCursor = (s: Shown) => s.cursor
const selectMoved = (s: Shown) => s.moved
const selectPlaying = (s: Store) => s.playing
/** What went wrong with a TPM outside stays until something is done about it. */
const selectNotice = (s: Store) => s.notice || (s.live?.bridge && s.live.trouble) || ''
const selectLive = (s: Store) => s.live

const Live = lazy(() => import('./Live.tsx'))
/** Letters that the line loses to what is told about a live TPM. */
const LESS = 24

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
  const cursor = useShown(selectCursor)
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
  const next = useShown(selectNext)
  const moved = useShown(selectMoved)
  const playing = useSim(selectPlaying)
  const notice = useSim(selectNotice)
  const live = useSim(selectLive)
  // All that was sent has been shown.
  const waits = live && !live.bridge && !live.command && !next
  const said = `${moved === 'back' ? 'Back: ' : ''}${now(m)}`
  const spoken = useSpoken(notice || said, playing)
  const nextText = notice || (waits ? `Live: waiting for a command on ${live.where}.` : upcoming(next, m))
  // One size for both: what has happened is never set smaller than what comes.
  const size = sizeOf(Math.max(said.length, nextText.length) + (live ? LESS : 0))
  return (
    <section className="sentence" aria-label="Now and next" data-live={live ? '' : undefined}>
      <p data-size={size}>
        <span className="tag">Now</span>
        <strong data-now>{said}</strong>
      </p>
      <p className="next" data-size={size}>
        <span className="tag">{notice ? 'Note' : 'Next'}</span>
        <span data-next>{nextText}</span>
      </p>
      {live && (
        <Suspense>
          <Live live={live} />
        </Suspense>
      )}
      <StepField />
      <span className="hidden" role="status">
        {spoken}
      </span>
    </section>
  )
}
