// What a type of object can do: one KeyKind for each TPMI_ALG_PUBLIC, in a file of its own. What the opening scenario needs
// is added from the start (commands/index.ts); the others come with the rest of the engine (commands/all.ts). Part 1, 24 and 43 to 48.

import type { Bytes } from '../../lib/bytes.ts'
import type { Public, PublicParms, Sensitive, Signature } from '../../spec/keys.ts'
import type { Context } from '../command.ts'
import type { Profile } from '../profile.ts'
import type { Stream } from '../streams.ts'

/** What is wrong, as a return code without number; undefined when nothing is. */
export type Verdict = number | undefined

/** `hash` is TPM_ALG_NULL for pure ML-DSA. */
export interface Scheme {
  readonly alg: number
  readonly hash: number
  /** Of ECDAA: the counter of TPM2_Commit, and the ephemeral key that it names once that is recovered. */
  readonly count?: number
  readonly commit?: Bytes
}

/** What a signing function draws on: entropy for the hedged variants. */
export type Random = (n: number) => Bytes

/** The secret that a new object gets: TPMT_SENSITIVE without authValue, and TPMT_PUBLIC.unique. */
export interface NewKey {
  readonly unique: Public['unique']
  readonly sensitive: Bytes
  readonly seedValue: Bytes
}

/** An ephemeral key of TPM2_Commit. `done` uses it up: for the end of a command that succeeds. */
export interface Recovered {
  readonly r: Bytes
  done(): void
}

/** P is the public area of this type. */
export interface KeyKind<P extends Public = Public> {
  /** Whether parameters fit the attributes. Part 2, 12.2.3. */
  checkScheme(p: P, profile: Profile): Verdict
  /** @param seedValue draws the seed value where one is needed, else gives nothing */
  make(p: P, stream: Stream, data: Bytes, seedValue: (needed: boolean) => Bytes, profile: Profile): NewKey
  /** Whether the public key can be one of its type. Part 3, 12.3.1. */
  checkUnique(p: P): Verdict
  /** A private part with its public part: KEY_SIZE when it has the wrong size, BINDING when it is of another key. */
  checkPair(p: P, s: Sensitive, profile: Profile): Verdict
  /** What besides must hold of a key with its private part. */
  checkPrivate?(p: P): Verdict
  /** Whether data that the caller brings can be the secret. Part 3, 12.1. */
  checkData?(p: P, data: Bytes): Verdict
  /** Parameters alone: what TPM2_TestParms looks at. */
  checkParms?(p: PublicParms, profile: Profile): Verdict
  /** Signs a digest of the scheme's hash, a mu, or with HMAC the digest as it is. */
  sign?(p: P, secret: Sensitive, s: Scheme, context: Bytes, digest: Bytes, random: Random): Signature
  /** The ephemeral key of a counter. @param n the number of the parameter with the counter; @throws RANGE, VALUE */
  recoverCommit?(c: Context, p: P, name: Bytes, counter: number, n: number): Recovered
  /** Whether the signature over a digest (or a mu) is good. An HMAC needs the sensitive part. */
  verify?(p: P, secret: Sensitive | undefined, context: Bytes, digest: Bytes, signature: Signature): boolean
}

const KINDS = new Map<number, KeyKind>()

export const addKind = <P extends Public>(types: readonly P['type'][], kind: KeyKind<P>): void => {
  for (const type of types) KINDS.set(type, kind as unknown as KeyKind)
}

export function kindOf(p: Pick<Public, 'type'>): KeyKind {
  const kind = KINDS.get(p.type)
  if (!kind) throw new Error(`defect: no objects of type 0x${p.type.toString(16)}`)
  return kind
}
