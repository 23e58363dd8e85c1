// A caller of TPM 1.2: composes requests, proves them, and checks what comes back. It knows only bytes, so it can speak to
// the engine and to any other TPM 1.2; its nonces come from a counter, so that a run can be repeated.

import { decode, encode } from '../../src/codec/codec.ts'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { mgf1, oaepEncode } from '../../src/crypto/rsa-pad.ts'
import { rsaPublic } from '../../src/crypto/rsa.ts'
import { be32, type Bytes, bytes, concat, EMPTY, equal, raw, readBe32, utf8 } from '../../src/lib/bytes.ts'
import { ALG12, ES, KEY_USAGE, KH, ORD, PID, SS, STRUCTURE } from '../../src/spec12/codes.ts'
import * as rows from '../../src/spec12/commands.ts'
import { AUTH_RESPONSE_SIZE, request12 } from '../../src/spec12/frame.ts'
import { AUTH_REQUEST, type Key, TPM_RSA_KEY_PARMS, TPM_TRANSPORT_AUTH } from '../../src/spec12/structures.ts'

const SHA1 = 4
const sha1 = (...parts: Bytes[]): Bytes => hash(SHA1, ...parts)
export const secretOf = (password: string): Bytes => sha1(utf8(password))

export interface Session12 {
  readonly handle: number
  nonceEven: Bytes
  readonly key: Bytes
}

export interface Answer12<R> {
  readonly rc: number
  readonly returns: R | undefined
  readonly handle: number
}

/** How a request is sent. */
export type Send = (request: Bytes, name: string) => Bytes | Promise<Bytes>

export const SRK_PARAMS: Key = {
  form: 0x01010000,
  keyUsage: KEY_USAGE.STORAGE,
  keyFlags: 0,
  authDataUsage: 1,
  algorithmParms: {
    algorithmID: ALG12.RSA,
    encScheme: ES.OAEP_SHA1_MGF1,
    sigScheme: SS.NONE,
    parms: encode(TPM_RSA_KEY_PARMS, { keyLength: 2048, numPrimes: 2, exponent: EMPTY }),
  },
  PCRInfo: EMPTY,
  pubKey: EMPTY,
  encData: EMPTY,
}

export class Client12 {
  private readonly send: Send
  private counter = 0

  constructor(send: Send) {
    this.send = send
  }

  fresh(): Bytes {
    this.counter += 1
    return sha1(utf8(`nonce ${this.counter}`))
  }

  /** A request without a proof. */
  async call<P, R>(row: rows.Row12<P, R>, params: P, handle?: number): Promise<Answer12<R>> {
    return this.read(row, await this.send(request12(row, params, [], handle), row.name), 0)
  }

  private read<P, R>(row: rows.Row12<P, R>, answer: Bytes, auths: number): Answer12<R> {
    const rc = readBe32(answer, 6)
    if (rc !== 0) return { rc, returns: undefined, handle: 0 }
    const from = 10 + (row.responseHandle ? 4 : 0)
    const content = answer.slice(from, answer.length - auths * AUTH_RESPONSE_SIZE)
    return { rc, returns: decode(row.returns, content), handle: row.responseHandle ? readBe32(answer, 10) : 0 }
  }

  async oiap(key: Bytes): Promise<Session12> {
    const { rc, handle, returns } = await this.call(rows.Oiap, {} as never)
    if (rc !== 0 || !returns) throw new Error(`OIAP: ${rc}`)
    return { handle, nonceEven: (returns as { nonceEven: Bytes }).nonceEven, key }
  }

  async osap(entityType: number, entityValue: number, auth: Bytes): Promise<Session12> {
    const nonceOddOSAP = this.fresh()
    const { rc, handle, returns } = await this.call(rows.Osap, { entityType, entityValue, nonceOddOSAP })
    if (rc !== 0 || !returns) throw new Error(`OSAP: ${rc}`)
    const { nonceEven, nonceEvenOSAP } = returns
    return { handle, nonceEven, key: hmac(SHA1, auth, nonceEvenOSAP, nonceOddOSAP) }
  }

  /** The bytes of a proven request. @param spoil the proof is wrong */
  prove<P, R>(
    row: rows.Row12<P, R>,
    params: P,
    session: Session12,
    more: { readonly handle?: number; readonly goOn?: boolean; readonly spoil?: boolean; readonly digest?: Bytes } = {},
  ): { readonly request: Bytes; readonly odd: Bytes } {
    const odd = this.fresh()
    const goOn = more.goOn === false ? 0 : 1
    const digest = more.digest ?? sha1(be32(row.ordinal), encode(row.params, params))
    const proof = raw(hmac(SHA1, session.key, digest, session.nonceEven, odd, bytes(goOn))).slice()
    if (more.spoil) proof[0] = (proof[0] as number) ^ 1
    const auth = encode(AUTH_REQUEST, {
      authHandle: session.handle,
      nonceOdd: odd,
      continueAuthSession: goOn,
      authData: proof,
    })
    return { request: request12(row, params, [auth], more.handle), odd }
  }

  /** A proven request; the proof of the response is checked and the nonce taken over. */
  async authed<P, R>(
    row: rows.Row12<P, R>,
    params: P,
    session: Session12,
    more: Parameters<Client12['prove']>[3] = {},
  ): Promise<Answer12<R>> {
    const { request, odd } = this.prove(row, params, session, more)
    const answer = await this.send(request, row.name)
    const read = this.read(row, answer, 1)
    if (read.rc !== 0) return read
    const from = 10 + (row.responseHandle ? 4 : 0)
    this.checkProof(row.ordinal, answer, answer.slice(from, answer.length - AUTH_RESPONSE_SIZE), session, odd)
    return read
  }

  private checkProof(ordinal: number, answer: Bytes, content: Bytes, session: Session12, odd: Bytes): void {
    const auth = answer.slice(answer.length - AUTH_RESPONSE_SIZE)
    const digest = sha1(be32(0), be32(ordinal), content)
    const even = auth.slice(0, 20)
    const wanted = hmac(SHA1, session.key, digest, even, odd, auth.slice(20, 21))
    if (!equal(wanted, auth.slice(21))) throw new Error(`${ordinal}: the proof of the answer is wrong`)
    session.nonceEven = even
  }

  /** @param n of the endorsement key */
  async takeOwnership(
    n: Bytes,
    owner: Bytes,
    srk: Bytes,
    params: Key = SRK_PARAMS,
  ): Promise<Answer12<{ srkPub: Key }>> {
    const session = await this.oiap(owner)
    return this.authed(
      rows.TakeOwnership,
      {
        protocolID: PID.OWNER,
        encOwnerAuth: this.encrypt(n, owner),
        encSrkAuth: this.encrypt(n, srk),
        srkParams: params,
      },
      session,
      { goOn: false },
    )
  }

  encrypt(n: Bytes, message: Bytes): Bytes {
    const padded = oaepEncode(SHA1, n.length, message, utf8('TCPA'), this.fresh())
    return rsaPublic({ n, e: 65537 }, padded) as Bytes
  }

  /** A transport session that hides parameters, its secret encrypted to the storage root key. */
  async transport(n: Bytes, srkAuth: Bytes, secret: Bytes): Promise<Session12> {
    const session = await this.oiap(srkAuth)
    const { rc, handle, returns } = await this.authed(
      rows.EstablishTransport,
      {
        transPublic: { tag: STRUCTURE.TRANSPORT_PUBLIC, transAttributes: 1, algID: ALG12.MGF1, encScheme: ES.NONE },
        secret: this.encrypt(n, encode(TPM_TRANSPORT_AUTH, { tag: STRUCTURE.TRANSPORT_AUTH, authData: secret })),
      },
      session,
      { handle: KH.SRK, goOn: false },
    )
    if (rc !== 0 || !returns) throw new Error(`EstablishTransport: ${rc}`)
    return { handle, nonceEven: returns.transNonceEven, key: secret }
  }

  /**
   * Carries a request out in a transport session.
   * @param area the octets that are hidden: from header and handle to the authorizations
   */
  async wrapped(
    t: Session12,
    request: Bytes,
    area: readonly [number, number],
    goOn = true,
  ): Promise<{ readonly rc: number; readonly sent: Bytes; readonly response: Bytes }> {
    const [from, to] = area
    const said = sha1(be32(readBe32(request, 6)), request.slice(from, to))
    const digest = sha1(be32(ORD.ExecuteTransport), be32(request.length), said)
    // The nonce that prove() will draw next.
    const odd = sha1(utf8(`nonce ${this.counter + 1}`))
    const hide = (b: Bytes, way: 'in' | 'out', even: Bytes, a: number, z: number): Bytes => {
      const mask = z > a ? mgf1(SHA1, concat(even, odd, utf8(way), t.key), z - a) : EMPTY
      return raw(b).map((x, i) => (i >= a && i < z ? x ^ (mask[i - a] as number) : x))
    }
    const wrappedCmd = hide(request, 'in', t.nonceEven, from, to)
    const sent = this.prove(rows.ExecuteTransport, { wrappedCmd }, t, { digest, goOn }).request
    const answer = await this.send(sent, 'TPM_ExecuteTransport')
    const { rc, returns } = this.read(rows.ExecuteTransport, answer, 1)
    if (rc !== 0 || !returns) return { rc, sent, response: EMPTY }
    const auth = answer.slice(answer.length - AUTH_RESPONSE_SIZE)
    t.nonceEven = auth.slice(0, 20)
    const inner = returns.wrappedRsp
    const end = inner.length - (readBe32(inner, 0) >>> 16 === 0xc5 ? AUTH_RESPONSE_SIZE : 0)
    const start = readBe32(inner, 6) === 0 ? 10 : end
    return { rc, sent, response: hide(inner, 'out', t.nonceEven, start, end) }
  }
}
