// Rewriting in place: bytes for some places of an image, the rest of which stays.

import { type Bytes, raw } from '../lib/bytes.ts'

/** Bytes that are written at one place. */
export interface Patch {
  readonly at: number
  readonly bytes: Bytes
}

export function patched(image: Bytes, patches: readonly Patch[]): Bytes {
  const out = raw(image).slice()
  for (const p of patches) out.set(raw(p.bytes), p.at)
  return out
}
