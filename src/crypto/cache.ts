// A small bounded memo beside the state: keys expanded from their seeds. The result is a function of the key alone, so
// forgetting it changes nothing but time.

import { type Bytes, toHex } from '../lib/bytes.ts'

const MOST = 32

export function cached<T>(make: (seed: Bytes) => T): (seed: Bytes) => T {
  const made = new Map<string, T>()
  return seed => {
    const key = toHex(seed)
    const old = made.get(key)
    if (old !== undefined) return old
    const value = make(seed)
    if (made.size >= MOST) made.delete(made.keys().next().value as string)
    made.set(key, value)
    return value
  }
}
