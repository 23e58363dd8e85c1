// What a command declaration is: one row that dispatcher, GetCapability, explanation, command builder and reference read.

import type { AnyCodec, Codec } from '../codec/codec.ts'
import { struct } from '../codec/combinators.ts'
import { CC_BITS, masks } from './attributes.ts'

/** Who must approve: Part 1, 16.2. */
export type Role = 'user' | 'admin' | 'dup'

export interface HandleDecl {
  readonly codec: Codec<number>
  /** The role of the authorization that this handle needs; none when left out. */
  readonly auth?: Role
  readonly doc: string
}
export type Handles = { readonly [name: string]: HandleDecl }
export type HandleValues<H extends Handles> = { readonly [K in keyof H]: number }

export interface ResponseHandle {
  readonly name: string
  readonly codec: Codec<number>
  readonly doc: string
}

export interface CommandRow<
  H extends Handles = Handles,
  P extends AnyCodec = AnyCodec,
  R extends AnyCodec = AnyCodec,
  O extends ResponseHandle | undefined = ResponseHandle | undefined,
> {
  readonly code: number
  /** "TPM2_PCR_Extend". */
  readonly name: string
  /** "Part 3, 22.2". */
  readonly section: string
  readonly handles: H
  readonly params: P
  readonly responseHandle: O
  readonly returns: R
  /** May write to NV memory. */
  readonly nv: boolean
  /** May flush any number of contexts. */
  readonly extensive: boolean
  /** Success flushes the first handle's context. */
  readonly flushed: boolean
  /** Takes no authorization area at all (tag TPM_ST_NO_SESSIONS only). */
  readonly noSessions: boolean
  /** Works in failure mode. */
  readonly failureMode: boolean
  /** The first version of the specification that has it, when later than 1.59. */
  readonly since: number | undefined
}

const NONE = struct('empty', {})

/** A declaration with everything that is usual left out. The types of handles and parameters reach the command's body. */
export const declare = <
  const H extends Handles = Record<never, HandleDecl>,
  P extends AnyCodec = typeof NONE,
  R extends AnyCodec = typeof NONE,
  const O extends ResponseHandle | undefined = undefined,
>(row: {
  readonly code: number
  readonly name: string
  readonly section: string
  readonly handles?: H
  readonly params?: P
  readonly responseHandle?: O
  readonly returns?: R
  readonly nv?: boolean
  readonly extensive?: boolean
  readonly flushed?: boolean
  readonly noSessions?: boolean
  readonly failureMode?: boolean
  readonly since?: number
}): CommandRow<H, P, R, O> => ({
  code: row.code,
  name: row.name,
  section: row.section,
  handles: row.handles ?? ({} as H),
  params: row.params ?? (NONE as unknown as P),
  responseHandle: row.responseHandle as O,
  returns: row.returns ?? (NONE as unknown as R),
  nv: row.nv ?? false,
  extensive: row.extensive ?? false,
  flushed: row.flushed ?? false,
  noSessions: row.noSessions ?? false,
  failureMode: row.failureMode ?? false,
  since: row.since,
})

/** The authorizations that the command needs, in the order of its handles. */
export const authRoles = (row: CommandRow): Role[] => {
  const out: Role[] = []
  for (const h of Object.values(row.handles)) if (h.auth) out.push(h.auth)
  return out
}

const isSized = (codec: AnyCodec): boolean => {
  if (codec.shape.kind !== 'struct') return false
  const first = Object.values(codec.shape.fields)[0]
  return first?.shape.kind === 'sized' || first?.shape.kind === 'sizedOf'
}
/** Whether a session may encrypt the first parameter: it must be a TPM2B. Part 1, 18. */
export const decryptable = (row: CommandRow): boolean => isSized(row.params)
export const encryptable = (row: CommandRow): boolean => isSized(row.returns)

const CC = masks(CC_BITS)

/** TPMA_CC, computed from the declaration. Part 2, 8.9, Table 43. */
export const commandAttributes = (row: CommandRow): number =>
  ((row.code & CC.commandIndex) |
    (row.nv ? CC.nv : 0) |
    (row.extensive ? CC.extensive : 0) |
    (row.flushed ? CC.flushed : 0) |
    (Object.keys(row.handles).length << CC_BITS.cHandles.low) |
    (row.responseHandle ? CC.rHandle : 0) |
    (row.code & CC.V)) >>>
  0
