// Bytes that arrive in pieces and are read as messages: a byte queue. A message that is not whole yet is left where it is.

import { type Bytes, EMPTY, raw, readBe32 } from './bytes.ts'

export class ByteQueue {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256)
  private from = 0
  private to = 0

  get length(): number {
    return this.to - this.from
  }

  push(chunk: Bytes): void {
    if (this.to + chunk.length > this.bytes.length) {
      const needed = this.length + chunk.length
      const into = needed > this.bytes.length ? new Uint8Array(Math.max(needed, 2 * this.bytes.length)) : this.bytes
      into.set(this.bytes.subarray(this.from, this.to))
      this.bytes = into
      this.to = this.length
      this.from = 0
    }
    this.bytes.set(raw(chunk), this.to)
    this.to += chunk.length
  }

  /** The byte `at` places after the front; 0 when it has not come yet. */
  u8(at: number): number {
    return at < this.length ? (this.bytes[this.from + at] as number) : 0
  }

  /** Big-endian, at least four bytes of which must be there. */
  u32(at: number): number {
    return readBe32(this.bytes, this.from + at)
  }

  /** Takes `n` bytes from the front as a copy. @throws RangeError when they are not there */
  take(n: number): Bytes {
    if (n > this.length) throw new RangeError(`${n} bytes of ${this.length}`)
    const out = n === 0 ? EMPTY : this.bytes.slice(this.from, this.from + n)
    this.from += n
    return out
  }

  /** Drops `n` bytes from the front. */
  skip(n: number): void {
    this.from = Math.min(this.to, this.from + n)
  }

  clear(): void {
    this.from = this.to
  }
}
