// A stream as a tree of its fields beside its bytes: a field marks its bytes, a byte opens its field. Read as it was sent, or
// as the destination reads it, which may be something else.

import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import type { Span } from '../../codec/explain.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { count, hex } from '../../view/format.ts'
import type { Host } from '../../machine/host.ts'
import { explainStream, pathTo } from '../../view/migration.ts'

/** To the byte before or after the field, or a row away. */
const MOVES: { readonly [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -16, ArrowDown: 16 }

const HexView = lazy(() => import('./HexView.tsx'))

type Path = readonly number[]
const within = (path: Path, other: Path): boolean => path.every((n, i) => other[i] === n)

interface TreeProps {
  readonly spans: readonly Span[]
  readonly path: Path
  readonly chosen: Path
  readonly choose: (path: Path, span: Span) => void
  readonly opened: ReadonlySet<string>
  readonly toggle: (key: string) => void
}

function Tree({ spans, path, chosen, choose, opened, toggle }: TreeProps) {
  return (
    <ul>
      {spans.map((s, i) => {
        const here = [...path, i]
        const key = here.join('.')
        const inner = s.children.length > 0
        const open = inner && opened.has(key)
        return (
          <li key={key}>
            <span className="tree-row">
              {inner ? (
                <button
                  type="button"
                  className="twist"
                  aria-expanded={open}
                  aria-label={`Fields of ${s.name}`}
                  onClick={() => toggle(key)}
                >
                  {open ? '▾' : '▸'}
                </button>
              ) : (
                <span className="twist" />
              )}
              <button
                type="button"
                className="tree-field"
                aria-pressed={within(here, chosen) && chosen.length === here.length}
                data-field={s.name}
                onClick={() => choose(here, s)}
              >
                <span className="mono mut">{hex(s.at, 5)}</span> {s.name}
                {s.text !== undefined && <span className="mono text"> {s.text}</span>}
                {s.error && <span className="wrong"> {s.error}</span>}
              </button>
            </span>
            {open && <Tree {...{ spans: s.children, path: here, chosen, choose, opened, toggle }} />}
          </li>
        )
      })}
    </ul>
  )
}

export function StreamView({ stream, to }: { stream: Bytes; to: Host }) {
  const [there, setThere] = useState(false)
  const reader = there ? to : undefined
  const { spans, error, covered } = useMemo(() => explainStream(stream, reader), [stream, reader])
  const [chosen, setChosen] = useState<{ readonly path: Path; readonly at: number; readonly to: number }>()
  const whole = useRef<HTMLElement>(null)
  // On a small screen the bytes of a field may lie below what is in sight.
  useEffect(() => {
    if (chosen) whole.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const byte = (at: number): void => {
    const path = pathTo(spans, at)
    let list = spans
    let span: Span | undefined
    for (const i of path) {
      span = list[i]
      list = span?.children ?? []
    }
    if (!span) return
    setChosen({ path, at: span.at, to: span.at + span.length })
    // Its field is to be seen: what it lies in opens.
    setOpened(new Set([...opened, ...path.slice(0, -1).map((_, i) => path.slice(0, i + 1).join('.'))]))
  }
  const move = (e: KeyboardEvent): void => {
    const by = MOVES[e.key]
    if (by === undefined) return
    e.preventDefault()
    const from = by < 0 ? (chosen?.at ?? 0) : (chosen?.to ?? 1) - 1
    byte(Math.max(0, Math.min(from + by, stream.length - 1)))
  }
  const toggle = (key: string): void => {
    const next = new Set(opened)
    if (!next.delete(key)) next.add(key)
    setOpened(next)
  }
  // A field that was chosen may be another one to another reader.
  const read = (by: boolean): void => {
    setThere(by)
    setChosen(undefined)
  }
  return (
    <section ref={whole} className="stream" aria-label="Stream" data-stream={stream.length}>
      <div className="stream-side">
        <div className="tabs" role="group" aria-label="Who reads the stream">
          <button type="button" aria-pressed={!there} onClick={() => read(false)}>
            As it was sent
          </button>{' '}
          <button type="button" aria-pressed={there} onClick={() => read(true)}>
            As the destination reads it
          </button>
        </div>
        <div className="stream-tree" tabIndex={0} role="group" aria-label="Fields of the stream">
          <Tree
            spans={spans}
            path={[]}
            chosen={chosen?.path ?? []}
            choose={(path, s) => setChosen({ path, at: s.at, to: s.at + s.length })}
            opened={opened}
            toggle={toggle}
          />
          {error && (
            <p className="wrong">
              From offset {count(error.at)} on the stream is not explained: {error.message}.
            </p>
          )}
        </div>
      </div>
      <div
        className="stream-bytes"
        role="grid"
        aria-label="Bytes of the stream"
        aria-rowcount={Math.ceil(stream.length / 16)}
        tabIndex={-1}
        onKeyDown={move}
      >
        <Suspense>
          <HexView
            bytes={stream}
            fresh={error ? covered : stream.length}
            selected={chosen?.at}
            {...(chosen ? { marked: [chosen.at, chosen.to] as const } : {})}
            pick={byte}
          />
        </Suspense>
      </div>
    </section>
  )
}
