// Names and Qualified Names. Part 1, 13: what an authorization is bound to.

import { hash } from '../crypto/hash.ts'
import { encode } from '../codec/codec.ts'
import { be16, be32, type Bytes, concat, EMPTY } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { type Public, TPMT_PUBLIC_OR_NULL } from '../spec/keys.ts'

/** nameAlg and the digest of the public area; empty when nameAlg is TPM_ALG_NULL. */
export const objectName = (p: Public): Bytes =>
  p.nameAlg === ALG.NULL ? EMPTY : concat(be16(p.nameAlg), hash(p.nameAlg, encode(TPMT_PUBLIC_OR_NULL, p)))

/** The Name of a permanent entity is its handle; so is the Qualified Name of a hierarchy. */
export const handleName = (handle: number): Bytes => be32(handle)

/** nameAlg and the digest of the parent's Qualified Name with the object's Name. Part 1, 23.5. */
export const qualifiedName = (nameAlg: number, parent: Bytes, name: Bytes): Bytes =>
  concat(be16(nameAlg), hash(nameAlg, parent, name))
