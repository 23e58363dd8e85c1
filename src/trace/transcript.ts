// Replays recorded TPM commands on a TPM and says, line by line, whether the answers agree. The TPM is an argument: this
// reader knows the format, not the engine. Format: README of the recorded vectors (test, cmdHex, rspHex, det, in, out,
// expectRc, len, peer); event lines act.

import { type Bytes, fromHex, readBe32, toHex } from '../lib/bytes.ts'
import type { Span } from '../codec/explain.ts'
import { commandName } from '../spec/codes.ts'
import { explainResponse, HEADER_SIZE } from '../spec/frame.ts'
import { returnCode, returnCodeName } from '../spec/return-codes.ts'

/** The TPM that the recording is replayed on. */
export interface Subject {
  /** A fresh TPM, powered on, before any TPM2_Startup. */
  reset(): void
  /** Power goes and comes back. */
  powerCycle(): void
  /** @param locality 0 to 4, of the commands that follow */
  locality(locality: number): void
  command(bytes: Bytes): Bytes
}

export interface Difference {
  readonly name: string
  readonly wanted: string
  readonly came: string
}
/** `ignored` lines act, or are data, and count nowhere. */
export type Verdict = 'passed' | 'ignored' | Difference

type Json = { readonly [member: string]: unknown }

/** How an answer is compared. */
const WAYS = ['fixed', 'seeded', 'rc', 'rcBase', 'no'] as const
type Way = (typeof WAYS)[number]

interface Line {
  readonly test: string
  readonly name: string
  readonly command: Bytes
  readonly response: Bytes
  readonly det: Way
  readonly in: readonly (readonly [offset: number, name: string])[]
  readonly out: string | undefined
  readonly expectRc: number | undefined
  readonly len: boolean
}

function text(json: Json, member: string, otherwise?: string): string {
  const v = json[member] ?? otherwise
  if (typeof v !== 'string') throw new Error(`"${member}" must be a text`)
  return v
}

function hex(json: Json, member: string): Bytes {
  try {
    return fromHex(text(json, member))
  } catch (e) {
    throw new Error(`"${member}": ${(e as Error).message}`)
  }
}

function handlesIn(json: Json, length: number): Line['in'] {
  const v = json['in'] ?? []
  if (!Array.isArray(v)) throw new Error('"in" must be a list')
  return v.map((pair: unknown) => {
    const [offset, name] = Array.isArray(pair) ? (pair as unknown[]) : []
    if (typeof offset !== 'number' || typeof name !== 'string') throw new Error('"in" must hold [offset, name]')
    if (offset < HEADER_SIZE || offset + 4 > length) throw new Error(`"in": no handle at offset ${offset}`)
    return [offset, name] as const
  })
}

function readLine(json: Json): Line {
  const det = text(json, 'det') as Way
  if (!WAYS.includes(det)) throw new Error(`"det" is ${JSON.stringify(det)}, not one of ${WAYS.join(', ')}`)
  const command = hex(json, 'cmdHex')
  const rc = json['expectRc'] === undefined ? undefined : readBe32(hex(json, 'expectRc'), 0)
  const response = hex(json, 'rspHex')
  if (det !== 'no' && rc === undefined && response.length < HEADER_SIZE) {
    throw new Error('neither "rspHex" nor "expectRc" says what is wanted')
  }
  return {
    test: text(json, 'test', ''),
    name: text(json, 'name', text(json, 'commandName', commandName(readBe32(command, 6)))),
    command,
    response,
    det: json['peer'] === undefined ? det : 'no',
    in: handlesIn(json, command.length),
    out: json['out'] === undefined ? undefined : text(json, 'out'),
    expectRc: rc,
    len: json['len'] === true || json['len'] === 1,
  }
}

const patched = (b: Bytes, at: number, handle: Bytes): Bytes => {
  const copy = Uint8Array.from({ length: b.length }, (_, i) => b[i] as number)
  for (let i = 0; i < 4; i++) copy[at + i] = handle[i] as number
  return copy
}

const rcOf = (response: Bytes): number | undefined =>
  response.length >= HEADER_SIZE ? readBe32(response, 6) : undefined
const rcText = (rc: number | undefined): string =>
  rc === undefined ? 'no answer' : `${returnCodeName(rc)} (0x${rc.toString(16).padStart(3, '0')})`

/** The names of the fields that lead to the byte at `at`. */
function fieldAt(spans: readonly Span[], at: number): string[] {
  const span = spans.find(s => at >= s.at && at < s.at + s.length)
  return span ? [span.name, ...fieldAt(span.children, at)] : []
}

const around = (b: Bytes, at: number): string => {
  const part = toHex(b.slice(at, at + 8))
  return part === '' ? 'the end' : part + (b.length > at + 8 ? '…' : '')
}

/** A replay of one file, line after line in its order. */
class Transcript {
  private readonly subject: Subject
  private test: string | undefined
  private handles = new Map<string, Bytes>()

  constructor(subject: Subject) {
    this.subject = subject
  }

  /** @throws Error when the line is not one of a transcript; the message says what is wrong with it */
  line(json: Json): Verdict {
    if (json['event'] !== undefined) {
      this.event(text(json, 'event'), json)
      return 'ignored'
    }
    const line = readLine(json)
    this.group(line.test)
    const name = line.test ? `${line.test}: ${line.name}` : line.name
    let command = line.command
    for (const [offset, handleName] of line.in) {
      const handle = this.handles.get(handleName)
      // A line that is not compared is sent all the same, with the recorded handle.
      if (!handle && line.det === 'no') continue
      if (!handle) {
        return { name, wanted: `the handle "${handleName}" of an earlier line`, came: 'no such handle was returned' }
      }
      command = patched(command, offset, handle)
    }
    const came = this.subject.command(command)
    let wanted = line.response
    if (line.out !== undefined && rcOf(came) === 0 && came.length >= HEADER_SIZE + 4) {
      const handle = came.slice(HEADER_SIZE, HEADER_SIZE + 4)
      this.handles.set(line.out, handle)
      if (wanted.length >= HEADER_SIZE + 4) wanted = patched(wanted, HEADER_SIZE, handle)
    }
    if (line.det === 'no') return 'ignored'
    return compare(line, name, command, wanted, came)
  }

  private group(test: string): void {
    if (this.test === test) return
    this.test = test
    this.handles = new Map()
    this.subject.reset()
  }

  private event(event: string, json: Json): void {
    if (json['test'] !== undefined) this.group(text(json, 'test'))
    const locality = /^locality([0-4])$/.exec(event)?.[1]
    if (locality !== undefined) this.subject.locality(Number(locality))
    else if (event === 'powerCycle' || event === 'init') this.subject.powerCycle()
    else throw new Error(`unknown event ${JSON.stringify(event)}`)
  }
}

export const openTranscript = (subject: Subject): Transcript => new Transcript(subject)

function compare(line: Line, name: string, command: Bytes, wanted: Bytes, came: Bytes): Verdict {
  const wantedRc = line.expectRc ?? rcOf(wanted)
  const cameRc = rcOf(came)
  const base = (rc: number | undefined): number | undefined =>
    rc === undefined ? undefined : line.det === 'rcBase' ? returnCode(rc).base : rc
  if (base(wantedRc) !== base(cameRc)) return { name, wanted: rcText(wantedRc), came: rcText(cameRc) }
  if (line.len && came.length !== wanted.length) {
    return { name, wanted: `an answer of ${wanted.length} bytes`, came: `one of ${came.length}` }
  }
  if ((line.det !== 'fixed' && line.det !== 'seeded') || line.response.length === 0) return 'passed'
  const at = firstDifference(wanted, came)
  if (at < 0) return 'passed'
  const { spans } = explainResponse(came, command.length >= HEADER_SIZE ? readBe32(command, 6) : undefined)
  const field = fieldAt(spans, at).join(' › ')
  const where = `at byte ${at}${field ? ` (${field})` : ''} of ${wanted.length}`
  return { name, wanted: `${around(wanted, at)} ${where}`, came: `${around(came, at)} of ${came.length}` }
}

function firstDifference(a: Bytes, b: Bytes): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return i
  return a.length === b.length ? -1 : n
}
