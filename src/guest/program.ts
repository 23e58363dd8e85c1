// The simulated driver's source as numbered lines. A line is one step: at most one access to the bus. Functions are
// written as a tree of statements and laid out flat once; what runs is the flat form, what is shown is its text.

import type { Bytes } from '../lib/bytes.ts'
import type { Came, Io, Ran } from './advance.ts'
import type { Guest, GuestEvent, Sink, Vars } from './guest.ts'

/** What a line can see: locals of its function, what the probe found, the command, and the answer so far. */
export interface Scope {
  readonly vars: Vars
  readonly globals: Vars
  readonly tx: Bytes
  readonly rx: Bytes
}
type Num = (s: Scope) => number

export type Op =
  /** Entry of a function that the application calls; no access. */
  | { readonly kind: 'enter' }
  /** Assignments to locals; names of `globals` are assigned there. */
  | { readonly kind: 'set'; readonly run: (s: Scope) => Vars }
  /** Registers are read and written as four bytes, unless `size` says otherwise. */
  | { readonly kind: 'write'; readonly offset: number; readonly value: number; readonly size?: 1 }
  | {
      readonly kind: 'read'
      readonly offset: number
      readonly into: string
      readonly pick?: (v: number) => number
      readonly size?: 1
    }
  /**
   * One read of a wait: done when (value & mask) = want, else again after `sleep` µs. Out of time the function returns
   * -ETIME, or with `into` goes on with that local set to -ETIME (0 when met). `pick` goes first. With `got` the wait is
   * for any other value than `want`, which that local then has; out of time the function returns -EBUSY.
   */
  | {
      readonly kind: 'poll'
      readonly offset: number
      readonly mask: number
      readonly want: number
      readonly timer: string
      readonly limit: number
      readonly sleep: number
      readonly into?: string
      readonly pick?: (v: number) => number
      readonly got?: string
      readonly size?: 1
    }
  | { readonly kind: 'copyIn'; readonly at: Num; readonly length: Num }
  /** Copies `length` bytes from offset `from` of the window to the end of the answer. */
  | { readonly kind: 'copyOut'; readonly from: Num; readonly length: Num }
  /** Writes bytes of the command to a data port, and reads bytes of the answer from it, one by one. */
  | { readonly kind: 'feed'; readonly offset: number; readonly at: Num; readonly length: Num }
  | { readonly kind: 'drain'; readonly offset: number; readonly length: Num }
  /** A big-endian 32-bit read of the window, at a byte offset within it. */
  | { readonly kind: 'peek'; readonly at: number; readonly into: string }
  | { readonly kind: 'test'; readonly when: (s: Scope) => boolean }
  | { readonly kind: 'call'; readonly fn: string; readonly args: (s: Scope) => Vars; readonly into?: string }
  /** `return f(…)`: the callee takes this function's place. */
  | { readonly kind: 'tail'; readonly fn: string; readonly args: (s: Scope) => Vars }
  | { readonly kind: 'return'; readonly value: Num }
  /** A line of a program that comes late brings along what it does. */
  | {
      readonly kind: 'own'
      readonly io?: (g: Guest) => Io
      readonly run: (g: Guest, came: Came, events: Sink) => Ran
    }

export interface Line {
  /** 1-based number within the function. */
  readonly n: number
  readonly text: string
  readonly indent: number
  readonly op: Op | undefined
  /** Index of the line after this one, and after a test that failed. */
  readonly next: number
  readonly orElse: number
  /** What executing it reports: one object for all moments. */
  readonly event: GuestEvent
  /** Story beat that begins here. */
  readonly beat: ((s: Scope) => string) | undefined
}

export interface Func {
  readonly name: string
  readonly lines: readonly Line[]
}

type Beat = string | ((s: Scope) => string)
interface Node {
  text: string
  op: Op | undefined
  beat?: Beat
  body?: Node[]
  orElse?: Node[]
  kind: 'line' | 'if' | 'while'
  index: number
}

export const line = (text: string, op: Op, beat?: Beat): Node => ({
  text,
  op,
  ...(beat ? { beat } : {}),
  kind: 'line',
  index: -1,
})

export const when = (text: string, test: (s: Scope) => boolean, body: Node[], orElse?: Node[]): Node => ({
  text,
  op: { kind: 'test', when: test },
  body,
  ...(orElse ? { orElse } : {}),
  kind: 'if',
  index: -1,
})

export const loop = (text: string, test: (s: Scope) => boolean, body: Node[]): Node => ({
  text,
  op: { kind: 'test', when: test },
  body,
  kind: 'while',
  index: -1,
})

type Draft = { -readonly [K in keyof Line]: Line[K] }

/** Lays a function out. A body of one line stands without braces, as kernel style has it. */
export function func(name: string, signature: string, body: Node[]): Func {
  const lines: Draft[] = []
  const put = (text: string, indent: number, op?: Op, beat?: Beat): number => {
    const n = lines.length + 1
    lines.push({
      n,
      event: { t: 'line', fn: name, n },
      text,
      indent,
      op,
      next: -1,
      orElse: -1,
      beat: typeof beat === 'string' ? () => beat : beat,
    })
    return lines.length - 1
  }
  const place = (nodes: Node[], indent: number): void => {
    for (const node of nodes) {
      const braces = node.kind !== 'line' && ((node.body ?? []).length > 1 || node.kind === 'while')
      node.index = put(braces ? `${node.text} {` : node.text, indent, node.op, node.beat)
      if (node.body) place(node.body, indent + 1)
      if (node.orElse) {
        put(braces ? '} else' : 'else', indent)
        place(node.orElse, indent + 1)
      } else if (braces) put('}', indent)
    }
  }
  const link = (nodes: Node[], follow: number): void => {
    nodes.forEach((node, i) => {
      const after = nodes[i + 1]?.index ?? follow
      const at = lines[node.index] as Draft
      at.next = node.body?.[0]?.index ?? after
      at.orElse = node.orElse?.[0]?.index ?? after
      if (node.body) link(node.body, node.kind === 'while' ? node.index : after)
      if (node.orElse) link(node.orElse, after)
    })
  }
  put(signature, 0, { kind: 'enter' })
  place(body, 1)
  link(body, -1)
  ;(lines[0] as Draft).next = body[0]?.index ?? -1
  return { name, lines }
}
