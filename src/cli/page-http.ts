// The built page on loopback, with something beside it that only its address opens: Host and Origin are checked for
// everything, the token of the address for whatever touches a TPM.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refusal } from '../backend/live.ts'
import { failure } from './errors.ts'

const HOST = '127.0.0.1'

const TYPES: { readonly [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Where the built page is, seen from the sources and from the bundled program. @throws CliError naming the option */
export function findPage(option: string): string {
  const found = ['../../dist/', '../dist/']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(join(path, 'index.html')))
  if (!found) throw failure('the page is not built: npm run build', option)
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

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }
export const refuse = (response: ServerResponse, code: number, why: string): void =>
  void response.writeHead(code, TEXT).end(`${why}\n`)

function file(folder: string, pathname: string, request: IncomingMessage, response: ServerResponse): void {
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

/** Takes a post of at most `most` octets; longer ones are refused. */
export function body(
  request: IncomingMessage,
  response: ServerResponse,
  most: number,
  then: (text: string) => void,
): void {
  const parts: Uint8Array[] = []
  let length = 0
  request.on('data', (part: Uint8Array) => {
    length += part.length
    if (length <= most) parts.push(part)
  })
  request.on('end', () => {
    if (length > most) return refuse(response, 413, `more than ${most} octets`)
    then(Buffer.concat(parts).toString('utf8'))
  })
}

export interface Served {
  /** With the token. */
  readonly url: string
  close(): void
}

interface Surroundings {
  readonly folder: string
  /** The parameter of the address that holds the token, and the folder of what it opens: "live". */
  readonly name: string
  /** The option that asked for all this. */
  readonly option: string
  /** A request that has the token. @returns false when there is no such thing */
  handle(path: string, request: IncomingMessage, response: ServerResponse): boolean
  close(): void
}

/** Serves on a free port. */
export function servePage({ folder, name, option, handle, close }: Surroundings): Promise<Served> {
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
    if (pathname.startsWith(`/${name}/`)) {
      if (!mine(searchParams.get(name))) return refuse(response, 403, 'wrong token')
      if (!handle(`${method} ${pathname.slice(name.length + 1)}`, request, response)) {
        refuse(response, 404, 'no such thing')
      }
      return
    }
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD')
    file(folder, pathname, request, response)
  })
  return new Promise((done, reject) => {
    server.once('error', (e: NodeJS.ErrnoException) => reject(failure(`cannot listen (${e.code})`, option)))
    server.listen({ host: HOST, port: 0 }, () => {
      const { port } = server.address() as { port: number }
      host = `${HOST}:${port}`
      done({
        url: `http://${host}/?${name}=${token}`,
        close() {
          close()
          server.close()
          server.closeAllConnections()
        },
      })
    })
  })
}
