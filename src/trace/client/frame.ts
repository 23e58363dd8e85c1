// The frames of a recorded exchange taken apart with nothing assumed about keys: what a session may have encrypted stays
// octets until somebody knows better. Part 1, 16; Part 3, 5 and 6.

import { type AnyCodec, encode } from '../../codec/codec.ts'
import { Reader } from '../../codec/reader.ts'
import { Writer } from '../../codec/writer.ts'
import { type Bytes, concat, be32 } from '../../lib/bytes.ts'
import { SESSION } from '../../spec/attributes.ts'
import { ST, TPMI_ST_COMMAND_TAG } from '../../spec/codes.ts'
import { type CommandRow, decryptable, encryptable } from '../../spec/command.ts'
import { commandByCode } from '../../spec/commands/index.ts'
import {
  anyHas,
  type AuthCommand,
  type AuthResponse,
  encodeResponse,
  errorResponse,
  explainCommand,
  explainResponse,
  type FrameExplanation,
  header,
  HEADER_SIZE,
  TPMS_AUTH_COMMAND,
  TPMS_AUTH_RESPONSE,
  veiled,
} from '../../spec/frame.ts'
import { RC } from '../../spec/return-codes.ts'

export interface Request {
  readonly row: CommandRow
  readonly handles: { readonly [name: string]: number }
  readonly auths: readonly AuthCommand[]
  /** As sent, the first of them encrypted where a session says so. */
  readonly params: Bytes
  readonly encrypted: boolean
}

export interface Response {
  readonly rc: number
  readonly handle: number | undefined
  readonly auths: readonly AuthResponse[]
  readonly params: Bytes
  readonly encrypted: boolean
}

/** Parses exactly the whole of `bytes`, and wants the same bytes when what was read is written again. */
function readWhole(codec: AnyCodec, bytes: Bytes): unknown {
  const r = new Reader(bytes)
  const v = codec.read(r) as unknown
  if (r.left > 0) throw r.malformed('size', `${r.left} bytes are left over`)
  return v
}

/** The members of a structure; `first` is left out when it is encrypted and nobody can read it. */
export function readParams(codec: AnyCodec, bytes: Bytes, unreadable: boolean): { readonly [name: string]: unknown } {
  if (!unreadable) return readWhole(codec, bytes) as { [name: string]: unknown }
  const [, ...others] = Object.entries(readWhole(veiled(codec), bytes) as { [name: string]: unknown })
  return Object.fromEntries(others)
}

/** @throws Malformed */
export function readRequest(bytes: Bytes): Request {
  const head = header(bytes)
  const r = new Reader(bytes)
  const tag = r.field('tag', TPMI_ST_COMMAND_TAG)
  const row = head && commandByCode(head.code)
  if (!head || !row) throw r.malformed('command code', 'no command that this vocabulary declares')
  r.at = HEADER_SIZE
  const handles: { [name: string]: number } = {}
  for (const [name, h] of Object.entries(row.handles)) handles[name] = r.field(name, h.codec)
  const auths: AuthCommand[] = []
  if (tag === ST.SESSIONS) {
    const end = r.u32() + r.at
    while (r.at < end) auths.push(r.field('session', TPMS_AUTH_COMMAND))
    if (r.at !== end) throw r.malformed('authsize', 'the sessions do not fill the authorization area')
  }
  const encrypted = anyHas(auths, SESSION.decrypt) && decryptable(row)
  return { row, handles, auths, params: r.take(r.left), encrypted }
}

/** The request written again from what was read. */
export function writeRequest(q: Request): Bytes {
  const w = new Writer()
  w.u16(q.auths.length > 0 ? ST.SESSIONS : ST.NO_SESSIONS)
  w.u32(0)
  w.u32(q.row.code)
  for (const h of Object.values(q.handles)) w.u32(h)
  if (q.auths.length > 0) {
    const area = concat(...q.auths.map(a => encode(TPMS_AUTH_COMMAND, a)))
    w.u32(area.length)
    TPMS_ANY.write(w, area)
  }
  const codec = q.encrypted ? veiled(q.row.params) : q.row.params
  codec.write(w, readWhole(codec, q.params))
  w.patch32(2, w.length)
  return w.done()
}

/** Octets that are there already. */
const TPMS_ANY = { write: (w: Writer, b: Bytes): void => b.forEach(octet => w.u8(octet)) }

/** @throws Malformed */
export function readResponse(bytes: Bytes, { row, auths: given }: Request): Response {
  const r = new Reader(bytes)
  const head = header(bytes)
  if (!head) throw r.malformed('size', 'shorter than a header')
  r.at = HEADER_SIZE
  // A command with a wrong tag is answered as a TPM of version 1.2 would: Part 3, 5.2.
  const wanted = head.code === RC.SUCCESS && given.length > 0 ? ST.SESSIONS : ST.NO_SESSIONS
  if (head.tag !== (head.code === RC.BAD_TAG ? ST.RSP_COMMAND : wanted))
    throw r.malformed('tag', 'not the tag of this answer', 0)
  const none = { handle: undefined, auths: [], params: r.take(0), encrypted: false }
  if (head.code !== RC.SUCCESS) return { rc: head.code, ...none }
  const handle = row.responseHandle ? r.field(row.responseHandle.name, row.responseHandle.codec) : undefined
  if (head.tag !== ST.SESSIONS) return { rc: head.code, ...none, handle, params: r.take(r.left) }
  const params = r.take(r.u32())
  const auths: AuthResponse[] = []
  while (r.left > 0) auths.push(r.field('session', TPMS_AUTH_RESPONSE))
  return { rc: head.code, handle, auths, params, encrypted: anyHas(auths, SESSION.encrypt) && encryptable(row) }
}

/** The response written again from what was read. */
export function writeResponse(a: Response, row: CommandRow, tag: number): Bytes {
  if (a.rc !== RC.SUCCESS) return errorResponse(a.rc, tag)
  const returns = a.encrypted ? veiled(row.returns) : row.returns
  return encodeResponse({ ...row, returns }, tag, a.handle, readWhole(returns, a.params), a.auths)
}

/** What is wrong with an explanation; undefined when it names every byte. */
function gap(x: FrameExplanation, length: number): string | undefined {
  if (x.problems.length > 0) return x.problems.join('; ')
  let at = 0
  for (const span of x.spans) {
    if (span.at !== at) return `byte ${at} is not explained`
    at += span.length
  }
  return at === length ? undefined : `${length - at} bytes at the end are not explained`
}
export const explanationGap = (command: Bytes, response: Bytes): string | undefined => {
  const code = header(command)?.code
  const inCommand = gap(explainCommand(command), command.length)
  if (inCommand !== undefined) return `command: ${inCommand}`
  const inResponse = gap(explainResponse(response, code), response.length)
  return inResponse === undefined ? undefined : `response: ${inResponse}`
}

/** cpHash: Part 1, 16.6.6. Without the hash itself, which is the session's. */
export const cpInput = (q: Pick<Request, 'row' | 'params'>, names: readonly Bytes[]): Bytes =>
  concat(be32(q.row.code), ...names, q.params)
/** rpHash: Part 1, 16.6.7. */
export const rpInput = (q: Request, a: Response): Bytes => concat(be32(a.rc), be32(q.row.code), a.params)
