// The reference: a list that is searched while one types, and the entry that was chosen, whose types lead on.

import './Builder.css'
import './Reference.css'
import { useEffect, useMemo, useRef, useState } from 'react'
import { count, hex } from '../../view/format.ts'
import { COVERAGE, coverageLine } from '../../view/coverage.ts'
import { type Entry, entryOf, type Kind, KINDS, lookUp } from '../../view/reference.ts'
import { get } from '../store.ts'

const PLURAL: { readonly [K in Kind]: string } = {
  command: 'Commands',
  structure: 'Structures',
  algorithm: 'Algorithms',
  register: 'Registers',
  'return code': 'Return codes',
}
/** Rows that are drawn of a long list; what one looks for stands among the first. */
const MOST = 120

function EntryView({ e, open }: { e: Entry; open: (title: string) => void }) {
  return (
    <article className="entry" data-entry={e.title}>
      <h3>
        <span className="mono">{e.title}</span> <small className="mut">{e.kind}</small>
      </h3>
      <p>{e.summary}</p>
      {e.groups.map(g => (
        <section key={g.name}>
          <h4>{g.name}</h4>
          <table>
            <tbody>
              {g.lines.map(l => (
                <tr key={l.name + l.text}>
                  {l.name !== '' && (
                    <th scope="row" className="mono">
                      {l.name}
                    </th>
                  )}
                  {l.type !== '' && (
                    <td>
                      {entryOf(l.type) && l.type !== e.title ? (
                        <button type="button" className="link mono" onClick={() => open(l.type)}>
                          {l.type}
                        </button>
                      ) : (
                        <span className="mono">{l.type}</span>
                      )}
                    </td>
                  )}
                  <td>{l.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
      <p className="mut">Source: {e.source}</p>
    </article>
  )
}

const Coverage = ({ open }: { open: (title: string) => void }) => (
  <article className="entry" data-entry="coverage">
    <h3>Which commands this TPM has</h3>
    <p>{coverageLine()}</p>
    <table>
      <thead>
        <tr>
          <th scope="col">code</th>
          <th scope="col">command</th>
          <th scope="col">specified in</th>
          <th scope="col">here</th>
        </tr>
      </thead>
      <tbody>
        {COVERAGE.map(r => (
          <tr key={r.code}>
            <td className="mono">{hex(r.code, 3)}</td>
            <td>
              {r.section ? (
                <button type="button" className="link mono" onClick={() => open(r.name)}>
                  {r.name}
                </button>
              ) : (
                <span className="mono mut">{r.name}</span>
              )}
            </td>
            <td>{r.section}</td>
            <td className={r.section ? '' : 'mut'}>
              {r.section === undefined ? 'no' : r.since === undefined ? 'yes' : `yes, new in ${r.since}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </article>
)

export function Reference() {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => box.current?.focus(), [])
  const [search, setSearch] = useState(() => entryOf(get().lookup)?.title ?? get().lookup)
  const [kind, setKind] = useState<Kind>()
  const [chosen, setChosen] = useState(() => entryOf(get().lookup)?.title ?? '')
  const [past, setPast] = useState<readonly string[]>([])
  const found = useMemo(() => lookUp(search, kind), [search, kind])
  const entry = entryOf(chosen)
  const open = (title: string): void => {
    setPast([...past, chosen])
    setChosen(title.replace(/\+$/, ''))
  }
  return (
    <div className="builder-body reference-body">
      <div className="build-commands">
        <input
          ref={box}
          className="field"
          type="search"
          value={search}
          placeholder="Search everything"
          aria-label="Search the reference"
          onChange={e => setSearch(e.target.value)}
          onKeyDown={e => e.key === 'Enter' && found[0] && open(found[0].title)}
        />
        <select
          className="field"
          value={kind ?? ''}
          aria-label="Kind of entry"
          onChange={e => setKind(KINDS.find(k => k === e.target.value))}
        >
          <option value="">Everything</option>
          {KINDS.map(k => (
            <option key={k} value={k}>
              {PLURAL[k]}
            </option>
          ))}
        </select>
        <ul aria-label="Entries found">
          {found.slice(0, MOST).map(e => (
            <li key={`${e.kind} ${e.title}`}>
              <button type="button" aria-pressed={e.title === chosen} onClick={() => open(e.title)}>
                <span className="mono">{e.title}</span>
              </button>
            </li>
          ))}
          {found.length > MOST && <li className="mut">{count(found.length - MOST)} more: type a word</li>}
          {found.length === 0 && <li className="mut">Nothing has these words.</li>}
        </ul>
        <button type="button" className="button" onClick={() => open('')}>
          Which commands there are
        </button>
      </div>
      <div className="entry-scroll" tabIndex={0} role="group" aria-label="Entry">
        {past.length > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => {
              setChosen(past.at(-1) ?? '')
              setPast(past.slice(0, -1))
            }}
          >
            ◂ Back
          </button>
        )}
        {entry ? <EntryView e={entry} open={open} /> : <Coverage open={open} />}
      </div>
    </div>
  )
}
