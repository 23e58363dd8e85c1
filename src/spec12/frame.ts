// Requests and responses of TPM 1.2 as frames: header, handle, parameters, authorizations. Written and parsed from the rows
// of commands.ts, and explained field by field, malformed or not. TPM Main Specification 1.2, Part 3, 1; Part 2, 6.

import { doc, encode, Malformed } from '../codec/codec.ts'
import { rest, uint } from '../codec/combinators.ts'
import { type Span, SpanProbe } from '../codec/probe.ts'
import { Reader } from '../codec/reader.ts'
import { be16, be32, type Bytes, concat, EMPTY, readBe16, readBe32 } from '../lib/bytes.ts'
import { CAP, CAP_FLAG, TAG, TPM_COMMAND_CODE, TPM_RESULT, TPM_TAG } from './codes.ts'
import { type Row12, rowOf } from './commands.ts'
import {
  AUTH_REQUEST,
  AUTH_RESPONSE,
  TPM_CAP_VERSION_INFO,
  TPM_HANDLE,
  TPM_PERMANENT_FLAGS,
  TPM_STCLEAR_FLAGS,
} from './structures.ts'

export const HEADER12 = 10
/** Octets of the authorization of a request, and of a response. */
export const AUTH_REQUEST_SIZE = 45
export const AUTH_RESPONSE_SIZE = 41

const SIZE = doc('octets of the whole message, this header included', uint('UINT32', 4))
const REST = rest('BYTE[]')

const isRequest = (tag: number): boolean => tag >= TAG.RQU_COMMAND && tag <= TAG.RQU_AUTH2_COMMAND
const isResponse = (tag: number): boolean => tag >= TAG.RSP_COMMAND && tag <= TAG.RSP_AUTH2_COMMAND

/** Whether bytes are a frame of TPM 1.2: by its tag. A TPM 2.0 answers a request of TPM 1.2 with the tag 00C4h too. */
export const isRequest12 = (bytes: Bytes): boolean => isRequest(readBe16(bytes, 0))
export const isResponse12 = (bytes: Bytes): boolean => isResponse(readBe16(bytes, 0))

/** How many authorizations come with a tag of a request or response. */
export const authsOf = (tag: number): number => (tag - TAG.RQU_COMMAND) % 3

/** A request; its authorizations are appended by who computes them. */
export function request12<P>(row: Row12<P>, params: P, auths: readonly Bytes[] = [], handle?: number): Bytes {
  const body = concat(handle === undefined ? EMPTY : be32(handle), encode(row.params, params), ...auths)
  return concat(be16(TAG.RQU_COMMAND + auths.length), be32(HEADER12 + body.length), be32(row.ordinal), body)
}

/** A response that is not more than its code. */
export const refusal12 = (code: number): Bytes => concat(be16(TAG.RSP_COMMAND), be32(HEADER12), be32(code))

export interface Explanation12 {
  readonly spans: readonly Span[]
  readonly problems: readonly string[]
  readonly row: undefined
  readonly error: Malformed | undefined
}

class Areas {
  readonly spans: Span[] = []
  readonly problems: string[] = []
  error: Malformed | undefined
  readonly r: Reader
  private readonly probe = new SpanProbe()

  constructor(bytes: Bytes) {
    this.r = new Reader(bytes, this.probe)
  }

  area<T>(name: string, read: () => T): T | undefined {
    if (this.error) return undefined
    const codec = { name: 'area', shape: { kind: 'struct', fields: {} }, read: () => ({}), write: () => {} } as never
    this.probe.enter(name, codec, this.r.at)
    try {
      const v = read()
      this.probe.leave(this.r.at, v)
      return v
    } catch (e) {
      if (!(e instanceof Malformed)) throw e
      this.r.end = this.r.bytes.length
      this.probe.fail(e, this.r.at)
      this.error = e
      this.problems.push(e.path.length > 0 ? `${e.path.join(' › ')}: ${e.message}` : e.message)
      return undefined
    } finally {
      for (const s of this.probe.spans.splice(0)) {
        delete s.text
        if (s.length > 0 || s.children.some(c => c.error !== undefined)) this.spans.push(s)
      }
    }
  }

  done(): Explanation12 {
    const { r } = this
    if (r.left > 0) {
      if (this.problems.length === 0) this.problems.push(`${r.left} bytes are left over`)
      const at = r.at
      const value = r.take(r.left)
      const error = this.error ? undefined : this.problems.at(-1)
      const text = REST.text?.(value) ?? ''
      const codec = REST as never
      this.spans.push({
        ...{ name: 'left over', codec, at, length: value.length, value, text, children: [] },
        ...(error === undefined ? {} : { error }),
      })
    }
    return { spans: this.spans, problems: this.problems, row: undefined, error: this.error }
  }
}

function header(x: Areas, kind: 'command' | 'response'): { tag: number; size: number; code: number } | undefined {
  const head = x.area('header', () => ({
    tag: x.r.field('tag', TPM_TAG),
    size: x.r.field('paramSize', SIZE),
    code: x.r.field(
      kind === 'command' ? 'ordinal' : 'returnCode',
      kind === 'command' ? doc('which command', TPM_COMMAND_CODE) : doc('how it ended', TPM_RESULT),
    ),
  }))
  if (head && head.size !== x.r.bytes.length) {
    x.problems.push(`the header says ${head.size} bytes, the message has ${x.r.bytes.length}`)
  }
  return head
}

function auths(x: Areas, tag: number, codec: typeof AUTH_REQUEST | typeof AUTH_RESPONSE): void {
  for (let i = 1; i <= authsOf(tag); i++) {
    x.area(`authorization ${i}`, () => codec.read(x.r))
  }
}

/** @throws nothing for malformed input: what is wrong is part of the answer */
export function explainRequest12(bytes: Bytes): Explanation12 {
  const x = new Areas(bytes)
  const head = header(x, 'command')
  if (!head) return x.done()
  const row = rowOf(head.code)
  if (!row) {
    x.problems.push(`${TPM_COMMAND_CODE.text?.(head.code)} is not a command of TPM 1.2 that this program knows`)
    return x.done()
  }
  const { handle } = row
  if (handle) x.area('handles', () => x.r.field(handle.name, doc(handle.doc, TPM_HANDLE)))
  if (bytes.length > HEADER12) x.area('parameters', () => row.params.read(x.r))
  auths(x, head.tag, AUTH_REQUEST)
  return x.done()
}

/** What a capability is, where its structure is known. */
function capability(x: Areas, request: Bytes | undefined): boolean {
  if (!request || readBe32(request, 6) !== 0x65) return false
  const area = readBe32(request, 10)
  const sub = readBe32(request, 18)
  const known =
    area === CAP.VERSION_VAL
      ? TPM_CAP_VERSION_INFO
      : area === CAP.FLAG && sub === CAP_FLAG.PERMANENT
        ? TPM_PERMANENT_FLAGS
        : area === CAP.FLAG && sub === CAP_FLAG.VOLATILE
          ? TPM_STCLEAR_FLAGS
          : undefined
  if (!known) return false
  x.area('parameters', () => {
    const n = x.r.field('respSize', uint('UINT32', 4))
    return x.r.within(n, () => x.r.field('resp', known as typeof TPM_PERMANENT_FLAGS))
  })
  return true
}

/** @param request the command that this answers, or its ordinal: a response by itself does not say */
export function explainResponse12(bytes: Bytes, request: Bytes | number | undefined): Explanation12 {
  const x = new Areas(bytes)
  const head = header(x, 'response')
  if (!head || head.code !== 0) return x.done()
  const ordinal = typeof request === 'number' ? request : request && readBe32(request, 6)
  const row = ordinal === undefined ? undefined : rowOf(ordinal)
  if (!row) {
    if (x.r.left > 0) x.problems.push('the command that this answers is not known, so its content cannot be told apart')
    return x.done()
  }
  const { responseHandle } = row
  if (responseHandle) x.area('handles', () => x.r.field(responseHandle.name, doc(responseHandle.doc, TPM_HANDLE)))
  if (!capability(x, typeof request === 'number' ? undefined : request)) {
    if (bytes.length > HEADER12) x.area('parameters', () => row.returns.read(x.r))
  }
  auths(x, head.tag, AUTH_RESPONSE)
  return x.done()
}
