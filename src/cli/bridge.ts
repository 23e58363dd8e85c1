// `crbscope bridge`: serves the built page on loopback, and hands single commands of the machine in it to a TPM outside: a
// software TPM behind a socket, or the chip of this computer. One page at a time, one command at a time.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Came, type Hello, readSent, writeCame, writeHello } from '../backend/bridge.ts'
import { LiveError } from '../backend/live.ts'
import { BridgeError, greet, type Line, lineTo } from './bridge-line.ts'
import { type Command, readArgs } from './command.ts'
import { failure, usage } from './errors.ts'
import { body, findPage, refuse, type Served, servePage } from './page-http.ts'

/** Octets of the longest post: a command in hexadecimal. */
const MOST = 1 << 18

const answer = (response: ServerResponse, text: string): void =>
  void response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(text)

/** @param hello said to the page when it opens */
export function serveBridge(line: Line, hello: Hello, folder: string): Promise<Served> {
  let busy = false
  const post = async (text: string, response: ServerResponse): Promise<void> => {
    let came: Came
    try {
      const { id, command } = readSent(text)
      if (busy) return refuse(response, 409, 'the TPM works on another command')
      busy = true
      try {
        came = { id, response: await line.transmit(command) }
      } catch (e) {
        if (!(e instanceof BridgeError)) throw e
        came = { id, why: e.message }
      } finally {
        busy = false
      }
    } catch (e) {
      if (!(e instanceof LiveError)) throw e
      return refuse(response, 400, e.message)
    }
    answer(response, writeCame(came))
  }
  return servePage({
    folder,
    name: 'bridge',
    option: '--to',
    handle(path: string, request: IncomingMessage, response: ServerResponse) {
      if (path === 'GET /hello') answer(response, writeHello(hello))
      else if (path === 'POST /command') body(request, response, MOST, text => void post(text, response))
      else return false
      return true
    },
    close: () => line.close(),
  })
}

export const bridge: Command = {
  async run(args) {
    const { values, positionals } = readArgs('bridge', args, { to: { type: 'string' }, protocol: { type: 'string' } })
    const see = 'bridge (see crbscope bridge --help)'
    if (positionals.length > 0) throw usage(`takes no argument: "${positionals[0]}"`, see)
    if (values.to === undefined) throw usage('no TPM named: --to HOST:PORT or --to /dev/tpmrm0', see)
    const protocol = values.protocol ?? 'swtpm'
    if (protocol !== 'swtpm' && protocol !== 'mssim') {
      throw usage(`must be swtpm or mssim, not "${protocol}"`, '--protocol')
    }
    const line = lineTo(values.to, protocol)
    if (!line) throw usage(`neither HOST:PORT nor the path of a device: "${values.to}"`, '--to')
    const folder = findPage('bridge')
    let hello: Hello
    try {
      hello = await greet(line)
    } catch (e) {
      line.close()
      if (e instanceof BridgeError) throw failure(e.message, '--to')
      throw e
    }
    const served = await serveBridge(line, hello, folder)
    const started = hello.started ? '' : ' (not started yet)'
    process.stdout.write(`${hello.where} is a TPM ${hello.version}${started}, ${hello.bufferSize} bytes at once\n`)
    process.stdout.write(`bridge at ${served.url}\n`)
    await new Promise<void>(done => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done())
    })
    served.close()
    return 0
  },
}
