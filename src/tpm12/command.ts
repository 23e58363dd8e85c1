// What the TPM 1.2 engine adds to a declared command: in which states it may run, whose proof it asks for, and its body.
// Rows in src/spec12/commands.ts say what goes in and out.

import type { Bytes } from '../lib/bytes.ts'
import type { Row12 } from '../spec12/commands.ts'
import type { AuthRequest } from '../spec12/structures.ts'
import type { Proven } from './authorize.ts'
import type { Context12 } from './context.ts'

/** States that a command asks for, in the order in which they are looked at. Part 3, 1; Part 2, 17 (ordinal table). */
export interface Needs {
  readonly enabled?: boolean
  readonly activated?: boolean
  readonly owner?: boolean
  /** Runs in failure mode too. */
  readonly failed?: boolean
  /** Runs before Startup, and only then. */
  readonly unstarted?: boolean
}

export interface Input<P> {
  readonly params: P
  readonly handle: number
  /** The parameters as they came, for proofs. */
  readonly raw: Bytes
  readonly auth: AuthRequest | undefined
}

export interface Output<R> {
  readonly returns: R
  readonly handle?: number
  /** How the response is proved; none without an authorization. */
  readonly proven?: Proven
  /** Where the session ends whatever the caller asked for. */
  readonly endsSession?: boolean
  /** The authorization of the response, where it is not that of an authorization session. */
  readonly sealed?: Bytes
}

export interface Command12 {
  readonly row: Row12
  readonly needs: Needs
  run(c: Context12, input: Input<never>): Output<unknown>
}

export const command12 = <P, R>(
  row: Row12<P, R>,
  needs: Needs,
  run: (c: Context12, input: Input<P>) => Output<R>,
): Command12 => ({ row: row as Row12, needs, run: run as unknown as Command12['run'] })

/** All of it: what most commands ask for. */
export const OWNED: Needs = { enabled: true, activated: true, owner: true }
export const ACTIVE: Needs = { enabled: true, activated: true }
export const NONE: { readonly returns: Record<string, never> } = { returns: {} }
