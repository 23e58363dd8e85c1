// The random number generator as a value: CTR_DRBG with AES-256, no derivation function (NIST SP 800-90A, 10.2.1), and
// the condensing step with which the TCG reference code seeds it. The engine's only source of randomness.

import { unsafe } from '@noble/ciphers/aes.js'
import { type Bytes, concat, raw, utf8 } from '../lib/bytes.ts'
import { scratch } from './scratch.ts'

export interface Drbg {
  /** 32 bytes. */
  readonly key: Bytes
  /** 16 bytes. */
  readonly v: Bytes
}

const BLOCK = 16
const KEY = 32
const SEED = KEY + BLOCK

const KEYS = scratch(KEY)
const COUNTER = scratch(BLOCK)
const OUTPUT = scratch(1024)
const ZEROS = new Uint8Array(1024)

/** The key stream of `n` bytes that begins at V + 1. It holds until the next call. */
function stream(d: Drbg, n: number): Uint8Array<ArrayBuffer> {
  const counter = COUNTER.copy(d.v)
  for (let i = BLOCK - 1; i >= 0; i--) {
    counter[i] = (counter[i] as number) + 1
    if (counter[i] !== 0) break
  }
  const zeros = n > ZEROS.length ? new Uint8Array(n) : ZEROS.subarray(0, n)
  return unsafe.ctrCounter(
    unsafe.expandKeyLE(KEYS.copy(d.key)),
    counter,
    zeros,
    OUTPUT.room(n),
  ) as Uint8Array<ArrayBuffer>
}

/** CTR_DRBG_Update (10.2.1.2); `data` is 48 bytes. */
export function update(d: Drbg, data: Bytes): Drbg {
  const temp = stream(d, SEED)
  for (let i = 0; i < SEED; i++) temp[i] = (temp[i] as number) ^ (data[i] as number)
  return { key: temp.slice(0, KEY), v: temp.slice(KEY) }
}

/** A generator seeded with 48 bytes. */
export const instantiate = (seed: Bytes): Drbg => update({ key: new Uint8Array(KEY), v: new Uint8Array(BLOCK) }, seed)

/** `n` bytes, and the generator after them: the update that ends a draw goes on in the same key stream. */
export function draw(d: Drbg, n: number): readonly [Bytes, Drbg] {
  const end = Math.ceil(n / BLOCK) * BLOCK
  const all = stream(d, end + SEED)
  return [all.slice(0, n), { key: all.slice(end, end + KEY), v: all.slice(end + KEY) }]
}

const CONDENSE_SCHEDULE = unsafe.expandKeyLE(Uint8Array.from({ length: KEY }, (_, i) => i))

/**
 * Any number of bytes to 48: three chains of AES-256 under a fixed key, as the reference code does it. Close to the
 * derivation function of SP 800-90A, but not it.
 */
export function condense(input: Bytes): Bytes {
  const used = 4 + input.length + 1
  const padded = new Uint8Array(Math.ceil(used / BLOCK) * BLOCK)
  padded.set(raw(input), 4)
  padded[4 + input.length] = 0x80
  const out = new Uint8Array(SEED)
  const chains = [0, 1, 2].map(i => out.subarray(i * BLOCK, (i + 1) * BLOCK))
  chains.forEach((c, i) => {
    c[3] = i
  })
  const t = new Uint8Array(BLOCK)
  // Each chain takes in the block and what the chains before it took in.
  const step = (from: number): void => {
    t.fill(0)
    for (const c of chains) {
      for (let k = 0; k < BLOCK; k++) {
        t[k] = (t[k] as number) ^ (c[k] as number) ^ (from < 0 ? 0 : (padded[from + k] as number))
      }
      c.set(t)
      unsafe.encryptBlock(CONDENSE_SCHEDULE, c)
    }
  }
  step(-1)
  const view = new DataView(out.buffer)
  view.setUint32(0, input.length)
  view.setUint32(4, SEED)
  for (let at = 0; at < padded.length; at += BLOCK) step(at)
  return out
}

/** A generator seeded with any number of bytes. */
export const drbg = (seed: Bytes): Drbg => instantiate(condense(seed))

/** Mixes bytes in (TPM2_StirRandom; proofs into the stream of an endorsement key). */
export const stir = (d: Drbg, input: Bytes): Drbg => update(d, condense(input))

const LABEL = concat(utf8('Primary Object Creation'), Uint8Array.of(0))

/**
 * The stream from which a primary object is drawn: primary seed, name algorithm (2 bytes) with the digest of the
 * template, and the sensitive data given.
 */
export const primaryStream = (seed: Bytes, template: Bytes, data: Bytes): Drbg =>
  drbg(concat(seed, LABEL, template, data))
