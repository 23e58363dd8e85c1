// The modes of a TPM over any block cipher: NIST SP 800-38A, and CMAC of SP 800-38B. For ciphers that the library has only as
// a block, or not at all.

import { type Bytes, raw } from '../lib/bytes.ts'

/** Both work on the octets that they are given. */
export interface BlockCipher {
  /** Octets of a block: 8 or 16. */
  readonly size: number
  encrypt(block: Uint8Array): void
  decrypt(block: Uint8Array): void
}

const xorInto = (into: Uint8Array, from: Uint8Array): void => {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) ^ (from[i] as number)
}

/** Each block of a copy of the data in turn, the last maybe short. */
function inBlocks(size: number, data: Bytes, each: (block: Uint8Array) => void): Uint8Array {
  const out = raw(data).slice()
  for (let at = 0; at < out.length; at += size) each(out.subarray(at, Math.min(at + size, out.length)))
  return out
}

export const ecb = (c: BlockCipher, decrypt: boolean, data: Bytes): Bytes =>
  inBlocks(c.size, data, decrypt ? b => c.decrypt(b) : b => c.encrypt(b))

export function cbc(c: BlockCipher, decrypt: boolean, iv: Bytes, data: Bytes): Bytes {
  let before = raw(iv).slice()
  return inBlocks(c.size, data, b => {
    if (decrypt) {
      const own = b.slice()
      c.decrypt(b)
      xorInto(b, before)
      before = own
    } else {
      xorInto(b, before)
      c.encrypt(b)
      before = b.slice()
    }
  })
}

/** Feedback of whole blocks: what follows a short block is never asked for. */
export function cfb(c: BlockCipher, decrypt: boolean, iv: Bytes, data: Bytes): Bytes {
  let stream = raw(iv).slice()
  return inBlocks(c.size, data, b => {
    c.encrypt(stream)
    const own = b.slice()
    xorInto(b, stream)
    stream = decrypt ? own : b.slice()
  })
}

/** The cipher's output is the key stream and the next IV. */
export function ofb(c: Pick<BlockCipher, 'size' | 'encrypt'>, iv: Bytes, data: Bytes): { data: Bytes; iv: Bytes } {
  const stream = raw(iv).slice()
  const out = inBlocks(c.size, data, b => {
    c.encrypt(stream)
    xorInto(b, stream)
  })
  return { data: out, iv: stream }
}

/** The IV as a counter, `blocks` later. */
export function advanced(iv: Bytes, blocks: number): Bytes {
  const out = raw(iv).slice()
  let carry = blocks
  for (let i = out.length - 1; i >= 0 && carry > 0; i--) {
    carry += out[i] as number
    out[i] = carry & 255
    carry = Math.floor(carry / 256)
  }
  return out
}

export function ctr(c: BlockCipher, iv: Bytes, data: Bytes): Bytes {
  let n = 0
  return inBlocks(c.size, data, b => {
    const stream = raw(advanced(iv, n++)).slice()
    c.encrypt(stream)
    xorInto(b, stream)
  })
}

/** Twice the value in the field of SP 800-38B, 6.1. */
function doubled(b: Uint8Array): Uint8Array {
  const carry = (b[0] as number) >> 7
  const out = b.map((x, i) => ((x << 1) | ((b[i + 1] ?? 0) >> 7)) & 255)
  const last = b.length - 1
  out[last] = (out[last] as number) ^ (carry * (b.length === 8 ? 0x1b : 0x87))
  return out
}

/** A block. SP 800-38B, 6.2. */
export function cmac(c: BlockCipher, message: Bytes): Bytes {
  const { size } = c
  const key = new Uint8Array(size)
  c.encrypt(key)
  const whole = message.length > 0 && message.length % size === 0
  const padded = new Uint8Array(whole ? message.length : (Math.floor(message.length / size) + 1) * size)
  padded.set(raw(message))
  if (!whole) padded[message.length] = 0x80
  const subkey = whole ? doubled(key) : doubled(doubled(key))
  xorInto(padded.subarray(padded.length - size), subkey)
  return cbc(c, false, new Uint8Array(size), padded).slice(-size)
}
