// Runs the ordinary parser with a probe and keeps what it saw: a tree of spans that partitions the input. Malformed
// input yields the tree up to the field that failed, the error on that field, and the rest as one span.

import type { Bytes } from '../lib/bytes.ts'
import { type Codec, Malformed } from './codec.ts'
import { type Span, SpanProbe } from './probe.ts'
import { Reader } from './reader.ts'

export type { Span } from './probe.ts'

export interface Explanation<T> {
  readonly spans: readonly Span[]
  readonly value?: T
  readonly error?: Malformed
  /** Offset of the first byte that no field covers; the length of the input when all are covered. */
  readonly covered: number
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
