// The TPM's main loop as a pure function: command bytes in, response bytes and the next TPM out. The order of checks is
// that of Part 3, 5. A failed command leaves the TPM as it was, but for what a failed authorization counts.

import { encode, Malformed } from '../codec/codec.ts'
import { Reader } from '../codec/reader.ts'
import { written } from '../codec/writer.ts'
import { hash } from '../crypto/hash.ts'
import { be32, type Bytes, EMPTY, readBe16 } from '../lib/bytes.ts'
import { SESSION } from '../spec/attributes.ts'
import { fits, type Job, jobKey, type JobResult, NO_RESULTS, type Results } from '../crypto/jobs.ts'
import { CC, ST } from '../spec/codes.ts'
import { errorResponse, HEADER_SIZE, TPMS_AUTH_RESPONSE } from '../spec/frame.ts'
import { HT, handleType, PLATFORM_PERSISTENT, RH } from '../spec/handles.ts'
import { NV } from '../spec/nv.ts'
import { RC } from '../spec/return-codes.ts'
import { actNumber } from './act.ts'
import { auditCommand, auditHash } from './audit.ts'
import { authorize, type Given, namesOf } from './authorize.ts'
import { type Command, Context, NeedsJob } from './command.ts'
import { engineCommand } from './commands/index.ts'
import { badHandle, badParameter, fail, rcOf, TpmError } from './errors.ts'
import type { TpmEvent } from './events.ts'
import { checkNvReady, nvIndexOf } from './nv.ts'
import { hasNv, sameSaved } from './nv-memory.ts'
import { rules } from './rules.ts'
import { hasCommand } from './profile.ts'
import { selfTest, usedBy } from './selftest.ts'
import { acknowledge, decryptParameters, endExclusivity, readSessions } from './session-area.ts'
import { sameTracking, sessionOf } from './sessions.ts'
import { hierarchyName, type Tpm } from './tpm.ts'
import { amend } from './amend.ts'

export interface Outcome {
  readonly response: Bytes
  /** The same value as before when nothing changed. */
  readonly tpm: Tpm
  readonly events: readonly TpmEvent[]
  /** Work whose result the command needs first. There is no response then, and nothing changed. */
  readonly job?: Job
}

const NO_EVENTS: readonly TpmEvent[] = []

/**
 * @param locality 0 to 4
 * @param results of jobs that the command asked for before
 */
export function execute(tpm: Tpm, bytes: Bytes, locality: number, results: Results = NO_RESULTS): Outcome {
  const c = new Context(tpm, locality, results)
  try {
    const response = dispatch(c, bytes)
    return { response, tpm: nullifyShutdown(tpm, c.tpm), events: c.events }
  } catch (e) {
    if (e instanceof NeedsJob) return { response: EMPTY, tpm, events: NO_EVENTS, job: e.job }
    if (!(e instanceof TpmError)) throw e
    // Table 21: an unknown tag is answered with the tag of TPM 1.2, which any caller understands.
    const tag = e.rc === RC.BAD_TAG ? ST.RSP_COMMAND : ST.NO_SESSIONS
    return { response: errorResponse(e.rc, tag), tpm: nullifyShutdown(tpm, c.onFailure ?? tpm), events: c.events }
  }
}

/** The results with one more; unchanged when it cannot be the result of that job. */
export const withResult = (results: Results, job: Job, result: JobResult): Results =>
  fits(job, result) ? new Map(results).set(jobKey(job), result) : results

function dispatch(c: Context, bytes: Bytes): Bytes {
  const { tpm } = c
  const r = new Reader(bytes)
  r.rules = rules(tpm.profile)
  // 5.2: header.
  const tag = bytes.length < 2 ? 0 : readBe16(bytes, 0)
  if (tag !== ST.NO_SESSIONS && tag !== ST.SESSIONS) throw fail(RC.BAD_TAG)
  if (bytes.length < HEADER_SIZE || bytes.length > tpm.profile.maxCommand) throw fail(RC.COMMAND_SIZE)
  r.at = 2
  if (r.u32() !== bytes.length) throw fail(RC.COMMAND_SIZE)
  const code = r.u32()
  const command = engineCommand(code)
  if (!command || !hasCommand(tpm.profile, command.row)) throw fail(RC.COMMAND_CODE)
  // 5.3: mode.
  if (tpm.power === 'failure' && (!command.row.failureMode || tag !== ST.NO_SESSIONS)) throw fail(RC.FAILURE)
  if ((tpm.power === 'init') !== (code === CC.Startup)) throw fail(RC.INITIALIZE)
  if (tpm.readOnly && NOT_READ_ONLY.has(code)) throw fail(RC.READ_ONLY)
  if (command.row.nv && !tpm.nvAvailable) throw fail(RC.NV_UNAVAILABLE)
  // 5.4 to 5.6: handles, sessions, authorizations.
  const handles = readHandles(c, r, command)
  const given = readSessions(c, r, command, handles, tag)
  checkNvReady(tpm, code, handles['nvIndex'])
  const sent = bytes.slice(r.at)
  const audited = tpm.audit.codes.includes(code)
  const names = given.length === 0 && !audited ? NO_NAMES : namesOf(c, command, handles)
  const cpHash = memo(alg => hash(alg, be32(code), ...names, sent))
  if (given.length > 0) {
    const template = (alg: number): Bytes | undefined => templateHash(alg, code, sent)
    authorize(c, { command, handles, given, params: sent, cpHash, names, template })
  }
  // 5.7 and 5.8: the parameters, decrypted where a session says so.
  let parameters = r
  if (given.some(g => g.auth.sessionAttributes & SESSION.decrypt)) {
    parameters = new Reader(decryptParameters(c, given, sent))
    parameters.rules = rules(tpm.profile)
  }
  const params = readParameters(parameters, command)
  const out = command.run(c, handles, params)
  if (c.tpm.untested.length > 0) testUsed(c)
  endExclusivity(c, command, given)
  return respond(c, command, tag, out, given, cpHash)
}

/** Not permitted in read-only mode. Part 3, 24.9, Table 207. */
const NOT_READ_ONLY: ReadonlySet<number> = new Set([
  ...[CC.Create, CC.ObjectChangeAuth, CC.CreateLoaded, CC.SetCommandCodeAuditStatus, CC.PCR_Allocate],
  ...[CC.PCR_SetAuthPolicy, CC.PCR_SetAuthValue, CC.CreatePrimary, CC.HierarchyControl, CC.SetPrimaryPolicy],
  ...[CC.ChangePPS, CC.ChangeEPS, CC.Clear, CC.ClearControl, CC.HierarchyChangeAuth],
  ...[CC.DictionaryAttackParameters, CC.PP_Commands, CC.SetAlgorithmSet, CC.FieldUpgradeStart, CC.FieldUpgradeData],
  ...[CC.EvictControl, CC.ClockSet, CC.ClockRateAdjust, CC.SetCapability, CC.NV_DefineSpace, CC.NV_DefineSpace2],
  ...[CC.NV_UndefineSpace, CC.NV_UndefineSpaceSpecial, CC.NV_Increment, CC.NV_GlobalWriteLock, CC.NV_ChangeAuth],
])

const NO_NAMES: readonly Bytes[] = []

/** Each digest is computed once, and only when somebody asks. */
function memo(make: (alg: number) => Bytes): (alg: number) => Bytes {
  const made: { [alg: number]: Bytes } = {}
  return alg => {
    made[alg] ??= make(alg)
    return made[alg] as Bytes
  }
}

const CREATE: readonly number[] = [CC.Create, CC.CreatePrimary, CC.CreateLoaded]

/** The digest of inPublic without its size, for the commands that have one. Part 3, 23.22. */
function templateHash(alg: number, code: number, params: Bytes): Bytes | undefined {
  if (!CREATE.includes(code) || params.length < 2) return undefined
  const at = 2 + readBe16(params, 0)
  return hash(alg, params.slice(at + 2, at + 2 + readBe16(params, at)))
}

const NO_HANDLES: { readonly [name: string]: number } = {}

function readHandles(c: Context, r: Reader, command: Command): { readonly [name: string]: number } {
  if (command.handles.length === 0) return NO_HANDLES
  const out: { [name: string]: number } = {}
  let n = 0
  for (const [name, { codec }] of command.handles) {
    n++
    try {
      out[name] = codec.read(r)
    } catch (e) {
      if (e instanceof Malformed) throw badHandle(n, rcOf(e))
      throw e
    }
  }
  n = 0
  for (const [name] of command.handles) checkLoaded(c, out[name] as number, ++n)
  return out
}

/** Part 3, 5.4, 2: what the handle refers to is there. @param n number of the handle, from 1 */
function checkLoaded(c: Context, handle: number, n: number): void {
  switch (handleType(handle)) {
    case HT.TRANSIENT:
      if (!c.slot(handle)) throw fail(RC.REFERENCE_H0 + n - 1)
      return
    case HT.PCR:
      if (handle >= c.tpm.profile.pcrs.length) throw badHandle(n, RC.VALUE)
      return
    case HT.HMAC_SESSION:
    case HT.POLICY_SESSION:
      if (!sessionOf(c.tpm, handle)) throw fail(RC.REFERENCE_H0 + n - 1)
      return
    case HT.PERSISTENT: {
      const object = c.slot(handle)
      if (object?.kind !== 'object') throw badHandle(n, RC.HANDLE)
      // 5.4, 2.2: the range says owner or platform; the object itself may be of the endorsement hierarchy.
      const range = handle < PLATFORM_PERSISTENT ? RH.OWNER : RH.PLATFORM
      for (const h of [range, object.hierarchy]) {
        const name = hierarchyName(h)
        if (name && !c.tpm.hierarchies[name].enabled) throw badHandle(n, RC.HANDLE)
      }
      return
    }
    case HT.PERMANENT: {
      const act = actNumber(handle)
      if (act !== undefined && act >= c.tpm.acts.length) throw badHandle(n, RC.VALUE)
      const name = hierarchyName(handle)
      if (name && handle !== RH.NULL && !c.tpm.hierarchies[name].enabled) throw badHandle(n, RC.HIERARCHY)
      return
    }
    case HT.NV_INDEX: {
      const index = nvIndexOf(c.tpm, handle)
      if (!index) throw badHandle(n, RC.HANDLE)
      const enabled = hasNv(index, NV.PLATFORMCREATE) ? c.tpm.phEnableNV : c.tpm.hierarchies.owner.enabled
      if (!enabled) throw badHandle(n, RC.HANDLE)
      return
    }
    default:
      throw badHandle(n, RC.HANDLE)
  }
}

function readParameters(r: Reader, command: Command): unknown {
  const out: Record<string, unknown> = {}
  let n = 0
  for (const [name, codec] of command.params) {
    n++
    try {
      out[name] = codec.read(r)
    } catch (e) {
      if (e instanceof Malformed) throw badParameter(n, rcOf(e))
      throw e
    }
  }
  if (r.left > 0) throw fail(RC.SIZE)
  return out
}

/** Part 3, 5.9 and 6.1: tag of the command, handle, size of the parameters when there are sessions, parameters, sessions. */
function respond(
  c: Context,
  { row }: Command,
  tag: number,
  out: unknown,
  given: readonly Given[],
  cpHash: (alg: number) => Bytes,
): Bytes {
  return written(w => {
    w.u16(tag)
    w.u32(0)
    w.u32(RC.SUCCESS)
    let returns = out
    if (row.responseHandle) {
      const o = out as { readonly handle: number; readonly returns?: unknown }
      w.u32(o.handle)
      returns = o.returns
    }
    if (tag === ST.SESSIONS) {
      const clear = returns === undefined ? EMPTY : encode(row.returns, returns)
      const { params, auths } = acknowledge(c, row.code, given, clear, cpHash)
      w.u32(params.length)
      w.put(params)
      for (const a of auths) TPMS_AUTH_RESPONSE.write(w, a)
      auditIfChosen(c, row.code, cpHash, params)
    } else {
      const at = w.length
      if (returns !== undefined) row.returns.write(w, returns)
      if (c.tpm.audit.codes.includes(row.code)) auditIfChosen(c, row.code, cpHash, w.done().slice(at))
    }
    if (w.length > c.tpm.profile.maxResponse) throw new Error(`defect: a response of ${w.length} bytes to ${row.name}`)
    w.patch32(2, w.length)
  })
}

/** Command audit: Part 1, 32. @param params of the response, as they are sent */
function auditIfChosen(c: Context, code: number, cpHash: (alg: number) => Bytes, params: Bytes): void {
  const alg = auditHash(c.tpm, c.before, code)
  if (alg !== undefined) auditCommand(c, cpHash(alg), hash(alg, be32(RC.SUCCESS), be32(code), params))
}

/** No result leaves the TPM before the functions that it depends on were tested. Part 3, 10.1. */
function testUsed(c: Context): void {
  for (const event of c.events) {
    const alg = usedBy(event)
    if (alg === undefined || !c.tpm.untested.includes(alg)) continue
    if (!selfTest(alg)) {
      c.onFailure = amend(c.tpm, { power: 'failure' })
      throw fail(RC.FAILURE)
    }
    c.tpm = amend(c.tpm, { untested: c.tpm.untested.filter(a => a !== alg) })
  }
}

/** TPM2_Shutdown stands only until something that it saved changes. Part 3, 9.4.1; Part 1, 9.2.4. */
function nullifyShutdown(before: Tpm, after: Tpm): Tpm {
  if (after.shutdown.type === 'none' || after.shutdown !== before.shutdown) return after
  const same =
    after.pcrs === before.pcrs &&
    after.hierarchies === before.hierarchies &&
    after.commits === before.commits &&
    after.audit === before.audit &&
    sameSaved(before.nv, after.nv) &&
    after.phEnableNV === before.phEnableNV &&
    after.readOnly === before.readOnly &&
    after.pcrAuth === before.pcrAuth &&
    after.acts === before.acts &&
    after.clock.offset === before.clock.offset &&
    // Context IDs of sessions and objects, and which sessions have their context outside.
    after.sessionCounter === before.sessionCounter &&
    after.objectCounter === before.objectCounter &&
    sameTracking(before, after)
  return same ? after : { ...after, shutdown: { type: 'none' } }
}
