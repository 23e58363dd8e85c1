// A growing buffer, big-endian. `done` hands out a copy, never a view of the buffer that goes on growing.

import { type Bytes, raw } from '../lib/bytes.ts'

export class Writer {
  private buffer: Uint8Array<ArrayBuffer>
  length = 0

  /** @param size what most messages fit into: larger buffers take much longer to make */
  constructor(size = 64) {
    this.buffer = new Uint8Array(size)
  }

  private room(n: number): number {
    const at = this.length
    if (at + n > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.buffer.length * 2, at + n))
      grown.set(this.buffer)
      this.buffer = grown
    }
    this.length = at + n
    return at
  }

  u8(v: number): void {
    const at = this.room(1) // first: it may replace the buffer
    this.buffer[at] = v
  }

  u16(v: number): void {
    const at = this.room(2)
    this.buffer[at] = v >>> 8
    this.buffer[at + 1] = v
  }

  u32(v: number): void {
    const at = this.room(4)
    this.patch32(at, v)
  }

  u64(v: bigint): void {
    this.u32(Number(v >> 32n))
    this.u32(Number(v & 0xffffffffn))
  }

  put(b: Bytes): void {
    const at = this.room(b.length)
    this.buffer.set(raw(b), at)
  }

  /** Overwrites a size field whose value is known only after what it measures. */
  patch16(at: number, v: number): void {
    this.buffer[at] = v >>> 8
    this.buffer[at + 1] = v
  }

  patch32(at: number, v: number): void {
    this.buffer[at] = v >>> 24
    this.buffer[at + 1] = v >>> 16
    this.buffer[at + 2] = v >>> 8
    this.buffer[at + 3] = v
  }

  done(): Bytes {
    return this.buffer.slice(0, this.length)
  }
}

/** Writers that nobody uses; as many as encodings were ever nested. */
const idle: Writer[] = []

/** The bytes that `write` writes. The writer is used again: it must not be kept. */
export function written(write: (w: Writer) => void): Bytes {
  const w = idle.pop() ?? new Writer(1024)
  try {
    write(w)
    return w.done()
  } finally {
    w.length = 0
    idle.push(w)
  }
}
