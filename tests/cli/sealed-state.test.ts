// `crbscope serve --state` under a key or a passphrase: what it keeps over restarts and kills, and what it refuses, with
// the file as it was.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { type Bytes, EMPTY, toHex, utf8 } from '../../src/lib/bytes.ts'
import { writeBlocks } from '../../src/nvram/block-layout.ts'
import { toBlobs } from '../../src/nvram/blobs.ts'
import { readDer } from '../../src/nvram/der-layout.ts'
import { seal } from '../../src/nvram/sealed.ts'
import { layoutOf } from '../../src/nvram/stored.ts'
import { MLDSA_87 } from '../../src/lessons/more-keys.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CreatePrimary } from '../../src/spec/commands/hierarchy.ts'
import { EvictControl } from '../../src/spec/commands/context.ts'
import { ReadPublic } from '../../src/spec/commands/object.ts'
import { NV_DefineSpace, NV_Read, NV_Write } from '../../src/spec/commands/nv.ts'
import { encodeCommand } from '../../src/spec/frame.ts'
import { PERSISTENT_FIRST, RH, TRANSIENT_FIRST } from '../../src/spec/handles.ts'
import { NV } from '../../src/spec/nv.ts'
import { keyOf, noncesOf, withIndex } from '../support/states.ts'
import { crbscope } from './run.ts'
import { Client, exit, killServers, serve } from './server.ts'

const STARTUP = '80010000000c000001440000'
const OK = '80010000000a00000000'
const INDEX = 0x01000001
const AT = { authHandle: INDEX, nvIndex: INDEX }

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crbscope-sealed-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(killServers)

const file = (name: string, content: string | Bytes): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : (content as Uint8Array))
  return path
}
const key = (bits: number, fill = 7): string => toHex(keyOf(bits, fill).bytes)

const DEFINE = toHex(
  encodeCommand(
    NV_DefineSpace,
    { authHandle: RH.OWNER },
    {
      auth: EMPTY,
      publicInfo: {
        nvIndex: INDEX,
        nameAlg: ALG.SHA256,
        attributes: NV.AUTHREAD | NV.AUTHWRITE | NV.NO_DA,
        authPolicy: EMPTY,
        dataSize: 8,
      },
    },
  ),
)
const write = (text: string): string => toHex(encodeCommand(NV_Write, AT, { data: utf8(text), offset: 0 }))
const READ = toHex(encodeCommand(NV_Read, AT, { size: 8, offset: 0 }))
const CREATE = toHex(
  encodeCommand(
    CreatePrimary,
    { primaryHandle: RH.OWNER },
    { inSensitive: { userAuth: EMPTY, data: EMPTY }, inPublic: MLDSA_87, outsideInfo: EMPTY, creationPCR: [] },
  ),
)
const PERSIST = toHex(
  encodeCommand(
    EvictControl,
    { auth: RH.OWNER, objectHandle: TRANSIENT_FIRST },
    { persistentHandle: PERSISTENT_FIRST },
  ),
)
const READ_KEY = toHex(encodeCommand(ReadPublic, { objectHandle: PERSISTENT_FIRST }, {}))
const size = (answer: string): number => Number.parseInt(answer.slice(4, 12), 16)
/** Asks, and takes an answer of whatever length it has. */
async function ask(c: Client, command: string): Promise<string> {
  const head = await c.ask(command)
  return head.length < 20 ? head : head + (await c.take(size(head) - 10))
}
const rc = (answer: string): string => answer.slice(12, 20)

describe('serve --state, sealed', () => {
  it('keeps NV Indexes and persistent keys over restarts and kills, and shows nothing of them', {
    timeout: 120_000,
  }, async () => {
    const passphrase = file('pass', 'correct horse battery staple\n')
    const state = join(folder, 'kept')
    const options = ['--state', state, '--passphrase-file', passphrase]
    let s = await serve(...options)
    let c = new Client(s.port)
    expect(await c.ask(STARTUP)).toBe(OK)
    expect(rc(await ask(c, DEFINE))).toBe('00000000')
    expect(rc(await ask(c, write('SECRETOK')))).toBe('00000000')
    expect(rc(await ask(c, CREATE))).toBe('00000000')
    expect(rc(await ask(c, PERSIST))).toBe('00000000')
    const read = await ask(c, READ)
    const readKey = await ask(c, READ_KEY)
    expect(rc(readKey)).toBe('00000000')
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      s.process.kill(signal)
      await exit(s)
      const image = readFileSync(state)
      expect(readDer(new Uint8Array(image))).toMatchObject({
        encryption: 'xchacha20-poly1305',
        kdf: { n: 131_072, r: 8, p: 1 },
      })
      expect(image.includes('SECRETOK')).toBe(false)
      s = await serve(...options)
      c = new Client(s.port)
      expect(await c.ask(STARTUP)).toBe(OK)
      expect(await ask(c, READ)).toBe(read)
      expect(await ask(c, READ_KEY)).toBe(readKey)
      expect(rc(await ask(c, write('SECRETOK')))).toBe('00000000')
    }
  })

  it('seals the plain format of before, says so, and goes on with the same TPM', { timeout: 60_000 }, async () => {
    const state = join(folder, 'plain')
    const before = await serve('--state', state)
    const a = new Client(before.port)
    await a.ask(STARTUP)
    await ask(a, DEFINE)
    await ask(a, write('PLAINTXT'))
    before.process.kill('SIGKILL')
    await exit(before)
    expect(layoutOf(new Uint8Array(readFileSync(state)))).toBe('plain')
    expect(readFileSync(state).includes('PLAINTXT')).toBe(true)

    const keyFile = file('key', `${key(128)}\n`)
    const s = await serve('--state', state, '--key-file', keyFile)
    expect(s.err()).toBe(`crbscope: state file was in clear and is sealed from now on, ${state}\n`)
    const c = new Client(s.port)
    await c.ask(STARTUP)
    expect(await ask(c, READ)).toContain(toHex(utf8('PLAINTXT')))
    s.process.kill('SIGTERM')
    await exit(s)
    expect(readDer(new Uint8Array(readFileSync(state))).encryption).toBe('xchacha20-poly1305')
    expect(readFileSync(state).includes('PLAINTXT')).toBe(false)
    expect(readdirSync(folder).filter(f => f.startsWith('.plain'))).toEqual([])
  })

  it('does not show a key that was typed to whoever lists processes', async () => {
    const s = await serve('--state', join(folder, 'hidden'), '--key', key(256))
    if (!existsSync('/proc/self/cmdline')) return
    expect(readFileSync(`/proc/${s.process.pid}/cmdline`, 'latin1')).not.toContain(key(256).slice(0, 8))
  })

  it('goes on with a sequence of blobs that is in clear, in clear', async () => {
    const state = file('clear', seal(toBlobs(withIndex('openssl').tpm, false), undefined, noncesOf(1)).image)
    const s = await serve('--state', state)
    await new Client(s.port).ask(STARTUP)
    s.process.kill('SIGTERM')
    await exit(s)
    expect(readDer(new Uint8Array(readFileSync(state))).encryption).toBe('none')
  })

  it('loses no acknowledged NV data at kills at random moments', { timeout: 120_000 }, async () => {
    const state = join(folder, 'killed')
    const options = ['--state', state, '--key', key(256)]
    const random = randomFrom(31)
    const valueOf = (answer: string): number => Number.parseInt(answer.slice(32, 48), 16)
    let acknowledged = 0
    let sent = 0
    for (let kill = 0; kill <= 12; kill++) {
      const s = await serve(...options)
      const gone = exit(s)
      const c = new Client(s.port)
      expect(await c.ask(STARTUP)).toBe(OK)
      if (kill === 0) expect(rc(await ask(c, DEFINE))).toBe('00000000')
      else if (acknowledged > 0) {
        const value = valueOf(await ask(c, READ))
        // What was sent last may be there or not; what was acknowledged is.
        expect(value >= acknowledged && value <= sent).toBe(true)
      }
      setTimeout(() => s.process.kill('SIGKILL'), 5 + (random() % 120))
      for (;;) {
        sent++
        const data = new Uint8Array(8)
        new DataView(data.buffer).setBigUint64(0, BigInt(sent))
        if ((await ask(c, toHex(encodeCommand(NV_Write, AT, { data, offset: 0 })))).length < 38) break
        acknowledged = sent
      }
      await gone
    }
    expect(acknowledged).toBeGreaterThan(12)
  })
})

describe('serve --state refuses', () => {
  it('a wrong, a missing and a needless key, and whatever else fits no key: one line, and the file untouched', {
    timeout: 120_000,
  }, () => {
    const blobs = toBlobs(withIndex('refused').tpm, false)
    const sealed = file('sealed', seal(blobs, keyOf(256), noncesOf(1)).image)
    const clear = file('in-clear', seal(blobs, undefined, noncesOf(1)).image)
    const blocks = file('blocks', writeBlocks(blobs))
    const pass = file('a-pass', 'x')
    const damaged = Uint8Array.from(readFileSync(sealed))
    damaged[700] = (damaged[700] as number) ^ 1
    const cases: readonly (readonly [state: string, options: string[], what: string])[] = [
      [
        sealed,
        ['--key', key(256, 8)],
        'state file cannot be read with this key: it is the wrong one, or the data were changed (blob "tpm-permanent-state")',
      ],
      [sealed, [], 'state file is sealed with a key (xchacha20-poly1305), and none was given'],
      [sealed, ['--key', key(128)], 'state file cannot be read with this key: it is the wrong one'],
      [sealed, ['--passphrase-file', pass], 'state file is sealed with a key, and a passphrase was given'],
      [clear, ['--key', key(256)], 'state file is in clear, and a key was given'],
      [clear, ['--passphrase-file', pass], 'state file is in clear, and a passphrase was given'],
      [blocks, [], 'state file is in the block layout of 2011, which the page shows and serve does not use'],
      [
        file('damaged', damaged),
        ['--key', key(256)],
        'state file damaged: blob "tpm-permanent-state": its bytes as they stand here do not have the checksum',
      ],
    ]
    for (const [state, options, what] of cases) {
      const before = readFileSync(state)
      const r = crbscope(['serve', '--port', '31990', '--state', state, ...options])
      expect(r, what).toMatchObject({ code: 1, out: '' })
      expect(r.err.startsWith(`crbscope: ${what}`), r.err).toBe(true)
      expect(r.err.endsWith(`, ${state}\n`), r.err).toBe(true)
      expect(r.err.split('\n').length).toBe(2)
      expect(readFileSync(state).equals(before)).toBe(true)
      expect(existsSync(`${state}.lock`)).toBe(false)
    }
  })

  it.each([
    [['--key', '001122O'], 2, 'key letter O at position 7 is no hexadecimal digit; is it a zero?, --key'],
    [['--key', 'abc'], 2, 'key has 3 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits), --key'],
    [
      ['--key', 'x', '--key-format', 'binary'],
      2,
      'key has 1 bytes; 16, 24 or 32 are needed (128, 192 or 256 bits), --key',
    ],
    [['--key', 'x', '--key-format', 'octal'], 2, 'must be hex or binary, not "octal", --key-format'],
    [['--key-format', 'hex'], 2, 'is about a key, and there is none, --key-format'],
    [['--passphrase-file', 'p', '--key-format', 'hex'], 2, 'is about a key, and there is none, --key-format'],
    [['--key', 'x', '--key-file', 'y'], 2, '--key and --key-file exclude each other, --key-file'],
    [['--passphrase-file', '/nowhere'], 1, 'no such file, /nowhere'],
    [['--key-file', '/'], 1, 'is a folder, /'],
  ])('%j', (options, code, what) => {
    const state = join(folder, 'never')
    expect(crbscope(['serve', '--state', state, ...options])).toMatchObject({
      code,
      out: '',
      err: `crbscope: ${what}\n`,
    })
    expect(existsSync(state)).toBe(false)
  })

  it.each([
    ['an empty passphrase', '\n', '--passphrase-file', 'passphrase is empty'],
    ['two lines', 'one\ntwo\n', '--passphrase-file', 'passphrase has more than one line, at position 4'],
    [
      'a short key',
      '00\n',
      '--key-file',
      'key has 2 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits)',
    ],
  ])('%s, naming the file', (name, content, option, what) => {
    const path = file(name, content)
    const r = crbscope(['serve', '--state', join(folder, 'never'), option, path])
    expect(r).toMatchObject({ code: 1, out: '', err: `crbscope: ${what}, ${path}\n` })
  })
})
