// Counts the work of a command instead of its time: octets through reader and writer, and blocks through the hash
// functions. A command that would never end exceeds the bound and is thrown out of.

import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { Reader } from '../../src/codec/reader.ts'
import { Writer } from '../../src/codec/writer.ts'

/** Steps that no command may exceed. A search for a key is a job and no part of it; all else stays far below. */
export const MOST_WORK = 100_000

export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork'
}

let steps = 0
let counting = false

function count(): void {
  if (counting && ++steps > MOST_WORK) {
    counting = false
    throw new TooMuchWork(`more than ${MOST_WORK} steps`)
  }
}

type Methods = Record<string, (...args: unknown[]) => unknown>

function wrap(prototype: unknown, names: readonly string[]): void {
  const methods = prototype as Methods
  for (const name of names) {
    const old = methods[name] as Methods[string]
    methods[name] = function (this: unknown, ...args: unknown[]): unknown {
      count()
      return old.apply(this, args)
    }
  }
}

let wrapped = false
export function countWork(): void {
  if (wrapped) return
  wrapped = true
  wrap(Reader.prototype, ['u8', 'u16', 'u32', 'take', 'field', 'within'])
  wrap(Writer.prototype, ['u8', 'u16', 'u32', 'put'])
  for (const h of [sha1, sha256, sha384, sha512]) wrap(Object.getPrototypeOf(h.create()), ['process'])
}

/** The steps that `f` takes, and its result. @throws TooMuchWork */
export function measured<T>(f: () => T): readonly [result: T, steps: number] {
  steps = 0
  counting = true
  try {
    return [f(), steps]
  } finally {
    counting = false
  }
}
