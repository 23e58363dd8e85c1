// Runs one command of TPM 1.2: bytes and locality in; state, response and what happened out. The order of checks is that of
// the actions of Part 3: size, ordinal, parameters, self-test, start-up, enabled, activated, owner, tag, authorization.

import { encode, Malformed } from '../codec/codec.ts'
import { Reader } from '../codec/reader.ts'
import { type Job, NO_RESULTS, type Results } from '../crypto/jobs.ts'
import { be16, be32, type Bytes, concat, EMPTY, readBe16, readBe32 } from '../lib/bytes.ts'
import { ORD, RC12, TAG } from '../spec12/codes.ts'
import { AUTH_REQUEST_SIZE, authsOf, HEADER12, refusal12 } from '../spec12/frame.ts'
import { AUTH_REQUEST, type AuthRequest } from '../spec12/structures.ts'
import { answerProof, close, outDigest } from './authorize.ts'
import type { Command12, Needs, Output } from './command.ts'
import { PLAIN_COMMANDS } from './commands/index.ts'
import { Context12, Error12, type Event12, Needs12, stop } from './context.ts'
import type { Tpm12 } from './tpm.ts'
import { transportCommands } from './transport.ts'

export interface Outcome12 {
  readonly tpm: Tpm12
  readonly response: Bytes
  readonly events: readonly Event12[]
  /** What must be done first; the state is the one that came in then, and the response empty. */
  readonly job?: Job
}

/** Part 3, 4.2: these run before the self-test has ended; anything else ends it first. */
const EARLY: ReadonlySet<number> = new Set([
  ...[ORD.Startup, ORD.Extend, ORD.ContinueSelfTest, ORD.GetCapability, ORD.SelfTestFull, ORD.GetTestResult],
  ORD.PhysicalPresence,
])

/** What happens before the command itself is looked at. */
function before(tpm: Tpm12, ordinal: number): Tpm12 {
  const tested: Tpm12 = tpm.testState === 'limited' && !EARLY.has(ordinal) ? { ...tpm, testState: 'full' } : tpm
  // Whatever comes after SaveState makes what it kept invalid.
  return tested.saved && ordinal !== ORD.Startup ? { ...tested, saved: undefined } : tested
}

function checkState({ tpm }: Context12, needs: Needs): void {
  if (needs.unstarted) return
  if (tpm.testState === 'failed' && !needs.failed) stop('FAILEDSELFTEST')
  if (tpm.postInitialise) stop('INVALID_POSTINIT')
  if (needs.enabled && tpm.permanent.flags.disable) stop('DISABLED')
  if (needs.activated && tpm.stclear.deactivated) stop('DEACTIVATED')
  if (needs.owner && !tpm.permanent.owner) stop('NOSRK')
}

interface Parsed {
  readonly handle: number
  readonly params: unknown
  readonly raw: Bytes
  /** Of the authorizations, from here on. */
  readonly rest: Reader
}

/** The parameters: malformed ones are told before any state is looked at, but for bits that have no meaning. */
function parse(command: Command12, bytes: Bytes): Parsed | Error12 {
  const r = new Reader(bytes, undefined, HEADER12)
  try {
    const handle = command.row.handle ? r.u32() : 0
    const from = r.at
    const params = command.row.params.read(r)
    return { handle, params, raw: bytes.slice(from, r.at), rest: r }
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    if (e.reason === 'reserved') return new Error12(RC12.BAD_PARAMETER)
    throw new Error12(e.reason === 'value' ? RC12.BAD_PARAMETER : RC12.BAD_PARAM_SIZE)
  }
}

function readAuth(command: Command12, tag: number, rest: Reader): AuthRequest | undefined {
  const [least, most] = command.row.auths
  const n = authsOf(tag)
  if (tag < TAG.RQU_COMMAND || tag > TAG.RQU_AUTH2_COMMAND || n < least || n > most) stop('BADTAG')
  if (rest.left !== n * AUTH_REQUEST_SIZE) stop('BAD_PARAM_SIZE')
  if (n === 0) return undefined
  try {
    return AUTH_REQUEST.read(rest)
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    return stop(e.reason === 'value' ? 'BAD_PARAMETER' : 'BAD_PARAM_SIZE')
  }
}

function respond(
  c: Context12,
  command: Command12,
  { returns, handle, proven, endsSession, sealed }: Output<unknown>,
): Bytes {
  const content = encode(command.row.returns, returns)
  const auth =
    sealed ?? (proven ? answerProof(c, proven, outDigest(command.row.ordinal, content), !endsSession) : EMPTY)
  const body = concat(handle === undefined ? EMPTY : be32(handle), content, auth)
  const tag = auth.length > 0 ? TAG.RSP_AUTH1_COMMAND : TAG.RSP_COMMAND
  return concat(be16(tag), be32(HEADER12 + body.length), be32(RC12.SUCCESS), body)
}

const COMMANDS12: ReadonlyMap<number, Command12> = new Map(
  [...PLAIN_COMMANDS, ...transportCommands((t, b, l, r) => execute12(t, b, l, r))].map(c => [c.row.ordinal, c]),
)

/** @param locality 0 to 4 */
export function execute12(tpm: Tpm12, bytes: Bytes, locality: number, results: Results = NO_RESULTS): Outcome12 {
  const refuse = (state: Tpm12, code: number): Outcome12 => ({ tpm: state, response: refusal12(code), events: [] })
  if (bytes.length < HEADER12 || readBe32(bytes, 2) !== bytes.length) return refuse(tpm, RC12.BAD_PARAM_SIZE)
  const ordinal = readBe32(bytes, 6)
  const start = before(tpm, ordinal)
  const command = COMMANDS12.get(ordinal)
  if (!command) return refuse(start, RC12.BAD_ORDINAL)
  const c = new Context12(start, locality, results)
  let auth: AuthRequest | undefined
  try {
    const parsed = parse(command, bytes)
    checkState(c, command.needs)
    if (parsed instanceof Error12) throw parsed
    auth = readAuth(command, readBe16(bytes, 0), parsed.rest)
    const { params, handle, raw } = parsed
    const output = command.run(c, { params: params as never, handle, raw, auth })
    return { response: respond(c, command, output), tpm: c.tpm, events: c.events }
  } catch (e) {
    if (e instanceof Needs12) return { tpm, response: EMPTY, events: [], job: e.job }
    if (!(e instanceof Error12)) throw e
    // A command that fails takes its session along, and nothing else.
    const failed = new Context12(command.needs.unstarted ? c.tpm : start, locality, results)
    if (auth) close(failed, auth.authHandle)
    if (auth) closeTransport(failed, auth.authHandle)
    return { ...refuse(failed.tpm, e.code), events: command.needs.unstarted ? c.events : [] }
  }
}

const closeTransport = (c: Context12, handle: number): void => {
  c.tpm = { ...c.tpm, transports: c.tpm.transports.filter(t => t.handle !== handle) }
}
