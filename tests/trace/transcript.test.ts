// The reader of recorded transcripts: what it compares, what it says, what it refuses. Its TPM here is a list of answers.

import { describe, expect, it } from 'vitest'
import { type Bytes, fromHex, toHex } from '../../src/lib/bytes.ts'
import { openTranscript, type Subject } from '../../src/trace/transcript.ts'

class Answers implements Subject {
  readonly seen: string[] = []
  private readonly answers: string[]
  constructor(...answers: string[]) {
    this.answers = answers
  }
  reset(): void {
    this.seen.push('reset')
  }
  powerCycle(): void {
    this.seen.push('power')
  }
  locality(n: number): void {
    this.seen.push(`locality ${n}`)
  }
  command(bytes: Bytes): Bytes {
    this.seen.push(toHex(bytes))
    return fromHex(this.answers.shift() ?? '')
  }
}

const OK = '80010000000a00000000'
const error = (rc: string) => `80010000000a00000${rc}`
const GET = '80010000000c0000017b0004'
const line = (more: object) => ({ test: 't', name: 'n', cmdHex: GET, rspHex: OK, det: 'fixed', ...more })
const verdict = (more: object, answer: string) => openTranscript(new Answers(answer)).line(line(more))

describe('how answers are compared', () => {
  it('fixed: every byte, and where they differ', () => {
    expect(verdict({}, OK)).toBe('passed')
    const rspHex = '80010000001000000000000411223344'
    expect(verdict({ rspHex }, rspHex)).toBe('passed')
    expect(verdict({ rspHex }, '80010000001000000000000411223399')).toEqual({
      name: 't: n',
      wanted: '44 at byte 15 (parameters › randomBytes › buffer) of 16',
      came: '99 of 16',
    })
    expect(verdict({ rspHex }, '8001000000120000000000061122334455')).toMatchObject({
      came: expect.stringContaining('of 17'),
    })
  })

  it('the return code first, in words', () => {
    expect(verdict({ rspHex: error('2c3') }, OK)).toEqual({
      name: 't: n',
      wanted: 'TPM_RC_HASH, parameter 2 (0x2c3)',
      came: 'TPM_RC_SUCCESS (0x000)',
    })
    expect(verdict({}, '')).toMatchObject({ came: 'no answer' })
  })

  it('rc: the code only; with len the length too', () => {
    const rspHex = '80010000001000000000000411223344'
    const other = '80010000001000000000000455667788'
    expect(verdict({ det: 'rc', rspHex }, other)).toBe('passed')
    expect(verdict({ det: 'rc', rspHex, len: true }, other)).toBe('passed')
    expect(verdict({ det: 'rc', rspHex, len: true }, OK)).toEqual({
      name: 't: n',
      wanted: 'an answer of 16 bytes',
      came: 'one of 10',
    })
    expect(verdict({ det: 'rc', rspHex: error('095') }, error('1d5'))).not.toBe('passed')
  })

  it('rcBase: without handle, parameter or session number', () => {
    expect(verdict({ det: 'rcBase', rspHex: error('095') }, error('1d5'))).toBe('passed')
    expect(verdict({ det: 'rcBase', rspHex: error('095') }, error('195'))).toBe('passed')
    expect(verdict({ det: 'rcBase', rspHex: error('095') }, error('1c4'))).not.toBe('passed')
    expect(verdict({ det: 'rcBase', rspHex: error('910') }, error('911'))).not.toBe('passed')
  })

  it('expectRc where there is no recorded answer', () => {
    expect(verdict({ det: 'rcBase', rspHex: '', expectRc: '000000a5' }, error('1a5'))).toBe('passed')
    expect(verdict({ det: 'rc', rspHex: '', expectRc: '00000000' }, error('1a5'))).not.toBe('passed')
  })

  it('no, and whatever is a peer’s own choice: sent, not compared', () => {
    expect(verdict({ det: 'no', rspHex: '' }, error('101'))).toBe('ignored')
    expect(verdict({ peer: 'own choice' }, error('101'))).toBe('ignored')
  })
})

describe('handles', () => {
  const LOADED = '80010000000e0000000080000005'

  it('of earlier answers are written into later commands, and into the wanted answer', () => {
    const s = new Answers(LOADED, OK, OK)
    const t = openTranscript(s)
    expect(t.line(line({ rspHex: '80010000000e0000000080ffffff', out: 'K' }))).toBe('passed')
    const cmdHex = '80010000000e0000017380ffffff'
    expect(t.line(line({ cmdHex, in: [[10, 'K']] }))).toBe('passed')
    expect(s.seen.at(-1)).toBe('80010000000e0000017380000005')
    expect(t.line(line({ cmdHex, in: [[10, 'L']] }))).toMatchObject({ came: 'no such handle was returned' })
  })

  it('are forgotten with the group', () => {
    const s = new Answers(LOADED, OK)
    const t = openTranscript(s)
    t.line(line({ rspHex: LOADED, out: 'K' }))
    const later = t.line(line({ test: 'u', cmdHex: '80010000000e0000017380ffffff', in: [[10, 'K']] }))
    expect(later).toMatchObject({ wanted: 'the handle "K" of an earlier line' })
    expect(s.seen).toEqual(['reset', GET, 'reset'])
  })
})

describe('groups and events', () => {
  it('start on a fresh TPM, and events act', () => {
    const s = new Answers(OK, OK, OK)
    const t = openTranscript(s)
    t.line(line({}))
    t.line(line({}))
    expect(t.line({ test: 't', event: 'locality3' })).toBe('ignored')
    expect(t.line({ test: 't', event: 'powerCycle' })).toBe('ignored')
    t.line(line({ test: 'other' }))
    expect(s.seen).toEqual(['reset', GET, GET, 'locality 3', 'power', 'reset', GET])
  })

  it.each<[string, object, RegExp]>([
    ['digits that are none', { cmdHex: '80zz' }, /"cmdHex": not a hexadecimal digit at position 3/],
    ['an odd number of digits', { rspHex: '800' }, /"rspHex": odd number/],
    ['an unknown way to compare', { det: 'sometimes' }, /"det" is "sometimes"/],
    ['nothing to compare with', { rspHex: '' }, /neither "rspHex" nor "expectRc"/],
    ['a handle outside the command', { in: [[10, 'K']] }, /no handle at offset 10/],
    ['a list that is none', { in: 'K' }, /"in" must be a list/],
    ['an unknown event', { event: 'lunch' }, /unknown event "lunch"/],
  ])('%s is refused', (_, more, message) => expect(() => verdict(more, OK)).toThrow(message))
})
