// The line from a bridge to a TPM: a socket of swtpm or of Microsoft's simulator, or a device file. One command at a time;
// whatever goes wrong is said in a sentence that names the TPM.

import { type FileHandle, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { be32, type Bytes, concat, raw, readBe16, readBe32 } from '../lib/bytes.ts'
import { ByteQueue } from '../lib/queue.ts'
import type { Hello } from '../backend/bridge.ts'

/** A TPM that cannot be asked, or does not answer. The message is a full sentence. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError'
}

export interface Line {
  /** "swtpm at 127.0.0.1:2321" */
  readonly where: string
  /** @throws BridgeError */
  transmit(command: Bytes): Promise<Bytes>
  close(): void
}

/** A key of 3,072 bits may take minutes on a chip. */
const PATIENCE = 180_000
const LARGEST = 65_536

const codeOf = (e: unknown): string => (e as NodeJS.ErrnoException).code ?? (e as Error).message
const whyNot = (code: string): string =>
  code === 'ECONNREFUSED' ? 'nobody listens there' : code === 'ENOENT' ? 'there is no such file' : code

/** The rest of a message was not heard: it may have been carried out. */
const UNKNOWN = 'Whether it carried the command out is not known.'

type Take = (queue: ByteQueue) => Bytes | undefined

class SocketLine implements Line {
  readonly where: string
  private socket: Socket | undefined
  private queue = new ByteQueue()
  private hear: (() => void) | undefined
  private lost: string | undefined
  private readonly host: string
  private readonly port: number
  private readonly mssim: boolean
  private readonly patience: number

  constructor(host: string, port: number, mssim: boolean, patience: number) {
    this.host = host
    this.port = port
    this.mssim = mssim
    this.patience = patience
    this.where = `${mssim ? 'mssim' : 'swtpm'} at ${host}:${port}`
  }

  private opened(): Promise<Socket> {
    if (this.socket && !this.socket.destroyed && this.lost === undefined) return Promise.resolve(this.socket)
    this.queue = new ByteQueue()
    this.lost = undefined
    const socket = connect(this.port, this.host)
    socket.setNoDelay(true)
    this.socket = socket
    const gone = (why: string): void => {
      this.lost ??= why
      this.hear?.()
    }
    socket.on('data', (chunk: Uint8Array) => {
      this.queue.push(chunk)
      this.hear?.()
    })
    socket.on('end', () => gone('it closed the connection'))
    socket.on('error', e => gone(whyNot(codeOf(e))))
    return new Promise((done, refuse) => {
      socket.once('connect', () => done(socket))
      socket.once('error', e => refuse(new BridgeError(`${this.where} cannot be reached: ${whyNot(codeOf(e))}.`)))
    })
  }

  /** Waits until a whole message has come. */
  private heard(take: Take): Promise<Bytes> {
    return new Promise((done, refuse) => {
      const fail = (why: string): void => {
        finish()
        this.socket?.destroy()
        this.lost = why
        refuse(new BridgeError(`${this.where} went away in mid-command: ${why}. ${UNKNOWN}`))
      }
      const timer = setTimeout(() => fail(`no answer in ${this.patience / 1000} s`), this.patience)
      const finish = (): void => {
        clearTimeout(timer)
        this.hear = undefined
      }
      this.hear = () => {
        const whole = take(this.queue)
        if (whole) {
          finish()
          done(whole)
        } else if (this.lost !== undefined) fail(this.lost)
      }
      this.hear()
    })
  }

  async transmit(command: Bytes): Promise<Bytes> {
    const socket = await this.opened()
    // TPM_SEND_COMMAND, locality 0, length.
    const framed = this.mssim ? concat(be32(8), Uint8Array.of(0), be32(command.length), command) : command
    socket.write(raw(framed))
    return this.heard(this.mssim ? takeMssim : takeBare)
  }

  close(): void {
    this.socket?.destroy()
  }
}

/** A response as it is: its header says how long it is. */
const takeBare: Take = queue => {
  if (queue.length < 10) return undefined
  const size = queue.u32(2)
  return queue.length >= Math.min(size, LARGEST) ? queue.take(Math.min(size, queue.length)) : undefined
}

/** Length, response, and four octets of acknowledgement. */
const takeMssim: Take = queue => {
  if (queue.length < 4) return undefined
  const size = Math.min(queue.u32(0), LARGEST)
  if (queue.length < 4 + size + 4) return undefined
  queue.skip(4)
  const response = queue.take(size)
  queue.skip(4)
  return response
}

class DeviceLine implements Line {
  readonly where: string
  private readonly path: string

  constructor(path: string) {
    this.path = path
    this.where = path
  }

  async transmit(command: Bytes): Promise<Bytes> {
    let file: FileHandle
    try {
      file = await open(this.path, 'r+')
    } catch (e) {
      throw new BridgeError(`${this.where} cannot be opened: ${whyNot(codeOf(e))}.`)
    }
    try {
      await file.write(raw(command))
      const into = new Uint8Array(LARGEST)
      const { bytesRead } = await file.read(into, 0, LARGEST, null)
      if (bytesRead < 10)
        throw new BridgeError(`${this.where} gave ${bytesRead} bytes, which are no answer. ${UNKNOWN}`)
      return into.slice(0, bytesRead)
    } catch (e) {
      if (e instanceof BridgeError) throw e
      throw new BridgeError(`${this.where} went away in mid-command: ${codeOf(e)}. ${UNKNOWN}`)
    } finally {
      await file.close()
    }
  }

  close(): void {
    // Opened for each command.
  }
}

/** @param to "HOST:PORT" or the path of a device; undefined when it is neither */
export function lineTo(to: string, protocol: 'swtpm' | 'mssim', patience = PATIENCE): Line | undefined {
  if (to.startsWith('/')) return new DeviceLine(to)
  const m = /^(\[[0-9a-f:]+\]|[^:/\s]+):(\d{1,5})$/i.exec(to)
  const port = Number(m?.[2])
  if (!m || port < 1 || port > 65_535) return undefined
  return new SocketLine((m[1] as string).replace(/^\[|\]$/g, ''), port, protocol === 'mssim', patience)
}

/** TPM2_GetCapability of TPM_PT_MAX_COMMAND_SIZE, and TPM_GetCapability of TPM_CAP_PROP_INPUT_BUFFER. */
const ASK_20 = concat(Uint8Array.of(0x80, 1), ...[22, 0x17a, 6, 0x11e, 1].map(be32))
const ASK_12 = concat(Uint8Array.of(0, 0xc1), ...[22, 0x65, 5, 4, 0x124].map(be32))
const DEFAULT = 4096

/** Which TPM answers, and how much it takes at once: asked by commands, as a passed-through TPM must be. @throws BridgeError */
export async function greet(line: Line): Promise<Hello> {
  const answer = await line.transmit(ASK_20)
  const { where } = line
  const code = answer.length >= 10 ? readBe32(answer, 6) : -1
  // A TPM 1.2 refuses the tag; a TPM 2.0 that was not started says TPM_RC_INITIALIZE.
  if (readBe16(answer, 0) === 0xc4) {
    const old = await line.transmit(ASK_12)
    const good = old.length >= 18 && readBe32(old, 6) === 0
    return { where, version: '1.2', bufferSize: good ? readBe32(old, 14) : DEFAULT, started: good }
  }
  const good = code === 0 && answer.length >= 27
  return { where, version: '2.0', bufferSize: good ? readBe32(answer, 23) : DEFAULT, started: code !== 0x100 }
}
