// Conversations of real clients, followed to the last byte: what must agree does, and a bit that is turned over anywhere
// in what can be recomputed is found.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { keysOf } from '../../src/cli/client-keys.ts'
import { readSeeds } from '../../src/cli/seeds.ts'
import type { Span } from '../../src/codec/explain.ts'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { kdfa } from '../../src/crypto/kdf.ts'
import { cfbEncrypt } from '../../src/crypto/symmetric.ts'
import { be16, be32, bytes, type Bytes, concat, EMPTY, fromHex, readBe32, toHex, utf8 } from '../../src/lib/bytes.ts'
import { CC } from '../../src/spec/codes.ts'
import { explainCommand, explainResponse } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { anyProfile } from '../../src/tpm/profiles/index.ts'
import { ClientTranscript, type Verdict } from '../../src/trace/client.ts'
import { Host } from '../../src/cli/host.ts'

const FOLDER = 'tests/vectors/tpm2-swtpm'
interface Line {
  readonly test: string
  readonly commandName: string
  readonly cmdHex: string
  readonly rspHex: string
  readonly event?: string
}
const LINES = readFileSync(`${FOLDER}/tools.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map(l => JSON.parse(l) as Line)
const KEYS = keysOf(anyProfile('libtpms-0.9'), readSeeds(`${FOLDER}/seeds.json`))
const open = (): ClientTranscript => new ClientTranscript(KEYS, ['secret1', 'new-auth-2'])
const check = (t: ClientTranscript, line: object): Verdict => t.line(line as { [name: string]: unknown })

describe('conversations of tpm2-tools', () => {
  it('agree in every line, and in everything that follows from what was said', () => {
    const t = open()
    const verdicts = LINES.map(line => check(t, line))
    expect(verdicts.filter(v => typeof v === 'object')).toEqual([])
    expect(verdicts.filter(v => v === 'passed')).toHaveLength(4569)
    expect(t.summary()).toBe(
      'recomputed: 888 Names, 572 Qualified Names, 94 creation hashes, 427 command HMACs, 369 response HMACs, ' +
        '21 passwords, 2 salts, 4 encrypted parameters, 102 policy digests, 326 PCR values, 2 quotes, 1 audit digest, ' +
        '48 signatures, 65 hashes',
    )
  })

  it('need the seeds for salts and private parts only', () => {
    const t = new ClientTranscript(keysOf(), ['secret1', 'new-auth-2'])
    for (const line of LINES) expect(check(t, line)).not.toBeTypeOf('object')
    expect(t.summary()).toContain('not to be known: ')
    expect(t.summary()).toContain('2 salts')
  })
})

/** Where the first field of a name lies. */
function find(spans: readonly Span[], path: readonly string[]): Span | undefined {
  const [name, ...others] = path
  for (const s of spans) {
    const inner = s.name === name ? (others.length === 0 ? s : find(s.children, others)) : find(s.children, path)
    if (inner) return inner
  }
  return undefined
}

/** The verdict on the first line of a command with that field, when the last bit of the field is turned over. */
function turned(command: string, side: 'cmdHex' | 'rspHex', path: readonly string[], test?: string): Verdict {
  for (const line of LINES) {
    if (line.commandName !== command || line.rspHex.slice(12, 20) !== '00000000') continue
    if (test !== undefined && line.test !== test) continue
    const octets = fromHex(line[side])
    const code = readBe32(fromHex(line.cmdHex), 6)
    const { spans } = side === 'cmdHex' ? explainCommand(octets) : explainResponse(octets, code)
    const span = find(spans, path)
    if (!span || span.length === 0) continue
    const at = span.at + span.length - 1
    const changed = Uint8Array.from({ length: octets.length }, (_, i) => (octets[i] as number) ^ (i === at ? 1 : 0))
    const t = open()
    for (const other of LINES) {
      if (other.test !== line.test) continue
      if (other === line) return check(t, { ...line, [side]: toHex(changed) })
      check(t, other)
    }
  }
  throw new Error(`no ${path.join(' ')} in ${command}`)
}

describe('a bit turned over', () => {
  it.each([
    ['HMAC', 'CreatePrimary', 'cmdHex', ['hmac', 'buffer']],
    ['HMAC', 'CreatePrimary', 'rspHex', ['hmac', 'buffer']],
    ['HMAC', 'Unseal', 'cmdHex', ['hmac', 'buffer']],
    ['HMAC', 'NV_Write', 'rspHex', ['hmac', 'buffer']],
    ['nonce', 'Create', 'cmdHex', ['nonce', 'buffer']],
    ['session', 'Create', 'cmdHex', ['sessionHandle']],
    ['parameter', 'NV_Write', 'cmdHex', ['data', 'buffer']],
    ['Name', 'CreatePrimary', 'rspHex', ['name', 'buffer']],
    ['Name', 'Load', 'rspHex', ['name', 'buffer']],
    ['Name', 'LoadExternal', 'rspHex', ['name', 'buffer']],
    ['Name', 'NV_ReadPublic', 'rspHex', ['nvName', 'buffer']],
    ['Qualified Name', 'ReadPublic', 'rspHex', ['qualifiedName', 'buffer']],
    ['public area', 'ReadPublic', 'rspHex', ['unique', 'buffer']],
    ['creation data', 'Create', 'rspHex', ['creationHash', 'buffer']],
    ['quote', 'Quote', 'rspHex', ['pcrDigest', 'buffer']],
    ['quote', 'Quote', 'rspHex', ['extraData', 'buffer']],
    ['signature', 'Quote', 'rspHex', ['sig', 'buffer']],
    ['signature', 'Sign', 'rspHex', ['signature']],
    ['audit', 'GetSessionAuditDigest', 'rspHex', ['sessionDigest', 'buffer']],
    ['policy', 'PolicyGetDigest', 'rspHex', ['policyDigest', 'buffer']],
    ['context', 'ContextLoad', 'cmdHex', ['contextBlob', 'buffer']],
    ['handle', 'ReadPublic', 'cmdHex', ['objectHandle']],
    ['size', 'GetRandom', 'rspHex', ['responseSize']],
    ['tag', 'GetRandom', 'rspHex', ['tag']],
  ] as const)('in a %s (%s, %s) fails the line', (_, command, side, path) => {
    expect(turned(command, side, path)).toEqual({
      name: expect.stringContaining(`TPM2_${command}`) as string,
      wanted: expect.any(String) as string,
      came: expect.any(String) as string,
    })
  })

  it('in an answer that a salted and bound session encrypted fails it too', () => {
    const salted = LINES.find(l => l.commandName === 'StartAuthSession' && l.cmdHex.slice(20, 28) === '80000000')
    expect(salted?.test).toBe('sessions')
    expect(turned('GetRandom', 'rspHex', ['randomBytes'], 'sessions')).toBeTypeOf('object')
  })
})

/** A client of our own engine: one HMAC session with AES, unbound, that hides the first parameter. */
class Client {
  readonly lines: { test: string; cmdHex: string; rspHex: string; sameCmd: number }[] = []
  private readonly host = new Host()
  private nonceTPM: Bytes = EMPTY
  private readonly nonce: Bytes = new Uint8Array(32).fill(7)

  send(...parts: readonly Bytes[]): Bytes {
    const body = concat(...parts)
    const command = concat(body.slice(0, 2), be32(body.length + 4), body.slice(2))
    const response = this.host.command(command)
    this.lines.push({ test: 'own', cmdHex: toHex(command), rspHex: toHex(response), sameCmd: 0 })
    return response
  }

  begin(): void {
    this.send(be16(0x8001), be32(CC.Startup), be16(0))
    const head = concat(be16(0x8001), be32(CC.StartAuthSession), be32(RH.NULL), be32(RH.NULL))
    const sym = concat(be16(0x0006), be16(128), be16(0x0043), be16(0x000b))
    this.nonceTPM = this.send(head, be16(32), this.nonce, be16(0), bytes(0), sym).slice(16)
  }

  /** HierarchyChangeAuth with newAuth encrypted. */
  change(old: Bytes, next: Bytes): Bytes {
    const made = kdfa(0x000b, old, 'CFB', this.nonce, this.nonceTPM, 256)
    const params = concat(be16(next.length), cfbEncrypt(made.slice(0, 16), made.slice(16), next))
    const cpHash = hash(0x000b, be32(CC.HierarchyChangeAuth), be32(RH.OWNER), params)
    const proof = hmac(0x000b, old, cpHash, this.nonce, this.nonceTPM, bytes(0x21))
    const auth = concat(be32(0x02000000), be16(32), this.nonce, bytes(0x21), be16(32), proof)
    const head = concat(be16(0x8002), be32(CC.HierarchyChangeAuth), be32(RH.OWNER), be32(auth.length))
    const response = this.send(head, auth, params)
    this.nonceTPM = response.slice(16, 48)
    return response
  }
}

describe('an encrypted parameter', () => {
  const client = new Client()
  client.begin()
  const first = client.change(EMPTY, utf8('one nobody was told'))
  const second = client.change(utf8('one nobody was told'), utf8('another'))

  it('is read with the key that the conversation shows, and what it says is kept', () => {
    expect([readBe32(first, 6), readBe32(second, 6)]).toEqual([0, 0])
    const t = open()
    expect(client.lines.map(line => check(t, line))).toEqual(['passed', 'passed', 'passed', 'passed'])
    expect(t.summary()).toBe('recomputed: 2 command HMACs, 2 response HMACs, 2 encrypted parameters')
  })

  it('that was changed makes the line fail', () => {
    const t = open()
    const lines = client.lines.map((line, i) =>
      i === 3 ? { ...line, cmdHex: line.cmdHex.replace(/..$/, '00') } : line,
    )
    expect(lines.map(line => typeof check(t, line))).toEqual(['string', 'string', 'string', 'object'])
  })

  it('is parsed and explained as octets when nobody knows the key', () => {
    const t = open()
    const [startup, , ...others] = client.lines
    // Without the beginning of the session, and of the conversation, nothing is known of it.
    expect(others.map(line => check(t, line))).toEqual(['passed', 'passed'])
    expect(t.summary()).toBe(
      'recomputed: nothing (not to be known: 2 command HMACs, 2 response HMACs, 2 encrypted parameters)',
    )
    const whole = open()
    expect([startup as object, ...others].map(line => typeof check(whole, line))).toEqual([
      'string',
      'object',
      'object',
    ])
  })
})
