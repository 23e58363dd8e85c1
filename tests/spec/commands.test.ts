// The declarations of commands: complete, consistent with each other, and explained to the last byte.

import { describe, expect, it } from 'vitest'
import { COMMAND_MEANINGS } from '../../src/spec/command-meanings.ts'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { Malformed } from '../../src/codec/codec.ts'
import type { Span } from '../../src/codec/explain.ts'
import { be32, type Bytes, concat, readBe32 } from '../../src/lib/bytes.ts'
import { CC, commandName, ST } from '../../src/spec/codes.ts'
import { authRoles, commandAttributes, type CommandRow, decryptable, encryptable } from '../../src/spec/command.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { commandByCode, commandByName } from '../../src/spec/commands/index.ts'
import {
  decodeResponse,
  encodeCommand,
  encodeResponse,
  errorResponse,
  explainCommand,
  explainResponse,
  HEADER_SIZE,
  parseCommand,
} from '../../src/spec/frame.ts'
import { RC } from '../../src/spec/return-codes.ts'

const some = (row: CommandRow, seed: number) => {
  const random = randomFrom(seed)
  const handles = Object.fromEntries(Object.entries(row.handles).map(([k, h]) => [k, arbitrary(h.codec, random)]))
  return encodeCommand(row, handles, arbitrary(row.params, random))
}
const someAnswer = (row: CommandRow, seed: number, tag: number) => {
  const random = randomFrom(seed)
  const handle = row.responseHandle ? arbitrary(row.responseHandle.codec, random) : undefined
  const auths = tag === ST.SESSIONS ? [{ nonce: new Uint8Array(0), sessionAttributes: 1, hmac: new Uint8Array(0) }] : []
  return encodeResponse(row, tag, handle, arbitrary(row.returns, random), auths)
}

/** With a header that says the length that the bytes have: what is missing must be missed in the content. */
function sizedTo(bytes: Bytes): Bytes {
  if (bytes.length < 6) return bytes
  return concat(bytes.slice(0, 2), be32(bytes.length), bytes.slice(6))
}

/** Children lie inside their parent, in order and without overlap; the top level leaves no byte out. */
function partitions(spans: readonly Span[], from: number, to: number): boolean {
  let at = from
  for (const s of spans) {
    if (s.at !== at) return false
    let inner = s.at
    for (const c of s.children) {
      if (c.at < inner || !inside(c, s)) return false
      inner = c.at + c.length
    }
    at += s.length
  }
  return at === to
}
const inside = (c: Span, s: Span): boolean => c.at >= s.at && c.at + c.length <= s.at + s.length

describe('every declared command', () => {
  it('has a number, a name, prose and a section of its own', () => {
    expect(COMMANDS).toHaveLength(128)
    for (const row of COMMANDS) {
      expect(row.name).toBe(commandName(row.code))
      expect(COMMAND_MEANINGS[row.name]?.length).toBeGreaterThan(20)
      expect(row.section).toMatch(/^Part 3, \d+\.\d+$/)
      expect(commandByCode(row.code)).toBe(row)
      expect(commandByName(row.name)).toBe(row)
    }
    expect(new Set(COMMANDS.map(c => c.section)).size).toBe(128)
  })

  it.each(COMMANDS.map(c => [c.name, c] as const))('%s: round trip, spans, truncation', (_, row) => {
    for (let seed = 0; seed < 12; seed++) {
      const bytes = some(row, seed)
      const parsed = parseCommand(bytes)
      expect(encodeCommand(row, parsed.handles, parsed.params, parsed.auths)).toEqual(bytes)
      const whole = explainCommand(bytes)
      expect([whole.problems, partitions(whole.spans, 0, bytes.length)]).toEqual([[], true])
      const step = Math.max(1, Math.floor(bytes.length / 200))
      for (let n = 0; n < bytes.length; n += step) {
        const cut = sizedTo(bytes.slice(0, n))
        expect(() => parseCommand(cut)).toThrow(Malformed)
        const part = explainCommand(cut)
        expect(part.error).toBeInstanceOf(Malformed)
        expect(partitions(part.spans, 0, n)).toBe(true)
      }
    }
  })

  it.each(COMMANDS.map(c => [c.name, c] as const))('%s: its answer too', (_, row) => {
    for (let seed = 0; seed < 12; seed++) {
      const tag = row.noSessions || seed % 2 ? ST.NO_SESSIONS : ST.SESSIONS
      const bytes = someAnswer(row, seed, tag)
      const { rc, handle, returns, auths } = decodeResponse(row, bytes)
      expect(rc).toBe(RC.SUCCESS)
      expect(encodeResponse(row, tag, handle, returns, auths)).toEqual(bytes)
      const whole = explainResponse(bytes, row.code)
      expect([whole.problems, partitions(whole.spans, 0, bytes.length)]).toEqual([[], true])
      const step = Math.max(1, Math.floor(bytes.length / 100))
      for (let n = 0; n < bytes.length; n += step) {
        const part = explainResponse(sizedTo(bytes.slice(0, n)), row.code)
        // Without its last authorization an answer is as good as one to a command without any.
        if (tag === ST.NO_SESSIONS || n < bytes.length - 5) expect(part.error).toBeInstanceOf(Malformed)
        expect(partitions(part.spans, 0, n)).toBe(true)
      }
    }
  })

  it('gives the TPMA_CC that Part 2, 8.9 asks for', () => {
    const of = (name: string) => commandAttributes(commandByName(name) as CommandRow)
    expect(of('TPM2_VerifySequenceComplete')).toBe(0x050001a3)
    expect(of('TPM2_SignSequenceComplete')).toBe(0x050001a4)
    expect(of('TPM2_VerifyDigestSignature')).toBe(0x020001a5)
    expect(of('TPM2_SignDigest')).toBe(0x020001a6)
    expect(of('TPM2_Encapsulate')).toBe(0x020001a7)
    expect(of('TPM2_Decapsulate')).toBe(0x020001a8)
    expect(of('TPM2_VerifySequenceStart')).toBe(0x120001a9)
    expect(of('TPM2_SignSequenceStart')).toBe(0x120001aa)
    expect(of('TPM2_PCR_Extend')).toBe(0x02400182)
    expect(of('TPM2_Startup')).toBe(0x00400144)
    expect(of('TPM2_CreatePrimary')).toBe(0x12000131)
  })

  it('knows which first parameter a session could encrypt', () => {
    const rows = COMMANDS.filter(decryptable).map(c => c.name)
    expect(rows).toContain('TPM2_CreatePrimary')
    expect(rows).toContain('TPM2_SignDigest')
    expect(rows).not.toContain('TPM2_PCR_Extend')
    expect(rows).not.toContain('TPM2_VerifySequenceComplete')
    const answers = COMMANDS.filter(encryptable).map(c => c.name)
    expect(answers).toContain('TPM2_Decapsulate')
    expect(answers).toContain('TPM2_Encapsulate')
    expect(answers).not.toContain('TPM2_Sign')
  })

  it('knows which handles need an authorization', () => {
    expect(COMMANDS.filter(c => authRoles(c).length === 2).map(c => c.name)).toEqual([
      'TPM2_NV_UndefineSpaceSpecial',
      'TPM2_GetCommandAuditDigest',
      'TPM2_ActivateCredential',
      'TPM2_Certify',
      'TPM2_GetTime',
      'TPM2_GetSessionAuditDigest',
      'TPM2_NV_Certify',
      'TPM2_EventSequenceComplete',
      'TPM2_CertifyX509',
      'TPM2_SignSequenceComplete',
    ])
  })
})

describe('frames that are not well-formed', () => {
  const frame = some(commandByCode(CC.PCR_Read) as CommandRow, 1)
  const changed = (at: number, v: number) => {
    const copy = Uint8Array.from(frame as Uint8Array)
    copy[at] = v
    return copy
  }

  it('a header size that is not the length is said, and the rest explained', () => {
    const { problems, spans } = explainCommand(changed(5, 6))
    expect(problems).toEqual([`the header says 6 bytes, the message has ${frame.length}`])
    expect(spans.map(s => s.name)).toEqual(['header', 'parameters'])
  })

  it('an unknown command: its header, and the rest as bytes', () => {
    const { problems, spans } = explainCommand(changed(6, 0x2f))
    expect(problems[0]).toContain('not a command')
    expect(spans.map(s => [s.name, s.length])).toEqual([
      ['header', HEADER_SIZE],
      ['content', frame.length - HEADER_SIZE],
    ])
  })

  it('an area without a byte keeps what is wrong in it', () => {
    const bytes = Uint8Array.of(0x80, 0x02, 0, 0, 0, 10, 0, 0, 0x01, 0x82)
    const { spans, problems } = explainCommand(bytes)
    expect(problems).toHaveLength(1)
    const handles = spans.find(s => s.name === 'handles')
    expect(handles).toMatchObject({ at: 10, length: 0 })
    expect(handles?.children.map(c => [c.name, c.length, typeof c.error])).toEqual([['pcrHandle', 0, 'string']])
  })

  it('a tag of no command', () => {
    expect(explainCommand(changed(1, 0x21)).problems[0]).toContain('not one of a command')
    expect(() => parseCommand(changed(1, 0x21))).toThrow(Malformed)
  })

  it('bytes left over are named', () => {
    const long = Uint8Array.from([...Array.from(frame as Uint8Array), 1, 2, 3])
    const { problems, spans } = explainCommand(long)
    expect(problems).toHaveLength(1)
    expect(spans.at(-1)).toMatchObject({ name: 'left over', length: 3, value: Uint8Array.of(1, 2, 3) })
  })

  it('an error is ten bytes', () => {
    const bytes = errorResponse(RC.LOCALITY)
    expect(readBe32(bytes, 6)).toBe(RC.LOCALITY)
    expect(explainResponse(bytes, CC.PCR_Reset).problems).toEqual([])
    expect(decodeResponse(commandByCode(CC.PCR_Reset) as CommandRow, bytes).rc).toBe(RC.LOCALITY)
  })

  it('an answer to nobody knows what is explained as far as its header goes', () => {
    const { problems, spans } = explainResponse(
      someAnswer(commandByCode(CC.ReadClock) as CommandRow, 1, ST.NO_SESSIONS),
      undefined,
    )
    expect(problems).toHaveLength(1)
    expect(spans.map(s => s.name)).toEqual(['header', 'content'])
  })
})
