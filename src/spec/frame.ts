// Command and response frames: header, handle area, authorization area, parameters. Parsing for those that know what they
// have, explaining for whatever comes: the spans partition the frame, malformed or not. Part 1, 16; Part 3, 5 and 6.

import type { AnyCodec, Codec, Of } from '../codec/codec.ts'
import { doc, encode, Malformed } from '../codec/codec.ts'
import { rest, sized, struct, uint } from '../codec/combinators.ts'
import { type Span, SpanProbe } from '../codec/probe.ts'
import { Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { type Bytes, EMPTY, readBe16, readBe32 } from '../lib/bytes.ts'
import { SESSION, TPMA_SESSION } from './attributes.ts'
import { TPM2B_AUTH, TPM2B_NONCE } from './base.ts'
import { ST, TPM_CC, TPM_ST, TPMI_ST_COMMAND_TAG } from './codes.ts'
import {
  authRoles,
  type CommandRow,
  decryptable,
  encryptable,
  type Handles,
  type HandleValues,
  type ResponseHandle,
} from './command.ts'
import { commandByCode } from './commands/index.ts'
import { RH, TPMI_SH_AUTH_SESSION } from './handles.ts'
import { RC, TPM_RC } from './return-codes.ts'

/** tag, size, and command or response code. */
export const HEADER_SIZE = 10

export const TPMS_AUTH_COMMAND = struct(
  'TPMS_AUTH_COMMAND',
  {
    sessionHandle: doc('the session; TPM_RS_PW for a password', TPMI_SH_AUTH_SESSION),
    nonce: doc('fresh octets of the caller; empty with a password', TPM2B_NONCE),
    sessionAttributes: TPMA_SESSION,
    hmac: doc('the proof: an HMAC, or the password itself', TPM2B_AUTH),
  },
  'Part 2, 10.12.2, Table 156',
)
export const TPMS_AUTH_RESPONSE = struct(
  'TPMS_AUTH_RESPONSE',
  {
    nonce: doc('fresh octets of the TPM; empty with a password', TPM2B_NONCE),
    sessionAttributes: TPMA_SESSION,
    hmac: doc('the proof of the TPM; empty with a password', TPM2B_AUTH),
  },
  'Part 2, 10.12.3, Table 157',
)
export type AuthCommand = Of<typeof TPMS_AUTH_COMMAND>
export type AuthResponse = Of<typeof TPMS_AUTH_RESPONSE>

const UINT32 = uint('UINT32', 4)
const SIZE = doc('octets of the whole message, this header included', UINT32)
const AUTH_SIZE = doc('octets of the authorizations that follow', UINT32)
const PARAMETER_SIZE = doc('octets of the parameters; the authorizations come after them', UINT32)
const TAG = doc('whether authorizations come along', TPM_ST)
const COMMAND_CODE = doc('which command', TPM_CC)
const RESPONSE_CODE = doc('how it ended', TPM_RC)
const OPAQUE = rest('BYTE[]')

export interface Frame {
  readonly tag: number
  /** What the header says. */
  readonly size: number
  /** Command code, or response code. */
  readonly code: number
}
export const header = (bytes: Bytes): Frame | undefined =>
  bytes.length < HEADER_SIZE
    ? undefined
    : { tag: readBe16(bytes, 0), size: readBe32(bytes, 2), code: readBe32(bytes, 6) }

export interface ParsedCommand {
  readonly row: CommandRow
  readonly tag: number
  readonly handles: { readonly [name: string]: number }
  readonly auths: readonly AuthCommand[]
  readonly params: unknown
}

/** @throws Malformed when it is not exactly one command that this vocabulary declares. */
export function parseCommand(bytes: Bytes): ParsedCommand {
  const r = new Reader(bytes)
  const tag = r.field('tag', TPMI_ST_COMMAND_TAG)
  const size = r.field('commandSize', SIZE)
  const code = r.field('commandCode', TPM_CC)
  if (size !== bytes.length) throw r.malformed('command size', sizeDiffers(size, bytes.length), 2)
  const row = commandByCode(code)
  if (!row) throw r.malformed('command code', `${TPM_CC.text?.(code)} is not declared`, 6)
  const handles = readHandles(r, row)
  const auths = tag === ST.SESSIONS ? readAuths(r) : []
  const params = r.field('parameters', row.params)
  if (r.left > 0) throw r.malformed('size', leftOver(r.left))
  return { row, tag, handles, auths, params }
}

const sizeDiffers = (said: number, is: number): string => `the header says ${said} bytes, the message has ${is}`
const leftOver = (n: number): string => `${n} bytes are left over after the last parameter`

const explained = (h: { readonly codec: Codec<number>; readonly doc: string }): Codec<number> => doc(h.doc, h.codec)

function readHandles(r: Reader, row: CommandRow): { [name: string]: number } {
  const out: { [name: string]: number } = {}
  for (const [name, h] of Object.entries(row.handles)) out[name] = r.field(name, explained(h))
  return out
}

/** The authorization area with its size. At most three sessions. */
function readAuths(r: Reader): AuthCommand[] {
  const at = r.at
  const size = r.field('authorizationSize', AUTH_SIZE)
  if (size > r.left) throw r.malformed('authsize', `authorizationSize ${size}, only ${r.left} bytes follow`, at)
  return r.within(size, () => {
    const out: AuthCommand[] = []
    while (r.left > 0 && out.length < 3) out.push(r.field(`session ${out.length + 1}`, TPMS_AUTH_COMMAND))
    if (out.length === 0 || r.left > 0) throw r.malformed('authsize', `${size} bytes are not one to three sessions`, at)
    return out
  })
}

export interface FrameExplanation {
  /** Their lengths add up to the length of the message. */
  readonly spans: readonly Span[]
  /** What is wrong, in words; empty for a well-formed frame. */
  readonly problems: readonly string[]
  readonly row: CommandRow | undefined
  readonly error: Malformed | undefined
}

const REGION: Codec<unknown> = {
  name: 'area',
  shape: { kind: 'struct', fields: {} },
  read: () => ({}),
  write: () => {},
}

/** What is wrong stands at the field that is wrong, and that may be empty as all around it. */
const bearsError = (s: Span): boolean => s.error !== undefined || s.children.some(bearsError)

/** Collects the areas of a frame; what no area covers becomes a last span of plain bytes. */
class Explainer {
  readonly spans: Span[] = []
  readonly problems: string[] = []
  readonly r: Reader
  error: Malformed | undefined
  private readonly probe = new SpanProbe()

  constructor(bytes: Bytes) {
    this.r = new Reader(bytes, this.probe)
  }

  /** Parses one area; says whether what follows can be parsed too. */
  area<T>(name: string, read: () => T): T | undefined {
    const at = this.r.at
    const region = REGION as Codec<never>
    this.probe.enter(name, region, at)
    try {
      const v = read()
      this.probe.leave(this.r.at, v)
      this.flush()
      return v
    } catch (e) {
      if (!(e instanceof Malformed)) throw e
      this.r.end = this.r.bytes.length
      this.probe.fail(e, this.r.at)
      this.flush()
      this.error = e
      this.problems.push(e.path.length > 0 ? `${e.path.join(' › ')}: ${e.message}` : e.message)
      return undefined
    }
  }

  private flush(): void {
    for (const s of this.probe.spans.splice(0)) {
      if (s.length > 0 || bearsError(s)) {
        delete s.text
        this.spans.push(s)
      }
    }
  }

  problem(text: string): void {
    this.problems.push(text)
  }

  done(row: CommandRow | undefined, name: string): FrameExplanation {
    const { r } = this
    if (r.left > 0) {
      if (!this.error && this.problems.length === 0) this.problem(leftOver(r.left))
      const at = r.at
      const value = r.take(r.left)
      const text = OPAQUE.text?.(value)
      const codec = OPAQUE as AnyCodec
      const problem = this.error ? undefined : this.problems.at(-1)
      this.spans.push({
        ...{ name, codec, at, length: value.length, value, children: [] },
        ...(text === undefined ? {} : { text }),
        ...(problem === undefined ? {} : { error: problem }),
      })
    }
    return { spans: this.spans, problems: this.problems, row, error: this.error }
  }
}

const readHeader = (x: Explainer, kind: 'command' | 'response') =>
  x.area('header', () => ({
    tag: x.r.field('tag', TAG),
    size: x.r.field(`${kind}Size`, SIZE),
    code: x.r.field(
      kind === 'command' ? 'commandCode' : 'responseCode',
      kind === 'command' ? COMMAND_CODE : RESPONSE_CODE,
    ),
  }))

const isEmpty = (codec: AnyCodec): boolean =>
  codec.shape.kind === 'struct' && Object.keys(codec.shape.fields).length === 0

const ENCRYPTED = doc('encrypted by a session: only who knows its key can read it', sized('TPM2B', 0xffff))

/** Parameters of which a session encrypts the first: its size is in the clear, what it says is not. Part 1, 18. */
export function veiled(codec: AnyCodec): AnyCodec {
  if (codec.shape.kind !== 'struct') return codec
  const [first, ...others] = Object.entries(codec.shape.fields)
  return first ? struct(codec.name, Object.fromEntries([[first[0], ENCRYPTED], ...others])) : codec
}

/** Whether one of the sessions has an attribute. */
export const anyHas = (auths: readonly { readonly sessionAttributes: number }[], bit: number): boolean =>
  auths.some(a => (a.sessionAttributes & bit) !== 0)

/** Explains the frames of TPM 1.2; undefined for those that are none. Comes with the engine that understands them. */
interface OldFrames {
  command(bytes: Bytes): FrameExplanation | undefined
  response(bytes: Bytes, commandCode: number): FrameExplanation | undefined
}
let old: OldFrames | undefined
export const addOldFrames = (o: OldFrames): void => {
  old = o
}

/** @throws nothing for malformed input: what is wrong is part of the answer. */
export function explainCommand(bytes: Bytes): FrameExplanation {
  const other = old?.command(bytes)
  if (other) return other
  const x = new Explainer(bytes)
  const head = readHeader(x, 'command')
  if (!head) return x.done(undefined, 'rest')
  if (head.tag !== ST.SESSIONS && head.tag !== ST.NO_SESSIONS) {
    x.problem(`tag ${TPM_ST.text?.(head.tag)} is not one of a command`)
  }
  if (head.size !== bytes.length) x.problem(sizeDiffers(head.size, bytes.length))
  const row = commandByCode(head.code)
  if (!row) {
    x.problem(`${TPM_CC.text?.(head.code)} is not a command that this program knows`)
    return x.done(undefined, 'content')
  }
  const ok = <T>(name: string, read: () => T): T | undefined => (x.error ? undefined : x.area(name, read))
  if (Object.keys(row.handles).length > 0) ok('handles', () => readHandles(x.r, row))
  const auths = head.tag === ST.SESSIONS ? (ok('authorizations', () => readAuths(x.r)) ?? []) : []
  const params = anyHas(auths, SESSION.decrypt) && decryptable(row) ? veiled(row.params) : row.params
  if (x.r.left > 0 || !isEmpty(row.params)) ok('parameters', () => params.read(x.r))
  return x.done(row, x.error ? 'rest' : 'left over')
}

/**
 * @param commandCode the command that this answers: a response by itself does not say
 * @throws nothing for malformed input
 */
export function explainResponse(bytes: Bytes, commandCode: number | undefined): FrameExplanation {
  const other = commandCode === undefined ? undefined : old?.response(bytes, commandCode)
  if (other) return other
  const x = new Explainer(bytes)
  const head = readHeader(x, 'response')
  if (!head) return x.done(undefined, 'rest')
  if (head.size !== bytes.length) x.problem(sizeDiffers(head.size, bytes.length))
  const row = commandCode === undefined ? undefined : commandByCode(commandCode)
  if (head.code !== RC.SUCCESS) return x.done(row, 'left over')
  if (!row) {
    if (x.r.left > 0) x.problem('the command that this answers is not known, so its content cannot be told apart')
    return x.done(undefined, 'content')
  }
  const { responseHandle } = row
  if (responseHandle) x.area('handle', () => x.r.field(responseHandle.name, explained(responseHandle)))
  if (head.tag === ST.SESSIONS) {
    const size = x.error ? undefined : x.area('parameterSize', () => x.r.field('parameterSize', PARAMETER_SIZE))
    if (size !== undefined) {
      if (!isEmpty(row.returns) || size > 0) {
        x.area('parameters', () => {
          if (size > x.r.left) throw x.r.malformed('size', `parameterSize ${size}, only ${x.r.left} bytes follow`)
          const encrypted = encryptable(row) && isEncrypted(bytes, x.r.at + size)
          const returns = encrypted ? veiled(row.returns) : row.returns
          return x.r.within(size, () => returns.read(x.r))
        })
      }
      if (!x.error) x.area('authorizations', () => readResponseAuths(x.r))
    }
  } else if (!x.error && !isEmpty(row.returns)) x.area('parameters', () => row.returns.read(x.r))
  return x.done(row, x.error ? 'rest' : 'left over')
}

/** Whether a session says that it encrypted the response. @param at where the sessions begin, after the parameters */
function isEncrypted(bytes: Bytes, at: number): boolean {
  try {
    return anyHas(readResponseAuths(new Reader(bytes, undefined, at)), SESSION.encrypt)
  } catch (e) {
    if (e instanceof Malformed) return false
    throw e
  }
}

function readResponseAuths(r: Reader): AuthResponse[] {
  const out: AuthResponse[] = []
  while (r.left > 0) out.push(r.field(`session ${out.length + 1}`, TPMS_AUTH_RESPONSE))
  return out
}

/** A password authorization: the handle TPM_RS_PW, no nonce, the password in the place of the HMAC. */
export const password = (value: Bytes = EMPTY): AuthCommand => ({
  sessionHandle: RH.PW,
  nonce: EMPTY,
  sessionAttributes: 0,
  hmac: value,
})

/**
 * The bytes of a command. Authorizations left out are empty passwords, one for each handle that needs one; an empty list
 * sends none.
 */
export function encodeCommand<H extends Handles, P extends AnyCodec>(
  row: CommandRow<H, P>,
  handles: HandleValues<H>,
  params: Of<P>,
  auths: readonly AuthCommand[] = authRoles(row).map(() => password()),
): Bytes {
  const w = new Writer()
  w.u16(auths.length > 0 ? ST.SESSIONS : ST.NO_SESSIONS)
  w.u32(0)
  w.u32(row.code)
  for (const name of Object.keys(row.handles)) w.u32(handles[name] as number)
  if (auths.length > 0) {
    const at = w.length
    w.u32(0)
    for (const a of auths) TPMS_AUTH_COMMAND.write(w, a)
    w.patch32(at, w.length - at - 4)
  }
  row.params.write(w, params)
  w.patch32(2, w.length)
  return w.done()
}

export interface DecodedResponse<R> {
  readonly rc: number
  /** Undefined when the command failed, or returns none. */
  readonly handle: number | undefined
  readonly auths: readonly AuthResponse[]
  /** Undefined when the command failed. */
  readonly returns: R | undefined
}

/** @throws Malformed when it is not exactly one response to this command. */
export function decodeResponse<
  H extends Handles,
  P extends AnyCodec,
  R extends AnyCodec,
  O extends ResponseHandle | undefined,
>(row: CommandRow<H, P, R, O>, bytes: Bytes): DecodedResponse<Of<R>> {
  const r = new Reader(bytes)
  const tag = r.field('tag', TAG)
  const size = r.field('responseSize', SIZE)
  const rc = r.field('responseCode', TPM_RC)
  if (size !== bytes.length) throw r.malformed('size', sizeDiffers(size, bytes.length), 2)
  if (rc !== RC.SUCCESS) {
    if (r.left > 0) throw r.malformed('size', leftOver(r.left))
    return { rc, handle: undefined, auths: [], returns: undefined }
  }
  const handle = row.responseHandle ? r.field(row.responseHandle.name, row.responseHandle.codec) : undefined
  if (tag !== ST.SESSIONS) {
    const returns = r.field('parameters', row.returns)
    if (r.left > 0) throw r.malformed('size', leftOver(r.left))
    return { rc, handle, auths: [], returns }
  }
  const length = r.field('parameterSize', PARAMETER_SIZE)
  const returns = r.within(length, () => r.field('parameters', row.returns))
  return { rc, handle, auths: readResponseAuths(r), returns }
}

/** The bytes of a response that is not an error. */
export function encodeResponse(
  row: CommandRow,
  tag: number,
  handle: number | undefined,
  returns: unknown,
  auths: readonly AuthResponse[],
): Bytes {
  const w = new Writer()
  w.u16(tag)
  w.u32(0)
  w.u32(RC.SUCCESS)
  if (handle !== undefined) w.u32(handle)
  if (tag === ST.SESSIONS) {
    const at = w.length
    w.u32(0)
    row.returns.write(w, returns)
    w.patch32(at, w.length - at - 4)
    for (const a of auths) TPMS_AUTH_RESPONSE.write(w, a)
  } else row.returns.write(w, returns)
  w.patch32(2, w.length)
  return w.done()
}

/** The ten bytes that an error is. */
export const errorResponse = (rc: number, tag: number = ST.NO_SESSIONS): Bytes =>
  encode(struct('', { tag: TPM_ST, size: UINT32, rc: TPM_RC }), { tag, size: HEADER_SIZE, rc })
