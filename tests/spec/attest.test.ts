// Statements and curve parameters that another TPM gave: each is read to its last octet, and written again as it was.

import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../src/codec/codec.ts'
import { fromHex, readBe16, readBe32, toHex } from '../../src/lib/bytes.ts'
import { type Attest, TPMS_ATTEST } from '../../src/spec/attest.ts'
import { ST } from '../../src/spec/codes.ts'
import { commandByCode } from '../../src/spec/commands/index.ts'
import { explainResponse } from '../../src/spec/frame.ts'
import { recordedLines } from '../support/recorded.ts'

const NAMES = [
  ...['Certify', 'CertifyCreation', 'Quote', 'GetTime', 'GetCommandAuditDigest', 'GetSessionAuditDigest', 'NV_Certify'],
]
const lines = recordedLines('tpm2-swtpm/tools.jsonl').filter(
  l => NAMES.includes(l.commandName ?? '') && readBe32(fromHex(l.rspHex), 6) === 0,
)

describe('recorded statements', () => {
  it.each(lines.map(l => [l.commandName, l.seq, l] as const))('%s, line %i', (_, __, l) => {
    const response = fromHex(l.rspHex)
    // After header and size of the parameters: a sized statement.
    const size = readBe16(response, 14)
    const octets = response.slice(16, 16 + size)
    const statement: Attest = decode(TPMS_ATTEST, octets)
    expect(toHex(encode(TPMS_ATTEST, statement))).toBe(toHex(octets))
    const code = readBe32(fromHex(l.cmdHex), 6)
    if (commandByCode(code)) expect(explainResponse(response, code).problems).toEqual([])
  })

  it('there are some of most kinds', () => {
    const types = new Set(lines.map(l => readBe16(fromHex(l.rspHex), 20)))
    for (const type of [ST.ATTEST_CERTIFY, ST.ATTEST_QUOTE, ST.ATTEST_TIME]) expect(types.has(type)).toBe(true)
  })
})
