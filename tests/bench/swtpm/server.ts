// A TPM behind a socket of loopback: starting crbscope or swtpm, and a kept connection that sends bytes and awaits answers.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { AnyCodec, Of } from '../../../src/codec/codec.ts'
import { type Bytes, raw, readBe32 } from '../../../src/lib/bytes.ts'
import type { CommandRow, Handles, HandleValues, ResponseHandle } from '../../../src/spec/command.ts'
import { type AuthCommand, type DecodedResponse, decodeResponse, encodeCommand } from '../../../src/spec/frame.ts'
import { returnCodeName } from '../../../src/spec/return-codes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export class Server {
  readonly name: string
  private readonly socket: Socket
  private readonly child: ChildProcess
  private came: Buffer = Buffer.alloc(0)
  private waiting: ((response: Bytes) => void) | undefined

  private constructor(name: string, child: ChildProcess, socket: Socket) {
    this.name = name
    this.child = child
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (d: Buffer) => {
      this.came = this.came.length === 0 ? d : Buffer.concat([this.came, d])
      const size = this.came.length >= 10 ? readBe32(this.came, 2) : Number.POSITIVE_INFINITY
      if (this.came.length < size) return
      const response = Uint8Array.from(this.came.subarray(0, size))
      this.came = this.came.subarray(size)
      this.waiting?.(response)
    })
  }

  private static async open(name: string, port: number, command: string, args: readonly string[]): Promise<Server> {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
    for (let tries = 0; tries < 200; tries++) {
      const socket = await new Promise<Socket | undefined>(done => {
        const s = connect(port, '127.0.0.1', () => done(s))
        s.on('error', () => done(undefined))
      })
      if (socket) return new Server(name, child, socket)
      await new Promise(done => setTimeout(done, 50))
    }
    throw new Error(`${name} does not listen`)
  }

  /** @param state a file of state; none when left out */
  static crbscope(port: number, state?: string): Promise<Server> {
    const main = join(ROOT, 'dist-cli', 'main.js')
    const more = (process.env['CRBSCOPE_NODE_ARGS'] ?? '').split(' ').filter(a => a !== '')
    const args = [...more, main, 'serve', '--port', String(port), ...(state === undefined ? [] : ['--state', state])]
    return Server.open('crbscope', port, process.execPath, args)
  }

  /** @param folder for its state */
  static swtpm(port: number, folder: string): Promise<Server> {
    mkdirSync(folder, { recursive: true })
    const control = ['--ctrl', `type=tcp,port=${port + 1}`, '--flags', 'not-need-init']
    return Server.open('swtpm', port, 'swtpm', [
      ...['socket', '--tpm2', '--tpmstate', `dir=${folder}`, '--server', `type=tcp,port=${port}`, ...control],
      ...['--log', 'file=/dev/null'],
    ])
  }

  ask(command: Bytes): Promise<Bytes> {
    return new Promise(done => {
      this.waiting = done
      this.socket.write(raw(command))
    })
  }

  /** @throws Error when the command does not succeed */
  async ok<H extends Handles, P extends AnyCodec, R extends AnyCodec, O extends ResponseHandle | undefined>(
    row: CommandRow<H, P, R, O>,
    handles: HandleValues<H>,
    params: Of<P>,
    auths?: readonly AuthCommand[],
  ): Promise<DecodedResponse<Of<R>> & { readonly returns: Of<R> }> {
    const r = decodeResponse(row, await this.ask(encodeCommand(row, handles, params, auths)))
    if (r.returns === undefined) throw new Error(`${this.name}: ${row.name}: ${returnCodeName(r.rc)}`)
    return r as DecodedResponse<Of<R>> & { readonly returns: Of<R> }
  }

  close(): Promise<void> {
    return new Promise(done => {
      this.child.once('exit', () => done())
      this.socket.destroy()
      this.child.kill('SIGTERM')
    })
  }
}
