// Hashes and HMAC by TPM_ALG_ID (Part 2, 6.3, Table 8). The only randomness-free primitives everything else stands on.

import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'
import { type Bytes, raw } from '../lib/bytes.ts'

const HASHES = {
  0x0004: sha1,
  0x000b: sha256,
  0x000c: sha384,
  0x000d: sha512,
  0x0027: sha3_256,
  0x0028: sha3_384,
  0x0029: sha3_512,
} as const

export type HashAlg = keyof typeof HASHES

const of = (alg: number): (typeof HASHES)[HashAlg] => {
  const h = HASHES[alg as HashAlg]
  if (!h) throw new Error(`defect: no hash algorithm 0x${alg.toString(16)}`)
  return h
}

export const isHash = (alg: number): alg is HashAlg => alg in HASHES

/** Bytes of a digest. */
export const digestSize = (alg: number): number => of(alg).outputLen

/** Bytes of a block: keys of an HMAC that are longer are hashed first. */
export const blockSize = (alg: number): number => of(alg).blockLen

/** A state with nothing hashed yet, and one to work in, for each hash: making them takes as long as a block. */
const STATES = new Map<number, { readonly fresh: State; readonly work: State }>()
type State = ReturnType<(typeof HASHES)[HashAlg]['create']>

function fresh(alg: number): State {
  let states = STATES.get(alg)
  if (!states) {
    states = { fresh: of(alg).create(), work: of(alg).create() }
    STATES.set(alg, states)
  }
  // oxlint-disable-next-line no-underscore-dangle -- the one way to use a state again, which noble documents
  return states.fresh._cloneInto(states.work as never)
}

function finish(state: State, parts: readonly Bytes[]): Bytes {
  for (const part of parts) state.update(raw(part))
  const out = new Uint8Array(state.outputLen)
  state.digestInto(out)
  return out
}

/** The digest of the parts, one after the other. */
export const hash = (alg: number, ...parts: readonly Bytes[]): Bytes => finish(fresh(alg), parts)

/** RFC 2104. */
export function hmac(alg: number, key: Bytes, ...parts: readonly Bytes[]): Bytes {
  const pad = new Uint8Array(blockSize(alg))
  pad.set(raw(key.length > pad.length ? hash(alg, key) : key))
  for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] as number) ^ 0x36
  const inner = finish(fresh(alg).update(pad), parts)
  for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] as number) ^ 0x36 ^ 0x5c
  return hash(alg, pad, inner)
}
