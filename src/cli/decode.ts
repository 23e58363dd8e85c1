// `crbscope decode`: a command or response field by field. Offset, bytes, name, value in words, source; malformed input
// up to the field that is wrong.

import type { Span } from '../codec/explain.ts'
import { type Bytes, toHex } from '../lib/bytes.ts'
import { HexInputError, parseHexInput } from '../lib/hexinput.ts'
import { COMMANDS, declareAll } from '../spec/commands/all.ts'
import { commandByCode } from '../spec/commands/index.ts'
import { explainCommand, explainResponse, type FrameExplanation, HEADER_SIZE, header } from '../spec/frame.ts'
import { ROWS, rowOf } from '../spec12/commands.ts'
import { explainRequest12, explainResponse12, isRequest12, isResponse12 } from '../spec12/frame.ts'
import { type Command, readArgs, readInput } from './command.ts'
import { usage } from './errors.ts'

const MOST_BYTES = 12

type Row = readonly [offset: string, bytes: string, name: string, value: string, source: string]

function bytesOf(bytes: Bytes, span: Span): string {
  const hex = toHex(bytes.slice(span.at, span.at + Math.min(span.length, MOST_BYTES)))
  return span.length > MOST_BYTES ? `${hex}… (${span.length} bytes)` : hex
}

function valueOf(span: Span): string {
  const value = span.children.length > 0 ? '' : span.length > MOST_BYTES ? `${span.length} bytes` : (span.text ?? '')
  return span.error === undefined ? value : `${value === '' ? '' : `${value}; `}WRONG: ${span.error}`
}

function* rowsOf(bytes: Bytes, spans: readonly Span[], depth: number): Generator<Row> {
  for (const s of spans) {
    const shown = s.children.length > 0 ? '' : bytesOf(bytes, s)
    const offset = s.at.toString(16).padStart(4, '0')
    yield [offset, shown, `${'  '.repeat(depth)}${s.name}`, valueOf(s), s.codec.source ?? '']
    yield* rowsOf(bytes, s.children, depth + 1)
  }
}

const bearsError = (s: Span): boolean => s.error !== undefined || s.children.some(bearsError)

/** The rows, with one for a field of which not a byte was there. */
function allRows(bytes: Bytes, { spans, error }: FrameExplanation): Row[] {
  const rows = [...rowsOf(bytes, spans, 0)]
  const field = error?.path.at(-1)
  if (error && field !== undefined && !spans.some(bearsError)) {
    const offset = error.at.toString(16).padStart(4, '0')
    const at = rows.findIndex(r => r[0] >= offset)
    rows.splice(at < 0 ? rows.length : at, 0, [offset, '', `  ${field}`, `WRONG: ${error.message}`, ''])
  }
  return rows
}

function table(rows: readonly Row[]): string {
  const widths = [0, 1, 2, 3].map(i => Math.min(Math.max(...rows.map(r => (r[i] as string).length)), 60))
  return rows
    .map(r =>
      r
        .map((c, i) => (i < 4 ? c.padEnd(widths[i] as number) : c))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A command by its code (hexadecimal, 0x or not) or its name (TPM2_ or not). */
function commandCode(text: string): number {
  const name = text.toLowerCase().replace(/^tpm2?_(cc_)?/, '')
  const row = COMMANDS.find(c => c.name.toLowerCase() === `tpm2_${name}`)
  if (row) return row.code
  if (!/^(0x)?[0-9a-f]{1,8}$/i.test(text))
    throw usage(`neither a command code nor a known name: "${text}"`, '--command')
  return Number.parseInt(text.replace(/^0x/i, ''), 16)
}

/** A frame of TPM 1.2, known by its tag; an answer is one where its command is named as of TPM 1.2, or not at all. */
function explain12(bytes: Bytes, command: string | undefined): readonly [string, FrameExplanation] | undefined {
  if (isRequest12(bytes)) {
    const row = rowOf(header(bytes)?.code ?? 0)
    return [row ? `${row.name} (${row.section})` : 'command of TPM 1.2', explainRequest12(bytes)]
  }
  if (!isResponse12(bytes)) return undefined
  const name = command?.toLowerCase().replace(/^(tpm|tsc)_(ord_)?/, '')
  const row = ROWS.find(r => r.name.toLowerCase().replace(/^(tpm|tsc)_/, '') === name)
  const code = name !== undefined && /^(0x)?[0-9a-f]{1,8}$/.test(name) ? Number.parseInt(name.replace('0x', ''), 16) : 0
  const found = row ?? rowOf(code)
  if (command !== undefined && !found) return undefined
  return [found ? `response to ${found.name}` : 'response of TPM 1.2', explainResponse12(bytes, found?.ordinal)]
}

/** Without --command: the bytes are a response when their code is none of a command. */
function explain(bytes: Bytes, command: string | undefined): readonly [string, FrameExplanation] {
  const old = explain12(bytes, command)
  if (old) return old
  if (command !== undefined) {
    const code = commandCode(command)
    return [
      `response to ${commandByCode(code)?.name ?? `command 0x${code.toString(16)}`}`,
      explainResponse(bytes, code),
    ]
  }
  const code = header(bytes)?.code ?? 0
  const row = commandByCode(code)
  if (row) return [`${row.name} (${row.section})`, explainCommand(bytes)]
  // TPM_CC runs from 0x11f; a vendor's command has bit 29 set (Part 2, 6.5.1).
  if (code < 0x11f) return ['response', explainResponse(bytes, undefined)]
  return ['command', explainCommand(bytes)]
}

export const decode: Command = {
  async run(args) {
    declareAll()
    const { values, positionals } = readArgs('decode', args, { command: { type: 'string' } })
    const text =
      positionals.length === 0 || (positionals.length === 1 && positionals[0] === '-') ? undefined : positionals
    let bytes: Bytes
    try {
      bytes = parseHexInput(text?.join(' ') ?? readInput('-'), HEADER_SIZE)
    } catch (e) {
      if (e instanceof HexInputError) throw usage(e.what, `line ${e.line}, column ${e.column} of the bytes`)
      throw e
    }
    const [title, explanation] = explain(bytes, values.command)
    const head: Row = ['at', 'bytes', 'name', 'value', 'source']
    const out = [`${title}, ${bytes.length} bytes`, '', table([head, ...allRows(bytes, explanation)])]
    if (explanation.problems.length > 0) out.push('', ...explanation.problems.map(p => `WRONG: ${p}`))
    process.stdout.write(`${out.join('\n')}\n`)
    return explanation.problems.length > 0 ? 1 : 0
  },
}
