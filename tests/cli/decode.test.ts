// `crbscope decode`: every byte of a command or response has its line, and malformed input its error.

import { describe, expect, it } from 'vitest'
import { crbscope } from './run.ts'

const GET_RANDOM = '80010000000c0000017b0014'
const lines = (out: string): string[][] =>
  out
    .trimEnd()
    .split('\n')
    .map(l => l.split(/ {2,}/).map(c => c.trim()))

describe('decode', () => {
  it('explains a command with offsets, bytes, names, values and sources', () => {
    const r = crbscope(['decode', GET_RANDOM])
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(lines(r.out)).toEqual([
      ['TPM2_GetRandom (Part 3, 16.1), 12 bytes'],
      [''],
      ['at', 'bytes', 'name', 'value', 'source'],
      ['0000', 'header'],
      ['0000', '8001', 'tag', 'TPM_ST_NO_SESSIONS', 'Part 2, 6.9, Table 21'],
      ['0002', '0000000c', 'commandSize', '12'],
      ['0006', '0000017b', 'commandCode', 'TPM_CC_GetRandom', 'Part 2, 6.5.2, Table 12'],
      ['000a', 'parameters'],
      ['000a', '0014', 'bytesRequested', '20'],
    ])
  })

  it('takes several arguments, a hex dump on standard input, and "-"', () => {
    const wanted = crbscope(['decode', GET_RANDOM]).out
    expect(crbscope(['decode', '0x8001', '0000000c', '0000017b', '0014']).out).toBe(wanted)
    const dump = '00000000: 8001 0000 000c 0000 017b 0014            .........{..\n'
    expect(crbscope(['decode'], dump).out).toBe(wanted)
    expect(crbscope(['decode', '-'], dump).out).toBe(wanted)
  })

  it('explains a response to a command given by name or by code', () => {
    const response = '80010000000e0000000000021234'
    const byName = crbscope(['decode', '--command', 'GetRandom', response])
    expect(byName.code).toBe(0)
    expect(byName.out).toContain('response to TPM2_GetRandom, 14 bytes')
    expect(byName.out).toMatch(/000c {2}1234 +buffer/)
    for (const cc of ['0x17b', '0000017B', 'TPM2_GetRandom', 'TPM_CC_GetRandom']) {
      expect(crbscope(['decode', '--command', cc, response]).out).toBe(byName.out)
    }
  })

  it('tells an error response from a command by its code', () => {
    const r = crbscope(['decode', '80010000000a00000101'])
    expect(r.code).toBe(0)
    expect(r.out).toContain('TPM_RC_FAILURE')
  })

  it('puts the error on its field, even when nothing of the field is there', () => {
    const r = crbscope(['decode', '80010000000a0000017b'])
    expect(r.code).toBe(1)
    expect(lines(r.out)).toContainEqual(['000a', 'bytesRequested', 'WRONG: needs 2 bytes at offset 10, only 0 left'])
    const inside = crbscope(['decode', '80010000000e000001820000001000'])
    expect(inside.out).toMatch(/^000e .*WRONG: /m)
  })

  it.each([
    ['a parameter cut short', '80010000000b0000017b00', 'bytesRequested'],
    ['a size that is not the length', '80010000000d0000017b0014', 'the header says 13 bytes, the message has 12'],
    ['bytes left over', '80010000000d0000017b001400', '1 bytes are left over'],
    ['a command that is not known', '80010000000a000001ff', '000001ff'],
    ['a tag that is none of a command', '80220000000c0000017b0014', 'tag'],
  ])('explains what is there of %s, names what is wrong, and exits with 1', (_, hex, what) => {
    const r = crbscope(['decode', hex])
    expect(r).toMatchObject({ code: 1, err: '' })
    expect(r.out).toContain('commandCode')
    expect(r.out).toMatch(/^WRONG: /m)
    expect(r.out.slice(r.out.indexOf('WRONG'))).toContain(what)
  })
})

describe('decode of TPM 1.2', () => {
  it('knows a request by its tag, and an answer by its tag and the name of its command', () => {
    const request = lines(crbscope(['decode', '00c10000000c000000990001']).out)
    expect(request[0]).toEqual(['TPM_Startup (TPM 1.2, Part 3, 3.2), 12 bytes'])
    expect(request.at(-1)).toEqual(['000a', '0001', 'startupType', 'TPM_ST_CLEAR', 'TPM 1.2, Part 2, 4.5'])
    const answer = crbscope(['decode', '--command', 'TPM_GetCapability', '00c40000000f000000000000000101'])
    expect(answer.code).toBe(0)
    expect(lines(answer.out)[0]).toEqual(['response to TPM_GetCapability, 15 bytes'])
    expect(crbscope(['decode', '00c40000000a00000026']).out).toContain('TPM_INVALID_POSTINIT')
  })
})
