// HMAC sessions at their edges: a sequence that is gone when its last answer is proved, a binding that is lost.
// Part 1, 16.6 and 17.1; Part 3, 17.8. The HMACs are computed here with another library than that of the engine.

import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { bytes, EMPTY, raw, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { HashSequenceStart, SequenceComplete } from '../../src/spec/commands/sequence.ts'
import { StartAuthSession } from '../../src/spec/commands/session.ts'
import { RH } from '../../src/spec/handles.ts'
import { HierarchyChangeAuth, SetPrimaryPolicy } from '../../src/spec/commands/hierarchy-control.ts'
import { Driver } from '../support/driver.ts'

const AUTH = bytes(0x61, 0x61, 0x61)
const CONTINUE = 1
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()
const proof = (digest: Uint8Array, newer: Uint8Array, older: Uint8Array): string =>
  createHmac('sha256', raw(AUTH))
    .update(Buffer.concat([digest, newer, older, Uint8Array.of(CONTINUE)]))
    .digest('hex')

it('the answer to TPM2_SequenceComplete is proved with the authValue of the sequence', () => {
  const d = Driver.started()
  const nonceCaller = new Uint8Array(32).fill(7)
  const session = d.ok(
    StartAuthSession,
    { tpmKey: RH.NULL, bind: RH.NULL },
    { nonceCaller, encryptedSalt: EMPTY, sessionType: 0, symmetric: { algorithm: ALG.NULL }, authHash: ALG.SHA256 },
  )
  const sequence = d.ok(HashSequenceStart, {}, { auth: AUTH, hashAlg: ALG.SHA256 })

  // The Name of a sequence is empty; the parameters are an empty buffer and TPM_RH_NULL.
  const cpHash = sha256(Buffer.from('0000013e', 'hex'), Buffer.from('000040000007', 'hex'))
  const r = d.ok(
    SequenceComplete,
    { sequenceHandle: sequence.handle as number },
    { buffer: EMPTY, hierarchy: RH.NULL },
    [
      {
        sessionHandle: session.handle as number,
        nonce: nonceCaller,
        sessionAttributes: CONTINUE,
        hmac: Buffer.from(proof(cpHash, nonceCaller, raw(session.returns.nonceTPM)), 'hex'),
      },
    ],
  )

  const answered = r.auths[0]
  if (!answered) throw new Error('no authorization in the response')
  // TPM_RC_SUCCESS, the command code, the digest of nothing, and a null ticket.
  const params = Buffer.concat([Buffer.from('0020', 'hex'), sha256(), Buffer.from('8024400000070000', 'hex')])
  const rpHash = sha256(Buffer.from('000000000000013e', 'hex'), params)
  expect(toHex(answered.hmac)).toBe(proof(rpHash, raw(answered.nonce), nonceCaller))
})

/** KDFa with SHA-256 for one block: Part 1, 11.4.10.3. */
const kdfa = (key: Uint8Array, label: string, u: Uint8Array, v: Uint8Array): Buffer =>
  createHmac('sha256', raw(key))
    .update(
      Buffer.concat([Buffer.from('00000001', 'hex'), Buffer.from(`${label}\0`), u, v, Buffer.from('00000100', 'hex')]),
    )
    .digest()

it('a bound session that audits is bound no more: its next authorization takes the authValue', () => {
  const d = Driver.started()
  d.ok(HierarchyChangeAuth, { authHandle: RH.OWNER }, { newAuth: AUTH })
  const nonceCaller = new Uint8Array(32).fill(9)
  const session = d.ok(
    StartAuthSession,
    { tpmKey: RH.NULL, bind: RH.OWNER },
    { nonceCaller, encryptedSalt: EMPTY, sessionType: 0, symmetric: { algorithm: ALG.NULL }, authHash: ALG.SHA256 },
  )
  const sessionKey = kdfa(raw(AUTH), 'ATH', raw(session.returns.nonceTPM), nonceCaller)
  const AUDIT = 0x80
  const params = Buffer.from('00000010', 'hex')
  const cpHash = sha256(Buffer.from('0000012e40000001', 'hex'), params)
  let nonceTPM = raw(session.returns.nonceTPM)
  const attempt = (key: Uint8Array) => {
    const hmac = createHmac('sha256', key)
      .update(Buffer.concat([cpHash, nonceCaller, nonceTPM, Uint8Array.of(CONTINUE | AUDIT)]))
      .digest()
    const auth = {
      sessionHandle: session.handle as number,
      nonce: nonceCaller,
      sessionAttributes: CONTINUE | AUDIT,
      hmac,
    }
    return [SetPrimaryPolicy, { authHandle: RH.OWNER }, { authPolicy: EMPTY, hashAlg: ALG.NULL }, [auth]] as const
  }
  const first = d.ok(...attempt(sessionKey))
  nonceTPM = raw(first.auths[0]?.nonce as Uint8Array)
  expect(d.fails(...attempt(sessionKey))).toContain('BAD_AUTH')
  d.ok(...attempt(Buffer.concat([sessionKey, raw(AUTH)])))
})
