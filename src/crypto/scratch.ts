// Places to put what a library is given and where it puts its results, used again at every call. A view of a small array
// that was never seen as a buffer takes longer to make than a block of AES or SHA-256 takes to compute.

import { type Bytes, raw } from '../lib/bytes.ts'

/** Small arrays live in the heap and get their buffer when it is first asked for; from this size on they have it at once. */
const HAS_BUFFER = 128

/** What the last call left is gone at the next. */
export interface Scratch {
  /** The bytes in this place, or in an array of their own where they are too many. */
  copy(b: Bytes): Uint8Array<ArrayBuffer>
  /** Room for `n` bytes; what is in it is left from before. */
  room(n: number): Uint8Array<ArrayBuffer>
}

/** @param most bytes that it holds */
export function scratch(most: number): Scratch {
  const place = new Uint8Array(Math.max(most, HAS_BUFFER))
  const room = (n: number): Uint8Array<ArrayBuffer> => (n > place.length ? new Uint8Array(n) : place.subarray(0, n))
  return {
    room,
    copy(b) {
      const into = room(b.length)
      into.set(raw(b))
      return into
    },
  }
}
