// A static server for dist/ on loopback: for npm start, the browser tests and the pictures. Knows nothing of the program.
// Usage: node scripts/serve.mjs [--port N] [--base /sub/path/]

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const dist = join(root, 'dist')

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/** The file that a request path names inside `folder`, or undefined when there is none or it lies outside. */
function fileOf(folder, pathname) {
  let path
  try {
    path = normalize(join(folder, decodeURIComponent(pathname)))
  } catch {
    return undefined
  }
  if (path !== folder && !path.startsWith(folder + sep)) return undefined
  if (existsSync(path) && statSync(path).isDirectory()) path = join(path, 'index.html')
  return existsSync(path) ? path : undefined
}

function answer(folder, base, request, response) {
  const { pathname } = new URL(request.url ?? '/', 'http://loopback')
  const refuse = (code, text) => response.writeHead(code, { 'content-type': 'text/plain' }).end(`${text}\n`)
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'only GET and HEAD')
  if (!pathname.startsWith(base)) return refuse(404, `the program is at ${base}`)
  const file = fileOf(folder, pathname.slice(base.length - 1))
  if (!file) return refuse(404, 'no such file')
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': statSync(file).size,
    'cache-control': /[\\/]assets[\\/]/.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  if (request.method === 'HEAD') return response.end()
  return createReadStream(file).pipe(response)
}

/**
 * Serves `folder` under `base` on 127.0.0.1. A taken port is an error, or the next one is tried when `next` is set.
 * @returns the server and its address
 */
export function serve({ port, base = '/', folder = dist, next = false }) {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => answer(folder, base, request, response))
    const tryPort = (p, left) => {
      server.once('error', error => {
        if (error.code === 'EADDRINUSE' && next && left > 0) tryPort(p + 1, left - 1)
        else reject(error)
      })
      server.listen(p, '127.0.0.1', () => {
        server.removeAllListeners('error')
        resolve({ server, url: `http://127.0.0.1:${server.address().port}${base}` })
      })
    }
    tryPort(port, 50)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: 'string' }, base: { type: 'string' } } })
  if (!existsSync(join(dist, 'index.html'))) {
    console.error('crbscope: dist/ is not built: npm run build')
    process.exit(1)
  }
  const { url } = await serve({ port: Number(values.port ?? 0), base: values.base ?? '/' })
  console.log(`crbscope: ${url}`)
}
