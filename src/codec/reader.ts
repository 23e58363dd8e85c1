// The cursor that every parser shares. With a probe attached it reports each field it enters and leaves (explain.ts).

import type { Bytes } from '../lib/bytes.ts'
import type { Codec } from './codec.ts'
import { Malformed } from './malformed.ts'

/** Observes a parse: spans are reported in order, nested as the declaration is. */
export interface Probe {
  enter(name: string, codec: Codec<never>, at: number): void
  leave(at: number, value: unknown): void
}

/** What the reading side implements of a vocabulary: whether `value` of a `kind` is accepted. */
export type Rules = (kind: string, value: number) => boolean

export class Reader {
  /** Left undefined, everything that the declaration knows is accepted. */
  rules: Rules | undefined
  readonly bytes: Bytes
  at: number
  end: number
  readonly probe: Probe | undefined
  private readonly path: string[] = []
  /** How many announced sizes surround the cursor. */
  private inner = 0

  constructor(bytes: Bytes, probe?: Probe, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.probe = probe
    this.at = at
    this.end = end
  }

  get left(): number {
    return this.end - this.at
  }

  malformed(reason: string, message: string, at = this.at): Malformed {
    return new Malformed(reason, at, [...this.path], message)
  }

  /** Missing bytes: of the whole input "insufficient", of a structure whose announced size is too small "size". */
  private get missing(): string {
    return this.inner > 0 ? 'size' : 'insufficient'
  }

  private need(n: number): number {
    if (this.end - this.at < n) {
      throw this.malformed(this.missing, `needs ${n} bytes at offset ${this.at}, only ${this.end - this.at} left`)
    }
    const at = this.at
    this.at = at + n
    return at
  }

  u8(): number {
    return this.bytes[this.need(1)] as number
  }

  u16(): number {
    const i = this.need(2)
    return ((this.bytes[i] as number) << 8) | (this.bytes[i + 1] as number)
  }

  u32(): number {
    const i = this.need(4)
    const b = this.bytes
    return (
      (((b[i] as number) << 24) | ((b[i + 1] as number) << 16) | ((b[i + 2] as number) << 8) | (b[i + 3] as number)) >>>
      0
    )
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32())
  }

  take(n: number): Bytes {
    const i = this.need(n)
    return this.bytes.slice(i, i + n)
  }

  /** Parses one named field. The path stays as it was when the field fails, so that the error can name it. */
  field<T>(name: string, codec: Codec<T>): T {
    this.path.push(name)
    this.probe?.enter(name, codec as unknown as Codec<never>, this.at)
    const v = codec.read(this)
    this.probe?.leave(this.at, v)
    this.path.pop()
    return v
  }

  /** Runs `read` on the next `n` bytes only. They must be there, and all be used. */
  within<T>(n: number, read: () => T): T {
    if (this.left < n) throw this.malformed(this.missing, `${n} bytes announced, only ${this.left} left`)
    const outer = this.end
    this.end = this.at + n
    this.inner++
    const v = read()
    if (this.at !== this.end) throw this.malformed('size', `${this.end - this.at} of ${n} announced bytes not used`)
    this.end = outer
    this.inner--
    return v
  }
}
