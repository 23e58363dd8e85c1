// What a conversation shows of the TPM it is held with: which entity a handle stands for, what sessions there are, what
// the PCRs hold. Everything may be unknown; nothing is guessed. Part 1, 13, 16 and 23.

import { encode } from '../../codec/codec.ts'
import { hash, isHash } from '../../crypto/hash.ts'
import { be16, be32, type Bytes, concat, EMPTY, equal, toHex } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { pcrsOf } from '../../spec/base.ts'
import { HT, handleType, RH } from '../../spec/handles.ts'
import { type Public, type Sensitive, type Signature, type SymDef, TPMT_PUBLIC_OR_NULL } from '../../spec/keys.ts'
import { type NvPublic, TPMS_NV_PUBLIC } from '../../spec/nv.ts'
import type { Kind, Ledger } from './ledger.ts'

/** What only somebody with the seeds of the TPM can tell; undefined wherever they do not. */
export interface Keys {
  /** The primary object that these seeds make from a template. */
  primary(
    hierarchy: number,
    given: { readonly userAuth: Bytes; readonly data: Bytes },
    template: Public,
  ): { readonly publicArea: Public; readonly sensitive: Sensitive } | undefined
  /** The private part of a child. */
  open(parent: Public, secret: Sensitive, name: Bytes, outPrivate: Bytes): Sensitive | undefined
  /** A secret that was encrypted to a key. */
  share(key: Public, secret: Sensitive, label: 'SECRET' | 'DUPLICATE', encrypted: Bytes): Bytes | undefined
  /** Undefined when this cannot be told from the public area alone. */
  verify(p: Public, digest: Bytes, signature: Signature): boolean | undefined
}

/** An object, an NV Index or a permanent entity. */
export interface Entity {
  name: Bytes | undefined
  publicArea?: Public | undefined
  nv?: NvPublic | undefined
  qualifiedName?: Bytes | undefined
  /** Undefined when it is not known. */
  auth: Bytes | undefined
  /** Worked out when it is first needed: that can take long. */
  secret?: (() => Sensitive | undefined) | undefined
}

export interface Session {
  readonly handle: number
  readonly type: number
  readonly hash: number
  readonly symmetric: SymDef
  /** Undefined when salt or authValue of the bound entity are not known. */
  readonly key: Bytes | undefined
  bound: { readonly name: Bytes; readonly auth: Bytes } | undefined
  nonceTPM: Bytes
  /** Undefined when an assertion could not be followed. */
  digest: Bytes | undefined
  authValue: 'none' | 'hmac' | 'password'
  audit: Bytes | undefined
}

const HIERARCHIES = [RH.OWNER, RH.ENDORSEMENT, RH.PLATFORM, RH.LOCKOUT, RH.NULL]
const permanent = (handle: number): Entity => ({ name: be32(handle), auth: EMPTY, qualifiedName: be32(handle) })

/** An authValue without the zeros at its end: Part 1, 16.6.5. */
export function trimmed(auth: Bytes): Bytes {
  let n = auth.length
  while (n > 0 && auth[n - 1] === 0) n--
  return auth.slice(0, n)
}

export const objectName = (p: Public): Bytes | undefined => {
  if (p.nameAlg === (ALG.NULL as number)) return EMPTY
  return isHash(p.nameAlg) ? concat(be16(p.nameAlg), hash(p.nameAlg, encode(TPMT_PUBLIC_OR_NULL, p))) : undefined
}
export const nvName = (p: NvPublic): Bytes | undefined =>
  isHash(p.nameAlg) ? concat(be16(p.nameAlg), hash(p.nameAlg, encode(TPMS_NV_PUBLIC, p))) : undefined
/** Part 1, 23.5. */
export const qualifiedName = (p: Public, parent: Bytes | undefined, name: Bytes | undefined): Bytes | undefined =>
  parent && name && isHash(p.nameAlg) ? concat(be16(p.nameAlg), hash(p.nameAlg, parent, name)) : undefined

type Selection = readonly { readonly hash: number; readonly pcrSelect: readonly number[] }[]

/** One conversation with a fresh TPM. */
export class World {
  readonly ledger: Ledger
  readonly keys: Keys
  /** Passwords to try where the conversation does not show which is right. */
  readonly passwords: readonly Bytes[]
  /** Whether the recording shows the TPM from TPM2_Startup on. */
  complete = false
  readonly sessions = new Map<number, Session>()
  readonly contexts = new Map<string, Entity | Session>()
  /** Private parts that were seen, with the authValue inside where that is known. */
  readonly privates = new Map<string, Pick<Entity, 'auth' | 'secret'>>()
  private readonly entities = new Map<number, Entity>()
  private readonly pcrs = new Map<string, Bytes>()
  /** Of these the value is likely, not certain: firmware may have measured before TPM2_Startup. */
  private readonly likely = new Set<string>()

  constructor(ledger: Ledger, keys: Keys, passwords: readonly Bytes[]) {
    this.ledger = ledger
    this.keys = keys
    this.passwords = passwords
    for (const h of HIERARCHIES) this.entities.set(h, permanent(h))
  }

  /** Undefined when nothing is known of it. */
  entity(handle: number): Entity | undefined {
    if (handleType(handle) === HT.PCR) return permanent(handle)
    return this.entities.get(handle)
  }
  put(handle: number, entity: Entity): void {
    this.entities.set(handle, entity)
  }
  drop(handle: number): void {
    this.entities.delete(handle)
    this.sessions.delete(handle)
  }
  *indexes(): Generator<Entity> {
    for (const e of this.entities.values()) if (e.nv) yield e
  }

  /** The Name that goes into cpHash: handles of PCRs, sessions and hierarchies are their own. Part 1, 13. */
  nameOf(handle: number): Bytes | undefined {
    const type = handleType(handle)
    const named = type === HT.TRANSIENT || type === HT.PERSISTENT || type === HT.NV_INDEX
    return named ? this.entities.get(handle)?.name : be32(handle)
  }

  /** Known, or found in the private part. */
  authOf(entity: Entity): Bytes | undefined {
    if (entity.auth === undefined) {
      const inside = entity.secret?.()?.authValue
      if (inside) entity.auth = trimmed(inside)
    }
    return entity.auth
  }

  /** Power goes and comes back: what was only in memory is gone. */
  powerCycle(): void {
    this.sessions.clear()
    this.pcrs.clear()
    this.likely.clear()
    for (const h of [...this.entities.keys()]) if (handleType(h) === HT.TRANSIENT) this.entities.delete(h)
  }

  pcr(alg: number, n: number): Bytes | undefined {
    return this.pcrs.get(`${alg}/${n}`)
  }
  setPcr(alg: number, n: number, value: Bytes, likely = false): void {
    this.pcrs.set(`${alg}/${n}`, value)
    if (likely) this.likely.add(`${alg}/${n}`)
    else this.likely.delete(`${alg}/${n}`)
  }
  extend(alg: number, n: number, digest: Bytes): void {
    const old = this.pcr(alg, n)
    if (old && isHash(alg)) this.setPcr(alg, n, hash(alg, old, digest), this.likely.has(`${alg}/${n}`))
  }
  /** Compares with values of PCRs; a difference counts only when all of them are certain. */
  samePcrs(kind: Kind, what: string, selection: Selection, recorded: Bytes, made: Bytes | undefined): void {
    const certain = !selection.some(s => pcrsOf(s.pcrSelect).some(n => this.likely.has(`${s.hash}/${n}`)))
    const agree = made && equal(recorded, made)
    this.ledger.same(kind, what, recorded, certain || agree ? made : undefined)
  }
  /** Undefined when one of the selected is not known. */
  pcrDigest(alg: number, selection: Selection): Bytes | undefined {
    const values = selection.flatMap(s => pcrsOf(s.pcrSelect).map(n => this.pcr(s.hash, n)))
    return isHash(alg) && !values.includes(undefined) ? hash(alg, ...(values as Bytes[])) : undefined
  }

  remember(outPrivate: Bytes | undefined, inside: Pick<Entity, 'auth' | 'secret'>): void {
    if (outPrivate) this.privates.set(toHex(outPrivate), inside)
  }
}
