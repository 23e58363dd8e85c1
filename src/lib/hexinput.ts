// Bytes from pasted text: hexadecimal digits with spaces, commas, 0x, colons and line breaks, or a hex dump with
// offsets and a column of characters (xxd, hexdump -C, od -tx1, packet captures).

import type { Bytes } from './bytes.ts'

/** Text that is not bytes. Line and column count from 1. */
export class HexInputError extends Error {
  readonly line: number
  readonly column: number
  readonly what: string
  constructor(line: number, column: number, what: string) {
    super(`line ${line}, column ${column}: ${what}`)
    this.name = 'HexInputError'
    this.line = line
    this.column = column
    this.what = what
  }
}

const OFFSET = /^(\s*(?:0x)?)([0-9a-fA-F]{4,16})(:?)(?=\s|$)/
const TOKEN = /[^\s,;:]+/g

interface DumpLine {
  readonly line: number
  readonly offset: number
  /** Where the bytes start in `text`. */
  readonly from: number
  readonly text: string
  /** The line stands after "*": the bytes before it repeat up to its offset. */
  readonly repeat: boolean
}

/** The bytes of one token, or an error at its place. */
function readToken(token: string, line: number, column: number, out: number[]): void {
  const prefix = /^(?:0[xX]|\\x)/.exec(token)?.[0].length ?? 0
  const digits = token.slice(prefix)
  const bad = digits.search(/[^0-9a-fA-F]/)
  if (bad >= 0) {
    throw new HexInputError(line, column + prefix + bad, `"${digits[bad]}" is not a hexadecimal digit`)
  }
  if (digits.length === 0) throw new HexInputError(line, column, `no digits after "${token}"`)
  if (digits.length === 1 && prefix > 0) {
    out.push(Number.parseInt(digits, 16))
    return
  }
  if (digits.length % 2 === 1) {
    throw new HexInputError(line, column + prefix + digits.length - 1, `an odd number of digits (${digits.length})`)
  }
  for (let i = 0; i < digits.length; i += 2) out.push(Number.parseInt(digits.slice(i, i + 2), 16))
}

/** Reads tokens of `text` from `from` on until `most` bytes are there. */
function readTokens(text: string, from: number, line: number, most: number, out: number[]): void {
  TOKEN.lastIndex = from
  const start = out.length
  for (let m = TOKEN.exec(text); m && out.length - start < most; m = TOKEN.exec(text)) {
    readToken(m[0], line, m.index + 1, out)
  }
  if (out.length - start > most) {
    throw new HexInputError(line, from + 1, `more bytes than up to the next offset (${most})`)
  }
}

/** The lines of a dump, or undefined when the text is not one: its first line must begin with an offset. */
function asDump(lines: readonly string[]): DumpLine[] | undefined {
  const first = lines.find(l => l.trim() !== '')
  const head = first === undefined ? null : OFFSET.exec(first)
  if (!head || (head[3] !== ':' && (!/^0+$/.test(head[2] as string) || head[1]?.trim() === '0x'))) return undefined
  const out: DumpLine[] = []
  let repeat = false
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue
    if (text.trim() === '*' && out.length > 0) {
      repeat = true
      continue
    }
    const m = OFFSET.exec(text)
    if (!m) throw new HexInputError(i + 1, 1, 'a line of a hex dump without an offset')
    out.push({ line: i + 1, offset: Number.parseInt(m[2] as string, 16), from: m[0].length, text, repeat })
    repeat = false
  }
  return out
}

/** Where the hexadecimal column of the last line of a dump ends: at "|", or at the gap before the characters. */
function hexColumn(d: DumpLine): string {
  const bar = d.text.indexOf('|', d.from)
  if (bar >= 0) return d.text.slice(0, bar)
  const lead = d.from + (/^\s*/.exec(d.text.slice(d.from))?.[0].length ?? 0)
  const body = d.text.slice(lead)
  // A gap of two spaces in the middle of sixteen bytes belongs to the column.
  const column = /^(?:[0-9a-fA-F]{2} ){7}[0-9a-fA-F]{2} {2}(?=(?:[0-9a-fA-F]{2}(?: |$)))/.exec(body)?.[0].length ?? 0
  const gap = /\s{2,}/.exec(body.slice(column))
  return gap ? d.text.slice(0, lead + column + gap.index) : d.text
}

function readDump(dump: readonly DumpLine[]): number[] {
  const out: number[] = []
  const base = dump[0]?.offset ?? 0
  let width = 16
  for (const [i, d] of dump.entries()) {
    const at = d.offset - base
    if (d.repeat) {
      const last = out.slice(-width)
      while (out.length < at && last.length > 0) out.push(...last.slice(0, at - out.length))
    }
    if (at !== out.length) {
      throw new HexInputError(d.line, 1, `offset ${at} where ${out.length} was expected: a line is missing or changed`)
    }
    const next = dump[i + 1]
    if (!next) {
      readTokens(hexColumn(d), d.from, d.line, Number.MAX_SAFE_INTEGER, out)
    } else {
      if (!next.repeat) width = next.offset - d.offset
      readTokens(d.text, d.from, d.line, width, out)
    }
  }
  return out
}

/**
 * @param min the fewest bytes that make sense
 * @throws HexInputError naming line and column of the first digit that is odd or no digit, or saying that too few are there
 */
export function parseHexInput(text: string, min = 0): Bytes {
  const lines = text.split(/\r?\n/)
  const dump = asDump(lines)
  const out: number[] = dump ? readDump(dump) : []
  if (!dump) for (const [i, line] of lines.entries()) readTokens(line, 0, i + 1, Number.MAX_SAFE_INTEGER, out)
  if (out.length < min) {
    const last = Math.max(
      lines.findLastIndex(l => l.trim() !== ''),
      0,
    )
    const end = (lines[last] ?? '').trimEnd().length + 1
    throw new HexInputError(last + 1, end, `only ${out.length} bytes, at least ${min} are needed`)
  }
  return Uint8Array.from(out)
}
