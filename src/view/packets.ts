// A command or an answer, explained field by field: the leaves of the explanation in order, cut to what the window holds.

import type { Span } from '../codec/explain.ts'
import type { Bytes } from '../lib/bytes.ts'
import { memo } from '../lib/memo.ts'
import type { Machine } from '../machine/machine.ts'
import { explainCommand, explainResponse, type FrameExplanation, header } from '../spec/frame.ts'

export interface Leaf {
  /** Names from the outside in: "signature.signature.buffer". */
  readonly path: string
  readonly name: string
  readonly at: number
  readonly length: number
  readonly text: string | undefined
  readonly type: string
  readonly source: string | undefined
  readonly doc: string | undefined
  readonly error: string | undefined
}

const explainedCommand = memo(explainCommand)
const explainedAnswer = memo(explainResponse)

export const frameOf = (kind: 'command' | 'answer', message: Bytes, code: number | undefined): FrameExplanation =>
  kind === 'command' ? explainedCommand(message) : explainedAnswer(message, code)

const GENERIC = new Set(['buffer', 'TPMT_PUBLIC', 'TPMS_SENSITIVE_CREATE', 'TPMS_CREATION_DATA'])

/** Leaves in order. A field inside a sized buffer bears the name of what it is in. */
export function leaves(spans: readonly Span[], path: readonly string[] = [], outer?: Span): Leaf[] {
  return spans.flatMap(s => {
    const here = [...path, s.name]
    if (s.children.length > 0) return leaves(s.children, here, s)
    if (s.length === 0 && !s.error) return []
    const name = GENERIC.has(s.name) ? (path.at(-1) ?? s.name) : s.name === 'size' && path.length > 1 ? 'size' : s.name
    return [
      {
        path: here.join('.'),
        name,
        at: s.at,
        length: s.length,
        text: s.text,
        type: s.codec.name,
        source: s.codec.source ?? outer?.codec.source,
        doc: s.codec.doc,
        error: s.error,
      },
    ]
  })
}

const leavesOf = memo((e: FrameExplanation) => leaves(e.spans))

/** All fields of what the window was last filled with. */
export function contentLeaves(m: Machine): readonly Leaf[] {
  const { content, exchange } = m
  if (content.kind === 'nothing') return []
  const code = exchange ? header(exchange.command)?.code : undefined
  return leavesOf(frameOf(content.kind, content.message, code))
}

/** The field that covers byte `at` of the message. */
export const leafAt = (all: readonly Leaf[], at: number): Leaf | undefined =>
  all.find(l => at >= l.at && at < l.at + l.length)
