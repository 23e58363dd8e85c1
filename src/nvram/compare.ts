// What somebody sees, or changes, who has the stored bytes and no key: the comparison of AES-CBC as it was proposed in 2011
// with authenticated encryption, as values.

import { aeadOpen, aeadSeal } from '../crypto/seal.ts'
import { type Bytes, concat, EMPTY, equal, raw } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'
import { decryptBlob, encryptBlob } from './block-layout.ts'

export const BLOCK = 16

/** For each block of the shorter one: whether both have the same bytes there. */
export const equalBlocks = (a: Bytes, b: Bytes): readonly boolean[] =>
  Array.from({ length: Math.floor(Math.min(a.length, b.length) / BLOCK) }, (_, i) =>
    equal(a.slice(BLOCK * i, BLOCK * (i + 1)), b.slice(BLOCK * i, BLOCK * (i + 1))),
  )

export interface Compared {
  readonly plain: readonly boolean[]
  readonly cbc: readonly boolean[]
  readonly aead: readonly boolean[]
}

/** Two versions of a blob, each encrypted under the same key. @param nonces two of them */
export function compareVersions(
  first: Bytes,
  second: Bytes,
  { key, type, nonces }: { key: Bytes; type: number; nonces: readonly [Bytes, Bytes] },
): Compared {
  const sealed = (plain: Bytes, nonce: Bytes): Bytes => aeadSeal(key, nonce, EMPTY, plain)
  return {
    plain: equalBlocks(first, second),
    cbc: equalBlocks(encryptBlob(key, type, first), encryptBlob(key, type, second)),
    aead: equalBlocks(sealed(first, nonces[0]), sealed(second, nonces[1])),
  }
}

export interface Flipped {
  /** The block that became noise, and its plain bytes before and after. */
  readonly block: number
  readonly before: Bytes
  readonly after: Bytes
  /** The plain byte of the block after it whose same bit is flipped; undefined for a bit of the last block. */
  readonly next: { readonly at: number; readonly before: number; readonly after: number } | undefined
  /** The CRC-32 tells; but anybody can compute one, and in revision 1 of the layout it stands in the clear. */
  readonly crcTells: boolean
  /** The authenticated mode gave nothing out. */
  readonly refused: boolean
}

const flip = (b: Bytes, at: number, bit: number): Bytes => {
  const out = raw(b).slice()
  out[at] = (out[at] as number) ^ (1 << bit)
  return out
}

/** One bit of the ciphertext is flipped: at byte `at` of the plain text. */
export function flipBit(
  plain: Bytes,
  at: number,
  bit: number,
  { key, type, nonce }: { key: Bytes; type: number; nonce: Bytes },
): Flipped {
  const stored = encryptBlob(key, type, plain)
  const changed = decryptBlob(key, type, flip(stored, at, bit)).slice(0, plain.length)
  const block = Math.floor(at / BLOCK)
  const start = BLOCK * block
  const n = at + BLOCK
  const sealed = aeadSeal(key, nonce, EMPTY, plain)
  return {
    block,
    before: plain.slice(start, start + BLOCK),
    after: changed.slice(start, start + BLOCK),
    next: n < plain.length ? { at: n, before: plain[n] as number, after: changed[n] as number } : undefined,
    crcTells: crc32(changed) !== crc32(plain),
    refused: aeadOpen(key, nonce, EMPTY, flip(sealed, at, bit)) === undefined,
  }
}

/** Another version of a blob: the same bytes but one, for who has only one version to compare. */
export const otherVersion = (plain: Bytes, at: number): Bytes =>
  concat(plain.slice(0, at), Uint8Array.of((plain[at] as number) ^ 1), plain.slice(at + 1))
