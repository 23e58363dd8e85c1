// The HTTP side of `serve --live`: the built page, a stream of events to it, and what it posts back. Loopback only; Host
// and Origin are checked for everything, the token of the address for whatever touches the TPM.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LiveError, readDone, refusal } from '../backend/live.ts'
import { failure } from './errors.ts'
import type { Platform, Stage } from './live.ts'

const HOST = '127.0.0.1'
/** Octets of the longest post: a response and two numbers, in hexadecimal. */
const MOST = 1 << 16

const TYPES: { readonly [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Where the built page is, seen from the sources and from the bundled program. @throws CliError */
export function findPage(): string {
  const found = ['../../dist/', '../dist/']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(join(path, 'index.html')))
  if (!found) throw failure('the page is not built: npm run build', '--live')
  return normalize(found)
}

/** The file that a request path names inside `folder`; undefined when there is none or it lies outside. */
function fileOf(folder: string, pathname: string): string | undefined {
  let path: string
  try {
    path = normalize(join(folder, decodeURIComponent(pathname)))
  } catch {
    return undefined
  }
  if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep) || path.includes('\0')) return undefined
  if (path.endsWith(sep)) path = join(path, 'index.html')
  return existsSync(path) && statSync(path).isFile() ? path : undefined
}

export interface Served {
  /** With the token. */
  readonly url: string
  close(): void
}

interface Surroundings {
  readonly stage: Stage
  readonly folder: string
  now(): Platform
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }
const refuse = (response: ServerResponse, code: number, why: string): void =>
  void response.writeHead(code, TEXT).end(`${why}\n`)

function stream({ stage, now }: Surroundings, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  request.socket.setNoDelay(true)
  const leave = stage.join({ write: text => void response.write(text), end: () => void response.end() }, now())
  response.on('close', leave)
}

function post({ stage }: Surroundings, request: IncomingMessage, response: ServerResponse): void {
  const parts: Uint8Array[] = []
  let length = 0
  request.on('data', (part: Uint8Array) => {
    length += part.length
    if (length <= MOST) parts.push(part)
  })
  request.on('end', () => {
    if (length > MOST) return refuse(response, 413, `more than ${MOST} octets`)
    try {
      const known = stage.done(readDone(Buffer.concat(parts).toString('utf8')))
      if (!known) return refuse(response, 409, 'nobody waits for that')
      response.writeHead(204).end()
    } catch (e) {
      if (!(e instanceof LiveError)) throw e
      refuse(response, 400, e.message)
    }
  })
}

function file({ folder }: Surroundings, pathname: string, request: IncomingMessage, response: ServerResponse): void {
  const found = fileOf(folder, pathname)
  if (!found) return refuse(response, 404, 'no such file')
  response.writeHead(200, {
    'content-type': TYPES[extname(found)] ?? 'application/octet-stream',
    'content-length': statSync(found).size,
    'cache-control': /[\\/]assets[\\/]/.test(found) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  if (request.method === 'HEAD') response.end()
  else createReadStream(found).pipe(response)
}

/** Serves on a free port. */
export function serveLive(around: Surroundings): Promise<Served> {
  const token = randomBytes(24).toString('hex')
  let host = ''
  const mine = (given: string | null): boolean => {
    const bytes = Buffer.from(given ?? '')
    return bytes.length === token.length && timingSafeEqual(bytes, Buffer.from(token))
  }
  const server = createServer((request, response) => {
    const { method = '', headers } = request
    const why = refusal({ method, host: headers.host, origin: headers.origin }, host)
    if (why !== undefined) return refuse(response, 403, why)
    const asked = `http://${host}${request.url ?? '/'}`
    if (!URL.canParse(asked)) return refuse(response, 400, 'no address')
    const { pathname, searchParams } = new URL(asked)
    if (pathname.startsWith('/live/')) {
      if (!mine(searchParams.get('live'))) return refuse(response, 403, 'wrong token')
      if (pathname === '/live/events' && method === 'GET') return stream(around, request, response)
      if (pathname === '/live/done' && method === 'POST') return post(around, request, response)
      return refuse(response, 404, 'no such thing')
    }
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD')
    file(around, pathname, request, response)
  })
  return new Promise((done, reject) => {
    server.once('error', (e: NodeJS.ErrnoException) => reject(failure(`cannot listen (${e.code})`, '--live')))
    server.listen({ host: HOST, port: 0 }, () => {
      const { port } = server.address() as { port: number }
      host = `${HOST}:${port}`
      done({
        url: `http://${host}/?live=${token}`,
        close() {
          around.stage.close()
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}
