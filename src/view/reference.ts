// The reference, made from the tables: commands, structures, algorithms, registers, return codes. Nothing is written here
// but the way in which a table becomes an entry.

import type { AnyCodec, Fields } from '../codec/codec.ts'
import { CRB } from '../hw/crb.map.ts'
import { proseOf } from '../hw/crb.prose.ts'
import { TIS } from '../hw/tis.map.ts'
import { tisProseOf } from '../hw/tis.prose.ts'
import { listRegisters, type RegisterMap } from '../hw/registers.ts'
import { ALG, ALG_ATTRIBUTES, algName, CURVE, curveName, DIGEST_SIZE } from '../spec/algorithms.ts'
import { TPMA_ALGORITHM } from '../spec/property-bits.ts'
import { ATTRIBUTE_MEANINGS } from '../spec/attribute-meanings.ts'
import type { CommandRow } from '../spec/command.ts'
import { COMMAND_MEANINGS } from '../spec/command-meanings.ts'
import { COMMANDS } from '../spec/commands/all.ts'
import { TPMS_AUTH_COMMAND, TPMS_AUTH_RESPONSE } from '../spec/frame.ts'
import { MEANINGS } from '../spec/return-code-meanings.ts'
import { REMEDIES } from '../spec/return-code-remedies.ts'
import { RC, type RcName } from '../spec/return-codes.ts'
import { count, hex } from './format.ts'

export const KINDS = ['command', 'structure', 'algorithm', 'register', 'return code'] as const
export type Kind = (typeof KINDS)[number]

export interface Line {
  readonly name: string
  /** Title of the entry that explains it, where there is one. */
  readonly type: string
  readonly text: string
}

export interface Entry {
  readonly kind: Kind
  readonly title: string
  readonly summary: string
  readonly source: string
  readonly groups: readonly { readonly name: string; readonly lines: readonly Line[] }[]
}

const upper = (s: string): string => s.slice(0, 1).toUpperCase() + s.slice(1)
const sentence = (s: string): string => (s === '' ? '' : `${upper(s)}${/[.:?]$/.test(s) ? '' : '.'}`)
const plain = (name: string): string => name.replace(/\+$/, '')

/** What a field holds, in a few words. */
function holds(codec: AnyCodec): string {
  const { shape } = codec
  switch (shape.kind) {
    case 'uint':
      return shape.size === 1 ? '1 octet' : `${shape.size} octets`
    case 'choice':
      return `one of ${count(shape.values.length)}`
    case 'flags':
      return 'flags'
    case 'opaque':
      return `${count(shape.length)} octets`
    case 'sized':
      return `a size and ${shape.min > 0 ? `${count(shape.min)} to ` : 'at most '}${count(shape.max)} octets`
    case 'sizedOf':
      return `a size and ${plain(shape.inner.name)}${shape.orEmpty ? ', or nothing' : ''}`
    case 'list':
      return `a count and at most ${count(shape.max)} of ${plain(shape.item.name)}`
    case 'struct':
      return 'a structure'
    case 'variant':
      return `a structure; ${shape.selector} decides`
    case 'rest':
      return 'all octets that are left'
  }
}

const fieldLines = (fields: Fields): Line[] =>
  Object.entries(fields).map(([name, codec]) => ({
    name,
    type: plain(codec.name),
    text: codec.doc ? sentence(codec.doc) : sentence(holds(codec)),
  }))

function groupsOf(codec: AnyCodec): Entry['groups'] {
  const { shape } = codec
  if (shape.kind === 'struct') return [{ name: 'Fields', lines: fieldLines(shape.fields) }]
  if (shape.kind === 'sizedOf') return [{ name: 'Holds', lines: fieldLines({ [shape.inner.name]: shape.inner }) }]
  if (shape.kind === 'list') return [{ name: 'Each', lines: fieldLines({ [shape.item.name]: shape.item }) }]
  if (shape.kind === 'choice') {
    const digits = 2 * shape.size
    const lines = shape.values.map(v => ({ name: codec.text?.(v) ?? '', type: '', text: `0x${hex(v, digits)}` }))
    return [{ name: 'Values', lines }]
  }
  if (shape.kind === 'flags') {
    const meanings = ATTRIBUTE_MEANINGS[codec.name] ?? {}
    const bits = ({ low, width }: { low: number; width: number }): string =>
      width === 1 ? `bit ${low}` : `bits ${low + width - 1} to ${low}`
    const lines = Object.entries(shape.fields).map(([name, f]) => ({
      name,
      type: '',
      text: `${upper(bits(f))}${meanings[name] ? `: ${meanings[name]}` : ''}.`,
    }))
    return [{ name: 'Bits', lines }]
  }
  if (shape.kind !== 'variant') return []
  const { selector, selectorCodec, before, arms } = shape
  return [
    { name: 'Fields', lines: fieldLines({ [selector]: selectorCodec, ...before }) },
    ...Object.entries(arms).map(([k, fields]) => ({
      name: `${selector} = ${selectorCodec.text?.(Number(k)) ?? k}`,
      lines: fieldLines(fields),
    })),
  ]
}

/** One entry for types of one name: a choice takes what either takes; of other types the one that cannot be "none". */
function either(a: AnyCodec, b: AnyCodec): AnyCodec {
  if (a.shape.kind !== 'choice' || b.shape.kind !== 'choice') return a.name.endsWith('+') ? b : a
  const names = { ...a.shape.names, ...b.shape.names }
  return {
    ...a,
    shape: { ...a.shape, names, values: Object.keys(names).map(Number) },
    text: v => names[v] ?? String(v),
  }
}

/** All codecs that a codec is made of, itself among them. */
function inside(codec: AnyCodec, seen: Map<string, AnyCodec>): void {
  const name = plain(codec.name)
  const known = seen.get(name)
  if (known) {
    seen.set(name, either(known, codec))
    return
  }
  if (/^TPM(?:2B|[A-Z]*)_/.test(name)) seen.set(name, codec)
  const { shape } = codec
  const each = (fields: Fields): void => Object.values(fields).forEach(c => inside(c, seen))
  if (shape.kind === 'sizedOf') inside(shape.inner, seen)
  else if (shape.kind === 'list') inside(shape.item, seen)
  else if (shape.kind === 'struct') each(shape.fields)
  else if (shape.kind === 'variant') {
    inside(shape.selectorCodec, seen)
    each(shape.before)
    Object.values(shape.arms).forEach(each)
  }
}

const ROLE = { user: 'USER', admin: 'ADMIN', dup: 'DUP' } as const

function commandEntry(c: CommandRow): Entry {
  const handles = Object.entries(c.handles).map(([name, h]) => ({
    name,
    type: plain(h.codec.name),
    text: `${sentence(h.doc)}${h.auth ? ` Approved in the ${ROLE[h.auth]} role.` : ''}`,
  }))
  const out = c.responseHandle
  const returned = out ? [{ name: out.name, type: plain(out.codec.name), text: sentence(out.doc) }] : []
  const params = c.params.shape.kind === 'struct' ? fieldLines(c.params.shape.fields) : []
  const returns = c.returns.shape.kind === 'struct' ? fieldLines(c.returns.shape.fields) : []
  const notes = [
    `Command code 0x${hex(c.code, 8)}.`,
    c.since === undefined ? '' : `New in version ${c.since}.`,
    c.noSessions ? 'Takes no sessions.' : '',
    c.nv ? 'May write to NV memory.' : '',
    c.flushed ? 'Success removes the first handle from the TPM.' : '',
    c.failureMode ? 'Works in failure mode.' : '',
  ]
  return {
    kind: 'command',
    title: c.name,
    summary: [COMMAND_MEANINGS[c.name] ?? '', ...notes].filter(s => s !== '').join(' '),
    source: c.section,
    groups: [
      { name: 'Handles', lines: handles },
      { name: 'Parameters', lines: params },
      { name: 'Returns', lines: [...returned, ...returns] },
    ].filter(g => g.lines.length > 0),
  }
}

function structures(): Entry[] {
  const seen = new Map<string, AnyCodec>()
  for (const c of COMMANDS) {
    for (const h of Object.values(c.handles)) inside(h.codec, seen)
    inside(c.params, seen)
    inside(c.returns, seen)
  }
  inside(TPMS_AUTH_COMMAND, seen)
  inside(TPMS_AUTH_RESPONSE, seen)
  return [...seen]
    .map(([title, codec]) => {
      const users = COMMANDS.filter(c => uses(c, title)).map(c => c.name)
      const of = users.length > 0 ? ` In ${users.slice(0, 6).join(', ')}${users.length > 6 ? ', …' : ''}.` : ''
      return {
        kind: 'structure',
        title,
        summary: `${sentence(holds(codec))}${of}`,
        source: codec.source ?? 'Part 2',
        groups: groupsOf(codec),
      } as const
    })
    .toSorted((a, b) => a.title.localeCompare(b.title))
}

const uses = (c: CommandRow, name: string): boolean =>
  [c.params, c.returns].some(
    p => p.shape.kind === 'struct' && Object.values(p.shape.fields).some(f => plain(f.name) === name),
  ) || Object.values(c.handles).some(h => plain(h.codec.name) === name)

const algorithms = (): Entry[] => [
  ...Object.values(ALG).map((alg): Entry => {
    const is = TPMA_ALGORITHM.text?.(ALG_ATTRIBUTES[alg] ?? 0) ?? ''
    const digest = DIGEST_SIZE[alg] === undefined ? '' : ` Digests of ${DIGEST_SIZE[alg]} octets.`
    return {
      kind: 'algorithm',
      title: algName(alg),
      summary: `0x${hex(alg, 4)}. ${is === '0' || is === '' ? 'No attributes' : upper(is.replaceAll(' ', ', '))}.${digest}`,
      source: 'Part 2, 6.3, Table 8',
      groups: [],
    }
  }),
  ...Object.values(CURVE).map(
    (curve): Entry => ({
      kind: 'algorithm',
      title: curveName(curve),
      summary: `0x${hex(curve, 4)}. An elliptic curve.`,
      source: 'Part 2, 6.4, Table 9',
      groups: [],
    }),
  ),
]

const registersOf = (map: RegisterMap, prose: typeof proseOf, prefix: string): Entry[] =>
  listRegisters(map).map(({ name, register }) => ({
    kind: 'register',
    title: `${prefix}${name}`,
    summary: [
      `${register.full}, offset 0x${hex(register.at, 2)}. ${sentence(register.doc)}`,
      prose(name)?.qemu ? `On QEMU: ${prose(name)?.qemu}` : '',
    ]
      .filter(s => s !== '')
      .join(' '),
    source: register.source,
    groups: [
      {
        name: 'Fields',
        lines: Object.entries(register.fields).map(([field, f]) => {
          const { purpose, qemu } = prose(name)?.fields?.[field] ?? {}
          const bits = f.width === 1 ? `Bit ${f.low}` : `Bits ${f.low + f.width - 1} to ${f.low}`
          return { name: field, type: '', text: [`${bits}: ${f.doc}.`, purpose, qemu].filter(s => s).join(' ') }
        }),
      },
    ].filter(g => g.lines.length > 0),
  }))

const returnCodes = (): Entry[] =>
  (Object.keys(RC) as RcName[]).map(name => ({
    kind: 'return code',
    title: `TPM_RC_${name}`,
    summary: `0x${hex(RC[name], 3)}. ${sentence(MEANINGS[name])}`,
    source: 'Part 2, 6.6.3, Table 18',
    groups: [{ name: 'What to do', lines: [{ name: '', type: '', text: REMEDIES[name] }] }],
  }))

let all: readonly Entry[] | undefined
/** Every entry, made when it is asked for first. */
export const entries = (): readonly Entry[] => {
  all ??= [
    ...COMMANDS.map(commandEntry).toSorted((a, b) => a.title.localeCompare(b.title)),
    ...structures(),
    ...algorithms(),
    ...registersOf(CRB, proseOf, ''),
    ...registersOf(TIS, tisProseOf, 'TIS '),
    ...returnCodes(),
  ]
  return all
}

export const entryOf = (title: string): Entry | undefined => entries().find(e => e.title === plain(title))

const textOf = (e: Entry): string =>
  [e.title, e.summary, e.source, ...e.groups.flatMap(g => g.lines.map(l => `${l.name} ${l.type} ${l.text}`))]
    .join(' ')
    .toLowerCase()

/** Entries that have every word; those whose title begins with what was typed first, then those with it in the title. */
export function lookUp(search: string, kind: Kind | undefined): readonly Entry[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter(w => w !== '')
  const rank = (e: Entry): number => {
    const title = e.title.toLowerCase()
    const [first = ''] = words
    return title === first || title.endsWith(`_${first}`)
      ? 0
      : title.startsWith(first)
        ? 1
        : title.includes(first)
          ? 2
          : 3
  }
  const found = entries().filter(e => {
    if (kind !== undefined && e.kind !== kind) return false
    const text = textOf(e)
    return words.every(w => text.includes(w))
  })
  return words.length === 0 ? found : found.toSorted((a, b) => rank(a) - rank(b))
}
