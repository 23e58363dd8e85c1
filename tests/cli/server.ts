// `crbscope serve` as a process of its own, and a connection to it, for the tests of the command line.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { CLI } from '../support/cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const servers: ChildProcess[] = []
/** To be called after each test. */
export const killServers = (): void => {
  for (const s of servers.splice(0)) s.kill('SIGKILL')
}

export interface Served {
  readonly process: ChildProcess
  readonly port: number
  readonly out: string
  /** What it has said on standard error so far. */
  err(): string
}
export async function serve(...args: string[]): Promise<Served> {
  const port = await freePort()
  const child = spawn(process.execPath, [CLI, 'serve', '--port', String(port), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  servers.push(child)
  let out = ''
  let err = ''
  child.stderr.on('data', d => {
    err += String(d)
  })
  while (!out.includes('\n')) {
    const [data] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => {
        throw new Error(`the server ended: ${err}`)
      }),
    ])) as unknown[]
    out += String(data)
  }
  return { process: child, port, out, err: () => err }
}

/** A kept connection that asks and awaits answers of a known length. */
export class Client {
  private readonly socket: Socket
  private came = Buffer.alloc(0)
  closed = false
  constructor(to: number) {
    this.socket = connect(to, '127.0.0.1')
    this.socket.on('data', d => {
      this.came = Buffer.concat([this.came, d as Buffer])
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
    })
  }
  send(hex: string): void {
    this.socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  }
  /** The next `n` bytes, or all up to the end of the connection. */
  async take(n: number): Promise<string> {
    while (this.came.length < n && !this.closed) await new Promise(done => setTimeout(done, 2))
    const out = this.came.subarray(0, n).toString('hex')
    this.came = this.came.subarray(n)
    return out
  }
  async ask(hex: string, n = 10): Promise<string> {
    this.send(hex)
    return this.take(n)
  }
  end(): void {
    this.socket.end()
  }
}
export const exit = async (s: Served): Promise<number | null> =>
  s.process.exitCode ?? ((await once(s.process, 'exit')) as [number | null])[0]
