// npm start: builds the page when it is missing or older than its sources, serves it on loopback, prints the address on
// one line and opens a browser where there is a display. Options: --port N, --no-open.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dist, root, serve } from './serve.mjs'

const fail = message => {
  console.error(`crbscope: ${message}`)
  process.exit(1)
}

const newest = path => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map(name => newest(join(path, name))))
}

const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json']

function buildIfNeeded() {
  const built = join(dist, 'index.html')
  const sources = Math.max(...SOURCES.map(name => newest(join(root, name))))
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  if (!existsSync(vite)) fail('the dependencies are not installed: npm ci')
  const r = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' })
  if (r.status !== 0) fail('the build failed')
}

function openBrowser(url) {
  if (process.env.CI || process.env.SSH_CONNECTION) return
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  if (!display) return
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url]
  // A machine without an opener is no failure: the address is on the screen.
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

const options = { port: { type: 'string', default: '4185' }, 'no-open': { type: 'boolean', default: false } }
let values
try {
  ;({ values } = parseArgs({ options }))
} catch (error) {
  fail(error.message)
}
const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`not a port: ${values.port}`)

buildIfNeeded()
const { server, url } = await serve({ port, next: port !== 0 })
console.log(`crbscope is at ${url}`)
if (!values['no-open']) openBrowser(url)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}
