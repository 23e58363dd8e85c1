// The device's registers. Written is shown apart from reads back: on QEMU a request bit acts inside the write and is
// never seen as 1, so that "ignored" would look like "done".

import './Registers.css'
import { memo } from 'react'
import { count, hex } from '../../view/format.ts'
import { type Cell, type RegisterView, whyReads } from '../../view/registers.ts'
import { useSim } from '../hooks.ts'
import { set, type Store } from '../store.ts'
import { Check } from './Parts.tsx'

/** Fields worth a cell where only three fit. */
const TELLING = new Set([
  ...['CapCRBChunk', 'InterfaceVersion', 'CapCRB', 'locAssigned', 'tpmRegValidSts', 'requestAccess', 'relinquish'],
  ...['tpmIdle', 'tpmSts'],
])
const weight = (c: Cell): number =>
  (c.changed ? 4 : 0) + (c.written ? 3 : 0) + (TELLING.has(c.name) ? 2 : 0) + (c.reads > 0 ? 1 : 0)

/** The cells to show, in the order of their bits. */
export function cellsFor(r: RegisterView, most: number): readonly Cell[] {
  if (r.cells.length <= most) return r.cells
  const best = r.cells.toSorted((a, b) => weight(b) - weight(a)).slice(0, most)
  return r.cells.filter(c => best.includes(c))
}

const selectSelection = (s: Store) => s.selection
const pick = (register: string, field: string) => () => set({ selection: { kind: 'bit', register, field } })

const useIsSelected = () => {
  const s = useSim(selectSelection)
  return (register: string, field?: string): boolean =>
    s !== undefined &&
    ((s.kind === 'bit' && s.register === register && s.field === field) ||
      (s.kind === 'register' && field === undefined && s.name === register))
}

/** The register in a sentence, for those who do not see the strip. */
export function spoken(r: RegisterView): string {
  const bits = r.cells.map(c => `${c.name} ${c.reads}`).join(', ')
  const written = r.write ? `. Last written ${hex(r.write.value, 8)} at step ${r.write.step}` : ''
  const outcome = r.outcome ? `, ${r.outcome.verb} ${r.outcome.detail}` : ''
  return `${r.name}, offset ${hex(r.at, 2)} hex, reads ${hex(r.reads, 8)}${bits ? `: ${bits}` : ''}${written}${outcome}`
}

export const Name = ({ r }: { r: RegisterView }) => {
  const selected = useIsSelected()
  return (
    <button
      type="button"
      className="reg-name"
      aria-pressed={selected(r.name)}
      aria-label={spoken(r)}
      onClick={() => set({ selection: { kind: 'register', name: r.name } })}
    >
      <span className="at">{hex(r.at, 2)}</span>
      <span className="mono">{r.name}</span>
    </button>
  )
}

const BitButton = ({
  r,
  c,
  children,
  className,
}: {
  r: RegisterView
  c: Cell
  children: React.ReactNode
  className: string
}) => {
  const selected = useIsSelected()
  return (
    <button
      type="button"
      className={className}
      aria-pressed={selected(r.name, c.name)}
      aria-label={`${r.name}.${c.name}, ${className.includes('written') ? `written ${c.written}` : `reads ${c.reads}`}`}
      onClick={pick(r.name, c.name)}
    >
      {children}
    </button>
  )
}

/** The row of a register: it stands aside, unmoved, while the pair shows the same register. */
interface RowProps {
  readonly r: RegisterView
  readonly paired: boolean
}

/** One line: name, what it reads, its named bits, what happened last. */
export const RegisterRow = memo(({ r, paired }: RowProps) => {
  return (
    <li
      className={r.changed ? 'reg changed' : 'reg'}
      style={{ order: r.at }}
      hidden={paired}
      data-reg={r.name}
      data-reads={hex(r.reads, 8)}
    >
      <Name r={r} />
      <span className="reads">
        reads <b className="mono">{hex(r.reads, 1)}</b>
      </span>
      <span className="bits">
        {cellsFor(r, 2)
          .filter(isPart)
          .map(c => (
            <BitButton key={c.name} r={r} c={c} className={c.changed ? 'bit changed' : 'bit'}>
              {c.name} <b className="mono">{c.reads}</b>
            </BitButton>
          ))}
      </span>
      <span className="note">
        {r.note} {r.obeyed !== undefined && r.note.startsWith('written') && <Check ok={r.obeyed} />}
      </span>
    </li>
  )
})

const Pulse = ({ flat }: { flat?: boolean }) => (
  <svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">
    <path d={flat ? 'M1 12H27' : 'M1 12H7V2H15V12H19V2H23V12H27'} fill="none" stroke="currentColor" strokeWidth="2" />
  </svg>
)

/** A field that is the whole register says nothing that the register does not. */
const isPart = (c: Cell): boolean => c.field.width < 32

/** Letters of a field's name that fit over a third of the cells. */
const LONG = 11

/**
 * The register that this step touched: what was written above what a read returns. There is one for all registers, put
 * in the place of the one that it shows, and its parts have no names of their own: a step changes it and makes no other.
 */
export const RegisterPair = memo(({ r }: { r: RegisterView }) => {
  // Three columns, or two where names need the room.
  const wide = r.cells.some(c => c.name.length > LONG)
  const cells = cellsFor(r, wide ? 2 : 3)
  const { outcome, write, touched } = r
  const thisStep = touched === 'write'
  const readOnly = r.cells.every(c => c.field.access === 'ro')
  return (
    <li
      className={`reg pair${wide ? ' two' : ''}${Math.max(r.reads, write?.value ?? 0) > 0xfffff ? ' long' : ''}`}
      style={{ order: r.at }}
      data-reg={r.name}
      data-reads={hex(r.reads, 8)}
      data-written={write ? hex(write.value, 8) : undefined}
    >
      <Name r={r} />
      <span className="bit-names" aria-hidden="true">
        {cells.map((c, i) => (
          <span key={i} className={c.written ? 'strong' : ''}>
            {c.name}
          </span>
        ))}
      </span>
      <div className={outcome?.ok === false ? 'value written ignored' : 'value written'}>
        <i data-wire={thisStep ? 'register' : undefined} />
        <span className="what">
          <Pulse flat={!thisStep} /> written
        </span>
        <b className="mono">{write ? hex(write.value, 1) : '–'}</b>
        <span className="cells">
          {write &&
            cells.map((c, i) => (
              <BitButton key={i} r={r} c={c} className={c.written && thisStep ? 'cell written on' : 'cell written'}>
                <span className="mono">{c.written ?? 0}</span>
                {c.written && thisStep ? <sup>G</sup> : null}
              </BitButton>
            ))}
        </span>
        <span className="note">
          {outcome ? (
            <>
              {outcome.ok !== undefined && <Check ok={outcome.ok} />} <b>{outcome.verb}</b> {outcome.detail}
            </>
          ) : write ? (
            <span className="mut">
              at step {count(write.step)} {r.obeyed !== undefined && <Check ok={r.obeyed} />}
            </span>
          ) : (
            <span className="mut">{readOnly ? 'read only' : 'not yet'}</span>
          )}
        </span>
      </div>
      <div className="value">
        {touched === 'read' && <i data-wire="register" />}
        <span className="what">
          <Pulse flat /> reads
        </span>
        <b className="mono">{hex(r.reads, 1)}</b>
        <span className="cells">
          {cells.map((c, i) => (
            <BitButton key={i} r={r} c={c} className={c.changed ? 'cell changed' : 'cell'}>
              <span className="mono">{c.reads}</span>
              {c.changed ? <sup>{touched === 'write' ? 'D' : 'T'}</sup> : null}
            </BitButton>
          ))}
        </span>
        <span className="note">
          {whyReads(r) || (touched === 'read' ? 'read by the driver' : readOnly ? r.note : '')}
        </span>
      </div>
    </li>
  )
})
