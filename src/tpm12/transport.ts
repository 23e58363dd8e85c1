// Transport sessions: a command wrapped in another, its parameters hidden. The header of the wrapped command and its
// handles stay readable. TPM Main Specification 1.2, Part 1, 18; Part 3, 24. MGF1 is the one cipher here.

import { mgf1 } from '../crypto/rsa-pad.ts'
import { decode, Malformed } from '../codec/codec.ts'
import type { Results } from '../crypto/jobs.ts'
import { be32, type Bytes, bytes, concat, equal, raw, readBe16, readBe32, utf8 } from '../lib/bytes.ts'
import { ALG12, AUTH_USAGE, KH, ORD, STRUCTURE, TRANSPORT } from '../spec12/codes.ts'
import { EstablishTransport, ExecuteTransport, rowOf } from '../spec12/commands.ts'
import { AUTH_REQUEST_SIZE, AUTH_RESPONSE_SIZE, authsOf, HEADER12 } from '../spec12/frame.ts'
import { type AuthRequest, TPM_TRANSPORT_AUTH } from '../spec12/structures.ts'
import { authorize, hmac1, inDigest, outDigest, proof, sha1 } from './authorize.ts'
import { type Command12, command12, OWNED } from './command.ts'
import { unwrap } from './commands/owner.ts'
import { type Context12, Needs12, stop } from './context.ts'
import type { Outcome12 } from './execute.ts'
import type { Tpm12, Transport } from './tpm.ts'

const MOST = 3
const SHA1 = 0x0004

/** What a wrapped message hides: from after header and handle up to the authorizations. */
export interface Hidden {
  readonly from: number
  readonly to: number
}

/** @throws Error12 for a message that cannot be taken apart. */
export function hidden(message: Bytes, ordinal: number, kind: 'request' | 'response'): Hidden {
  const row = rowOf(ordinal)
  if (!row || message.length < HEADER12 || readBe32(message, 2) !== message.length) return stop('BAD_PARAMETER')
  const handle = kind === 'request' ? row.handle : row.responseHandle
  const size = kind === 'request' ? AUTH_REQUEST_SIZE : AUTH_RESPONSE_SIZE
  const failed = kind === 'response' && readBe32(message, 6) !== 0
  // Starting a session hides nothing.
  const whole = ordinal === ORD.OIAP || ordinal === ORD.OSAP
  const to = message.length - authsOf(readBe16(message, 0)) * size
  const from = failed || whole ? to : HEADER12 + (handle ? 4 : 0)
  return from <= to ? { from, to } : stop('BAD_PARAM_SIZE')
}

/** Encrypts or decrypts: one is the other. */
export function veil(
  message: Bytes,
  { from, to }: Hidden,
  even: Bytes,
  odd: Bytes,
  way: 'in' | 'out',
  key: Bytes,
): Bytes {
  if (from === to) return message
  const mask = mgf1(SHA1, concat(even, odd, utf8(way), key), to - from)
  return raw(message).map((b, i) => (i >= from && i < to ? b ^ (mask[i - from] as number) : b))
}

function establish(c: Context12, secret: Bytes, handle: number): Bytes {
  if (handle === KH.TRANSPORT) return secret.length === 20 ? secret : stop('BAD_PARAM_SIZE')
  const { owner } = c.tpm.permanent
  if (handle !== KH.SRK || !owner) return stop('INVALID_KEYHANDLE')
  const message = unwrap(owner.srk, secret)
  try {
    const { tag, authData } = decode(TPM_TRANSPORT_AUTH, message)
    return tag === STRUCTURE.TRANSPORT_AUTH ? authData : stop('BAD_PARAMETER')
  } catch (e) {
    if (e instanceof Malformed) return stop('BAD_PARAM_SIZE')
    throw e
  }
}

/** Ticks are not kept: a session begins at 0. */
const TICKS = { tag: 0x0014, currentTicks: new Uint8Array(8) as Bytes, tickRate: 1 }

/** @param inner runs the command that is wrapped */
export const transportCommands = (
  inner: (tpm: Tpm12, bytes: Bytes, locality: number, results: Results) => Outcome12,
): readonly Command12[] => [
  command12({ ...EstablishTransport, auths: [0, 1] }, OWNED, (c, { params, raw: bytesIn, auth, handle }) => {
    const { transAttributes, algID } = params.transPublic
    const encrypts = (transAttributes & TRANSPORT.ENCRYPT) !== 0
    if (handle === KH.TRANSPORT && auth) stop('BADTAG')
    if (handle === KH.TRANSPORT && encrypts) stop('BAD_SCHEME')
    const usage = c.tpm.permanent.owner?.srk.authDataUsage
    if (handle === KH.SRK && !auth && usage !== AUTH_USAGE.NEVER) stop('AUTHFAIL')
    const proven = auth && authorize(c, auth, inDigest(EstablishTransport.ordinal, bytesIn), 'srk')
    const authData = establish(c, params.secret, handle)
    if (encrypts && algID !== ALG12.MGF1) stop('BAD_KEY_PROPERTY')
    // Neither a log nor exclusiveness is offered.
    if ((transAttributes & (TRANSPORT.LOG | TRANSPORT.EXCLUSIVE)) !== 0) stop('BAD_PARAMETER')
    if (c.tpm.transports.length >= MOST) stop('RESOURCES')
    const nonceEven = c.random(20)
    const transport: Transport = { handle: c.handle(), attributes: transAttributes, authData, nonceEven }
    c.tpm = { ...c.tpm, transports: [...c.tpm.transports, transport] }
    const currentTicks = { ...TICKS, tickNonce: c.random(20) }
    const returns = { locality: c.locality, currentTicks, transNonceEven: nonceEven }
    return { returns, handle: transport.handle, ...(proven ? { proven } : {}) }
  }),
  command12(ExecuteTransport, OWNED, (c, { params, auth }) => {
    const { authHandle, nonceOdd, continueAuthSession, authData } = auth as AuthRequest
    const t = c.tpm.transports.find(x => x.handle === authHandle) ?? stop('INVALID_AUTHHANDLE')
    const { wrappedCmd } = params
    const ordinal = wrappedCmd.length < HEADER12 ? 0 : readBe32(wrappedCmd, 6)
    const area = hidden(wrappedCmd, ordinal, 'request')
    const encrypts = (t.attributes & TRANSPORT.ENCRYPT) !== 0
    const plain = encrypts ? veil(wrappedCmd, area, t.nonceEven, nonceOdd, 'in', t.authData) : wrappedCmd
    // The proof covers what the wrapped command says, not how it came.
    const said = inDigest(ordinal, plain.slice(area.from, area.to))
    const digest = sha1(be32(ORD.ExecuteTransport), be32(wrappedCmd.length), said)
    if (!equal(proof(t.authData, digest, t.nonceEven, nonceOdd, continueAuthSession), authData)) stop('AUTHFAIL')
    if (ordinal === ORD.EstablishTransport || ordinal === ORD.ExecuteTransport || ordinal === ORD.SaveState) {
      stop('NO_WRAP_TRANSPORT')
    }
    const done = inner(c.tpm, plain, c.locality, c.results)
    if (done.job) throw new Needs12(done.job)
    c.tpm = done.tpm
    c.events.push(...done.events)
    const back = hidden(done.response, ordinal, 'response')
    const nonceEven = c.random(20)
    const rc = readBe32(done.response, 6)
    const answered = outDigest(ordinal, done.response.slice(back.from, back.to), rc)
    const ticks = { high: 0, low: 0 }
    const covered = concat(be32(0), be32(0), be32(c.locality), be32(done.response.length), answered)
    const outParam = sha1(be32(0), be32(ORD.ExecuteTransport), covered)
    const on = continueAuthSession !== 0 && c.tpm.transports.some(x => x.handle === t.handle)
    c.tpm = {
      ...c.tpm,
      transports: c.tpm.transports.flatMap(x => (x.handle === t.handle ? (on ? [{ ...x, nonceEven }] : []) : [x])),
    }
    const goOn = on ? 1 : 0
    const wrappedRsp = encrypts ? veil(done.response, back, nonceEven, nonceOdd, 'out', t.authData) : done.response
    const sealed = concat(nonceEven, bytes(goOn), hmac1(t.authData, outParam, nonceEven, nonceOdd, bytes(goOn)))
    return { returns: { currentTicks: ticks, locality: c.locality, wrappedRsp }, sealed }
  }),
]
