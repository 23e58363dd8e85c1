// Key derivation. Part 1, 8.4.10: KDFa (SP 800-108 counter mode with HMAC) and KDFe (SP 800-56A concatenation).

import { be32, type Bytes, concat, raw, utf8 } from '../lib/bytes.ts'
import { remembered } from '../lib/remembered.ts'
import { hash, hmac } from './hash.ts'

const trim = (out: Bytes, bits: number): Bytes => {
  const bytes = raw(out.slice(0, Math.ceil(bits / 8)))
  if (bits % 8 !== 0) bytes[0] = (bytes[0] as number) & (2 ** (bits % 8) - 1)
  return bytes
}

function blocks(bits: number, block: (counter: Bytes) => Bytes): Bytes {
  const parts: Bytes[] = []
  for (let i = 1, have = 0; have * 8 < bits; i++) {
    const part = block(be32(i))
    parts.push(part)
    have += part.length
  }
  return trim(concat(...parts), bits)
}

/** Labels are few. */
const labelOctets = remembered(new Map<string, Bytes>(), utf8)

const zero = Uint8Array.of(0)
const NOTHING = new Uint8Array(0)

/** `bits` bits under `key`; the label is followed by one zero byte, unless it ends with one. */
export const kdfa = (alg: number, key: Bytes, label: string | Bytes, u: Bytes, v: Bytes, bits: number): Bytes => {
  const octets = typeof label === 'string' ? labelOctets(label) : label
  const end = octets.length > 0 && octets[octets.length - 1] === 0 ? NOTHING : zero
  return blocks(bits, counter => hmac(alg, key, counter, octets, end, u, v, be32(bits)))
}

/** `bits` bits from the shared secret `z`; `u` and `v` are the x coordinates of the two parties. */
export const kdfe = (alg: number, z: Bytes, label: string, u: Bytes, v: Bytes, bits: number): Bytes =>
  blocks(bits, counter => hash(alg, counter, z, utf8(label), zero, u, v))

/** KDF2 (ISO/IEC 18033-2, 6.2.3): `length` octets from the shared secret `z`. */
export const kdf2 = (alg: number, z: Bytes, length: number): Bytes =>
  blocks(8 * length, counter => hash(alg, z, counter))

/** XOR obfuscation (Part 1, 8.4.7.3): the same call hides data and shows it again. */
export function xorObfuscation(alg: number, key: Bytes, u: Bytes, v: Bytes, data: Bytes): Bytes {
  const out = raw(kdfa(alg, key, 'XOR', u, v, 8 * data.length))
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) ^ (data[i] as number)
  return out
}
