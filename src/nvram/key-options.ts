// The options that name a key: as the review of 2011 agreed on them [text], read strictly; and what the parser of the patch
// made of the same words, for whoever wants to see why it was replaced.

import { type Bytes, utf8 } from '../lib/bytes.ts'

/** A key that cannot be one: what is wrong, and where. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

export type KeyFormat = 'hex' | 'binary'
export const KEY_BITS: readonly number[] = [128, 192, 256]

export function readKeyFormat(text: string): KeyFormat {
  if (text === 'hex' || text === 'binary') return text
  throw new KeyError(`key_format must be hex or binary, not "${text}"`)
}

const bitsNeeded = '128, 192 or 256 bits'

/** A character that was taken for a digit, in words. */
function slip(c: string): string {
  if (c === 'O' || c === 'o') return `letter ${c}`
  if (c === 'l' || c === 'I') return `letter ${c}`
  return /^[a-zA-Z]$/.test(c) ? `letter ${c}` : `"${c}"`
}
const meant = (c: string): string =>
  c === 'O' || c === 'o' ? '; is it a zero?' : c === 'l' || c === 'I' ? '; is it a one?' : ''

/** The key in hexadecimal digits, "0x" before them or not; nothing is cut and nothing is filled up. @throws KeyError */
export function readHexKey(text: string): Bytes {
  const start = /^0[xX]/.test(text) ? 2 : 0
  // Characters, as a person counts them.
  const all = Array.from(text)
  for (let i = start; i < all.length; i++) {
    const c = all[i] as string
    if (!/^[0-9a-fA-F]$/.test(c)) {
      throw new KeyError(`${slip(c)} at position ${i + 1} is no hexadecimal digit${meant(c)}`)
    }
  }
  const digits = all.length - start
  if (!KEY_BITS.includes(digits * 4)) {
    throw new KeyError(`has ${digits} hexadecimal digits; 32, 48 or 64 are needed (${bitsNeeded})`)
  }
  return Uint8Array.from({ length: digits / 2 }, (_, i) =>
    Number.parseInt(text.slice(start + 2 * i, start + 2 * i + 2), 16),
  )
}

/** The bytes themselves as the key. @throws KeyError */
export function readBinaryKey(bytes: Bytes): Bytes {
  if (KEY_BITS.includes(bytes.length * 8)) return bytes
  throw new KeyError(`has ${bytes.length} bytes; 16, 24 or 32 are needed (${bitsNeeded})`)
}

/** A key that was typed. @throws KeyError */
export const readKey = (text: string, format: KeyFormat): Bytes =>
  format === 'hex' ? readHexKey(text) : readBinaryKey(utf8(text))

/** Text of a file with one key or passphrase: one line end at the end does not belong to it. */
export const firstLine = (text: string): string => text.replace(/\r?\n$/, '')

/** A key from a file: in hexadecimal one line of text, in binary all of its bytes. @throws KeyError */
export function readKeyFile(bytes: Bytes, format: KeyFormat): Bytes {
  if (format === 'binary') return readBinaryKey(bytes)
  const text = firstLine(Array.from(bytes, b => String.fromCharCode(b)).join(''))
  return readHexKey(text)
}

export const MODES_2011 = ['aes-cbc'] as const

/** What the words of an option line say, before any file is read. */
export interface KeyOptions {
  readonly mode: string
  readonly format: KeyFormat
  readonly key: Bytes | undefined
  readonly file: string | undefined
}

const KNOWN = ['enc_mode', 'key_format', 'key', 'key_file']

/**
 * "enc_mode=aes-cbc,key_format=hex,key=…": each name once, in any order.
 * @param modes the encryptions that are known here
 * @throws KeyError naming the option
 */
export function readKeyOptions(line: string, modes: readonly string[]): KeyOptions {
  const given = new Map<string, string>()
  for (const part of line.split(',')) {
    const eq = part.indexOf('=')
    const name = eq < 0 ? part : part.slice(0, eq)
    if (!KNOWN.includes(name)) throw new KeyError(`unknown option "${name}" (there are ${KNOWN.join(', ')})`)
    if (eq < 0) throw new KeyError(`${name} has no value`)
    if (given.has(name)) throw new KeyError(`${name} is given twice`)
    given.set(name, part.slice(eq + 1))
  }
  const mode = given.get('enc_mode') ?? (modes[0] as string)
  if (!modes.includes(mode)) throw new KeyError(`enc_mode must be ${modes.join(' or ')}, not "${mode}"`)
  const format = readKeyFormat(given.get('key_format') ?? 'hex')
  const typed = given.get('key')
  const file = given.get('key_file')
  if (typed !== undefined && file !== undefined) throw new KeyError('key and key_file exclude each other')
  if (typed === undefined && file === undefined) throw new KeyError('key or key_file is missing')
  if (file === '') throw new KeyError('key_file names no file')
  try {
    return { mode, format, key: typed === undefined ? undefined : readKey(typed, format), file }
  } catch (e) {
    if (e instanceof KeyError) throw new KeyError(`key ${e.message}`)
    throw e
  }
}

/** The line with every key overwritten: it keeps its length and shows nothing. [text: dashes] */
export const wipeKeys = (line: string): string =>
  line.replace(/(^|,)(key=)([^,]*)/g, (_, c, k, v: string) => `${c}${k}${'-'.repeat(v.length)}`)

/** What a parser made of a key. */
export interface Made {
  readonly bits: number
  readonly key: Bytes
  /** The text itself became the key, since too few digits stood at its start. */
  readonly asText: boolean
  /** Digits that were read, and what stood behind the last one that counts. */
  readonly digits: number
  readonly ignored: string
}

const KEY_2011 = 'aes-cbc:'

/** Bytes of `count` digits; an odd last one is the upper half of its byte. */
function digitBytes(digits: string, size: number): Uint8Array {
  const out = new Uint8Array(size)
  for (let i = 0; i < digits.length; i++) {
    out[i >> 1] = (out[i >> 1] as number) | (Number.parseInt(digits[i] as string, 16) << (i % 2 === 0 ? 4 : 0))
  }
  return out
}

/** The first 16 bytes of a text, zeros behind a shorter one. */
function textKey(text: string): Bytes {
  const out = new Uint8Array(16)
  out.set(Uint8Array.from(utf8(text).slice(0, 16) as unknown as ArrayLike<number>))
  return out
}

export interface Parsed2011 {
  /** As the code that was posted does it: digits are counted against a size in bytes. [our reading of the code] */
  readonly posted: Made
  /** As its author described it: cut to 256, 192 or 128 bits. [text] */
  readonly meant: Made
  /** What a reader of the command line would not expect, in full sentences. */
  readonly traps: readonly string[]
}

/** Digits that each parser stops at: the size of the key buffer in bytes, and that in digits. */
const POSTED = 32
const MEANT = 64

/**
 * The value of `key=` as the patch of 2011 read it: "aes-cbc:0x…".
 * @returns undefined for what it refused: any other encryption
 */
export function parse2011(value: string): Parsed2011 | undefined {
  if (value.slice(0, KEY_2011.length).toLowerCase() !== KEY_2011) return undefined
  const body = value.slice(KEY_2011.length)
  const start = body.startsWith('0x') ? 2 : 0
  const run = /^[0-9a-fA-F]*/.exec(body.slice(start))?.[0] ?? ''
  const make = (most: number, text: string): Made => {
    const digits = run.slice(0, most)
    const used = digits.length >= 64 ? 64 : digits.length >= 48 ? 48 : digits.length >= 32 ? 32 : 0
    if (used === 0) {
      const ignored = text.slice(16)
      return { bits: 128, key: textKey(text), asText: true, digits: digits.length, ignored }
    }
    const ignored = body.slice(start + used)
    return { bits: used * 4, key: digitBytes(digits.slice(0, used), used / 2), asText: false, digits: used, ignored }
  }
  // The bug with the prefix: the text that becomes the key is the whole value.
  const posted = make(POSTED, value)
  const meantToBe = make(MEANT, body)
  const traps: string[] = []
  const odd = body[start + run.length]
  if (odd !== undefined) {
    traps.push(
      `It stopped at ${slip(odd)}, position ${start + run.length + 1} of the key, without a word: ${run.length} digits count.`,
    )
  }
  if (posted.asText) {
    const shown = new TextDecoder().decode(Uint8Array.from({ length: 16 }, (_, i) => posted.key[i] as number))
    traps.push(
      `Fewer than 32 digits: the words themselves became the key, with their prefix: "${shown.replaceAll('\0', '\\0')}".`,
    )
  }
  if (!posted.asText && run.length > 32) {
    traps.push(`Of ${run.length} digits 32 were used: AES-128, although more was typed.`)
  }
  if (!meantToBe.asText && meantToBe.digits < run.length) {
    traps.push(`Even as it was meant, ${run.length - meantToBe.digits} digits would have been cut off silently.`)
  }
  return { posted, meant: meantToBe, traps }
}
