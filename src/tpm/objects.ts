// Making and checking objects: from a template and a stream of random bytes to a key; whether public and private part
// belong together. Part 1, 24 and 44 to 47; Part 3, 12.1 and 12.3.

import { type Drbg, primaryStream } from '../crypto/drbg.ts'
import { hash } from '../crypto/hash.ts'
import { encode } from '../codec/codec.ts'
import { be16, type Bytes, concat, EMPTY } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { type Public, type Sensitive, TPMT_PUBLIC } from '../spec/keys.ts'
import { kindOf, type Verdict } from './kinds/kind.ts'
import type { Profile } from './profile.ts'
import type { Stream } from './streams.ts'
import type { HierarchyName, Tpm } from './tpm.ts'

export interface Made {
  readonly publicArea: Public
  readonly sensitive: Sensitive
}

/**
 * The stream of a primary object. Part 1, 24.6.3 leaves the method to the vendor; this one is that of the TCG reference
 * code, so that the same seed and template give the same ECC and keyed hash objects.
 */
export function primaryDrbg(tpm: Tpm, hierarchy: HierarchyName, template: Public, data: Bytes): Drbg {
  const { seed } = tpm.hierarchies[hierarchy]
  const { nameAlg } = template
  const bound = concat(be16(nameAlg), hash(nameAlg, encode(TPMT_PUBLIC, template)))
  return primaryStream(seed, bound, data)
}

/** What is mixed into the stream before the seed value of a primary object is drawn from it, as the reference code does. */
export const primaryProofs = ({ hierarchies: h }: Tpm, hierarchy: HierarchyName): readonly Bytes[] =>
  hierarchy === 'endorsement' ? [h.owner.proof, h.endorsement.proof] : []

/**
 * A key from its template. Private parts are drawn first, then the seed value, as the reference code does.
 * @param proofs mixed in between the two
 */
export function makeObject(
  profile: Profile,
  template: Public,
  stream: Stream,
  auth: Bytes,
  data: Bytes,
  proofs: readonly Bytes[] = [],
): Made {
  const seed = (needed: boolean): Bytes => {
    if (!needed) return EMPTY
    for (const proof of proofs) stream.stir(proof)
    return stream.next(digestSize(template.nameAlg))
  }
  const { unique, sensitive, seedValue } = kindOf(template).make(template, stream, data, seed, profile)
  return {
    publicArea: { ...template, unique } as Public,
    sensitive: { sensitiveType: template.type, authValue: auth, seedValue, sensitive } as Sensitive,
  }
}

/** Whether the public key can be one of its type. Part 3, 12.3.1. */
export const checkUnique = (p: Public): Verdict => kindOf(p).checkUnique(p)

/** A private part with its public part: KEY_SIZE when it has the wrong size, BINDING when it is of another key. */
export const checkPair = (profile: Profile, p: Public, s: Sensitive): Verdict => kindOf(p).checkPair(p, s, profile)
