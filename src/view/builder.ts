// The model of the command builder: a form for any declared command, made from the shapes of its codecs and nothing else.
// Forms are values; a form holds what was typed, and reads as the value that the codec writes, or as problems in words.

import { type AnyCodec, type Codec, encode, type Fields, type FlagFields, type Names } from '../codec/codec.ts'
import { type Bytes, EMPTY, fromHex, toHex, utf8 } from '../lib/bytes.ts'
import type { CommandRow, Role } from '../spec/command.ts'
import { type AuthCommand, encodeCommand } from '../spec/frame.ts'
import { RH } from '../spec/handles.ts'
import { TPM2B_AUTH } from '../spec/base.ts'
import { approve, asksPassword, type Known } from './builder-approve.ts'
import { accepts, type Offer, suggest } from './builder-defaults.ts'

export type Form =
  | { readonly kind: 'number'; readonly codec: AnyCodec; readonly size: 1 | 2 | 4 | 8; readonly text: string }
  | {
      readonly kind: 'choice'
      readonly codec: AnyCodec
      readonly size: 1 | 2 | 4
      readonly names: Names
      /** A number: one of the names, or any other that was typed. */
      readonly text: string
    }
  | { readonly kind: 'flags'; readonly codec: AnyCodec; readonly fields: FlagFields; readonly value: number }
  | {
      readonly kind: 'bytes'
      readonly codec: AnyCodec
      readonly min: number
      readonly max: number
      readonly as: 'hex' | 'text'
      readonly text: string
    }
  | {
      readonly kind: 'sized'
      readonly codec: AnyCodec
      readonly of: AnyCodec
      /** May be left out. */
      readonly orEmpty: boolean
      readonly inner: Form | undefined
    }
  | {
      readonly kind: 'list'
      readonly codec: AnyCodec
      readonly item: AnyCodec
      readonly min: number
      readonly max: number
      readonly items: readonly Form[]
    }
  | { readonly kind: 'struct'; readonly codec: AnyCodec; readonly fields: readonly Named[] }
  | {
      readonly kind: 'variant'
      readonly codec: AnyCodec
      readonly selector: string
      readonly choice: Form
      readonly fields: readonly Named[]
    }

export interface Named {
  readonly name: string
  readonly form: Form
}

/** From the outside in: names of fields, numbers of list items; a sized structure adds no step of its own. */
export type Path = readonly (string | number)[]

export interface Problem {
  readonly path: Path
  readonly text: string
}

const AT_MOST = 0x10000
const named = (fields: Fields, value: Record<string, unknown>): Named[] =>
  Object.entries(fields).map(([name, codec]) => ({ name, form: formOf(codec, value[name]) }))

/** The form that shows `value`, which is one that `codec` writes. */
export function formOf(codec: AnyCodec, value: unknown): Form {
  const { shape } = codec
  switch (shape.kind) {
    case 'uint':
      return { kind: 'number', codec, size: shape.size, text: String(value) }
    case 'choice':
      return { kind: 'choice', codec, size: shape.size, names: shape.names, text: String(value) }
    case 'flags':
      return { kind: 'flags', codec, fields: shape.fields, value: value as number }
    case 'opaque':
      return bytesForm(codec, shape.length, shape.length, value as Bytes)
    case 'sized':
      return bytesForm(codec, shape.min, shape.max, value as Bytes)
    case 'rest':
      return bytesForm(codec, 0, AT_MOST, value as Bytes)
    case 'sizedOf': {
      const inner = value === undefined ? undefined : formOf(shape.inner, value)
      return { kind: 'sized', codec, of: shape.inner, orEmpty: shape.orEmpty, inner }
    }
    case 'list': {
      const { item, min, max } = shape
      return { kind: 'list', codec, item, min, max, items: (value as readonly unknown[]).map(v => formOf(item, v)) }
    }
    case 'struct':
      return { kind: 'struct', codec, fields: named(shape.fields, value as Record<string, unknown>) }
    case 'variant': {
      const v = value as Record<string, unknown>
      const k = v[shape.selector] as number
      return {
        kind: 'variant',
        codec,
        selector: shape.selector,
        choice: formOf(onlyArms(shape.selectorCodec, shape.arms), k),
        fields: named({ ...shape.before, ...shape.arms[k] }, v),
      }
    }
  }
}

const bytesForm = (codec: AnyCodec, min: number, max: number, v: Bytes): Form => ({
  ...{ kind: 'bytes', codec, min, max, as: 'hex', text: toHex(v) },
})

/** The selector, offering only what selects something. */
function onlyArms(codec: Codec<number>, arms: { readonly [k: number]: Fields }): Codec<number> {
  const keys = Object.keys(arms).map(Number)
  const names = codec.shape.kind === 'choice' ? codec.shape.names : {}
  return {
    ...codec,
    shape: {
      kind: 'choice',
      size: codec.shape.kind === 'choice' ? codec.shape.size : 2,
      values: keys,
      names: Object.fromEntries(keys.map(k => [k, names[k] ?? codec.text?.(k) ?? String(k)])),
    },
  }
}

const limit = (size: number): number => 2 ** (8 * size) - 1

/** A number of four octets with a sign. */
function readSigned(text: string): number | string {
  const t = text.trim()
  const size = readNumber(t.replace(/^-/, ''))
  if (size === undefined) return 'no number: decimal, or hexadecimal after 0x'
  const v = t.startsWith('-') ? -size : size
  return v >= -(2 ** 31) && v < 2 ** 31 ? v : 'from -2147483648 to 2147483647: four octets with a sign'
}

/** What was typed as a number: decimal, or hexadecimal after 0x. */
function readNumber(text: string): number | undefined {
  const t = text.trim().replaceAll('_', '').replaceAll(',', '')
  return /^(0x[0-9a-f]+|\d+)$/i.test(t) ? Number(t) : undefined
}

function readInteger(size: 1 | 2 | 4 | 8, text: string): number | bigint | string {
  if (size === 8) {
    const t = text.trim()
    if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(t)) return 'a whole number, decimal or after 0x, is needed'
    const v = BigInt(t)
    return v < 1n << 64n ? v : 'more than eight octets hold'
  }
  const v = readNumber(text)
  if (v === undefined) return 'a whole number, decimal or after 0x, is needed'
  return v <= limit(size) ? v : `at most ${limit(size)}: the field has ${size === 1 ? 'one octet' : `${size} octets`}`
}

const octets = (n: number): string => (n === 1 ? '1 octet' : `${n} octets`)

function readBytes(f: Extract<Form, { kind: 'bytes' }>): Bytes | string {
  const hex = f.text.replaceAll(/\s|0x/g, '')
  if (f.as === 'hex' && !/^[0-9a-f]*$/i.test(hex)) return 'only hexadecimal digits, or choose “text”'
  if (f.as === 'hex' && hex.length % 2 === 1) return 'an odd number of hexadecimal digits'
  const v = f.as === 'text' ? utf8(f.text) : fromHex(hex.toLowerCase())
  if (f.min === f.max && v.length !== f.min) return `${octets(f.min)} are needed, ${v.length} are here`
  if (v.length < f.min) return `at least ${octets(f.min)} are needed, ${v.length} are here`
  if (v.length > f.max) return `at most ${octets(f.max)} fit, ${v.length} are here`
  return v
}

const isProblem = (v: unknown): v is string => typeof v === 'string'

/** The value of a form. What cannot be read is named in `problems`, and undefined in the value. */
export function valueOf(f: Form, problems: Problem[] = [], path: Path = []): unknown {
  const fields = (list: readonly Named[], out: Record<string, unknown>): Record<string, unknown> => {
    for (const { name, form } of list) out[name] = valueOf(form, problems, [...path, name])
    return out
  }
  const checked = (v: unknown): unknown => {
    if (!isProblem(v)) return v
    problems.push({ path, text: v })
    return undefined
  }
  switch (f.kind) {
    case 'number':
      return checked(
        f.codec.shape.kind === 'uint' && f.codec.shape.signed ? readSigned(f.text) : readInteger(f.size, f.text),
      )
    case 'choice':
      return checked(readInteger(f.size, f.text))
    case 'flags':
      return f.value
    case 'bytes':
      return checked(readBytes(f))
    case 'sized':
      return f.inner && valueOf(f.inner, problems, path)
    case 'list':
      return f.items.map((x, i) => valueOf(x, problems, [...path, i]))
    case 'struct':
      return fields(f.fields, {})
    case 'variant':
      return fields(f.fields, { [f.selector]: valueOf(f.choice, problems, [...path, f.selector]) })
  }
}

/** The form with the part at `path` replaced. */
export function change(f: Form, path: Path, by: (part: Form) => Form): Form {
  if (f.kind === 'sized' && f.inner && path.length > 0) return { ...f, inner: change(f.inner, path, by) }
  const [first, ...rest] = path
  if (first === undefined) return by(f)
  const inside = (list: readonly Named[]): Named[] =>
    list.map(x => (x.name === first ? { ...x, form: change(x.form, rest, by) } : x))
  if (f.kind === 'list') return { ...f, items: f.items.map((x, i) => (i === first ? change(x, rest, by) : x)) }
  if (f.kind === 'struct') return { ...f, fields: inside(f.fields) }
  if (f.kind !== 'variant') return f
  return first === f.selector ? select(f, by(f.choice)) : { ...f, fields: inside(f.fields) }
}

/** Another arm: fields of the same name and type keep what they have. */
function select(f: Extract<Form, { kind: 'variant' }>, chosen: Form): Form {
  const { shape } = f.codec
  if (shape.kind !== 'variant' || chosen.kind !== 'choice') return f
  const k = readNumber(chosen.text)
  const arm = k === undefined ? undefined : shape.arms[k]
  if (!arm) return { ...f, choice: chosen, fields: f.fields.filter(x => x.name in shape.before) }
  const fields = Object.entries({ ...shape.before, ...arm }).map(([name, codec]) => {
    const old = f.fields.find(x => x.name === name && x.form.codec === codec)
    return old ?? { name, form: formOf(codec, suggest(codec, { name, owner: f.codec.name, offers: [] })) }
  })
  return { ...f, choice: chosen, fields }
}

/** One more item at the end of a list. */
export const addItem = (f: Form): Form =>
  f.kind === 'list' && f.items.length < f.max
    ? { ...f, items: [...f.items, formOf(f.item, suggest(f.item, { name: '', owner: f.codec.name, offers: [] }))] }
    : f
export const removeItem = (f: Form, i: number): Form =>
  f.kind === 'list' && f.items.length > f.min ? { ...f, items: f.items.filter((_, k) => k !== i) } : f

/** Puts in what may be left out, or takes it away. */
export function toggleInner(f: Form, on: boolean): Form {
  if (f.kind !== 'sized') return f
  const inner = on ? formOf(f.of, suggest(f.of, { name: '', owner: f.codec.name, offers: [] })) : undefined
  return { ...f, inner }
}

/** Who must approve the use of a handle, in which session, and with which password. */
export interface Approval {
  readonly handle: string
  readonly role: Role
  /** TPM_RS_PW, or the handle of a session. */
  readonly by: number
  readonly password: Form
}

export interface Draft {
  readonly row: CommandRow
  readonly offers: readonly Offer[]
  readonly handles: readonly Named[]
  readonly approvals: readonly Approval[]
  readonly params: Form
}

/** A command with defaults that work, as far as anything can work on what is loaded. */
export function draftOf(row: CommandRow, offers: readonly Offer[]): Draft {
  const handles = Object.entries(row.handles)
  const where = { owner: row.name, offers }
  return {
    row,
    offers,
    handles: handles.map(([name, h]) => ({ name, form: formOf(h.codec, suggest(h.codec, { name, ...where })) })),
    approvals: handles.flatMap(([handle, h]) =>
      h.auth ? [{ handle, role: h.auth, by: RH.PW, password: formOf(TPM2B_AUTH, EMPTY) }] : [],
    ),
    params: formOf(row.params, suggest(row.params, { name: '', ...where })),
  }
}

/** The draft with one part changed: ["handles", name], ["passwords", handle] or ["parameters", …]. */
export function changeDraft(d: Draft, [area, name, ...rest]: Path, by: (part: Form) => Form): Draft {
  if (area === 'handles')
    return { ...d, handles: d.handles.map(h => (h.name === name ? { ...h, form: by(h.form) } : h)) }
  if (area === 'passwords') {
    return { ...d, approvals: d.approvals.map(a => (a.handle === name ? { ...a, password: by(a.password) } : a)) }
  }
  return { ...d, params: change(d.params, name === undefined ? [] : [name, ...rest], by) }
}

/** The draft with another session, or a password, for a handle. */
export const approveBy = (d: Draft, handle: string, by: number): Draft => ({
  ...d,
  approvals: d.approvals.map(a => (a.handle === handle ? { ...a, by } : a)),
})

export interface Built {
  /** Undefined while a field cannot be read. */
  readonly bytes: Bytes | undefined
  readonly problems: readonly Problem[]
}

const NOTHING_KNOWN: Known = { sessions: [], entity: () => undefined, name: () => EMPTY }

/** The bytes of a draft as the TPM that is known would take it, and what is wrong with it. */
export function build(d: Draft, known: Known = NOTHING_KNOWN): Built {
  const problems: Problem[] = []
  const handles: Record<string, number> = {}
  for (const { name, form } of d.handles) {
    const v = valueOf(form, problems, ['handles', name])
    if (typeof v === 'number') handles[name] = v
  }
  const approvals = d.approvals.map(({ handle, by, password }) => ({
    ...{ handle: handles[handle] ?? 0, by },
    password: asksPassword(known.sessions, by) ? (valueOf(password, problems, ['passwords', handle]) as Bytes) : EMPTY,
  }))
  const params = valueOf(d.params, problems, ['parameters'])
  if (problems.length > 0) return { bytes: undefined, problems }
  const names = Object.values(handles).map(h => known.name(h))
  const auths = approve(known, d.row, encode(d.row.params, params), names, approvals)
  for (const [i, text] of auths.entries()) {
    if (typeof text === 'string') problems.push({ path: ['approvals', d.approvals[i]?.handle ?? ''], text })
  }
  if (problems.length > 0) return { bytes: undefined, problems }
  return { bytes: encodeCommand(d.row, handles, params, auths as readonly AuthCommand[]), problems }
}

/** The handles that a field takes, of those that are offered; then the field's own samples. */
export function choicesOf(f: Form, offers: readonly Offer[]): readonly Offer[] {
  if (f.kind !== 'choice') return []
  const loaded = f.size === 4 ? offers.filter(o => accepts(f.codec, o.value)) : []
  const own = Object.entries(f.names).map(([v, text]) => ({ value: Number(v), text }))
  return [...loaded, ...own.filter(o => !loaded.some(l => l.value === o.value))]
}
