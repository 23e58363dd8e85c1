// Makes sure that a Chromium is there before the tests: installs Debian's where that is possible, else says what to do.

import { spawnSync } from 'node:child_process'
import { chromiumPath, works } from './chromium.mjs'

const fail = message => {
  console.error(`crbscope: ${message}`)
  process.exit(1)
}

const how =
  'install one (Debian: apt-get install chromium), name one in CHROMIUM_PATH, or run: npx playwright install chromium'

const path = chromiumPath()
if (path && works(path)) process.exit(0)
if (process.env.CHROMIUM_PATH) fail(`no working Chromium at CHROMIUM_PATH=${process.env.CHROMIUM_PATH}: ${how}`)

const apt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
if (!apt || process.getuid?.() !== 0) fail(`no working Chromium${path ? ` at ${path}` : ''}: ${how}`)

console.log('No Chromium here: installing the one of this system.')
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
const run = (...args) => {
  const r = spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env, encoding: 'utf8' })
  if (r.status === 0) return
  console.error(`${r.stdout ?? ''}${r.stderr ?? ''}`.split('\n').slice(-15).join('\n'))
  fail(`apt-get ${args[0]} failed: ${how}`)
}
run('update')
run('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core')
const installed = chromiumPath()
if (!installed || !works(installed)) fail(`Chromium was installed, but does not start: ${how}`)
