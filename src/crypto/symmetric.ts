// AES in the modes of a TPM (NIST SP 800-38A) and CMAC (SP 800-38B), by TPM_ALG_ID. A mode takes an IV and gives the one
// with which the next part of the data goes on: Part 3, 15.2.1 and Part 2, Table 81.

import { cbc, cfb, cmac as aesCmac, ctr, ecb, unsafe } from '@noble/ciphers/aes.js'
import { type Bytes, concat, EMPTY, raw } from '../lib/bytes.ts'

/** Octets of a block of AES, and of an IV of every mode that has one. */
export const AES_BLOCK = 16

const CTR = 0x0040
const OFB = 0x0041
const CBC = 0x0042
const CFB = 0x0043
const ECB = 0x0044

/** Data of any length; the IV has a block. The library wants buffers of its own. */
export const cfbEncrypt = (key: Bytes, iv: Bytes, data: Bytes): Bytes =>
  data.length === 0 ? EMPTY : cfb(raw(key), raw(iv)).encrypt(raw(data).slice())
export const cfbDecrypt = (key: Bytes, iv: Bytes, data: Bytes): Bytes =>
  data.length === 0 ? EMPTY : cfb(raw(key), raw(iv)).decrypt(raw(data).slice())

export interface Enciphered {
  readonly data: Bytes
  /** Empty in ECB mode. */
  readonly iv: Bytes
}

/** Octets of the IV that a mode takes. */
export const ivSize = (mode: number): number => (mode === ECB ? 0 : AES_BLOCK)
/** Whether the data of a mode must be whole blocks. */
export const isBlockwise = (mode: number): boolean => mode === CBC || mode === ECB
/** Modes that encrypt: CMAC, which shares their list, does not. */
export const isCipherMode = (mode: number): boolean => mode >= CTR && mode <= ECB

/** The IV as a counter, `blocks` later. */
function advanced(iv: Bytes, blocks: number): Bytes {
  const out = raw(iv).slice()
  let carry = blocks
  for (let i = AES_BLOCK - 1; i >= 0 && carry > 0; i--) {
    carry += out[i] as number
    out[i] = carry & 255
    carry = Math.floor(carry / 256)
  }
  return out
}

/** Output feedback: the cipher's output is the key stream and the next IV. */
function outputFeedback(key: Bytes, iv: Bytes, data: Bytes): Enciphered {
  const schedule = unsafe.expandKeyLE(raw(key))
  const block = raw(iv).slice()
  const out = raw(data).slice()
  for (let at = 0; at < out.length; at += AES_BLOCK) {
    unsafe.encryptBlock(schedule, block)
    for (let i = 0; i < AES_BLOCK && at + i < out.length; i++)
      out[at + i] = (out[at + i] as number) ^ (block[i] as number)
  }
  return { data: out, iv: block }
}

/** The last block of a ciphertext; a short one is filled up with zeros, none leaves the IV as it is. */
function lastBlock(iv: Bytes, ciphertext: Bytes): Bytes {
  if (ciphertext.length === 0) return iv
  const last = ciphertext.slice(Math.floor((ciphertext.length - 1) / AES_BLOCK) * AES_BLOCK)
  return concat(last, new Uint8Array(AES_BLOCK - last.length))
}

/** A short last block of CFB filled up with what is left of the key stream, not with zeros. */
function filled(next: Bytes, key: Bytes, iv: Bytes, data: Bytes, decrypt: boolean): Bytes {
  const short = data.length % AES_BLOCK
  if (short === 0) return next
  const whole = concat(data, new Uint8Array(AES_BLOCK - short))
  const out = (decrypt ? cfbDecrypt : cfbEncrypt)(key, iv, whole)
  return concat(next.slice(0, short), out.slice(data.length))
}

/**
 * Encrypts or decrypts with AES. Lengths are the caller's to check: see ivSize and isBlockwise.
 * @param key 16, 24 or 32 octets @param keepKeyStream what fills ivOut after a short last block of CFB
 */
export function aes(
  mode: number,
  key: Bytes,
  decrypt: boolean,
  iv: Bytes,
  data: Bytes,
  keepKeyStream = false,
): Enciphered {
  if (data.length === 0) return { data: EMPTY, iv }
  const unpadded = { disablePadding: true }
  const input = raw(data).slice()
  switch (mode) {
    case CTR:
      return {
        data: ctr(raw(key), raw(iv)).encrypt(input),
        iv: advanced(iv, Math.ceil(data.length / AES_BLOCK)),
      }
    case OFB:
      return outputFeedback(key, iv, data)
    case CBC: {
      const cipher = cbc(raw(key), raw(iv), unpadded)
      const out = decrypt ? cipher.decrypt(input) : cipher.encrypt(input)
      return { data: out, iv: lastBlock(iv, decrypt ? data : out) }
    }
    case CFB: {
      const out = (decrypt ? cfbDecrypt : cfbEncrypt)(key, iv, data)
      const next = lastBlock(iv, decrypt ? data : out)
      return { data: out, iv: keepKeyStream ? filled(next, key, iv, data, decrypt) : next }
    }
    case ECB: {
      const cipher = ecb(raw(key), unpadded)
      return { data: decrypt ? cipher.decrypt(input) : cipher.encrypt(input), iv: EMPTY }
    }
    default:
      throw new Error(`defect: mode 0x${mode.toString(16)} does not encrypt`)
  }
}

/** CMAC with AES, 16 octets. */
export const aesMac = (key: Bytes, message: Bytes): Bytes => aesCmac(raw(message), raw(key))
