// npm run test:clients: real tasks of Debian's tpm2-tools (tests/clients) against `crbscope serve`, in both protocols, each
// on a fresh TPM. Where the user is root, missing packages are installed; where they cannot be, tasks are skipped.
//
//   --protocol swtpm|mssim   only one of the two        --against swtpm   Debian's swtpm instead: are the tasks right?
//   --only TEXT              tasks whose name has it    --profile P       what our TPM implements
//   --jobs N                 so many at once (2)        --show            the output of every task

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { TASKS } from '../tests/clients/index.mjs'
import { root } from './serve.mjs'

/** Programs and the Debian packages that have them. */
const PACKAGES = {
  tpm2_getrandom: 'tpm2-tools',
  'tpm2-abrmd': 'tpm2-abrmd',
  'dbus-run-session': 'dbus-daemon',
  swtpm: 'swtpm',
  swtpm_ioctl: 'swtpm-tools',
  openssl: 'openssl',
  perl: 'perl-base',
}
const TCTI = ['libtss2-tcti-mssim0', 'libtss2-tcti-swtpm0', 'libtss2-tcti-tabrmd0']
const TASK_SECONDS = 180

const { values } = parseArgs({
  options: {
    protocol: { type: 'string' },
    against: { type: 'string', default: 'crbscope' },
    only: { type: 'string', default: '' },
    profile: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    show: { type: 'boolean', default: false },
  },
})

const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter)
const has = program => PATH.split(delimiter).some(folder => existsSync(join(folder, program)))
const missing = () => Object.keys(PACKAGES).filter(program => !has(program))

function install() {
  if (missing().length === 0) return
  if (process.getuid?.() !== 0 || !has('apt-get')) return
  const packages = [...new Set(missing().map(p => PACKAGES[p])), ...TCTI]
  console.log(`installing ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, stdio: 'ignore' })
}

/** Built once: a server that is started from source takes a second, and every task starts one. */
const PROGRAM = join(root, 'dist-cli', 'main.js')
function build() {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--ssr', 'src/cli/main.ts', '--outDir', 'dist-cli', '--logLevel', 'error']
  const r = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (r.status !== 0) throw new Error('the program cannot be built')
}

/** Whether something listens there. */
const accepts = port =>
  new Promise(done => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })

/** A server on `port`, listening. @param folder where its state lives when `kept` */
async function start({ against, protocol, port, folder, kept }) {
  const state = join(folder, 'tpm-state')
  let child
  let err = ''
  if (against === 'swtpm') {
    mkdirSync(state, { recursive: true })
    const args = ['socket', '--tpm2', '--tpmstate', `dir=${state}`, '--flags', 'not-need-init']
    args.push('--server', `type=tcp,port=${port},bindaddr=127.0.0.1`)
    args.push('--ctrl', `type=tcp,port=${port + 1},bindaddr=127.0.0.1`)
    child = spawn('swtpm', args, { stdio: 'ignore', env: { ...process.env, PATH } })
    for (let i = 0; i < 500 && child.exitCode === null && !(await accepts(port + 1)); i++) await sleep(10)
  } else {
    const args = [PROGRAM, 'serve', '--protocol', protocol, '--port', String(port)]
    if (values.profile) args.push('--profile', values.profile)
    if (kept) args.push('--state', state)
    child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.on('data', d => {
      err += d
    })
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  }
  if (child.exitCode !== null) throw new Error(`the server did not start: ${err}`)
  return {
    complaints: () => err,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** What every step may use. */
const PRELUDE = `
set -u -o pipefail
unhex() { tr -d ' \\n' | perl -e 'print pack "H*", join "", <STDIN>'; }
hexof() { od -An -v -tx1 "$@" | tr -d ' \\n'; }
# The command must fail, and say this.
fails() {
  local want=$1 out; shift
  if out=$("$@" 2>&1); then echo "should have failed: $*"; return 1; fi
  grep -Eq "$want" <<<"$out" || { echo "failed otherwise than with '$want': $out"; return 1; }
}
`

/** One step a line; "\\" at its end goes on; "@restart" is for the server. */
const stepsOf = task =>
  task.steps
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map(l => l.trim())
    .filter(l => l !== '' && !l.startsWith('#'))

/** Runs shell steps. Objects that a tool leaves loaded are flushed after each: no resource manager does it here. */
function shell(steps, from, { folder, env, keep }) {
  const lines = steps.flatMap((step, i) => {
    const flush = /\btpm2_/.test(step) && !keep ? ['tpm2_flushcontext -t >/dev/null 2>&1'] : []
    return [`echo "::${from + i}"`, step, `[ $? = 0 ] || exit 99`, ...flush]
  })
  return new Promise(done => {
    const child = spawn('bash', ['-c', `${PRELUDE}\n${lines.join('\n')}\nexit 0`], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.on('data', d => {
      out += d
    })
    child.stderr.on('data', d => {
      out += d
    })
    const timer = setTimeout(() => {
      out += `\nnot done after ${TASK_SECONDS} s`
      process.kill(-child.pid, 'SIGKILL')
    }, TASK_SECONDS * 1000)
    child.on('close', code => {
      clearTimeout(timer)
      done({ ok: code === 0, out })
    })
  })
}

async function runTask(task, { against, protocol, port }) {
  const folder = mkdtempSync(join(tmpdir(), 'crbscope-clients-'))
  const began = performance.now()
  const steps = ['tpm2_startup -c', ...stepsOf(task)]
  if (task.startup === false) steps.shift()
  const env = {
    ...process.env,
    PATH,
    TPM2TOOLS_TCTI: `${protocol}:host=127.0.0.1,port=${port}`,
    TSS2_LOG: 'all+error',
    PORT: String(port),
    CONTROL: String(port + 1),
  }
  const options = { against, protocol, port, folder, kept: steps.includes('@restart') }
  let server
  let result = { ok: true, out: '' }
  let at = 0
  try {
    server = await start(options)
    while (at < steps.length && result.ok) {
      const next = steps.indexOf('@restart', at)
      const end = next < 0 ? steps.length : next
      result = await shell(steps.slice(at, end), at, { folder, env, keep: task.keep })
      at = end + 1
      if (next >= 0 && result.ok) {
        await server.stop()
        server = await start(options)
      }
    }
  } catch (e) {
    result = { ok: false, out: `${result.out}\n${e.message}` }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const last = result.out.lastIndexOf('::')
  const number = Number.parseInt(result.out.slice(last + 2), 10)
  return {
    ...result,
    task,
    protocol,
    took: performance.now() - began,
    step: result.ok ? undefined : steps[number],
    said: result.out.slice(result.out.indexOf('\n', last) + 1).trim() + (server?.complaints() ?? ''),
  }
}

const toolsOf = tasks =>
  new Set(
    tasks.flatMap(
      t =>
        stepsOf(t)
          .join('\n')
          .match(/\btpm2_[a-zA-Z0-9_]+/g) ?? [],
    ),
  )

install()
const { against } = values
if (against === 'crbscope') build()
const protocols = against === 'swtpm' ? ['swtpm'] : values.protocol ? [values.protocol] : ['swtpm', 'mssim']
const gone = missing()
if (gone.length > 0) console.log(`missing: ${gone.map(p => `${p} (Debian package ${PACKAGES[p]})`).join(', ')}`)

const chosen = TASKS.filter(t => t.name.includes(values.only))
const jobs = protocols.flatMap(protocol => chosen.map(task => ({ task, protocol })))
const able = ({ task, protocol }) =>
  [...['tpm2_getrandom', 'openssl', 'perl'], ...(task.needs ?? [])].every(p => !gone.includes(p)) &&
  (!task.protocols || task.protocols.includes(protocol)) &&
  (against !== 'swtpm' || has('swtpm'))
const skipped = jobs.filter(j => !able(j))
const queue = jobs.filter(able)
const results = []

const LOWEST_PORT = 23_000 + (process.pid % 400) * 20
async function lane(n) {
  for (let job = queue.shift(); job; job = queue.shift()) {
    const r = await runTask(job.task, { against, protocol: job.protocol, port: LOWEST_PORT + 4 * n })
    results.push(r)
    const seconds = (r.took / 1000).toFixed(1).padStart(6)
    console.log(`${r.ok ? 'ok    ' : 'FAILED'} ${r.protocol.padEnd(6)} ${seconds} s  ${r.task.name}`)
    if (!r.ok) {
      console.log(`         ${r.step}`)
      const lines = r.said.split('\n')
      for (const line of lines.slice(0, 12)) console.log(`       | ${line}`)
      if (lines.length > 12) console.log(`       | and ${lines.length - 12} lines more`)
    } else if (values.show) console.log(r.out)
  }
}
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, (_, n) => lane(n)))

for (const { task, protocol } of skipped) {
  const why = task.protocols && !task.protocols.includes(protocol) ? `not over ${protocol}` : 'programs are missing'
  console.log(`skipped ${protocol.padEnd(5)} ${task.name}: ${why}`)
}
const good = results.filter(r => r.ok)
const failed = results.length - good.length
console.log(`${toolsOf(good.map(r => r.task)).size} of ${toolsOf(TASKS).size} tools of the tasks used with success`)
if (values.show) console.log([...toolsOf(TASKS)].sort().join(' '))
if (existsSync(join(root, 'test-results'))) {
  const report = { passed: good.length, failed, skipped: skipped.length }
  writeFileSync(join(root, 'test-results', 'clients.json'), `${JSON.stringify(report)}\n`)
}
console.log(`${good.length} passed, ${failed} failed, ${skipped.length} skipped`)
process.exitCode = failed > 0 ? 1 : 0
