// `crbscope bridge`: single commands reach a TPM behind a socket in both protocols; what is down, goes away or is not whole
// is said in a sentence; nobody without the token, or from another site, gets anything.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readCame, readHello, readSent, writeCame, writeHello, writeSent } from '../../src/backend/bridge.ts'
import { serveBridge } from '../../src/cli/bridge.ts'
import { BridgeError, greet, type Line, lineTo } from '../../src/cli/bridge-line.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { Engine12 } from '../tpm12/subject.ts'
import { freePort } from '../support/ports.ts'
import { crbscope } from './run.ts'
import { CLI } from '../support/cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const STARTUP = fromHex('80010000000c000001440000')
const GET_RANDOM = fromHex('80010000000c0000017b0010')
const code = (b: { slice(a: number, z: number): unknown }): string => toHex(b.slice(6, 10) as never)

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function tpm(protocol: 'swtpm' | 'mssim'): Promise<number> {
  const port = await freePort()
  const args = [CLI, 'serve', '--protocol', protocol, '--port', String(port)]
  const child: ChildProcess = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill('SIGKILL'))
  if (child.stdout) await once(child.stdout, 'data')
  return port
}

/** Somebody who listens, and does with each chunk what the test says. */
async function listener(then: (socket: Socket, data: Buffer) => void): Promise<number> {
  const sockets: Socket[] = []
  const server: Server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', data => then(socket, data))
  })
  await new Promise<void>(done => server.listen({ host: '127.0.0.1', port: 0 }, done))
  ends.push(() => {
    for (const s of sockets) s.destroy()
    server.close()
  })
  return (server.address() as { port: number }).port
}

function line(port: number, protocol: 'swtpm' | 'mssim' = 'swtpm', patience?: number): Line {
  const made = lineTo(`127.0.0.1:${port}`, protocol, patience)
  if (!made) throw new Error('no line')
  ends.push(() => made.close())
  return made
}

describe('the line to a TPM', () => {
  it.each(['swtpm', 'mssim'] as const)('asks a TPM 2.0 in the protocol of %s', async protocol => {
    const l = line(await tpm(protocol), protocol)
    expect(await greet(l)).toMatchObject({ version: '2.0', started: false })
    expect(code(await l.transmit(STARTUP))).toBe('00000000')
    expect(await greet(l)).toEqual({ where: l.where, version: '2.0', started: true, bufferSize: 8192 })
    expect(code(await l.transmit(STARTUP))).toBe('00000100')
    expect((await l.transmit(GET_RANDOM)).length).toBe(28)
  })

  it('knows a TPM 1.2 by its answer', async () => {
    const engine = new Engine12({})
    engine.run(fromHex('00c10000000c000000990001'))
    const port = await listener((s, data) => s.write(Buffer.from(engine.run(Uint8Array.from(data)) as Uint8Array)))
    expect(await greet(line(port))).toMatchObject({ version: '1.2', bufferSize: 4096, started: true })
  })

  it('says what is wrong and where: nobody there, gone in mid-command, silent', async () => {
    const nobody = await freePort()
    await expect(line(nobody).transmit(GET_RANDOM)).rejects.toThrow(
      `swtpm at 127.0.0.1:${nobody} cannot be reached: nobody listens there.`,
    )
    const leaves = await listener(s => s.end(Buffer.from('8001000000', 'hex')))
    await expect(line(leaves).transmit(GET_RANDOM)).rejects.toThrow(
      `swtpm at 127.0.0.1:${leaves} went away in mid-command: it closed the connection. ` +
        'Whether it carried the command out is not known.',
    )
    const silent = await listener(() => undefined)
    await expect(line(silent, 'swtpm', 50).transmit(GET_RANDOM)).rejects.toThrow(/no answer in 0\.05 s/)
    const noDevice = lineTo('/nowhere/tpmrm0', 'swtpm')
    await expect(noDevice?.transmit(GET_RANDOM)).rejects.toThrow(
      '/nowhere/tpmrm0 cannot be opened: there is no such file.',
    )
    expect(lineTo('/nowhere/tpmrm0', 'swtpm')?.where).toBe('/nowhere/tpmrm0')
    expect([lineTo('here', 'swtpm'), lineTo('host:99999', 'swtpm'), lineTo('host:0', 'swtpm')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('goes on after a TPM that went away has come back', async () => {
    let first = true
    const answer = '80010000000a00000000'
    const port = await listener(s => {
      if (first) s.destroy()
      else s.write(Buffer.from(answer, 'hex'))
      first = false
    })
    const l = line(port)
    await expect(l.transmit(GET_RANDOM)).rejects.toThrow(BridgeError)
    expect(toHex(await l.transmit(GET_RANDOM))).toBe(answer)
  })
})

describe('the bridge', () => {
  async function bridge(l: Line) {
    const folder = mkdtempSync(join(tmpdir(), 'crbscope-bridge-'))
    writeFileSync(join(folder, 'index.html'), '<p>page</p>')
    ends.push(() => rmSync(folder, { recursive: true }))
    const hello = { where: l.where, version: '2.0', bufferSize: 4096, started: true } as const
    const served = await serveBridge(l, hello, folder)
    ends.push(() => served.close())
    const url = new URL(served.url)
    const at = (path: string): string => `${url.origin}${path}${url.search}`
    const post = (path: string, body: string, headers: { readonly [h: string]: string } = {}) =>
      fetch(at(path), { method: 'POST', body, headers: { origin: url.origin, ...headers } })
    return { url, at, post, hello }
  }

  it('hands over one command and gives its answer', async () => {
    const l = line(await tpm('swtpm'))
    const { at, post, hello } = await bridge(l)
    expect(readHello(await (await fetch(at('/bridge/hello'))).text())).toEqual(hello)
    expect(await (await fetch(at('/'))).text()).toContain('page')
    const came = readCame(await (await post('/bridge/command', writeSent({ id: 3, command: STARTUP }))).text())
    expect(came).toMatchObject({ id: 3 })
    expect('response' in came && toHex(came.response)).toBe('80010000000a00000000')
  })

  it('says why there is no answer, and stays', async () => {
    const port = await freePort()
    const { post } = await bridge(line(port))
    const came = readCame(await (await post('/bridge/command', writeSent({ id: 1, command: STARTUP }))).text())
    expect(came).toEqual({ id: 1, why: `swtpm at 127.0.0.1:${port} cannot be reached: nobody listens there.` })
  })

  it('takes one command at a time', async () => {
    const asked: Socket[] = []
    const port = await listener(s => asked.push(s))
    const { post } = await bridge(line(port))
    const first = post('/bridge/command', writeSent({ id: 1, command: STARTUP }))
    await vi.waitFor(() => expect(asked.length).toBe(1))
    expect((await post('/bridge/command', writeSent({ id: 2, command: STARTUP }))).status).toBe(409)
    asked[0]?.write(Buffer.from('80010000000a00000000', 'hex'))
    expect((await first).status).toBe(200)
  })

  it('answers nobody without the token, from another site, or with what is no command', async () => {
    const { url, at, post } = await bridge(line(await freePort()))
    const sent = writeSent({ id: 1, command: STARTUP })
    const wrong = `${url.origin}/bridge/command?bridge=${'0'.repeat(48)}`
    expect((await fetch(wrong, { method: 'POST', body: sent, headers: { origin: url.origin } })).status).toBe(403)
    expect((await post('/bridge/command', sent, { origin: 'http://elsewhere.example' })).status).toBe(403)
    expect((await fetch(`${url.origin}/bridge/hello`)).status).toBe(403)
    expect((await fetch(at('/bridge/other'))).status).toBe(404)
    expect((await post('/bridge/command', '{"id":1,"command":"8001"}')).status).toBe(400)
    expect((await post('/bridge/command', 'x'.repeat(300_000))).status).toBe(413)
  })
})

describe('what bridge and page say', () => {
  it('reads back what was written, and refuses the rest', () => {
    const hello = { where: 'x', version: '1.2', bufferSize: 4096, started: false } as const
    expect(readHello(writeHello(hello))).toEqual(hello)
    expect(toHex(readSent(writeSent({ id: 2, command: STARTUP })).command)).toBe(toHex(STARTUP))
    expect(readCame(writeCame({ id: 2, why: 'gone' }))).toEqual({ id: 2, why: 'gone' })
    expect(() => readHello('')).toThrow(/^not JSON/)
    expect(() => readHello('[]')).toThrow(/^not an object/)
    expect(() => readHello('{"where":"x","version":"3","bufferSize":1,"started":true}')).toThrow(/^version must/)
    expect(() => readSent('{"id":0,"command":"80010000000c000001440000"}')).toThrow(/^id must be/)
    expect(() => readCame('{"id":1}')).toThrow(/^why must be/)
  })

  it.each([
    [['bridge'], 'no TPM named'],
    [['bridge', '--to', 'here'], 'neither HOST:PORT nor the path of a device'],
    [['bridge', '--to', '127.0.0.1:1', '--protocol', 'x'], 'must be swtpm or mssim'],
  ])('%j is wrong usage', (args, text) => {
    const r = crbscope(args)
    expect([r.code, r.err]).toEqual([2, expect.stringContaining(text)])
  })
})
