// Runs the ordinary parser with a probe and keeps what it saw: a tree of spans that partitions the input. Malformed
// input yields the tree up to the field that failed, the error on that field, and the rest as one span.

import type { Bytes } from '../lib/bytes.ts'
import { type AnyCodec, type Codec, Malformed } from './codec.ts'
import { type Probe, Reader } from './reader.ts'

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

export interface Explanation<T> {
  readonly spans: readonly Span[]
  readonly value?: T
  readonly error?: Malformed
  /** Offset of the first byte that no field covers; the length of the input when all are covered. */
  readonly covered: number
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

/** @throws nothing for malformed input: the error is part of the answer. */
export function explain<T>(codec: Codec<T>, bytes: Bytes): Explanation<T> {
  const probe = new SpanProbe()
  const r = new Reader(bytes, probe)
  try {
    const value = r.field(codec.name, codec)
    const tree = probe.spans[0]?.children
    const spans = tree && tree.length > 0 ? tree : probe.spans
    if (r.left > 0) {
      return { spans, value, covered: r.at, error: r.malformed('size', `${r.left} bytes left over`) }
    }
    return { spans, value, covered: r.at }
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    probe.fail(e, Math.min(r.at, bytes.length))
    const tree = probe.spans[0]?.children
    return { spans: tree && tree.length > 0 ? tree : probe.spans, error: e, covered: Math.min(r.at, bytes.length) }
  }
}
