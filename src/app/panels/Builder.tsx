// The command builder: choose a command, fill in its fields, see its bytes, send it through driver and device. All of it is
// made from the command table.

import './Builder.css'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type Bytes, toHex } from '../../lib/bytes.ts'
import type { CommandRow } from '../../spec/command.ts'
import { COMMAND_MEANINGS } from '../../spec/command-meanings.ts'
import { COMMANDS } from '../../spec/commands/all.ts'
import { explainCommand } from '../../spec/frame.ts'
import {
  approveBy,
  build,
  changeDraft,
  type Draft,
  draftOf,
  type Form,
  type Path,
  valueOf,
} from '../../view/builder.ts'
import { asksPassword, type Known } from '../../view/builder-approve.ts'
import { offersOf } from '../../view/builder-defaults.ts'
import { findCommands } from '../../view/builder-search.ts'
import { count, hex } from '../../view/format.ts'
import { type Leaf, leaves } from '../../view/packets.ts'
import { useMoment } from '../hooks.ts'
import { knownOf } from '../known.ts'
import { send } from '../runner.ts'
import { get, set } from '../store.ts'
import { ApprovalView } from './BuilderApproval.tsx'
import { type Editing, EditingContext, FieldView } from './BuilderFields.tsx'

const FIRST_COMMAND = 'TPM2_GetRandom'
/** Bytes of a field that are shown at most. */
const SHOWN = 48

/** What was being built when the dialog was closed. */
let kept: { readonly name: string; readonly draft: Draft } | undefined

const GENERIC = /^(?:TPM[A-Z0-9]*_.*|buffer|size|count|sizeofSelect|pcrSelect|parameters area)$/

/** The number in a handle's field, where there is one. */
function handleOf(form: Form): number | undefined {
  const v = valueOf(form)
  return typeof v === 'number' ? v : undefined
}

/** The path of the form's field that a leaf of the explanation belongs to. */
function formKey(leaf: Leaf, d: Draft, { sessions }: Known): string {
  const [area, ...rest] = leaf.path.split('.')
  if (area === 'authorizations') {
    const n = Number(/^session (\d)$/.exec(rest[0] ?? '')?.[1] ?? 0)
    const a = d.approvals[n - 1]
    const typed = a !== undefined && rest[1] === 'hmac' && asksPassword(sessions, a.by)
    return `${typed ? 'passwords' : 'approvals'}.${a?.handle ?? ''}`
  }
  return [area, ...rest.filter((p, i) => !GENERIC.test(p) || (i === 0 && area === 'handles'))].join('.')
}

function Commands({ chosen, choose }: { chosen: CommandRow; choose: (row: CommandRow) => void }) {
  const [search, setSearch] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => box.current?.focus(), [])
  const found = findCommands(search)
  const move = (e: React.KeyboardEvent): void => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    e.preventDefault()
    const all = Array.from(list.current?.querySelectorAll('button') ?? [])
    const i = all.indexOf(document.activeElement as HTMLButtonElement)
    all[Math.max(0, Math.min(i + by, all.length - 1))]?.focus()
  }
  return (
    <div className="build-commands">
      <input
        ref={box}
        className="field"
        type="search"
        value={search}
        placeholder={`Search ${COMMANDS.length} commands`}
        aria-label="Search commands"
        onChange={e => setSearch(e.target.value)}
        onKeyDown={e => (e.key === 'Enter' && found[0] ? choose(found[0]) : move(e))}
      />
      <ul ref={list} aria-label="Commands found">
        {found.map(c => (
          <li key={c.code}>
            <button
              type="button"
              onKeyDown={move}
              aria-pressed={c === chosen}
              title={COMMAND_MEANINGS[c.name]}
              onClick={() => choose(c)}
            >
              <span className="mono">{c.name.replace('TPM2_', '')}</span>
              <small className="mut">{c.section.replace('Part 3, ', '')}</small>
            </button>
          </li>
        ))}
        {found.length === 0 && <li className="mut">No command has these words.</li>}
      </ul>
    </div>
  )
}

/** Every byte, field by field; the field that is pointed at is told in words. */
function Live({ bytes, draft, known, editing }: { bytes: Bytes; draft: Draft; known: Known; editing: Editing }) {
  const explained = useMemo(() => explainCommand(bytes), [bytes])
  const all = leaves(explained.spans)
  const { hot, point } = editing
  const [at, setAt] = useState<number>()
  const told = all.find(l => l.at === at) ?? all.find(l => formKey(l, draft, known) === hot && l.name !== 'size')
  return (
    <div className="live">
      <p className="live-head">
        <b>{count(bytes.length)} bytes</b>{' '}
        <span className="mut" data-live-told>
          {told
            ? [`${hex(told.at, 4)} ${told.name}: ${told.text ?? ''}`, told.doc ?? told.type, told.source]
                .filter(s => s)
                .join('; ')
            : 'Point at a byte or a field.'}
        </span>
      </p>
      <div className="live-bytes mono" data-live={toHex(bytes)} onPointerLeave={() => setAt(undefined)}>
        {all.map(l => {
          const key = formKey(l, draft, known)
          const part = bytes.slice(l.at, l.at + Math.min(l.length, SHOWN))
          return (
            <span
              key={l.at}
              className={key === hot || l.at === at ? 'hot' : ''}
              title={l.name}
              onPointerEnter={() => {
                setAt(l.at)
                point(key)
              }}
            >
              {Array.from({ length: part.length }, (_, i) => hex(part[i] ?? 0, 2)).join(' ')}
              {l.length > SHOWN && ` … ${count(l.length - SHOWN)} more`}
            </span>
          )
        })}
      </div>
      {explained.problems.map(p => (
        <p key={p} className="wrong">
          {p}
        </p>
      ))}
    </div>
  )
}

export function Builder() {
  const { machine } = useMoment()
  const offers = useMemo(() => offersOf(machine), [machine])
  const [draft, setDraft] = useState<Draft>(() => {
    const name = kept?.name ?? FIRST_COMMAND
    const row = COMMANDS.find(c => c.name === name) ?? (COMMANDS[0] as CommandRow)
    return kept ? { ...kept.draft, offers } : draftOf(row, offers)
  })
  const [hot, setHot] = useState('')
  const { row } = draft
  const put = (next: Draft): void => {
    kept = { name: next.row.name, draft: next }
    setDraft(next)
  }
  const known = useMemo(() => knownOf(machine.backend.tpm), [machine])
  const built = useMemo(() => build(draft, known), [draft, known])
  const editing: Editing = {
    offers,
    problems: built.problems,
    hot,
    edit: (path: Path, by: (part: Form) => Form) => put(changeDraft(draft, path, by)),
    point: setHot,
  }
  const submit = (): void => {
    if (!built.bytes) return
    send({ id: `built-${get().cursor}`, label: row.name, parts: [{ hex: toHex(built.bytes) }], keepSize: true })
    set({ dialog: undefined })
  }
  const params = draft.params.kind === 'struct' ? draft.params.fields : []
  return (
    <EditingContext value={editing}>
      <div className="builder-body">
        <Commands chosen={row} choose={c => put(draftOf(c, offers))} />
        <div className="build-form" data-command={row.name}>
          <div className="build-title">
            <h3>
              {row.name} <span className="mut">{row.section}</span>
            </h3>
            <p>{COMMAND_MEANINGS[row.name]}</p>
          </div>
          <div className="build-scroll" tabIndex={0} role="group" aria-label="Fields of the command">
            {draft.handles.length > 0 && <h4>Handles, and who must approve</h4>}
            {draft.handles.map(h => {
              const approval = draft.approvals.find(a => a.handle === h.name)
              return (
                <div key={h.name} className="build-handle">
                  <FieldView
                    form={{ ...h.form, codec: { ...h.form.codec, doc: row.handles[h.name]?.doc ?? '' } }}
                    path={['handles', h.name]}
                    name={h.name}
                  />
                  {approval && (
                    <ApprovalView
                      approval={approval}
                      known={known}
                      handle={handleOf(h.form)}
                      choose={by => put(approveBy(draft, h.name, by))}
                    />
                  )}
                </div>
              )
            })}
            {draft.approvals.length === 0 && <p className="mut">Nobody has to approve this command.</p>}
            {params.length > 0 && <h4>Parameters</h4>}
            {params.map(p => (
              <FieldView key={p.name} form={p.form} path={['parameters', p.name]} name={p.name} />
            ))}
          </div>
          {built.bytes ? (
            <Live bytes={built.bytes} draft={draft} known={known} editing={editing} />
          ) : (
            <ul className="warned live" role="status">
              {built.problems.map(p => (
                <li key={p.path.join('.')}>
                  <b className="mono">{p.path.slice(1).join(' › ')}</b>: {p.text}
                </li>
              ))}
            </ul>
          )}
          <p className="build-send">
            <button type="button" className="button main" disabled={!built.bytes} onClick={submit}>
              Send {row.name}
            </button>{' '}
            <button type="button" className="button" onClick={() => put(draftOf(row, offers))}>
              Start over
            </button>{' '}
            <button type="button" className="button" onClick={() => set({ dialog: 'paste' })}>
              Paste bytes instead
            </button>{' '}
            <span className="mut">From a past step, a new future begins.</span>
          </p>
        </div>
      </div>
    </EditingContext>
  )
}
