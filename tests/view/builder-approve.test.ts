// Approvals in sessions, as the command builder makes them: the engine, which checks them with code of its own, takes each;
// what cannot be made is said in words.

import { describe, expect, it } from 'vitest'
import { knownOf } from '../../src/app/known.ts'
import { type Bytes, readBe32, toHex } from '../../src/lib/bytes.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { commandByName } from '../../src/spec/commands/index.ts'
import type { CommandRow } from '../../src/spec/command.ts'
import { parseCommand } from '../../src/spec/frame.ts'
import { returnCodeName } from '../../src/spec/return-codes.ts'
import {
  approveBy,
  build,
  type Built,
  changeDraft,
  type Draft,
  draftOf,
  type Form,
  type Path,
} from '../../src/view/builder.ts'
import { approvalText, approvalWarning, approversOf, asksPassword } from '../../src/view/builder-approve.ts'
import { offersOf } from '../../src/view/builder-defaults.ts'
import { Driver } from '../support/driver.ts'

const [HMAC, POLICY] = ['0', '1']
const [FIRST, SECOND] = [0x02000000, 0x02000001]
const [FIRST_POLICY, SECOND_POLICY] = [0x03000000, 0x03000001]
const KEY = 0x80000000
const OWNER = 0x40000001
const VALUE = '70617373'
/** SHA-256 of 32 zeros and the command code, by `openssl dgst`; the second code for TPM2_Sign, 15d. */
const AUTH_VALUE = '8fcd2169ab92694e0c633f1ab772842b8241bbc20288981fc7ac1eddc1fddb0e'
const COMMAND_SIGN = 'cc6918b226273b08f5bd406d7f10cf160f0a7d13dfd83b7770ccbcd1aa80d811'

type Typed = readonly [path: Path, text: string]

/** Somebody who only has the builder. */
class Person {
  readonly driver = Driver.started()

  get known() {
    return knownOf(this.driver.tpm)
  }
  draft(name: string, ...typed: readonly Typed[]): Draft {
    const machine = { backend: { tpm: this.driver.tpm } } as unknown as Machine
    const start = draftOf(commandByName(`TPM2_${name}`) as CommandRow, offersOf(machine))
    return typed.reduce((d, [path, text]) => changeDraft(d, path, f => ({ ...f, text }) as Form), start)
  }
  send(d: Draft): string {
    const { bytes, problems } = build(d, this.known)
    expect(problems).toEqual([])
    return returnCodeName(readBe32(this.driver.command(bytes as Bytes), 6))
  }
  does(name: string, ...typed: readonly Typed[]): void {
    expect(this.send(this.draft(name, ...typed)), name).toBe('TPM_RC_SUCCESS')
  }
  start(type: string, ...more: readonly Typed[]): void {
    this.does('StartAuthSession', [['parameters', 'sessionType'], type], ...more)
  }
  makeKey(authPolicy = ''): void {
    this.does(
      'CreatePrimary',
      [['parameters', 'inSensitive', 'userAuth'], VALUE],
      [['parameters', 'inPublic', 'authPolicy'], authPolicy],
    )
  }
  sign(by: number, ...typed: readonly Typed[]): Draft {
    return approveBy(this.draft('Sign', ...typed), 'keyHandle', by)
  }
}

const session = (p: Person, handle: number) =>
  p.known.sessions.find(s => s.handle === handle) as NonNullable<ReturnType<typeof approversOf>[0]> &
    Parameters<typeof approvalText>[0]
const hmacOf = ({ bytes }: Built): string => toHex(parseCommand(bytes as Bytes).auths[0]?.hmac as Bytes)

describe('an HMAC session', () => {
  it('approves with the authValue of a key, time after time, each with its own nonce', () => {
    const p = new Person()
    p.makeKey()
    p.start(HMAC)
    const seen = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const d = p.sign(FIRST)
      seen.add(hmacOf(build(d, p.known)))
      expect(p.send(d)).toBe('TPM_RC_SUCCESS')
    }
    expect(seen.size).toBe(3)
    expect(approvalText(session(p, FIRST), p.known.entity(KEY))).toBe('HMAC keyed with the authValue.')
  })

  it('approves for a hierarchy without an authValue', () => {
    const p = new Person()
    p.start(HMAC)
    expect(p.send(approveBy(p.draft('CreatePrimary'), 'primaryHandle', FIRST))).toBe('TPM_RC_SUCCESS')
    expect(approvalText(session(p, FIRST), p.known.entity(OWNER))).toBe(
      'HMAC keyed with the authValue, which is empty.',
    )
  })

  it('bound to the key itself, and to something else', () => {
    const p = new Person()
    p.makeKey()
    p.start(HMAC, [['handles', 'bind'], String(KEY)])
    p.start(HMAC, [['handles', 'bind'], String(OWNER)], [['parameters', 'authHash'], '12'])
    expect(approvalText(session(p, FIRST), p.known.entity(KEY))).toMatch(
      /^HMAC keyed with the session key. The session is bound/,
    )
    expect(approvalText(session(p, SECOND), p.known.entity(KEY))).toBe(
      'HMAC keyed with the session key and the authValue.',
    )
    expect(approversOf(p.known.sessions, FIRST).map(a => a.text)).toEqual([
      'a password',
      '02000000: HMAC session, SHA256, bound',
      '02000001: HMAC session, SHA384, bound',
    ])
    for (const by of [FIRST, SECOND, FIRST]) expect(p.send(p.sign(by))).toBe('TPM_RC_SUCCESS')
  })

  it('approves for an NV Index, whose Name changes when it is first written', () => {
    const p = new Person()
    p.start(HMAC)
    const index = String(0x01000001)
    const attributes = (f: Form) => ({ ...f, value: 0x00040004 }) as Form
    const define = p.draft(
      'NV_DefineSpace',
      [['parameters', 'publicInfo', 'nvIndex'], index],
      [['parameters', 'publicInfo', 'dataSize'], '4'],
      [['parameters', 'auth'], VALUE],
    )
    expect(
      p.send(
        approveBy(changeDraft(define, ['parameters', 'publicInfo', 'attributes'], attributes), 'authHandle', FIRST),
      ),
    ).toBe('TPM_RC_SUCCESS')
    const write = (): Draft =>
      approveBy(
        p.draft(
          'NV_Write',
          [['handles', 'authHandle'], index],
          [['handles', 'nvIndex'], index],
          [['parameters', 'data'], 'c0ffee00'],
        ),
        'authHandle',
        FIRST,
      )
    const first = hmacOf(build(write(), p.known))
    expect(p.send(write())).toBe('TPM_RC_SUCCESS')
    expect(hmacOf(build(write(), p.known))).not.toBe(first)
    expect(p.send(write())).toBe('TPM_RC_SUCCESS')
  })

  it('is refused by the TPM when a bit of the command changes', () => {
    const p = new Person()
    p.makeKey()
    p.start(HMAC)
    const bytes = Array.from(build(p.sign(FIRST), p.known).bytes as Bytes)
    const digest = bytes.length - 20
    bytes[digest] = (bytes[digest] as number) ^ 1
    const rc = returnCodeName(readBe32(p.driver.command(Uint8Array.from(bytes)), 6))
    expect(rc).toMatch(/^TPM_RC_AUTH_FAIL/)
  })
})

describe('a policy session', () => {
  const assert = (p: Person, command: string, handle: number, ...typed: readonly Typed[]): void =>
    p.does(command, [['handles', 'policySession'], String(handle)], ...typed)

  it('whose policy needs nothing: no HMAC', () => {
    const p = new Person()
    p.makeKey(COMMAND_SIGN)
    p.start(POLICY)
    expect(approvalWarning(session(p, FIRST_POLICY), p.known.entity(KEY))).toMatch(/not the authPolicy/)
    assert(p, 'PolicyCommandCode', FIRST_POLICY, [['parameters', 'code'], String(0x15d)])
    expect(approvalWarning(session(p, FIRST_POLICY), p.known.entity(KEY))).toBeUndefined()
    expect(approvalText(session(p, FIRST_POLICY), p.known.entity(KEY))).toBe('The policy is enough: no HMAC.')
    expect(hmacOf(build(p.sign(FIRST_POLICY), p.known))).toBe('')
    expect(p.send(p.sign(FIRST_POLICY))).toBe('TPM_RC_SUCCESS')
  })

  it('with a session key: an HMAC, though the policy asks for none', () => {
    const p = new Person()
    p.makeKey(COMMAND_SIGN)
    p.start(POLICY, [['handles', 'bind'], String(KEY)])
    assert(p, 'PolicyCommandCode', FIRST_POLICY, [['parameters', 'code'], String(0x15d)])
    expect(approvalText(session(p, FIRST_POLICY), p.known.entity(KEY))).toBe('HMAC keyed with the session key.')
    expect(hmacOf(build(p.sign(FIRST_POLICY), p.known))).toHaveLength(64)
    expect(p.send(p.sign(FIRST_POLICY))).toBe('TPM_RC_SUCCESS')
  })

  it('with PolicyAuthValue: an HMAC; with PolicyPassword: the password', () => {
    const p = new Person()
    p.makeKey(AUTH_VALUE)
    p.start(POLICY)
    p.start(POLICY)
    assert(p, 'PolicyAuthValue', FIRST_POLICY)
    assert(p, 'PolicyPassword', SECOND_POLICY)
    expect(approversOf(p.known.sessions, FIRST_POLICY).map(a => a.text)).toEqual([
      'a password',
      '03000000: policy session, PolicyAuthValue, SHA256',
      '03000001: policy session, PolicyPassword, SHA256',
    ])
    expect([FIRST_POLICY, SECOND_POLICY].map(by => asksPassword(p.known.sessions, by))).toEqual([false, true])
    expect(p.send(p.sign(FIRST_POLICY))).toBe('TPM_RC_SUCCESS')
    expect(p.send(p.sign(SECOND_POLICY, [['passwords', 'keyHandle'], '00']))).toMatch(/^TPM_RC_AUTH_FAIL/)
    expect(p.send(p.sign(SECOND_POLICY, [['passwords', 'keyHandle'], VALUE]))).toBe('TPM_RC_SUCCESS')
  })

  it('for an entity without a policy: said before the TPM says it', () => {
    const p = new Person()
    p.makeKey()
    p.start(POLICY)
    expect(approvalWarning(session(p, FIRST_POLICY), p.known.entity(KEY))).toMatch(/no authPolicy/)
    expect(p.send(p.sign(FIRST_POLICY))).toMatch(/^TPM_RC_POLICY_FAIL/)
  })
})

describe('what cannot be made is said', () => {
  it('a session that is gone, and stays in the list', () => {
    const p = new Person()
    p.makeKey()
    p.start(HMAC)
    const d = p.sign(FIRST)
    p.does('FlushContext', [['parameters', 'flushHandle'], String(FIRST)])
    expect(build(d, p.known)).toEqual({
      bytes: undefined,
      problems: [
        { path: ['approvals', 'keyHandle'], text: 'there is no session 02000000 in the TPM that can approve' },
      ],
    })
    expect(approversOf(p.known.sessions, FIRST).at(-1)?.text).toBe('02000000: not in the TPM')
  })

  it('a trial session is not offered', () => {
    const p = new Person()
    p.start('3')
    expect(approversOf(p.known.sessions, 0x40000009)).toHaveLength(1)
  })

  it('a handle to which there is nothing', () => {
    const p = new Person()
    p.start(HMAC)
    const d = p.sign(FIRST, [['handles', 'keyHandle'], '0x80000002'])
    expect(build(d, p.known).problems.map(x => x.text)).toEqual([
      '80000002 is not in the TPM, so its Name and authValue are not known',
    ])
  })

  it('a password that nobody asks for may be unreadable', () => {
    const p = new Person()
    p.makeKey()
    p.start(HMAC)
    expect(p.send(p.sign(FIRST, [['passwords', 'keyHandle'], 'xyz']))).toBe('TPM_RC_SUCCESS')
  })
})
