// What was recomputed from a recording: how many of each kind agreed, how many nobody outside the TPM could know, and the
// first thing in a line that differs.

import { type Bytes, equal, toHex } from '../../lib/bytes.ts'

/** In the order in which they are told. */
export const KINDS = [
  'Names',
  'Qualified Names',
  'creation hashes',
  'command HMACs',
  'response HMACs',
  'passwords',
  'salts',
  'encrypted parameters',
  'policy digests',
  'PCR values',
  'quotes',
  'audit digests',
  'signatures',
  'hashes',
] as const
export type Kind = (typeof KINDS)[number]

export interface Difference {
  readonly name: string
  readonly wanted: string
  readonly came: string
}

const shown = (b: Bytes): string => (b.length === 0 ? 'nothing' : toHex(b))

const counted = (n: number, kind: Kind): string => `${n} ${n === 1 ? kind.replace(/(?<=sh)es$|s$/, '') : kind}`

export class Ledger {
  readonly counts = new Map<Kind, number>()
  /** What could not be recomputed, for want of a key or of what came before the recording. */
  readonly unknown = new Map<Kind, number>()
  /** Of the line at hand. */
  first: Omit<Difference, 'name'> | undefined

  ok(kind: Kind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }

  cannot(kind: Kind): void {
    this.unknown.set(kind, (this.unknown.get(kind) ?? 0) + 1)
  }

  differs(what: string, wanted: string, came: string): void {
    this.first ??= { wanted: `${what} ${wanted}`, came }
  }

  /** @param what in words @param recorded undefined when it is not in the clear @param made undefined when unknown */
  same(kind: Kind, what: string, recorded: Bytes | undefined, made: Bytes | undefined): void {
    if (!recorded || !made) this.cannot(kind)
    else if (equal(recorded, made)) this.ok(kind)
    else this.differs(what, shown(recorded), shown(made))
  }

  /** A second look at what is counted already. */
  agrees(what: string, recorded: Bytes, made: Bytes): void {
    if (!equal(recorded, made)) this.differs(what, shown(recorded), shown(made))
  }

  summary(): string {
    const list = (of: ReadonlyMap<Kind, number>): string =>
      KINDS.flatMap(k => (of.get(k) ? [counted(of.get(k) as number, k)] : [])).join(', ')
    const unknown = list(this.unknown)
    return `recomputed: ${list(this.counts) || 'nothing'}${unknown ? ` (not to be known: ${unknown})` : ''}`
  }
}
