// AES, Camellia and TDES in the modes of a TPM (NIST SP 800-38A) and CMAC (SP 800-38B), by TPM_ALG_ID. A mode takes an IV and gives
// the one with which the next part of the data goes on: Part 3, 15.2.1 and Part 2, Table 81.

import { cbc, cfb, cmac as aesCmac, ctr, ecb, unsafe } from '@noble/ciphers/aes.js'
import { type Bytes, concat, EMPTY, raw } from '../lib/bytes.ts'
import { camellia } from './camellia.ts'
import { tripleDes } from './des.ts'
import * as modes from './modes.ts'
import { scratch } from './scratch.ts'

/** Octets of a block of AES, and of an IV of every mode that has one. */
export const AES_BLOCK = 16

const TDES = 0x0003
const AES = 0x0006
const CAMELLIA = 0x0026
const CTR = 0x0040
const OFB = 0x0041
const CBC = 0x0042
const CFB = 0x0043
const ECB = 0x0044

/** Octets of a block of a cipher. */
export const blockOf = (alg: number): number => (alg === TDES ? 8 : AES_BLOCK)

const KEYS = scratch(32)
const IVS = scratch(AES_BLOCK)
const INPUT = scratch(4096)
const OUTPUT = scratch(4096)

/** Data of any length; the IV has a block. The library wants buffers of its own. */
export const cfbEncrypt = (key: Bytes, iv: Bytes, data: Bytes, alg = AES): Bytes => cfbOf(alg, key, false, iv, data)
export const cfbDecrypt = (key: Bytes, iv: Bytes, data: Bytes, alg = AES): Bytes => cfbOf(alg, key, true, iv, data)

function cfbOf(alg: number, key: Bytes, decrypt: boolean, iv: Bytes, data: Bytes): Bytes {
  if (data.length === 0) return EMPTY
  const other = otherThanAes(alg, key)
  if (other) return modes.cfb(other, decrypt, iv, data)
  const cipher = cfb(KEYS.copy(key), IVS.copy(iv))
  const input = INPUT.copy(data)
  const output = OUTPUT.room(data.length)
  return (decrypt ? cipher.decrypt(input, output) : cipher.encrypt(input, output)).slice()
}

/** The cipher of a key, where the library has none; undefined for AES. */
function otherThanAes(alg: number, key: Bytes): modes.BlockCipher | undefined {
  if (alg === AES) return undefined
  if (alg === CAMELLIA) return camellia(key)
  if (alg === TDES) return tripleDes(key)
  throw new Error(`defect: no cipher 0x${alg.toString(16)}`)
}

export interface Enciphered {
  readonly data: Bytes
  /** Empty in ECB mode. */
  readonly iv: Bytes
}

/** Octets of the IV that a mode takes. */
export const ivSize = (mode: number, alg = AES): number => (mode === ECB ? 0 : blockOf(alg))
/** Whether the data of a mode must be whole blocks. */
export const isBlockwise = (mode: number): boolean => mode === CBC || mode === ECB
/** Modes that encrypt: CMAC, which shares their list, does not. */
export const isCipherMode = (mode: number): boolean => mode >= CTR && mode <= ECB

/** The last block of a ciphertext; a short one is filled up with zeros, none leaves the IV as it is. */
function lastBlock(iv: Bytes, ciphertext: Bytes): Bytes {
  if (ciphertext.length === 0) return iv
  const last = ciphertext.slice(Math.floor((ciphertext.length - 1) / iv.length) * iv.length)
  return concat(last, new Uint8Array(iv.length - last.length))
}

/** A short last block of CFB filled up with what is left of the key stream, not with zeros. */
function filled(next: Bytes, alg: number, key: Bytes, iv: Bytes, data: Bytes, decrypt: boolean): Bytes {
  const short = data.length % iv.length
  if (short === 0) return next
  const whole = concat(data, new Uint8Array(iv.length - short))
  const out = cfbOf(alg, key, decrypt, iv, whole)
  return concat(next.slice(0, short), out.slice(data.length))
}

/**
 * Encrypts or decrypts. Lengths are the caller's to check: see ivSize and isBlockwise.
 * @param alg the block cipher @param key of 16, 24 or 32 octets
 * @param keepKeyStream what fills ivOut after a short last block of CFB
 */
export function encipher(
  alg: number,
  mode: number,
  key: Bytes,
  decrypt: boolean,
  iv: Bytes,
  data: Bytes,
  keepKeyStream = false,
): Enciphered {
  if (data.length === 0) return { data: EMPTY, iv }
  const other = otherThanAes(alg, key)
  const unpadded = { disablePadding: true }
  const input = raw(data).slice()
  switch (mode) {
    case CTR:
      return {
        data: other ? modes.ctr(other, iv, data) : ctr(raw(key), raw(iv)).encrypt(input),
        iv: modes.advanced(iv, Math.ceil(data.length / iv.length)),
      }
    case OFB: {
      const schedule = other ? undefined : unsafe.expandKeyLE(raw(key))
      return modes.ofb(
        other ?? { size: AES_BLOCK, encrypt: b => void unsafe.encryptBlock(schedule as Uint32Array, b) },
        iv,
        data,
      )
    }
    case CBC: {
      const cipher = other ? undefined : cbc(raw(key), raw(iv), unpadded)
      const aes = decrypt ? cipher?.decrypt(input) : cipher?.encrypt(input)
      const out = other ? modes.cbc(other, decrypt, iv, data) : (aes as Bytes)
      return { data: out, iv: lastBlock(iv, decrypt ? data : out) }
    }
    case CFB: {
      const out = cfbOf(alg, key, decrypt, iv, data)
      const next = lastBlock(iv, decrypt ? data : out)
      return { data: out, iv: keepKeyStream ? filled(next, alg, key, iv, data, decrypt) : next }
    }
    case ECB: {
      if (other) return { data: modes.ecb(other, decrypt, data), iv: EMPTY }
      const cipher = ecb(raw(key), unpadded)
      return { data: decrypt ? cipher.decrypt(input) : cipher.encrypt(input), iv: EMPTY }
    }
    default:
      throw new Error(`defect: mode 0x${mode.toString(16)} does not encrypt`)
  }
}

/** CMAC, a block. */
export function cmac(alg: number, key: Bytes, message: Bytes): Bytes {
  const other = otherThanAes(alg, key)
  return other ? modes.cmac(other, message) : aesCmac(raw(message), raw(key))
}
