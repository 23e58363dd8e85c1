// `crbscope serve --live` as a process, with a page played by fetch: who may speak to it, that one page drives, and that a
// tool gets its answer whatever becomes of the page.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { modelOf, outside } from '../../src/backend/emulator.ts'
import { type Done, readTold, type Told, writeDone } from '../../src/backend/live.ts'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { readImage, writeImage } from '../../src/nvram/image.ts'
import { executeNow } from '../../src/tpm/execute-now.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'
import { freePort } from '../support/ports.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const STARTUP = '80010000000c000001440000'
const GET_RANDOM = '80010000000c0000017b0008'
const OK = '80010000000a00000000'
const CANCELED = '80010000000a00000909'

// A program of its own, with a page that need not be the built one.
let program = ''
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'crbscope-live-'))
  for (const name of ['dist-cli', 'package.json']) cpSync(join(ROOT, name), join(program, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'))
  mkdirSync(join(program, 'dist', 'assets'), { recursive: true })
  writeFileSync(join(program, 'dist', 'index.html'), '<title>crbscope</title>')
  writeFileSync(join(program, 'secret.txt'), 'not of the page')
})
afterAll(() => rmSync(program, { recursive: true }))

const servers: ChildProcess[] = []
const sockets: Socket[] = []
const pages: Page[] = []
afterEach(() => {
  for (const p of pages.splice(0)) p.close()
  for (const s of sockets.splice(0)) s.destroy()
  for (const s of servers.splice(0)) s.kill('SIGKILL')
})

interface Served {
  readonly port: number
  readonly url: URL
  readonly err: () => string
}

async function serve(...args: string[]): Promise<Served> {
  const port = await freePort()
  const line = [join(program, 'dist-cli', 'main.js'), 'serve', '--live', '--port', String(port), ...args]
  const child = spawn(process.execPath, line, { cwd: program, stdio: ['ignore', 'pipe', 'pipe'] })
  servers.push(child)
  let out = ''
  let err = ''
  child.stderr.on('data', d => {
    err += String(d)
  })
  while (!out.includes('live at')) {
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the server ended: ${err}`)
    })
    out += String(((await Promise.race([once(child.stdout, 'data'), ended])) as unknown[])[0])
  }
  expect(out).toMatch(/^listening on .*\nlive at http:\/\/127\.0\.0\.1:\d+\/\?live=[0-9a-f]{48}\n$/)
  return { port, url: new URL(/live at (\S+)/.exec(out)?.[1] ?? ''), err: () => err }
}

/** A tool on a kept connection: an answer for each command. */
class Tool {
  private readonly socket: Socket
  private came = ''
  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => undefined)
    this.socket.on('data', d => {
      this.came += (d as Buffer).toString('hex')
    })
    sockets.push(this.socket)
  }
  send(hex: string): void {
    this.socket.write(Buffer.from(hex, 'hex'))
  }
  /** What has come so far. */
  get answer(): string {
    return this.came
  }
  async take(): Promise<string> {
    await expect.poll(() => this.came, { timeout: 20_000 }).not.toBe('')
    const all = this.came
    this.came = ''
    return all
  }
}

/** The page of the address, as far as the server can tell. */
class Page {
  private readonly url: URL
  private readonly abort = new AbortController()
  private readonly events: Told[] = []
  tpm: Tpm | undefined
  ended = false
  constructor(url: URL) {
    this.url = url
    pages.push(this)
  }
  async open(): Promise<this> {
    const r = await fetch(new URL(`/live/events${this.url.search}`, this.url), { signal: this.abort.signal })
    expect(r.headers.get('content-type')).toBe('text/event-stream')
    void this.read(r.body as ReadableStream<Uint8Array>).catch(() => undefined)
    return this
  }
  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    const decoder = new TextDecoder()
    for await (const part of body) {
      text += decoder.decode(part, { stream: true })
      const all = text.split('\n\n')
      text = all.pop() ?? ''
      for (const e of all) this.events.push(readTold(e.replace(/^data: /, '')))
    }
    this.ended = true
  }
  close(): void {
    this.abort.abort()
  }
  async next<T extends Told['t']>(t: T): Promise<Extract<Told, { t: T }>> {
    await expect.poll(() => this.events.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const e = this.events.shift() as Told
    expect(e.t).toBe(t)
    return e as Extract<Told, { t: T }>
  }
  async hello(): Promise<void> {
    this.tpm = readImage((await this.next('hello')).image, modelOf)
  }
  async platform(): Promise<Extract<Told, { t: 'platform' }>> {
    const e = await this.next('platform')
    this.tpm = readImage(e.image, modelOf)
    return e
  }
  /** Runs a command as the page does. */
  async command(cancel = false): Promise<Done> {
    const e = await this.next('command')
    const from = e.image ? readImage(e.image, modelOf) : (this.tpm as Tpm)
    const { tpm } = outside({ tpm: from, pending: undefined, clock: 0 }, undefined, e.elapsed, e.locality)
    const done = cancel ? { response: fromHex(CANCELED), tpm } : executeNow(tpm, e.command, e.locality)
    this.tpm = done.tpm
    const { response } = done
    return { id: e.id, rc: response.length, response, digest: writeImage(done.tpm).slice(-32) }
  }
  async post(body: string, headers: Record<string, string> = {}, search = this.url.search): Promise<number> {
    return (await ask(new URL(`/live/done${search}`, this.url), 'POST', { origin: this.url.origin, ...headers }, body))
      .code
  }
}

/** A request with the headers as they are given: fetch would not send a wrong Host. */
async function ask(url: URL, method: string, headers: Record<string, string> = {}, body = '', path?: string) {
  const r = request(url, { method, headers, ...(path === undefined ? {} : { path }) })
  r.end(body)
  const [answer] = (await once(r, 'response')) as [NodeJS.ReadableStream & { statusCode: number }]
  let text = ''
  // An endless answer is one whose head is enough.
  if (answer.statusCode !== 200 || !url.pathname.startsWith('/live')) for await (const d of answer) text += String(d)
  r.destroy()
  return { code: answer.statusCode, text }
}

describe('who may speak to it', () => {
  it('looks at Host, Origin and token, and serves the page and nothing else', async () => {
    const { url } = await serve()
    const get = (path: string, headers: Record<string, string> = {}) => ask(new URL(path, url), 'GET', headers)
    expect(await get('/')).toEqual({ code: 200, text: '<title>crbscope</title>' })
    expect((await get('/', { host: 'evil.example' })).code).toBe(403)
    expect((await get('/', { host: `evil.example:${url.port}` })).code).toBe(403)
    expect((await get('/', { host: `localhost:${url.port}` })).code).toBe(200)
    expect((await get('/', { origin: 'http://evil.example' })).code).toBe(403)
    expect((await get('/nothing')).code).toBe(404)
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '//secret.txt',
    ]) {
      expect((await ask(url, 'GET', {}, '', path)).code, path).toBe(404)
    }
    expect((await ask(new URL('/', url), 'POST', { origin: url.origin })).code).toBe(405)
    const events = `/live/events${url.search}`
    for (const [path, headers] of [
      ['/live/events', {}],
      ['/live/events?live=', {}],
      [`/live/events?live=${'0'.repeat(48)}`, {}],
      [`/live/events?live=${'é'.repeat(48)}`, {}],
      [events, { host: 'evil.example' }],
      [events, { origin: 'null' }],
      [events, { origin: 'http://evil.example' }],
    ] as const) {
      expect((await get(path, headers)).code, path).toBe(403)
    }
    const page = new Page(url)
    const body = writeDone({ id: 1, rc: 0, response: fromHex(''), digest: fromHex('') })
    expect(await page.post(body, { origin: 'http://evil.example' })).toBe(403)
    expect(await page.post(body, {}, '?live=1')).toBe(403)
    expect((await ask(new URL(`/live/done${url.search}`, url), 'POST', {}, body)).code).toBe(403)
    expect(await page.post(body)).toBe(409)
    expect(await page.post('{')).toBe(400)
    expect(await page.post('x'.repeat(100_000))).toBe(413)
  })

  it('says what to do where the page is not built, and starts nothing', async () => {
    renameSync(join(program, 'dist'), join(program, 'dist-away'))
    try {
      await expect(serve()).rejects.toThrow('crbscope: the page is not built: npm run build, --live')
    } finally {
      renameSync(join(program, 'dist-away'), join(program, 'dist'))
    }
    expect(existsSync(join(program, 'dist'))).toBe(true)
  })
})

describe('a command and the page', () => {
  it('is answered at once without one; with one, when it says so, from the state as it is then', async () => {
    const { port, url, err } = await serve()
    const tool = new Tool(port)
    tool.send(STARTUP)
    expect(await tool.take()).toBe(OK)

    const page = await new Page(url).open()
    await page.hello()
    expect(page.tpm?.power).toBe('on')
    for (let i = 0; i < 3; i++) {
      tool.send(GET_RANDOM)
      const done = await page.command()
      await new Promise(later => setTimeout(later, 50))
      expect(tool.answer).toBe('')
      expect(await page.post(writeDone(done))).toBe(204)
      expect(await tool.take()).toBe(toHex(done.response))
      expect(await page.post(writeDone(done))).toBe(409)
    }
    expect(err()).toBe('')
  })

  it('refuses a second page in words while one drives, and takes it afterwards', async () => {
    const { url } = await serve()
    const first = await new Page(url).open()
    await first.hello()
    const second = await new Page(url).open()
    expect((await second.next('refused')).why).toContain('Another page')
    await expect.poll(() => second.ended).toBe(true)
    first.close()
    await new Promise(later => setTimeout(later, 200))
    await (await new Page(url).open()).hello()
  })

  it('is answered by the server when the page goes away in its middle, and the next page sees what came of it', async () => {
    const { port, url, err } = await serve()
    const tool = new Tool(port)
    const page = await new Page(url).open()
    await page.hello()
    tool.send(STARTUP)
    await page.next('command')
    page.close()
    expect(await tool.take()).toBe(OK)
    const next = await new Page(url).open()
    await next.hello()
    expect(next.tpm?.power).toBe('on')
    expect(err()).toBe('')
  })

  it('is answered by the server where the page differs; both are told, and the page gets the state anew', async () => {
    const { port, url, err } = await serve()
    const tool = new Tool(port)
    const page = await new Page(url).open()
    await page.hello()
    tool.send(STARTUP)
    const done = await page.command()
    await page.post(writeDone({ ...done, response: fromHex(CANCELED.replace('0909', '0101')) }))
    expect(await tool.take()).toBe(OK)
    expect(await page.next('note')).toMatchObject({ wrong: true, text: expect.stringContaining('TPM2_Startup') })
    await expect.poll(err).toContain('another answer for TPM2_Startup')
    tool.send(GET_RANDOM)
    const again = await page.command()
    await page.post(writeDone(again))
    expect(await tool.take()).toBe(toHex(again.response))
  })

  it('is cancelled where the page says so, and changes nothing then', async () => {
    const { port, url, err } = await serve()
    const tool = new Tool(port)
    const page = await new Page(url).open()
    await page.hello()
    tool.send(STARTUP)
    await page.post(writeDone(await page.command(true)))
    expect(await tool.take()).toBe(CANCELED)
    tool.send(GET_RANDOM)
    const done = await page.command()
    expect(toHex(done.response)).toBe('80010000000a00000100')
    await page.post(writeDone(done))
    expect(await tool.take()).toBe('80010000000a00000100')
    expect(err()).toBe('')
  })

  it('comes with its locality; power cycles and cancels reach the page too', async () => {
    const { port, url, err } = await serve()
    const tool = new Tool(port)
    const control = new Tool(port + 1)
    const page = await new Page(url).open()
    await page.hello()
    // CMD_SET_LOCALITY 3, CMD_INIT.
    control.send('0000000503')
    expect(await control.take()).toBe('00000000')
    expect(await page.platform()).toMatchObject({ locality: 3, reset: false })
    tool.send(STARTUP)
    const done = await page.command()
    await page.post(writeDone(done))
    expect(await tool.take()).toBe(OK)
    expect(page.tpm?.startupLocality).toBe(3)
    control.send('0000000200000000')
    expect(await control.take()).toBe('00000000')
    expect(await page.platform()).toMatchObject({ reset: true, label: expect.stringContaining('_TPM_Init') })
    expect(page.tpm?.power).toBe('init')
    // CMD_CANCEL_TPM_CMD while TPM2_CreatePrimary waits.
    tool.send('80010000000a00000131')
    const { id } = await page.next('command')
    control.send('00000009')
    expect(await control.take()).toBe('00000000')
    expect(await page.next('cancel')).toEqual({ t: 'cancel', id })
    page.close()
    expect((await tool.take()).length).toBe(20)
    expect(err()).toBe('')
  })

  it('that no driver could hand over whole is answered without the page', async () => {
    const { port, url } = await serve('--protocol', 'mssim')
    const tool = new Tool(port)
    const page = await new Page(url).open()
    await page.hello()
    // SEND_COMMAND, locality 0, 10 bytes whose header announces 12.
    tool.send(`00000008000000000a${'80010000000c00000144'}`)
    expect((await page.next('note')).wrong).toBe(false)
    expect(await tool.take()).toContain('80010000000a00000142')
  })
})
