// `crbscope serve` as a process: what it says, what it refuses, and that acknowledged NV data outlive it. Speaks both
// protocols through plain sockets.

import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { type Bytes, EMPTY } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { NV_DefineSpace, NV_Increment, NV_Read, NV_Write } from '../../src/spec/commands/nv.ts'
import { encodeCommand } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { NT, NV } from '../../src/spec/nv.ts'
import { freePort } from '../support/ports.ts'
import { crbscope } from './run.ts'
import { Client, exit, killServers, serve } from './server.ts'

const STARTUP = '80010000000c000001440000'
const SHUTDOWN = '80010000000c000001450000'
const GET_RANDOM = '80010000000c0000017b0010'
const READ_CLOCK = '80010000000a00000181'
const OK = '80010000000a00000000'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crbscope-serve-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

afterEach(killServers)

describe('serve, swtpm', () => {
  it('says where it listens, answers, keeps its state over connections, and ends on SIGTERM', async () => {
    const s = await serve()
    expect(s.out).toBe(`listening on 127.0.0.1:${s.port} (swtpm)\n`)
    const a = new Client(s.port)
    expect(await a.ask(GET_RANDOM)).toBe('80010000000a00000100')
    expect(await a.ask(STARTUP)).toBe(OK)
    a.end()
    const b = new Client(s.port)
    const control = new Client(s.port + 1)
    expect((await b.ask(GET_RANDOM, 28)).slice(0, 24)).toBe('80010000001c000000000010')
    expect(await control.ask('00000001', 8)).toBe('000000000000efff')
    expect(await control.ask('0000000e', 4)).toBe('00000000')
    expect(await b.ask(GET_RANDOM)).toBe('80010000000a00000101')
    expect(await control.ask('00000002 00000000', 4)).toBe('00000000')
    expect(await b.ask(GET_RANDOM)).toBe('80010000000a00000100')
    s.process.kill('SIGTERM')
    expect(await exit(s)).toBe(0)
  })

  it('serves several clients in turn and never mixes them', async () => {
    const s = await serve()
    const clients = Array.from({ length: 8 }, () => new Client(s.port))
    await (clients[0] as Client).ask(STARTUP)
    // Each asks for another number of bytes, in pieces, with the next command on the heels of the first.
    const answers = await Promise.all(
      clients.map(async (c, i) => {
        const n = (8 + i).toString(16).padStart(4, '0')
        c.send('80010000000c')
        await new Promise(done => setTimeout(done, i))
        c.send(`0000017b${n}80010000000c0000017b${n}`)
        return [await c.take(12 + 8 + i), await c.take(12 + 8 + i)]
      }),
    )
    for (const [i, pair] of answers.entries()) {
      for (const answer of pair) expect(answer.slice(20, 24)).toBe((8 + i).toString(16).padStart(4, '0'))
    }
    expect(new Set(answers.flat()).size).toBe(16)
  })

  it('takes the frame of the other protocol on the data channel, and answers in it', async () => {
    const s = await serve()
    const c = new Client(s.port)
    expect(await c.ask(`00000008 00 0000000c ${STARTUP}`, 18)).toBe(`0000000a${OK}00000000`)
  })

  it('answers what came before a client closed its side', async () => {
    const s = await serve()
    const c = new Client(s.port)
    c.send(STARTUP)
    c.end()
    expect(await c.take(10)).toBe(OK)
  })

  it('answers a broken frame once and closes', async () => {
    const s = await serve()
    const c = new Client(s.port)
    expect(await c.ask('8001 00000001 00', 99)).toBe('80010000000a00000142')
    expect(c.closed).toBe(true)
    expect(await new Client(s.port).ask(STARTUP)).toBe(OK)
  })

  it('ends on SHUTDOWN, with an answer', async () => {
    const s = await serve()
    expect(await new Client(s.port + 1).ask('00000003', 4)).toBe('00000000')
    expect(await exit(s)).toBe(0)
  })

  it('follows the wall clock, but not while it is off', async () => {
    const s = await serve()
    const c = new Client(s.port)
    await c.ask(STARTUP)
    const time = async (): Promise<number> => Number.parseInt((await c.ask(READ_CLOCK, 35)).slice(20, 36), 16)
    const first = await time()
    await new Promise(done => setTimeout(done, 120))
    const second = await time()
    expect(second - first).toBeGreaterThanOrEqual(100)
    expect(second - first).toBeLessThan(5000)
  })
})

describe('serve, mssim', () => {
  it('shakes hands, takes framed commands, loses power and gets it back', async () => {
    const s = await serve('--protocol', 'mssim')
    expect(s.out).toContain('(mssim)')
    const c = new Client(s.port)
    const platform = new Client(s.port + 1)
    expect(await c.ask('0000000f 00000001', 12)).toBe('000000010000000d00000000')
    expect(await platform.ask('00000001', 4)).toBe('00000000')
    expect(await platform.ask('0000000b', 4)).toBe('00000000')
    const framed = (hex: string, n: number) => c.ask(`00000008 00 0000000c ${hex}`, n)
    expect(await framed(STARTUP, 18)).toBe(`0000000a${OK}00000000`)
    await platform.ask('00000002', 4)
    expect(await framed(GET_RANDOM, 8)).toBe('0000000000000000')
    await platform.ask('00000001', 4)
    expect(await framed(STARTUP, 18)).toBe('0000000a80010000000a0000092300000000')
    await platform.ask('0000000b', 4)
    expect(await framed(STARTUP, 18)).toBe(`0000000a${OK}00000000`)
    platform.send('00000014')
    expect(await platform.take(1)).toBe('')
    // The end of one session is not the end of the TPM.
    expect(await framed(GET_RANDOM, 36)).toMatch(/^0000001c80010000001c00000000/)
    c.send('00000015')
    expect(await exit(s)).toBe(0)
  })

  it('cancels what takes long while the signal is on', async () => {
    const s = await serve('--protocol', 'mssim')
    const c = new Client(s.port)
    const platform = new Client(s.port + 1)
    await c.ask(`00000008 00 0000000c ${STARTUP}`, 18)
    await platform.ask('00000009', 4)
    const create = '80020000000a00000131'
    expect(await c.ask(`00000008 00 0000000a ${create}`, 18)).toBe('0000000a80010000000a0000090900000000')
    await platform.ask('0000000a', 4)
    expect(await c.ask(`00000008 00 0000000a ${create}`, 18)).not.toContain('00000909')
  })

  it('refuses what it does not know: the command port in silence, the platform port with 1', async () => {
    const s = await serve('--protocol', 'mssim')
    expect(await new Client(s.port).ask('00000063', 1)).toBe('')
    expect(await new Client(s.port + 1).ask('00000063', 8)).toBe('00000001')
  })
})

describe('serve, whatever comes', () => {
  it.each(['swtpm', 'mssim'])('%s: random bytes on both ports neither end it nor hold it up', async protocol => {
    const s = await serve('--protocol', protocol)
    let seed = 12_345
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
      return seed >>> 8
    }
    const known = ['00000008', '00000006', '0000000d', '00000012', '8001', '8002', '00000005', '0000000c']
    for (let i = 0; i < 150; i++) {
      const c = new Client(s.port + (random() % 2))
      const tail = Array.from({ length: random() % 60 }, () => (random() & 255).toString(16).padStart(2, '0')).join('')
      const text = (random() % 2 ? (known[random() % known.length] as string) : '') + tail
      // Nothing that stops the server itself.
      if (/^(00000003|00000015|00000008.{10}$)/.test(text)) continue
      c.send(text)
      c.end()
      if (i % 10 === 0) await c.take(1)
    }
    expect(s.process.exitCode).toBe(null)
    const control = new Client(s.port + 1)
    if (protocol === 'swtpm') {
      expect(await control.ask('0000000500', 4)).toBe('00000000')
      expect(await control.ask('0000000200000001', 4)).toBe('00000000')
    } else {
      for (const code of [2, 1, 11, 10]) expect(await control.ask(`0000000${code.toString(16)}`, 4)).toBe('00000000')
    }
    const c = new Client(s.port)
    expect(await c.ask(`00000008 00 0000000c ${STARTUP}`, 18)).toBe(`0000000a${OK}00000000`)
  })
})

describe('serve --state', () => {
  const clockInfo = async (c: Client): Promise<string> => (await c.ask(READ_CLOCK, 35)).slice(52, 70)

  it('goes on with the same TPM, with what was acknowledged, also after a kill', async () => {
    const file = join(folder, 'kept')
    let s = await serve('--state', file)
    let c = new Client(s.port)
    for (let reset = 1; reset <= 3; reset++) {
      expect(await c.ask(STARTUP)).toBe(OK)
      // resetCount, restartCount, and whether the clock is safe.
      expect((await clockInfo(c)).slice(0, 8)).toBe(reset.toString(16).padStart(8, '0'))
      if (reset === 2) await c.ask(SHUTDOWN)
      s.process.kill(reset === 3 ? 'SIGTERM' : 'SIGKILL')
      await exit(s)
      s = await serve('--state', file)
      c = new Client(s.port)
    }
    expect(readdirSync(folder).filter(f => f.startsWith('.kept'))).toEqual([])
  })

  it('loses no acknowledged NV data at two dozen kills at random moments', { timeout: 240_000 }, async () => {
    const file = join(folder, 'killed')
    const random = randomFrom(30)
    const index = 0x01000001
    const at = { authHandle: index, nvIndex: index }
    const hex = (b: Bytes): string => Buffer.from(b as Uint8Array).toString('hex')
    // Ordinary data and a counter, which their empty authValue reads and writes.
    const define = (nvIndex: number, type: number): string => {
      const attributes = NV.AUTHREAD | NV.AUTHWRITE | NV.NO_DA | (type << 4)
      const publicInfo = { nvIndex, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize: 8 }
      return hex(encodeCommand(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo }))
    }
    const counter = { authHandle: index + 1, nvIndex: index + 1 }
    const increment = hex(encodeCommand(NV_Increment, counter, {}))
    const read = (where: typeof at): string => hex(encodeCommand(NV_Read, where, { size: 8, offset: 0 }))
    const valueOf = (answer: string): bigint => BigInt(`0x${answer.slice(32, 48)}`)
    const READ_SIZE = 14 + 2 + 8 + 5

    let acknowledged = 0n
    let sent = 0n
    let counted = 0n
    for (let kill = 0; kill <= 24; kill++) {
      const s = await serve('--state', file)
      const gone = exit(s)
      const c = new Client(s.port)
      expect(await c.ask(STARTUP)).toBe(OK)
      if (kill === 0) {
        for (const [n, type] of [NT.ORDINARY, NT.COUNTER].entries())
          expect(await c.ask(define(index + n, type), 19)).toMatch(/^80020000001300000000/)
      } else if (acknowledged > 0n) {
        const data = valueOf(await c.ask(read(at), READ_SIZE))
        // What was sent last may be there or not; what was acknowledged is.
        expect(data >= acknowledged && data <= sent).toBe(true)
        if (counted > 0n) expect(valueOf(await c.ask(read(counter), READ_SIZE))).toBeGreaterThanOrEqual(counted)
      }
      setTimeout(() => s.process.kill('SIGKILL'), 5 + (random() % 120))
      for (;;) {
        sent++
        const data = new Uint8Array(8)
        new DataView(data.buffer).setBigUint64(0, sent)
        if ((await c.ask(hex(encodeCommand(NV_Write, at, { data, offset: 0 })), 19)).length < 38) break
        acknowledged = sent
        if ((await c.ask(increment, 19)).length < 38) break
        const answer = await c.ask(read(counter), READ_SIZE)
        if (answer.length < 2 * READ_SIZE) break
        expect(valueOf(answer)).toBeGreaterThan(counted)
        counted = valueOf(answer)
      }
      await gone
    }
    expect(acknowledged).toBeGreaterThan(24n)
  })

  it('never draws the same random number twice', async () => {
    const file = join(folder, 'random')
    const drawn = new Set<string>()
    for (let i = 0; i < 2; i++) {
      const s = await serve('--state', file)
      const c = new Client(s.port)
      await c.ask(STARTUP)
      drawn.add(await c.ask(GET_RANDOM, 28))
      s.process.kill('SIGKILL')
      await exit(s)
    }
    expect(drawn.size).toBe(2)
  })

  it('refuses a second writer, by whatever name, and takes over the lock of the dead', async () => {
    const file = join(folder, 'locked')
    const s = await serve('--state', file)
    const link = join(folder, 'link')
    symlinkSync(file, link)
    for (const name of [file, link]) {
      const r = crbscope(['serve', '--port', '31990', '--state', name])
      expect(r).toMatchObject({ code: 1, out: '' })
      expect(r.err).toBe(`crbscope: state file is in use by process ${s.process.pid}, ${name}\n`)
    }
    s.process.kill('SIGKILL')
    await exit(s)
    expect(existsSync(`${file}.lock`)).toBe(true)
    const again = await serve('--state', file)
    again.process.kill('SIGINT')
    expect(await exit(again)).toBe(0)
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  it('refuses a damaged file in words, and leaves it as it is', async () => {
    const file = join(folder, 'damaged')
    const s = await serve('--state', file)
    s.process.kill('SIGTERM')
    await exit(s)
    const good = readFileSync(file)
    const cases: readonly (readonly [string, Buffer, string])[] = [
      ['cut', good.subarray(0, 100), 'state file truncated: ends at offset 100, should end at '],
      ['flipped', Buffer.concat([good.subarray(0, 50), Buffer.from([99]), good.subarray(51)]), 'state file damaged: '],
      [
        'newer',
        Buffer.concat([good.subarray(0, 8), Buffer.from([0, 9]), good.subarray(10)]),
        'newer than this program',
      ],
      ['empty', Buffer.alloc(0), 'truncated: ends at offset 0'],
      ['text', Buffer.from('hello, world, this is a text that is no state of a TPM'), 'no state of crbscope'],
    ]
    for (const [name, bytes, what] of cases) {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      const r = crbscope(['serve', '--port', '31990', '--state', path])
      expect(r).toMatchObject({ code: 1, out: '' })
      expect(r.err).toMatch(/^crbscope: .*\n$/)
      expect(r.err).toContain(what)
      expect(r.err).toContain(`, ${path}\n`)
      expect(readFileSync(path).equals(bytes)).toBe(true)
      expect(existsSync(`${path}.lock`)).toBe(false)
    }
    const other = crbscope(['serve', '--port', '31990', '--profile', 'no-pqc', '--state', file])
    expect(other.err).toBe(`crbscope: state file is of profile crbscope, not no-pqc, ${file}\n`)
    expect(readFileSync(file).equals(good)).toBe(true)
  })
})

describe('serve refuses', () => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  it('a port in use, the first or the second, and leaves no state behind', async () => {
    const state = join(folder, 'never')
    const port = await freePort()
    for (const taken of [port, port + 1]) {
      const other = createServer().listen(taken, '127.0.0.1')
      await once(other, 'listening')
      const r = crbscope(['serve', '--port', String(port), '--state', state])
      expect(r).toMatchObject({ code: 1, out: '', err: `crbscope: port in use, 127.0.0.1:${taken}\n` })
      other.close()
    }
    expect(existsSync(state)).toBe(false)
  })

  it.each([
    [
      'an address that is not loopback',
      ['--host', '0.0.0.0'],
      2,
      'only loopback addresses are served, not "0.0.0.0", --host',
    ],
    ['a protocol', ['--protocol', 'tis'], 2, 'must be swtpm or mssim, not "tis", --protocol'],
    ['a port', ['--port', '65535'], 2, 'must be a whole number from 1 to 65534, not "65535", --port'],
    ['an argument', ['file'], 2, 'takes no argument: "file", serve (see crbscope serve --help)'],
    ['a key without a state file', ['--key', 'x'], 2, 'is for a state file, and there is no --state, --key'],
    [
      'an unknown profile',
      ['--profile', 'acme'],
      1,
      'unknown profile "acme" (there are crbscope, libtpms-0.9, no-pqc, buffer-4096), --profile',
    ],
    ['seeds that are not there', ['--seeds', '/nowhere/seeds.json'], 1, 'no such file, /nowhere/seeds.json'],
    ['a folder that is not there', ['--state', '/nowhere/state'], 1, 'no such folder, /nowhere'],
  ])('%s', (_, args, code, what) => {
    expect(crbscope(['serve', ...args])).toMatchObject({ code, out: '', err: `crbscope: ${what}\n` })
  })

  it('malformed seeds, saying what is wrong', () => {
    const names = ['EPSeed', 'SPSeed', 'PPSeed', 'phProof', 'shProof', 'ehProof']
    const good = Object.fromEntries(names.map(n => [n, '00'.repeat(64)]))
    const cases: readonly (readonly [string, string])[] = [
      ['{', 'malformed seeds: not JSON'],
      ['[]', 'malformed seeds: not a JSON object'],
      ['{}', 'malformed seeds: no text "EPSeed"'],
      [JSON.stringify({ ...good, more: '' }), 'malformed seeds: unknown member "more"'],
      [JSON.stringify({ ...good, shProof: '00' }), 'malformed seeds: "shProof" has 1 bytes, not 64'],
      [
        JSON.stringify({ ...good, PPSeed: 'xy' }),
        'malformed seeds: "PPSeed": not a hexadecimal digit at position 1: "x"',
      ],
    ]
    for (const [text, what] of cases) {
      const path = file('seeds.json', text)
      expect(crbscope(['serve', '--seeds', path])).toMatchObject({
        code: 1,
        out: '',
        err: `crbscope: ${what}, ${path}\n`,
      })
    }
  })
})
