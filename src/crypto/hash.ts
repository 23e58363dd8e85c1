// Hashes and HMAC by TPM_ALG_ID (Part 2, 6.3, Table 8). The only randomness-free primitives everything else stands on.

import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'
import { type Bytes, equal, raw } from '../lib/bytes.ts'
import { scratch } from './scratch.ts'

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

function statesOf(alg: number): { readonly fresh: State; readonly work: State } {
  let states = STATES.get(alg)
  if (!states) {
    states = { fresh: of(alg).create(), work: of(alg).create() }
    STATES.set(alg, states)
  }
  return states
}

/** Goes on from a state without changing it: the result holds until the next call for the same hash. */
// oxlint-disable-next-line no-underscore-dangle -- the one way to use a state again, which noble documents
const from = (alg: number, state: State): State => state._cloneInto(statesOf(alg).work as never)

const fresh = (alg: number): State => from(alg, statesOf(alg).fresh)

/** The parts one behind the other, as far as they fit. */
const INPUT = new Uint8Array(4096)
const OUTPUT = scratch(64)

function finish(state: State, parts: readonly Bytes[]): Bytes {
  let at = 0
  for (const part of parts) {
    if (at + part.length > INPUT.length) {
      state.update(INPUT.subarray(0, at))
      at = 0
    }
    if (part.length > INPUT.length) state.update(raw(part))
    else {
      INPUT.set(raw(part), at)
      at += part.length
    }
  }
  state.update(INPUT.subarray(0, at))
  const digest = OUTPUT.room(state.outputLen)
  state.digestInto(digest)
  return digest.slice()
}

/** The digest of the parts, one after the other. */
export const hash = (alg: number, ...parts: readonly Bytes[]): Bytes => finish(fresh(alg), parts)

/** What HMAC makes of a key alone: the states after its two pads. */
interface Keyed {
  readonly alg: number
  readonly key: Bytes
  readonly inner: State
  readonly outer: State
}
/** Of the last keys, the last one first: sessions and proofs come again and again. Forgetting changes nothing but time. */
const KEYED: Keyed[] = []
const MOST_KEYED = 8

function keyed(alg: number, key: Bytes): Keyed {
  const at = KEYED.findIndex(k => k.alg === alg && equal(k.key, key))
  const found = KEYED[at]
  if (found) {
    if (at > 0) KEYED.unshift(...KEYED.splice(at, 1))
    return found
  }
  const pad = new Uint8Array(blockSize(alg))
  pad.set(raw(key.length > pad.length ? hash(alg, key) : key))
  for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] as number) ^ 0x36
  const inner = of(alg).create().update(pad)
  for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] as number) ^ 0x36 ^ 0x5c
  const made: Keyed = { alg, key: key.slice(), inner, outer: of(alg).create().update(pad) }
  KEYED.unshift(made)
  KEYED.length = Math.min(KEYED.length, MOST_KEYED)
  return made
}

/** RFC 2104. */
export function hmac(alg: number, key: Bytes, ...parts: readonly Bytes[]): Bytes {
  const { inner, outer } = keyed(alg, key)
  const digest = finish(from(alg, inner), parts)
  return finish(from(alg, outer), [digest])
}
