// The data window at a moment: rows of sixteen bytes with the fields that run through them, and which bytes are stale.

import type { Bytes } from '../lib/bytes.ts'
import { memo } from '../lib/memo.ts'
import { get, type Pages } from '../lib/pages.ts'
import type { Machine } from '../machine/machine.ts'
import { count, hex } from './format.ts'
import { contentLeaves, type Leaf } from './packets.ts'

export const ROW = 16

/** A stretch of one row: bytes of one field, or bytes of no field. */
export interface Segment {
  readonly from: number
  readonly length: number
  readonly leaf: Leaf | undefined
  /** Not of the message: left over from before, or zero. */
  readonly stale: boolean
  readonly zero: boolean
  /** The field's name stands under its first segment in view. */
  readonly label: string
}

export interface Row {
  /** Offset in the window. */
  readonly at: number
  readonly segments: readonly Segment[]
  /** How many rows like this one, in the midst of a long field, are folded into it. */
  readonly folded: number
}

/** The bytes of the window; the same object as long as it does not change. */
export const windowBytes = (m: Machine): Bytes => lastBytes(m)

/** Memory that command and answer cross: a CRB's window, a TIS's buffer. */
const pagesOf = (d: Machine['device']): Pages => ('loc' in d ? d.buffer : d.window)

/** Its size in bytes. */
export const memorySize = (m: Machine): number => pagesOf(m.device).length

let last: { readonly pages: unknown; readonly bytes: Bytes } | undefined
function lastBytes(m: Machine): Bytes {
  const pages = pagesOf(m.device)
  if (last?.pages !== pages) last = { pages, bytes: get(pages, 0, pages.length) }
  return last.bytes
}

/** Names of the header as one says them; the specification's are too long to stand under two bytes. */
const SPOKEN: { readonly [name: string]: string } = {
  commandSize: 'size',
  commandCode: 'code',
  responseSize: 'size',
  responseCode: 'code',
  authorizationSize: 'auth size',
  parameterSize: 'params',
  sessionHandle: 'session',
  sessionAttributes: 'attrs',
}

/** Field names under bytes: values are put in where they are short. */
const labelOf = (l: Leaf, cramped = false): string => {
  if (l.error) return `${l.name}: ${l.error}`
  const name = SPOKEN[l.name] ?? l.name
  if (l.at === 2 && l.length === 4) return `${name} = ${count(Number(l.text))}`
  return l.length > ROW && !cramped ? `${name}, ${count(l.length)} bytes` : name
}

/** Bytes under which a name with a length can stand. */
const ROOM = 6

const isZero = (b: Bytes, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (b[i] !== 0) return false
  return true
}

/** The segments of the row at window offset `at`. */
function segments(
  content: Machine['content'],
  bytes: Bytes,
  all: readonly Leaf[],
  at: number,
  length: number,
): Segment[] {
  const out: Segment[] = []
  for (let i = at; i < at + length; ) {
    const fresh = content.kind !== 'nothing' && i < content.length
    const leaf = fresh ? all.find(l => content.part + i >= l.at && content.part + i < l.at + l.length) : undefined
    const end = leaf ? leaf.at + leaf.length - content.part : fresh ? content.length : at + length
    const stop = Math.max(Math.min(end, at + length, fresh ? content.length : at + length), i + 1)
    const into = leaf ? content.part + i - leaf.at : 0
    const named = leaf !== undefined && (into === 0 || i === 0)
    // A long field that begins at the end of a row has its length told in the next one, where there is room.
    const cramped = leaf !== undefined && leaf.length > ROW && stop - i < ROOM
    const label = !leaf ? '' : named ? labelOf(leaf, cramped) : i === at && into < ROOM ? labelOf(leaf) : ''
    const zero = !fresh && isZero(bytes, i, stop)
    out.push({ from: i, length: stop - i, leaf, stale: !fresh, zero, label })
    i = stop
  }
  return out
}

/** Runs of at least this many rows are folded, in windows that are too large to be seen whole. */
const FOLD = 4
const SEEN_WHOLE = 256

/** The one stretch of a row that has no name and can be folded with rows like it. */
const foldable = (r: Row | undefined): Segment | undefined =>
  r?.segments.length === 1 && r.segments[0]?.label === '' ? r.segments[0] : undefined

const alike = (a: Segment | undefined, b: Segment | undefined): boolean =>
  a !== undefined && b !== undefined && a.leaf === b.leaf && a.stale === b.stale && a.zero === b.zero

/** Rows with the fields of the content; the midst of a long field, and a long stale rest, are folded. */
export const rowsOf = memo((content: Machine['content'], bytes: Bytes, all: readonly Leaf[]): readonly Row[] => {
  const size = bytes.length
  const rows: Row[] = []
  for (let at = 0; at < size; at += ROW) {
    rows.push({ at, segments: segments(content, bytes, all, at, Math.min(ROW, size - at)), folded: 0 })
  }
  if (size <= SEEN_WHOLE) return rows
  const out: Row[] = []
  for (let i = 0; i < rows.length; ) {
    const first = foldable(rows[i])
    const other = rows.findIndex((r, k) => k > i && !alike(first, foldable(r)))
    const end = other < 0 ? rows.length : other
    if (end - i >= FOLD) out.push({ ...(rows[i] as Row), folded: end - i - 1 })
    else out.push(...rows.slice(i, end))
    i = end
  }
  return out
})

export const fieldRows = (m: Machine): readonly Row[] => rowsOf(m.content, windowBytes(m), contentLeaves(m))

/** "3968 bytes, chunk 1 of 2, starts with 80 02": the window in a sentence. */
export function summary(m: Machine): string {
  const { content } = m
  const size = memorySize(m)
  if (content.kind === 'nothing') return `${size} bytes, nothing written yet`
  const chunks = Math.max(Math.ceil(content.message.length / size), 1)
  const chunk = Math.floor(content.part / size) + 1
  const bytes = windowBytes(m)
  return `${content.length} of ${size} bytes: ${content.kind}, chunk ${chunk} of ${chunks}, starts with ${hex(
    bytes[0] ?? 0,
    2,
  )} ${hex(bytes[1] ?? 0, 2)}`
}

export interface Chunk {
  readonly n: number
  readonly from: number
  readonly length: number
  /** Where it stands: in the window now, moved on before, or still to come. */
  readonly state: 'here' | 'done' | 'coming'
}

/** The message whose part is in the window, cut as it crosses. */
export const chunksOf = memo((content: Machine['content'], window: number): readonly Chunk[] => {
  const total = content.message.length
  const count = Math.max(Math.ceil(total / window), content.kind === 'nothing' ? 0 : 1)
  return Array.from({ length: count }, (_, i) => {
    const from = i * window
    return {
      n: i + 1,
      from,
      length: Math.min(window, total - from),
      state: from === content.part ? 'here' : from < content.part ? 'done' : 'coming',
    }
  })
})

/** A stretch of the tape over the window: one chunk, or several where there are too many to be told apart. */
export interface TapePart {
  readonly first: number
  readonly last: number
  readonly length: number
  /** Of the whole message, 0 to 1. */
  readonly share: number
  readonly state: Chunk['state']
}

const MOST_PARTS = 12

/** The tape, to scale: every chunk, or what is done, what is here and what is to come. Empty parts are left out. */
export const tapeParts = memo((chunks: readonly Chunk[]): readonly TapePart[] => {
  const total = Math.max(
    chunks.reduce((sum, c) => sum + c.length, 0),
    1,
  )
  const groups =
    chunks.length <= MOST_PARTS
      ? chunks.map(c => [c])
      : (['done', 'here', 'coming'] as const).map(state => chunks.filter(c => c.state === state))
  return groups.flatMap(group => {
    const [a, z] = [group[0], group.at(-1)]
    if (!a || !z) return []
    const length = group.reduce((sum, c) => sum + c.length, 0)
    return [{ first: a.n, last: z.n, length, share: length / total, state: a.state }]
  })
})
