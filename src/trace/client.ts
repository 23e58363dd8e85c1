// Checks a recorded conversation of a client with a TPM that cannot be replayed, since the client's nonces were random:
// every frame parses, comes out of our writers as it went in and is explained to the last byte, and what follows from what
// was said before is recomputed. A line: test, cmdHex, rspHex, sameCmd; or an event, init or powerCycle.

import { Malformed } from '../codec/codec.ts'
import { type Bytes, equal, fromHex, toHex, utf8 } from '../lib/bytes.ts'
import { DIGEST_SIZE } from '../spec/algorithms.ts'
import { commandName } from '../spec/codes.ts'
import { header } from '../spec/frame.ts'
import { handleName, handleType, HT, isSession } from '../spec/handles.ts'
import { SE } from '../spec/policy.ts'
import { RC } from '../spec/return-codes.ts'
import { attested } from './client/attest.ts'
import { explanationGap, readParams, readRequest, readResponse, type Request, type Response } from './client/frame.ts'
import { writeRequest, writeResponse } from './client/frame.ts'
import { type Difference, Ledger } from './client/ledger.ts'
import { objects } from './client/objects.ts'
import { policies } from './client/policies.ts'
import { checkCommand, checkResponse, clearParams, clearReturns, type Proof, proofsOf } from './client/sessions.ts'
import { state } from './client/state.ts'
import { type Keys, World } from './client/world.ts'

export type { Keys } from './client/world.ts'

type Json = { readonly [member: string]: unknown }
export type Verdict = 'passed' | 'ignored' | Difference

const OBSERVATIONS = new Map([...objects, ...policies, ...attested, ...state])

function hex(json: Json, member: string): Bytes {
  const v = json[member]
  if (typeof v !== 'string') throw new Error(`"${member}" must be a text`)
  try {
    return fromHex(v)
  } catch (e) {
    throw new Error(`"${member}": ${(e as Error).message}`)
  }
}
const text = (v: unknown): string => (typeof v === 'string' ? v : '')

/** Follows the conversations of one file, line after line in its order; each `test` is one with a fresh TPM. */
export class ClientTranscript {
  private readonly ledger = new Ledger()
  private readonly keys: Keys
  private readonly passwords: readonly Bytes[]
  private test: string | undefined
  private world: World

  /** @param passwords that the clients may have used beside none */
  constructor(keys: Keys, passwords: readonly string[]) {
    this.keys = keys
    this.passwords = ['', ...passwords].map(utf8)
    this.world = this.fresh()
  }

  private fresh(): World {
    return new World(this.ledger, this.keys, this.passwords)
  }

  /** @throws Error when the line is not one of a conversation; the message says what is wrong with it */
  line(json: Json): Verdict {
    const test = text(json['test'])
    if (test !== this.test) this.world = this.fresh()
    this.test = test
    if (json['event'] !== undefined) {
      if (json['event'] !== 'init' && json['event'] !== 'powerCycle') {
        throw new Error(`unknown event ${JSON.stringify(json['event'])}`)
      }
      this.world.powerCycle()
      return 'ignored'
    }
    const command = hex(json, 'cmdHex')
    const response = hex(json, 'rspHex')
    this.ledger.first = undefined
    try {
      this.exchange(command, response)
    } catch (e) {
      if (!(e instanceof Malformed)) throw e
      this.ledger.differs('a frame that parses:', 'well-formed', e.message)
    }
    const found = this.ledger.first as Ledger['first']
    const name = commandName(header(command)?.code ?? 0)
    return found ? { name: test ? `${test}: ${name}` : name, ...found } : 'passed'
  }

  /** What was recomputed, in one line of words. */
  summary(): string {
    return this.ledger.summary()
  }

  private exchange(command: Bytes, response: Bytes): void {
    const q = readRequest(command)
    const a = readResponse(response, q)
    this.written('command', command, writeRequest(q))
    this.written('response', response, writeResponse(a, q.row, header(response)?.tag ?? 0))
    const gap = explanationGap(command, response)
    if (gap !== undefined) this.ledger.differs('every byte', 'explained', gap)
    this.follow(q, a)
  }

  private written(what: string, recorded: Bytes, ours: Bytes): void {
    if (!equal(recorded, ours)) this.ledger.differs(`${what} written again:`, toHex(recorded), toHex(ours))
  }

  private follow(q: Request, a: Response): void {
    const { world } = this
    const proofs = proofsOf(world, q)
    const names = Object.values(q.handles).map(h => world.nameOf(h))
    checkCommand(world, q, a, proofs)
    if (a.rc !== RC.SUCCESS) return
    this.checkHandles(q)
    this.checkPolicies(proofs)
    const params = this.parameters(q.row.params, q, clearParams(world, q, proofs))
    const returns = this.parameters(q.row.returns, a, clearReturns(world, a, proofs))
    OBSERVATIONS.get(q.row.code)?.(world, { handles: q.handles, params, returns, handle: a.handle ?? 0 })
    checkResponse(world, q, a, proofs, names)
  }

  /** Parameters in the clear. A key that was wrong shows in what cannot be parsed. */
  private parameters(codec: Request['row']['params'], f: Request | Response, clear: Bytes | undefined): object {
    if (!f.encrypted) return readParams(codec, f.params, false)
    if (!clear) {
      this.ledger.cannot('encrypted parameters')
      return readParams(codec, f.params, true)
    }
    const params = readParams(codec, clear, false)
    this.ledger.ok('encrypted parameters')
    return params
  }

  /** In a conversation from TPM2_Startup on, whatever is in memory was seen when it came there. */
  private checkHandles(q: Request): void {
    const { world } = this
    if (!world.complete) return
    for (const h of [...Object.values(q.handles), ...q.auths.map(auth => auth.sessionHandle)]) {
      const known = isSession(h) ? world.sessions.has(h) : handleType(h) !== HT.TRANSIENT || world.entity(h)
      if (!known) this.ledger.differs(`${handleName(h)}:`, 'there', 'not there')
    }
  }

  /** A policy session that was accepted for an object or an Index has the digest that it demands. */
  private checkPolicies(proofs: readonly Proof[]): void {
    for (const { session: s, entity } of proofs) {
      const area = entity?.publicArea ?? entity?.nv
      if (s?.type !== SE.POLICY || !s.digest || !area || area.authPolicy.length === 0) continue
      if (DIGEST_SIZE[area.nameAlg] !== DIGEST_SIZE[s.hash]) continue
      this.ledger.same('policy digests', 'authPolicy', area.authPolicy, s.digest)
    }
  }
}
