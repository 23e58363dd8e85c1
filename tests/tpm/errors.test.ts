// Which error comes, and with which number: Part 3, 5 in its order; Part 2, 6.6.2.

import { describe, expect, it } from 'vitest'
import { codecReasons } from '../support/reasons.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { PCR_Extend } from '../../src/spec/commands/pcr.ts'
import { password } from '../../src/spec/frame.ts'
import { HashSequenceStart, SequenceUpdate } from '../../src/spec/commands/sequence.ts'
import { RC } from '../../src/spec/return-codes.ts'
import { ENGINE } from '../../src/tpm/commands/all.ts'
import { atHandle, atParameter, atSession, REASONS } from '../../src/tpm/errors.ts'
import { Driver } from '../support/driver.ts'

const HEADER = (code: string, length: string, tag = '8001') => `${tag} ${length} ${code} `

describe('numbers', () => {
  it('are added to codes of format one only', () => {
    expect(atParameter(2, RC.HASH)).toBe(0x2c3)
    expect(atHandle(1, RC.VALUE)).toBe(0x184)
    expect(atSession(1, RC.BAD_AUTH)).toBe(0x9a2)
    expect(atParameter(2, RC.LOCALITY)).toBe(RC.LOCALITY)
  })

  it('there is a code for every word that a declaration gives', () => {
    for (const reason of codecReasons()) expect(REASONS[reason], reason).toBeDefined()
  })
})

describe('the order of checks', () => {
  it.each([
    ['nothing', '', 'TPM_RC_BAD_TAG'],
    ['half a tag', '80', 'TPM_RC_BAD_TAG'],
    ['a tag of TPM 1.2', '00c1 0000000a 00000099', 'TPM_RC_BAD_TAG'],
    ['a tag only', '8001', 'TPM_RC_COMMAND_SIZE'],
    ['nine bytes', '8001 00000009 000001', 'TPM_RC_COMMAND_SIZE'],
    ['a size that is too large', `${HEADER('0000017c', '0000000b')}`, 'TPM_RC_COMMAND_SIZE'],
    ['a size that is too small', `${HEADER('0000017b', '0000000a')}0004`, 'TPM_RC_COMMAND_SIZE'],
    ['a size of 6', `${HEADER('0000017b', '00000006')}0004`, 'TPM_RC_COMMAND_SIZE'],
    ['an unknown command', HEADER('00000123', '0000000a'), 'TPM_RC_COMMAND_CODE'],
    ['a vendor command', HEADER('20000000', '0000000a'), 'TPM_RC_COMMAND_CODE'],
    ['no handle', HEADER('00000182', '0000000a', '8002'), 'TPM_RC_INSUFFICIENT, handle 1'],
    ['a handle that is no PCR', `${HEADER('00000182', '0000000e', '8002')}40000001`, 'TPM_RC_VALUE, handle 1'],
    ['a PCR that is not there', `${HEADER('00000182', '0000000e', '8002')}00000018`, 'TPM_RC_VALUE, handle 1'],
    ['an object that is not loaded', `${HEADER('00000173', '0000000e')}80000000`, 'TPM_RC_REFERENCE_H0'],
    ['a persistent object', `${HEADER('00000173', '0000000e')}81000000`, 'TPM_RC_HANDLE, handle 1'],
    ['the second handle', `${HEADER('000001a3', '00000012', '8002')}8000000040000007`, 'TPM_RC_VALUE, handle 2'],
    ['a firmware-limited hierarchy', `${HEADER('00000131', '0000000e', '8002')}40000140`, 'TPM_RC_VALUE, handle 1'],
    ['no authorization', `${HEADER('00000182', '0000000e')}00000010`, 'TPM_RC_AUTH_MISSING'],
    ['no authorization size', `${HEADER('00000182', '0000000e', '8002')}00000010`, 'TPM_RC_INSUFFICIENT'],
    ['too small an area', `${HEADER('00000182', '00000012', '8002')}0000001000000008`, 'TPM_RC_AUTHSIZE'],
    ['too large an area', `${HEADER('00000182', '00000012', '8002')}0000001000000009`, 'TPM_RC_AUTHSIZE'],
    [
      'a session handle that is none',
      `${HEADER('00000182', '0000001b', '8002')}00000010 00000009 4000000a 0000 00 0000`,
      'TPM_RC_HANDLE, session 1',
    ],
    [
      'an HMAC session that is not loaded',
      `${HEADER('00000182', '0000001b', '8002')}00000010 00000009 02000000 0000 00 0000`,
      'TPM_RC_REFERENCE_S0',
    ],
    [
      'a policy session in second place',
      `${HEADER('00000182', '00000024', '8002')}00000010 00000012 40000009 0000 00 0000 03000000 0000 00 0000`,
      'TPM_RC_REFERENCE_S1',
    ],
    [
      'reserved bits of a session',
      `${HEADER('00000182', '0000001b', '8002')}00000010 00000009 40000009 0000 08 0000`,
      'TPM_RC_RESERVED_BITS, session 1',
    ],
    [
      'a password that should decrypt',
      `${HEADER('00000182', '0000001b', '8002')}00000010 00000009 40000009 0000 20 0000`,
      'TPM_RC_ATTRIBUTES, session 1',
    ],
    [
      'a password with a nonce',
      `${HEADER('00000182', '0000001c', '8002')}00000010 0000000a 40000009 0001 aa 00 0000`,
      'TPM_RC_NONCE, session 1',
    ],
    [
      'a password that authorizes nothing',
      `${HEADER('0000017b', '00000019', '8002')}00000009 40000009 0000 00 0000 0004`,
      'TPM_RC_ATTRIBUTES, session 1',
    ],
    [
      'a wrong password',
      `${HEADER('00000182', '0000001c', '8002')}00000010 0000000a 40000009 0000 00 0001 31`,
      'TPM_RC_BAD_AUTH, session 1',
    ],
    ['a missing parameter', HEADER('0000017b', '0000000a'), 'TPM_RC_INSUFFICIENT, parameter 1'],
    ['a second parameter', `${HEADER('0000017d', '0000000e')}0000 0010`, 'TPM_RC_HASH, parameter 2'],
    ['a third parameter', `${HEADER('0000017d', '00000012')}0000 000b 4000000a`, 'TPM_RC_VALUE, parameter 3'],
    ['an algorithm that is not implemented', `${HEADER('0000017d', '0000000e')}0000 0027`, 'TPM_RC_HASH, parameter 2'],
    ['bytes left over', `${HEADER('0000017b', '0000000d')}0004 00`, 'TPM_RC_SIZE'],
  ])('%s: %s', (_, hex, rc) => {
    const d = Driver.started()
    const before = d.tpm
    expect(d.rc(hex)).toBe(rc)
    expect(d.tpm).toBe(before)
  })

  it('a tag that nobody knows is answered with that of TPM 1.2', () => {
    expect(toHex(Driver.started().command(new Uint8Array(10)))).toBe('00c40000000a0000001e')
  })

  it('a command longer than the TPM takes', () => {
    const d = Driver.started()
    const long = new Uint8Array(8193)
    long.set([0x80, 0x01, 0, 0, 0x20, 0x01, 0, 0, 0x01, 0x7b])
    expect(toHex(d.command(long)).slice(-8)).toBe('00000142')
  })

  it('every declared command can be carried out', () => {
    expect(ENGINE.map(c => c.row.name)).toEqual(COMMANDS.map(c => c.name))
  })
})

describe('passwords', () => {
  const auth = Uint8Array.of(1, 2, 3)
  const start = (value: Uint8Array) => {
    const d = Driver.started()
    const { handle } = d.ok(HashSequenceStart, {}, { auth: value, hashAlg: ALG.SHA256 })
    const update = (given: Uint8Array) =>
      d.fails(SequenceUpdate, { sequenceHandle: handle as number }, { buffer: auth }, [password(given)])
    return { d, update }
  }

  it('must be those of the sequence; a wrong one does not count towards lockout', () => {
    const { d, update } = start(auth)
    expect(update(Uint8Array.of(1, 2))).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(d.events).toEqual([{ kind: 'auth-failed', handle: 0x80000000 }])
    expect(update(new Uint8Array(0))).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(update(auth)).toBe('TPM_RC_SUCCESS')
  })

  it('are the same with zeros at their end', () => {
    expect(start(Uint8Array.of(1, 2, 3, 0)).update(auth)).toBe('TPM_RC_SUCCESS')
    expect(start(auth).update(Uint8Array.of(1, 2, 3, 0, 0))).toBe('TPM_RC_SUCCESS')
    expect(start(auth).update(Uint8Array.of(0, 1, 2, 3))).toBe('TPM_RC_BAD_AUTH, session 1')
  })

  it('are acknowledged with continueSession', () => {
    const d = Driver.started()
    const { auths } = d.ok(PCR_Extend, { pcrHandle: 16 }, { digests: [] })
    expect(auths).toEqual([{ nonce: new Uint8Array(0), sessionAttributes: 1, hmac: new Uint8Array(0) }])
  })
})
