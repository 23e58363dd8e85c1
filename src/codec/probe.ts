// What a parse with a probe leaves behind: a tree of spans. Apart from explain.ts, which the page's first step does without.

import type { AnyCodec, Codec, Malformed } from './codec.ts'
import type { Probe } from './reader.ts'

export interface Span {
  readonly name: string
  readonly codec: AnyCodec
  readonly at: number
  length: number
  value?: unknown
  /** The value in words, for leaves. */
  text?: string
  readonly children: Span[]
  error?: string
}

/** The probe that builds spans; a caller that parses several parts in a row (a frame) shares one. */
export class SpanProbe implements Probe {
  readonly spans: Span[] = []
  private readonly open: Span[] = []

  enter(name: string, codec: Codec<never>, at: number): void {
    const span: Span = { name, codec: codec as AnyCodec, at, length: 0, children: [] }
    ;(this.open.at(-1)?.children ?? this.spans).push(span)
    this.open.push(span)
  }

  leave(at: number, value: unknown): void {
    const span = this.open.pop() as Span
    span.length = at - span.at
    span.value = value
    const text = span.codec.text?.(value)
    if (text !== undefined) span.text = text
  }

  /** Closes what a failed parse left open; the innermost open field bears the error. */
  fail(e: Malformed, at: number): void {
    const inner = this.open.at(-1)
    if (inner) inner.error = e.message
    while (this.open.length > 0) {
      const span = this.open.pop() as Span
      span.length = Math.max(at - span.at, 0)
    }
  }
}
