// The guest driver: source of the function that runs, the line of this step, its locals, and what it waits for.

import './Guest.css'
import { memo, Suspense, useRef, useState } from 'react'
import { memo as memoise } from '../../lib/memo.ts'
import { duration } from '../../view/format.ts'
import { type Local, listing, type SourceLine } from '../../view/listing.ts'
import { useAfterPaint, useBefore, useMoment, useWide } from '../hooks.ts'
import { Screen } from './lazy.ts'
import { Head } from './Parts.tsx'

const view = memoise(listing)

/** A line of the source; the one of this step is where the wire begins. */
const Line = memo(({ line, now }: { line: SourceLine; now: boolean }) => (
  <li
    className={now ? 'line now' : 'line'}
    aria-current={now ? 'step' : undefined}
    data-line={line.n}
    data-wire={now ? 'line' : undefined}
  >
    <span className="no">{now ? '▶' : line.n}</span>
    <code style={{ paddingLeft: `${0.8 * line.indent}rem` }}>{line.text}</code>
  </li>
))

type Lines = readonly SourceLine[]

/** The source of one function. */
const Source = memo(({ lines, current }: { lines: Lines; current: number | undefined }) => (
  <>
    {lines.map((line, i) => (
      <Line key={i} line={line} now={line.n === current} />
    ))}
  </>
))

const LocalView = memo(({ name, text, from }: Pick<Local, 'name' | 'text' | 'from'>) => (
  <div data-local={name} className={from === undefined ? '' : 'changed'}>
    <dt className="mono">{name}</dt>
    <dd className="mono">
      {from !== undefined && from !== 'unset' && <span className="was">{from} → </span>}
      <b>{text}</b>
    </dd>
  </div>
))

export function Guest() {
  const m = useMoment()
  const l = view(m, useBefore())
  const wide = useWide()
  const box = useRef<HTMLDivElement>(null)
  // Functions that were shown stay, unseen: a driver goes to and fro between them, and drawing one anew is dear.
  const [seen, setSeen] = useState<ReadonlyMap<string, Lines>>(new Map())
  if (seen.get(l.fn) !== l.lines) setSeen(new Map(seen).set(l.fn, l.lines))
  // Keeps the current line in sight inside its own box; the page never scrolls.
  useAfterPaint(() => {
    const line = box.current?.querySelector<HTMLElement>('.line.now')
    if (!box.current || !line) return
    const { scrollTop, clientHeight } = box.current
    const low = line.offsetTop - line.offsetHeight
    const high = line.offsetTop + 2 * line.offsetHeight - clientHeight
    if (scrollTop > low || scrollTop < high) box.current.scrollTop = Math.max(0, line.offsetTop - clientHeight / 2)
  }, l)
  return (
    <section className="panel guest" id="guest" tabIndex={-1} aria-label="Guest driver">
      <Head actor="G" title="Guest driver" status={l.status} />
      <div className="code" ref={box} data-fn={l.fn} tabIndex={0} role="group" aria-label={`Source of ${l.fn}`}>
        {[...seen].map(([fn, lines]) => (
          <ol key={fn} className={fn === l.fn ? undefined : 'away'}>
            <Source lines={lines} current={fn === l.fn ? l.current : undefined} />
          </ol>
        ))}
      </div>
      {m.machine.guest.boot && (
        <Suspense>
          <Screen />
        </Suspense>
      )}
      <dl className="locals" aria-label="Locals">
        {l.locals
          .filter(v => wide || !v.constant || v.name === 'win')
          .map(v => (
            <LocalView key={v.name} name={v.name} text={v.text} from={v.from} />
          ))}
        {!wide &&
          l.timers.slice(-1).map(t => (
            <div key={t.name} data-timer={t.name}>
              <dt>{t.name}</dt>
              <dd>
                {t.state} {duration(t.took)} <span className="mut">of {duration(t.limit)}</span>
              </dd>
            </div>
          ))}
      </dl>
      {wide && (
        <>
          <h3>Timers</h3>
          {l.timers.length === 0 && <p className="mut">none begun</p>}
          <dl className="locals one">
            {l.timers.slice(-5).map(t => (
              <div key={t.name} data-timer={t.name}>
                <dt>{t.name}</dt>
                <dd>
                  {t.state} {duration(t.took)} <span className="mut">of {duration(t.limit)}</span>
                </dd>
              </div>
            ))}
          </dl>
          <h3>Call stack</h3>
          {l.stack.length === 0 && <p className="mut">empty</p>}
          <dl className="locals one">
            {l.stack.map(f => (
              <div key={f.fn}>
                <dt className="mono">{f.fn}</dt>
                <dd>line {f.line}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  )
}
