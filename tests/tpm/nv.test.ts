// NV Indexes: what a power cycle does to each kind, what a deleted counter leaves behind, what is looked at before an
// authValue, and how PIN Indexes count. Part 3, 9.3 and 31; Part 1, 34. Recorded answers are replayed elsewhere.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Bytes, bytes, EMPTY, raw, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { SU } from '../../src/spec/codes.ts'
import { Clear } from '../../src/spec/commands/hierarchy-control.ts'
import {
  NV_Certify,
  NV_DefineSpace,
  NV_Extend,
  NV_GlobalWriteLock,
  NV_Increment,
  NV_Read,
  NV_ReadLock,
  NV_ReadPublic,
  NV_SetBits,
  NV_UndefineSpace,
  NV_Write,
  NV_WriteLock,
} from '../../src/spec/commands/nv.ts'
import { PolicySecret } from '../../src/spec/commands/policy-sign.ts'
import { StartAuthSession } from '../../src/spec/commands/session.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { PolicyPassword } from '../../src/spec/commands/policy-bind.ts'
import { type AuthCommand, password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { NT, NV } from '../../src/spec/nv.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { SE } from '../../src/spec/policy.ts'
import { Driver } from '../support/driver.ts'

const INDEX = 0x01500010
const OWNER = NV.OWNERREAD | NV.OWNERWRITE
const at = { authHandle: RH.OWNER, nvIndex: INDEX }

interface Options {
  readonly type?: number
  readonly size?: number
  readonly auth?: Bytes
  readonly nvIndex?: number
  readonly policy?: Bytes
}
function define(d: Driver, attributes: number, o: Options = {}): void {
  const type = o.type ?? NT.ORDINARY
  const publicInfo = {
    nvIndex: o.nvIndex ?? INDEX,
    nameAlg: ALG.SHA256,
    attributes: (attributes | (type << 4)) >>> 0,
    authPolicy: o.policy ?? EMPTY,
    dataSize: o.size ?? 8,
  }
  d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: o.auth ?? EMPTY, publicInfo })
}
const defined = (attributes: number, o: Options = {}): Driver => {
  const d = Driver.started()
  define(d, attributes, o)
  return d
}
const write = (d: Driver, data: Bytes, offset = 0) => d.ok(NV_Write, at, { data, offset })
const read = (d: Driver, size = 8): string => toHex(d.ok(NV_Read, at, { size, offset: 0 }).returns.data)
const readFails = (d: Driver): string => d.fails(NV_Read, at, { size: 8, offset: 0 })
const attributes = (d: Driver): number => d.ok(NV_ReadPublic, { nvIndex: INDEX }, {}).returns.nvPublic.attributes

type Cycle = 'disorderly reset' | 'orderly reset' | 'restart' | 'resume'
function cycle(d: Driver, how: Cycle): void {
  if (how === 'orderly reset') d.ok(Shutdown, {}, { shutdownType: SU.CLEAR })
  if (how === 'restart' || how === 'resume') d.ok(Shutdown, {}, { shutdownType: SU.STATE })
  d.powerCycle()
  d.ok(Startup, {}, { startupType: how === 'resume' ? SU.STATE : SU.CLEAR })
}
const CYCLES: readonly Cycle[] = ['disorderly reset', 'orderly reset', 'restart', 'resume']
const DATA = bytes(1, 2, 3, 4, 5, 6, 7, 8)

describe('what a power cycle leaves', () => {
  it.each(CYCLES)('of an ordinary Index: everything (%s)', how => {
    const d = defined(OWNER)
    write(d, DATA)
    cycle(d, how)
    expect(read(d)).toBe('0102030405060708')
  })

  it.each([
    ['disorderly reset', 'TPM_RC_NV_UNINITIALIZED'],
    ['orderly reset', 'TPM_RC_NV_UNINITIALIZED'],
    ['restart', 'TPM_RC_SUCCESS'],
    ['resume', 'TPM_RC_SUCCESS'],
  ] as const)('of an orderly one, after a %s: %s', (how, rc) => {
    const d = defined(OWNER | NV.ORDERLY)
    write(d, DATA)
    cycle(d, how)
    expect(readFails(d)).toBe(rc)
  })

  it.each(CYCLES)('of one with TPMA_NV_CLEAR_STCLEAR: nothing but after a resume (%s)', how => {
    const d = defined(OWNER | NV.CLEAR_STCLEAR)
    write(d, DATA)
    cycle(d, how)
    expect(readFails(d)).toBe(how === 'resume' ? 'TPM_RC_SUCCESS' : 'TPM_RC_NV_UNINITIALIZED')
  })

  it('a partial write after that shows nothing of what was there before', () => {
    for (const bits of [NV.CLEAR_STCLEAR, NV.ORDERLY]) {
      const d = defined(OWNER | bits)
      write(d, DATA)
      cycle(d, 'disorderly reset')
      write(d, bytes(0x55))
      expect(read(d)).toBe('55ffffffffffffff')
    }
  })

  it.each(CYCLES)('of a counter: a value that never goes back (%s)', how => {
    for (const bits of [0, NV.ORDERLY]) {
      const d = defined(OWNER | bits, { type: NT.COUNTER })
      for (let i = 0; i < 5; i++) d.ok(NV_Increment, at, {})
      const before = BigInt(`0x${read(d)}`)
      cycle(d, how)
      const after = BigInt(`0x${read(d)}`)
      if (bits === 0 || how !== 'disorderly reset') expect(after).toBe(before)
      else expect(after).toBe(before | 255n)
    }
  })

  it('of locks: a WRITEDEFINE one on written data, and all of them after a resume', () => {
    const locks = NV.READ_STCLEAR | NV.WRITE_STCLEAR
    const held = (bits: number, written: boolean, how: Cycle): number => {
      const d = defined(OWNER | NV.READ_STCLEAR | bits)
      if (written) write(d, DATA)
      d.ok(NV_WriteLock, at, {})
      d.ok(NV_ReadLock, at, {})
      cycle(d, how)
      return attributes(d) & (NV.READLOCKED | NV.WRITELOCKED)
    }
    for (const how of ['disorderly reset', 'orderly reset', 'restart'] as const) {
      expect(held(NV.WRITE_STCLEAR, true, how)).toBe(0)
      expect(held(NV.WRITEDEFINE, false, how)).toBe(0)
      expect(held(NV.WRITEDEFINE, true, how)).toBe(NV.WRITELOCKED)
    }
    expect(held(locks, true, 'resume')).toBe(NV.READLOCKED | NV.WRITELOCKED)
  })
})

describe('TPM2_Shutdown(STATE) is void', () => {
  const resumes = (d: Driver): string => {
    d.powerCycle()
    return d.fails(Startup, {}, { startupType: SU.STATE })
  }
  const shutDown = (bits: number, o: Options = {}): Driver => {
    const d = defined((OWNER | bits) >>> 0, o)
    d.ok(Shutdown, {}, { shutdownType: SU.STATE })
    return d
  }

  it('once orderly data changes, or a lock', () => {
    const orderly = shutDown(NV.ORDERLY)
    write(orderly, DATA)
    expect(resumes(orderly)).toBe('TPM_RC_VALUE, parameter 1')
    const locked = shutDown(NV.READ_STCLEAR)
    locked.ok(NV_ReadLock, at, {})
    expect(resumes(locked)).toBe('TPM_RC_VALUE, parameter 1')
    const all = shutDown(NV.GLOBALLOCK)
    all.ok(NV_GlobalWriteLock, { authHandle: RH.OWNER }, {})
    expect(resumes(all)).toBe('TPM_RC_VALUE, parameter 1')
  })

  it('but not because of other data, which is in NV memory already', () => {
    const d = shutDown(0)
    write(d, DATA)
    expect(resumes(d)).toBe('TPM_RC_SUCCESS')
    expect(read(d)).toBe('0102030405060708')
  })
})

describe('counters', () => {
  const value = (d: Driver): bigint => BigInt(`0x${read(d)}`)
  const counted = (): Driver => {
    const d = defined(OWNER, { type: NT.COUNTER })
    for (let i = 0; i < 7; i++) d.ok(NV_Increment, at, {})
    return d
  }

  it('go on after one that was deleted', () => {
    const d = counted()
    const before = value(d)
    d.ok(NV_UndefineSpace, at, {})
    define(d, OWNER, { type: NT.COUNTER })
    d.ok(NV_Increment, at, {})
    expect(value(d)).toBeGreaterThan(before)
  })

  it('and after one that TPM2_Clear removed', () => {
    const d = counted()
    const before = value(d)
    d.ok(Clear, { authHandle: RH.PLATFORM }, {})
    expect(d.fails(NV_ReadPublic, { nvIndex: INDEX }, {})).toBe('TPM_RC_HANDLE, handle 1')
    define(d, OWNER, { type: NT.COUNTER })
    d.ok(NV_Increment, at, {})
    expect(value(d)).toBeGreaterThan(before)
  })
})

describe('before an authValue is looked at', () => {
  const self = { authHandle: INDEX, nvIndex: INDEX }
  const wrong = [password(bytes(9))]
  const AUTH = NV.AUTHREAD | NV.AUTHWRITE | NV.OWNERWRITE
  const tries = (d: Driver): number => d.tpm.lockout.failedTries

  it('an Index that was never written is found out, and no try is counted', () => {
    const d = defined(AUTH, { auth: bytes(1) })
    expect(d.fails(NV_Read, self, { size: 8, offset: 0 }, wrong)).toBe('TPM_RC_NV_UNINITIALIZED')
    expect(tries(d)).toBe(0)
  })

  it('so is a lock', () => {
    const d = defined(AUTH | NV.WRITE_STCLEAR | NV.READ_STCLEAR, { auth: bytes(1) })
    const right = [password(bytes(1))]
    write(d, DATA)
    d.ok(NV_WriteLock, self, {}, right)
    d.ok(NV_ReadLock, self, {}, right)
    expect(d.fails(NV_Read, self, { size: 8, offset: 0 }, wrong)).toBe('TPM_RC_NV_LOCKED')
    expect(d.fails(NV_Write, self, { data: DATA, offset: 0 }, wrong)).toBe('TPM_RC_NV_LOCKED')
    expect(tries(d)).toBe(0)
  })

  it('a wrong one is counted otherwise', () => {
    const d = defined(AUTH, { auth: bytes(1) })
    write(d, DATA)
    expect(d.fails(NV_Read, self, { size: 8, offset: 0 }, wrong)).toBe('TPM_RC_AUTH_FAIL, session 1')
    expect(tries(d)).toBe(1)
  })

  it('commands of another type of Index change nothing', () => {
    const d = defined(OWNER)
    expect(d.fails(NV_Increment, at, {})).toBe('TPM_RC_ATTRIBUTES, handle 2')
    expect(d.fails(NV_SetBits, at, { bits: 1n })).toBe('TPM_RC_ATTRIBUTES, handle 2')
    expect(d.fails(NV_Extend, at, { data: DATA })).toBe('TPM_RC_ATTRIBUTES, handle 2')
  })
})

it.each([
  ['a PIN Index that is locked for good', NV.AUTHREAD | NV.NO_DA | NV.WRITEDEFINE, NT.PIN_PASS],
  ['a PIN Index under the global lock', NV.AUTHREAD | NV.NO_DA | NV.GLOBALLOCK, NT.PIN_FAIL],
  ['a lock for good of what is gone sooner', NV.CLEAR_STCLEAR | NV.WRITEDEFINE, NT.ORDINARY],
])('%s may be defined: Part 3, 31.3 refuses none; another TPM does', (_, more, type) => {
  const attributes = (OWNER | more | (type << 4)) >>> 0
  const publicInfo = { nvIndex: INDEX, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize: 8 }
  const ask = (d: Driver) => d.fails(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo })
  expect(ask(Driver.started())).toBe('TPM_RC_SUCCESS')
  expect(ask(Driver.started(PROFILES['libtpms-0.9']))).toBe('TPM_RC_ATTRIBUTES, parameter 2')
})

// Part 3, 5.6, 7.2: the attributes for a policy session are asked, not those for a password, though one is in the policy.
describe('TPM2_PolicyPassword for an Index that only a policy may use', () => {
  const self = { authHandle: INDEX, nvIndex: INDEX }
  // Part 3, 23.18: both commands that ask for the authValue extend by the code of TPM2_PolicyAuthValue.
  const policy: Bytes = Uint8Array.from(
    createHash('sha256')
      .update(new Uint8Array(32))
      .update(Uint8Array.of(0, 0, 1, 0x6b))
      .digest(),
  )
  const session = (d: Driver, hmac: Bytes): AuthCommand => {
    const start = {
      ...{ nonceCaller: new Uint8Array(16), encryptedSalt: EMPTY, sessionType: SE.POLICY },
      ...{ symmetric: { algorithm: ALG.NULL }, authHash: ALG.SHA256 },
    } as const
    const policySession = d.ok(StartAuthSession, { tpmKey: RH.NULL, bind: RH.NULL }, start).handle as number
    d.ok(PolicyPassword, { policySession }, {})
    return { sessionHandle: policySession, nonce: EMPTY, sessionAttributes: 0, hmac }
  }
  const attempt = (d: Driver, hmac: Bytes): readonly string[] => [
    d.fails(NV_Write, self, { data: bytes(0, 0, 0, 0, 0, 0, 0, 1), offset: 0 }, [session(d, hmac)]),
    d.fails(NV_Read, self, { size: 8, offset: 0 }, [session(d, hmac)]),
  ]

  it('takes the right password, and no other', () => {
    const d = defined(NV.POLICYWRITE | NV.POLICYREAD | NV.NO_DA, { auth: bytes(7), policy })
    expect(attempt(d, bytes(7))).toEqual(['TPM_RC_SUCCESS', 'TPM_RC_SUCCESS'])
    expect(attempt(d, bytes(8))).toEqual(['TPM_RC_BAD_AUTH, session 1', 'TPM_RC_BAD_AUTH, session 1'])
    expect(d.fails(NV_Read, self, { size: 8, offset: 0 }, [password(bytes(7))])).toBe('TPM_RC_AUTH_UNAVAILABLE')
  })

  it('does not take it from a session where the attributes are those of passwords', () => {
    const d = defined(NV.AUTHWRITE | NV.AUTHREAD | NV.NO_DA, { auth: bytes(7), policy })
    d.ok(NV_Write, self, { data: new Uint8Array(8), offset: 0 }, [password(bytes(7))])
    expect(attempt(d, bytes(7))).toEqual(['TPM_RC_AUTH_UNAVAILABLE', 'TPM_RC_AUTH_UNAVAILABLE'])
  })

  it('cannot write a PIN Index first: its authValue does not serve before', () => {
    const d = defined(OWNER | NV.POLICYWRITE | NV.POLICYREAD | NV.NO_DA, { type: NT.PIN_PASS, auth: bytes(7), policy })
    expect(attempt(d, bytes(7))[0]).toBe('TPM_RC_AUTH_UNAVAILABLE')
    write(d, bytes(0, 0, 0, 0, 0, 0, 0, 1))
    expect(attempt(d, bytes(7))[0]).toBe('TPM_RC_SUCCESS')
  })
})

describe('PIN Indexes', () => {
  const self = { authHandle: INDEX, nvIndex: INDEX }
  const right = [password(bytes(1))]
  const pin = (type: number, limit: number): Driver => {
    const d = defined(OWNER | NV.AUTHREAD | NV.NO_DA, { type, auth: bytes(1) })
    write(d, bytes(0, 0, 0, 0, 0, 0, 0, limit))
    return d
  }
  const count = (d: Driver): string => read(d).slice(0, 8)
  const ask = (d: Driver, auth = right, offset = 0) => d.fails(NV_Read, self, { size: 8, offset }, auth)

  it('PIN Pass counts what succeeds, at once: also when the command then fails', () => {
    const d = pin(NT.PIN_PASS, 2)
    expect(ask(d, right, 9)).toBe('TPM_RC_NV_RANGE')
    expect(count(d)).toBe('00000001')
    expect(ask(d, [password(bytes(2))])).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(count(d)).toBe('00000001')
    expect(ask(d)).toBe('TPM_RC_SUCCESS')
    expect(ask(d)).toBe('TPM_RC_AUTH_UNAVAILABLE')
    expect(count(d)).toBe('00000002')
  })

  it('PIN Fail counts what fails, until one succeeds or the limit is reached', () => {
    const d = pin(NT.PIN_FAIL, 2)
    expect(ask(d, [password(bytes(2))])).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(count(d)).toBe('00000001')
    expect(ask(d)).toBe('TPM_RC_SUCCESS')
    expect(count(d)).toBe('00000000')
    for (let i = 0; i < 2; i++) expect(ask(d, [password(bytes(2))])).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(ask(d)).toBe('TPM_RC_AUTH_UNAVAILABLE')
    expect(d.tpm.lockout.failedTries).toBe(0)
  })

  it('TPM2_PolicySecret asks a PIN Index for its count, any other for TPMA_NV_AUTHREAD: Part 3, 23.4.1', () => {
    for (const [type, rc] of [
      [NT.PIN_PASS, 'TPM_RC_SUCCESS'],
      [NT.PIN_FAIL, 'TPM_RC_SUCCESS'],
      [NT.ORDINARY, 'TPM_RC_AUTH_UNAVAILABLE'],
    ] as const) {
      const d = defined(OWNER | NV.NO_DA, { type, auth: bytes(1) })
      write(d, bytes(0, 0, 0, 0, 0, 0, 0, 1))
      const symmetric = { algorithm: ALG.NULL } as const
      const start = { nonceCaller: new Uint8Array(16), encryptedSalt: EMPTY, sessionType: 1, symmetric }
      const nobody = { tpmKey: RH.NULL, bind: RH.NULL }
      const policySession = d.ok(StartAuthSession, nobody, { ...start, authHash: ALG.SHA256 }).handle as number
      const params = { nonceTPM: EMPTY, cpHashA: EMPTY, policyRef: EMPTY, expiration: 0 }
      expect(d.fails(PolicySecret, { authHandle: INDEX, policySession }, params, right)).toBe(rc)
    }
  })
})

describe('TPM2_NV_Certify of a whole Index', () => {
  it('without a key takes the hash that the caller names, and needs one', () => {
    const d = defined(OWNER)
    write(d, DATA)
    const handles = { signHandle: RH.NULL, authHandle: RH.OWNER, nvIndex: INDEX }
    const whole = { qualifyingData: EMPTY, size: 0, offset: 0 }
    const none = { ...whole, inScheme: { scheme: ALG.NULL } } as const
    expect(d.fails(NV_Certify, handles, none)).toBe('TPM_RC_SCHEME, parameter 2')
    const named = { ...whole, inScheme: { scheme: ALG.ECDSA, hashAlg: ALG.SHA384 } } as const
    const { attested } = d.ok(NV_Certify, handles, named).returns.certifyInfo.statement
    expect('nvDigest' in attested && toHex(attested.nvDigest)).toBe(
      createHash('sha384').update(raw(DATA)).digest('hex'),
    )
  })
})
