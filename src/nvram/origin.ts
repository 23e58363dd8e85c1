// Where a field of a stored state comes from: said in the texts of 2011, or this project's own completion where they are
// silent. Shown beside every field.

import type { Codec } from '../codec/codec.ts'

export const TEXT = '[text] patch and review of 2011'
export const OURS = '[ours] completed by this project'

export interface Note {
  readonly source: string
  readonly doc: string
}
export const text = (doc: string): Note => ({ source: TEXT, doc })
export const ours = (doc: string): Note => ({ source: OURS, doc })

/** A declaration with its origin and what it is for. */
export const from = <T>(note: Note, codec: Codec<T>): Codec<T> => ({ ...codec, ...note })
