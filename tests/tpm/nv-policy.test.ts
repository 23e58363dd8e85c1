// Policies about NV Indexes and of them: what TPM2_PolicySecret asks of an Index, and that the authValue of a PIN Index is
// counted whichever way it is used. Part 3, 5.6, 11.1, 23.2.5 and 23.4; Part 1, 34.2.8.

import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { be32, type Bytes, bytes, concat, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CC } from '../../src/spec/codes.ts'
import { NV_DefineSpace, NV_Read, NV_Write } from '../../src/spec/commands/nv.ts'
import { PolicyPassword } from '../../src/spec/commands/policy-bind.ts'
import { PolicySecret } from '../../src/spec/commands/policy-sign.ts'
import { password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { NT, NV } from '../../src/spec/nv.ts'
import { SE } from '../../src/spec/policy.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { by, start, startFails } from '../support/sessions.ts'

const INDEX = 0x01500020
const PIN = bytes(1, 2)
const OWNER = NV.OWNERREAD | NV.OWNERWRITE | NV.NO_DA
const self = { authHandle: INDEX, nvIndex: INDEX }
/** Of TPM2_PolicyPassword and TPM2_PolicyAuthValue alone. */
const WITH_VALUE = hash(ALG.SHA256, concat(new Uint8Array(32), be32(CC.PolicyAuthValue)))

function defined(attributes: number, type: number = NT.ORDINARY, profile: Profile = PROFILES.crbscope): Driver {
  const d = Driver.started(profile)
  const publicInfo = {
    ...{ nvIndex: INDEX, nameAlg: ALG.SHA256, dataSize: 8, authPolicy: WITH_VALUE },
    attributes: (OWNER | attributes | (type << 4)) >>> 0,
  }
  d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: PIN, publicInfo })
  return d
}
const write = (d: Driver, limit: number) =>
  d.ok(NV_Write, { authHandle: RH.OWNER, nvIndex: INDEX }, { data: bytes(0, 0, 0, 0, 0, 0, 0, limit), offset: 0 })
const count = (d: Driver): string =>
  toHex(d.ok(NV_Read, { authHandle: RH.OWNER, nvIndex: INDEX }, { size: 4, offset: 0 }).returns.data)

/** A session of a policy that takes the password. */
function withPassword(d: Driver): number {
  const policySession = start(d)
  d.ok(PolicyPassword, { policySession }, {})
  return policySession
}
const secret = (policySession: number, expiration = 0) =>
  [
    PolicySecret,
    { authHandle: INDEX, policySession },
    { nonceTPM: EMPTY, cpHashA: EMPTY, policyRef: EMPTY, expiration },
  ] as const
/** PolicySecret with the Index, approved by a policy session. */
const ask = (d: Driver, value: Bytes = PIN): string =>
  d.fails(...secret(start(d, SE.TRIAL)), [by(withPassword(d), value)])

describe('TPM2_PolicySecret by a policy session of an Index', () => {
  it.each([
    [NV.AUTHREAD, 'TPM_RC_SUCCESS', 'TPM_RC_AUTH_UNAVAILABLE'],
    [NV.POLICYREAD, 'TPM_RC_AUTH_UNAVAILABLE', 'TPM_RC_AUTH_UNAVAILABLE'],
    [NV.AUTHREAD | NV.POLICYREAD, 'TPM_RC_SUCCESS', 'TPM_RC_SUCCESS'],
  ])('asks for TPMA_NV_AUTHREAD, since it reads nothing (attributes %i): %s', (attributes, rc, elsewhere) => {
    expect(ask(defined(attributes))).toBe(rc)
    expect(ask(defined(attributes, NT.ORDINARY, PROFILES['libtpms-0.9']))).toBe(elsewhere)
  })

  it('needs the authValue itself', () => {
    const d = defined(NV.AUTHREAD)
    expect(ask(d, bytes(9))).toBe('TPM_RC_BAD_AUTH, session 1')
    const policySession = start(d)
    expect(d.fails(...secret(start(d, SE.TRIAL)), [by(policySession)])).toBe('TPM_RC_MODE, session 1')
  })
})

describe('the authValue of a PIN Index', () => {
  it('approves until the limit, by password and by policy, with neither read attribute', () => {
    const d = defined(0, NT.PIN_PASS)
    expect(ask(d)).toBe('TPM_RC_AUTH_UNAVAILABLE')
    write(d, 2)
    expect(ask(d)).toBe('TPM_RC_SUCCESS')
    expect(d.fails(...secret(start(d, SE.TRIAL)), [password(PIN)])).toBe('TPM_RC_SUCCESS')
    expect(count(d)).toBe('00000002')
    d.powerCycle()
    d.rc('80010000000c000001440000')
    expect(ask(d)).toBe('TPM_RC_AUTH_UNAVAILABLE')
  })

  it('is not there to write the limit with', () => {
    const d = defined(NV.POLICYWRITE, NT.PIN_PASS)
    const wanted = { data: bytes(0, 0, 0, 0, 0, 0, 0, 5), offset: 0 }
    expect(d.fails(NV_Write, self, wanted, [by(withPassword(d), PIN)])).toBe('TPM_RC_AUTH_UNAVAILABLE')
    write(d, 1)
    expect(d.fails(NV_Write, self, wanted, [by(withPassword(d), PIN)])).toBe('TPM_RC_SUCCESS')
  })

  it('makes no ticket where it counts what succeeds, and one where it counts what fails', () => {
    for (const type of [NT.PIN_PASS, NT.PIN_FAIL]) {
      const d = defined(0, type)
      write(d, 5)
      const { policyTicket, timeout } = d.ok(...secret(start(d), -100), [password(PIN)]).returns
      const none = type === NT.PIN_PASS
      expect(policyTicket.hierarchy).toBe(none ? RH.NULL : RH.OWNER)
      expect([policyTicket.digest.length, timeout.length]).toEqual(none ? [0, 0] : [64, 8])
    }
  })

  it('binds no session', () => {
    for (const type of [NT.PIN_PASS, NT.PIN_FAIL, NT.BITS]) {
      const d = defined(NV.AUTHREAD, type)
      if (type !== NT.BITS) write(d, 5)
      const rc = startFails(d, SE.HMAC, { bind: INDEX })
      expect(rc).toBe(type === NT.BITS ? 'TPM_RC_SUCCESS' : 'TPM_RC_HANDLE, handle 2')
    }
  })
})

it('a policy with the authValue writes where policies may, whatever passwords may', () => {
  const d = defined(NV.POLICYWRITE)
  const data = { data: bytes(1), offset: 0 }
  expect(d.fails(NV_Write, self, data, [by(withPassword(d), PIN)])).toBe('TPM_RC_SUCCESS')
  expect(d.fails(NV_Write, self, data, [password(PIN)])).toBe('TPM_RC_AUTH_UNAVAILABLE')
})
