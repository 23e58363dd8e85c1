// The controls of the command builder: one for every kind of form, whatever the command. A control knows its path and hands
// back how its part changes.

import { createContext, type ReactNode, useContext } from 'react'
import { ATTRIBUTE_MEANINGS } from '../../spec/attribute-meanings.ts'
import {
  addItem,
  choicesOf,
  type Form,
  type Named,
  type Path,
  type Problem,
  removeItem,
  toggleInner,
} from '../../view/builder.ts'
import type { Offer } from '../../view/builder-defaults.ts'

export interface Editing {
  readonly offers: readonly Offer[]
  readonly problems: readonly Problem[]
  /** Path of the field that the pointer or the focus is on, joined by points. */
  readonly hot: string
  readonly edit: (path: Path, by: (part: Form) => Form) => void
  readonly point: (key: string) => void
}

export const EditingContext = createContext<Editing | undefined>(undefined)
const useEditing = (): Editing => useContext(EditingContext) as Editing

export const keyOf = (path: Path): string => path.join('.')
const spokenOf = ([area, ...rest]: Path): string => `${area === 'passwords' ? 'password of ' : ''}${rest.join(' ')}`

type Of<K extends Form['kind']> = Extract<Form, { kind: K }>
interface Props<F extends Form> {
  readonly f: F
  readonly path: Path
  readonly label: string
}

const typed = (text: string) => (part: Form) => ({ ...part, text }) as Form

function NumberInput({ f, path, label }: Props<Of<'number'> | Of<'choice'>>) {
  const { edit, problems } = useEditing()
  const wrong = problems.some(p => keyOf(p.path) === keyOf(path))
  const words = wrong || f.kind === 'choice' ? '' : (f.codec.text?.(Number(f.text)) ?? '')
  return (
    <>
      <input
        className="field mono number"
        inputMode="numeric"
        value={f.text}
        aria-label={label}
        aria-invalid={wrong}
        onChange={e => edit(path, typed(e.target.value))}
      />
      {words !== '' && words !== f.text && <span className="mut">{words}</span>}
    </>
  )
}

const OTHER = 'other'

function ChoiceInput({ f, path, label }: Props<Of<'choice'>>) {
  const { edit, offers } = useEditing()
  const options = choicesOf(f, offers)
  const known = options.some(o => String(o.value) === f.text)
  return (
    <>
      <select
        className="field"
        value={known ? f.text : OTHER}
        aria-label={label}
        onChange={e => edit(path, typed(e.target.value === OTHER ? '' : e.target.value))}
      >
        {options.map(o => (
          <option key={o.value} value={o.value}>
            {o.text}
          </option>
        ))}
        <option value={OTHER}>another number…</option>
      </select>
      {!known && <NumberInput f={f} path={path} label={`${label}, number`} />}
    </>
  )
}

function FlagsInput({ f, path, label }: Props<Of<'flags'>>) {
  const { edit } = useEditing()
  const meanings = ATTRIBUTE_MEANINGS[f.codec.name] ?? {}
  const put = (low: number, width: number, v: number): void => {
    const old = Math.floor(f.value / 2 ** low) % 2 ** width
    edit(path, part => (part.kind === 'flags' ? { ...part, value: part.value + (v - old) * 2 ** low } : part))
  }
  return (
    <fieldset className="flags" aria-label={label}>
      {Object.entries(f.fields).map(([name, { low, width }]) => {
        const v = Math.floor(f.value / 2 ** low) % 2 ** width
        return (
          <label key={name} title={meanings[name]}>
            {width === 1 ? (
              <input type="checkbox" checked={v === 1} onChange={e => put(low, 1, e.target.checked ? 1 : 0)} />
            ) : (
              <input
                className="field number"
                type="number"
                min={0}
                max={2 ** width - 1}
                value={v}
                onChange={e => put(low, width, Math.min(Math.max(Number(e.target.value) || 0, 0), 2 ** width - 1))}
              />
            )}{' '}
            {name}
          </label>
        )
      })}
    </fieldset>
  )
}

function BytesInput({ f, path, label }: Props<Of<'bytes'>>) {
  const { edit, problems } = useEditing()
  const wrong = problems.some(p => keyOf(p.path) === keyOf(path))
  const room = f.min === f.max ? `${f.max} octets` : `${f.min > 0 ? `${f.min} to ` : 'at most '}${f.max} octets`
  return (
    <>
      <textarea
        className="field mono octets"
        rows={f.text.length > 66 ? 3 : 1}
        value={f.text}
        spellCheck={false}
        placeholder={f.min === 0 ? `empty; ${room}` : room}
        aria-label={label}
        aria-invalid={wrong}
        onChange={e => edit(path, typed(e.target.value))}
      />
      <select
        className="field"
        value={f.as}
        aria-label={`${label}, typed as`}
        onChange={e => edit(path, part => ({ ...part, as: e.target.value }) as Form)}
      >
        <option value="hex">hex</option>
        <option value="text">text</option>
      </select>
    </>
  )
}

/** A bit map of PCRs: a box for each. */
function PcrInput({ f, path, label }: Props<Of<'list'>>) {
  const { edit } = useEditing()
  const octets = f.items.map(i => (i.kind === 'number' ? Number(i.text) : 0))
  return (
    <fieldset className="flags pcr-boxes" aria-label={label}>
      {octets.flatMap((octet, i) =>
        Array.from({ length: 8 }, (_, b) => (
          <label key={8 * i + b}>
            <input
              type="checkbox"
              checked={((octet >> b) & 1) === 1}
              onChange={() => edit([...path, i], typed(String(octet ^ (1 << b))))}
            />{' '}
            {8 * i + b}
          </label>
        )),
      )}
    </fieldset>
  )
}

function ListInput({ f, path, label }: Props<Of<'list'>>) {
  const { edit } = useEditing()
  if (f.codec.name === 'TPMS_PCR_SELECT') return <PcrInput f={f} path={path} label={label} />
  return (
    <div className="list-items">
      {f.items.map((item, i) => (
        <div key={i} className="list-item">
          <FieldView form={item} path={[...path, i]} name={`${i + 1}`} />
          <button
            type="button"
            className="button"
            disabled={f.items.length <= f.min}
            aria-label={`Remove ${label} ${i + 1}`}
            onClick={() => edit(path, part => removeItem(part, i))}
          >
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button"
        disabled={f.items.length >= f.max}
        aria-label={`Add to ${label}`}
        onClick={() => edit(path, addItem)}
      >
        Add
      </button>{' '}
      <span className="mut">
        {f.items.length} of at most {f.max}
      </span>
    </div>
  )
}

const isGroup = (f: Form): boolean =>
  f.kind === 'struct' ||
  f.kind === 'variant' ||
  f.kind === 'sized' ||
  (f.kind === 'list' && f.item.shape.kind !== 'uint')

export const Fields = ({ fields, path }: { fields: readonly Named[]; path: Path }) =>
  fields.map(x => <FieldView key={x.name} form={x.form} path={[...path, x.name]} name={x.name} />)

function Inner({ f, path, label }: Props<Form>) {
  const { edit } = useEditing()
  switch (f.kind) {
    case 'number':
      return <NumberInput f={f} path={path} label={label} />
    case 'choice':
      return <ChoiceInput f={f} path={path} label={label} />
    case 'flags':
      return <FlagsInput f={f} path={path} label={label} />
    case 'bytes':
      return <BytesInput f={f} path={path} label={label} />
    case 'list':
      return <ListInput f={f} path={path} label={label} />
    case 'struct':
      return <Fields fields={f.fields} path={path} />
    case 'variant':
      return (
        <>
          <FieldView form={f.choice} path={[...path, f.selector]} name={f.selector} />
          <Fields fields={f.fields} path={path} />
        </>
      )
    case 'sized':
      return (
        <>
          {f.orEmpty && (
            <label className="leave-out">
              <input
                type="checkbox"
                checked={f.inner !== undefined}
                onChange={e => edit(path, part => toggleInner(part, e.target.checked))}
              />{' '}
              {f.inner ? 'is there' : 'left empty; tick to fill it in'}
            </label>
          )}
          {f.inner && <Inner f={f.inner} path={path} label={label} />}
        </>
      )
  }
}

interface LabelledProps {
  readonly path: Path
  readonly name: string
  readonly type: string
  readonly doc: string
  readonly group?: boolean
  readonly children: ReactNode
}

/** A field with its name, its control, and what is wrong with it. */
export function Labelled({ path, name, type, doc, group = false, children }: LabelledProps) {
  const { hot, point, problems } = useEditing()
  const key = keyOf(path)
  const wrong = group ? undefined : problems.find(p => keyOf(p.path) === key)
  return (
    <div
      className={`build-field${group ? ' group' : ''}${hot === key ? ' hot' : ''}`}
      data-path={key}
      onPointerEnter={group ? undefined : () => point(key)}
      onFocusCapture={group ? undefined : () => point(key)}
    >
      <span className="build-name">
        <span className="mono">{name}</span>
        <small className="mut">{type}</small>
        {group && doc && <small className="mut about">{doc}</small>}
      </span>
      <div className="build-control">
        {children}
        {!group && doc && <small className="mut build-doc">{doc}</small>}
        {wrong && (
          <small className="wrong" role="alert">
            {wrong.text}
          </small>
        )}
      </div>
    </div>
  )
}

/** A field of a form, whatever its kind. */
export const FieldView = ({ form, path, name }: { form: Form; path: Path; name: string }) => (
  <Labelled path={path} name={name} type={form.codec.name} doc={form.codec.doc ?? ''} group={isGroup(form)}>
    <Inner f={form} path={path} label={spokenOf(path)} />
  </Labelled>
)
