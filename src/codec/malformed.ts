// How a parse fails. Apart from codec.ts, so that the cursor can throw it without importing what imports the cursor.

/**
 * Input that a declaration refuses. `reason` is a word of the declaration ("size", "value", "hash", …), "insufficient"
 * when bytes are missing; `path` names the field from the outside in; `at` is the offset in bytes.
 */
export class Malformed extends Error {
  readonly reason: string
  readonly at: number
  readonly path: readonly string[]
  constructor(reason: string, at: number, path: readonly string[], message: string) {
    super(message)
    this.name = 'Malformed'
    this.reason = reason
    this.at = at
    this.path = path
  }
}
