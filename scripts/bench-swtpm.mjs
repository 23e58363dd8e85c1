// npm run bench:swtpm: `crbscope serve` against swtpm, both in one run on loopback, taking turns. Options: a part of a task's
// name, --rounds N (2,000 when left out, after as many unmeasured), --turn N (1) rounds before it is the other's turn,
// --one-core puts client and servers on one core (Linux), --write puts the table into docs/performance.md, in a section of its
// own. Exit code 1 when a ratio is above what is wanted.

import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './serve.mjs'

const { values, positionals } = parseArgs({
  options: {
    write: { type: 'boolean' },
    rounds: { type: 'string' },
    turn: { type: 'string' },
    'one-core': { type: 'boolean' },
  },
  allowPositionals: true,
})
if (spawnSync('swtpm', ['--version']).status !== 0) {
  console.error('crbscope: swtpm is not installed, apt-get install swtpm')
  process.exit(2)
}
const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const built = spawnSync(process.execPath, [vite, 'build', '--ssr', 'src/cli/main.ts', '--outDir', 'dist-cli'], {
  cwd: root,
  encoding: 'utf8',
})
if (built.status !== 0) {
  console.error(built.stderr)
  process.exit(2)
}

const main = join(root, 'tests', 'bench', 'swtpm', 'main.ts')
const pinned = values['one-core']
const [program, ...before] = pinned ? ['taskset', '-c', '0', process.execPath] : [process.execPath]
const bench = spawn(
  program,
  [...before, '--import', 'tsx', main, values.rounds ?? '2000', positionals[0] ?? '', values.turn ?? '1'],
  {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
let out = ''
bench.stdout.on('data', d => {
  out += d
  process.stderr.write('.')
})
const status = await new Promise(done => bench.on('exit', done))
process.stderr.write('\n')
const tasks = out
  .split('\n')
  .filter(l => l.startsWith('{"task":'))
  .map(l => JSON.parse(l).task)
if (status !== 0 || tasks.length === 0) {
  console.error('crbscope: the bench failed')
  process.exit(2)
}

const ratio = t => t.ours / t.theirs
const ms = n => (n >= 100 ? n.toFixed(0) : n >= 1 ? n.toFixed(2) : n.toFixed(3))
/** What the figures of the others are for, the disk decides about those. */
const wanted = t => (t.kind === 'disk' ? undefined : t.atMost)
const holds = (figure, most) => (most === undefined ? '' : figure <= most ? 'yes' : 'NO')
const rows = tasks.map(t => [
  t.name,
  ms(t.ours),
  ms(t.theirs),
  ratio(t).toFixed(2),
  wanted(t) === undefined ? '' : `at most ${wanted(t)}`,
  holds(ratio(t), wanted(t)),
])
const plain = tasks.filter(t => t.kind === 'plain')
const mean = Math.exp(plain.reduce((sum, t) => sum + Math.log(ratio(t)), 0) / Math.max(1, plain.length))
const MOST_MEAN = 1.5
if (plain.length > 0) {
  rows.push(['geometric mean without keys', '', '', mean.toFixed(2), `at most ${MOST_MEAN}`, holds(mean, MOST_MEAN)])
}
const cells = [['what', 'crbscope, ms', 'swtpm, ms', 'ratio', 'wanted', 'holds'], ...rows]
const widths = cells[0].map((_, i) => Math.max(...cells.map(c => c[i].length)))
const right = i => i >= 1 && i <= 3
const line = c => `| ${c.map((t, i) => (right(i) ? t.padStart(widths[i]) : t.padEnd(widths[i]))).join(' | ')} |`
const rule = `|${widths.map((w, i) => (right(i) ? `${'-'.repeat(w + 1)}:` : '-'.repeat(w + 2))).join('|')}|`
const table = [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')
console.log(table)

if (values.write) {
  const version = spawnSync('swtpm', ['--version'], { encoding: 'utf8' }).stdout.match(/version ([\d.]+)/)?.[1] ?? ''
  const file = join(root, 'docs', 'performance.md')
  const HEAD = pinned ? '## Against swtpm, on one core' : '## Against swtpm'
  const text = readFileSync(file, 'utf8')
  const from = text.indexOf(`${HEAD}\n`)
  const next = from < 0 ? -1 : text.indexOf('\n## ', from + HEAD.length)
  const before = from < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, from)
  const after = next < 0 ? '' : text.slice(next)
  const how = `\`crbscope serve\` and swtpm ${version} on loopback, one kept connection
each, taking turns ${(values.turn ?? '1') === '1' ? 'command by command' : `of ${values.turn} commands`} in one run; medians of ${values.rounds ?? '2,000'} rounds after as many that are not counted, 60 for RSA keys.`
  const section = pinned
    ? `${HEAD}

Measured by \`npm run bench:swtpm -- --one-core --write\`: as above, with the client and both servers bound to one core,
so that no answer waits for a sleeping core to wake.

${table}
`
    : `${HEAD}

Measured by \`npm run bench:swtpm -- --write\`: ${how}

${table}

What bounds them:

- *Commands without keys*: who wakes up. A core that waits sleeps, and on a virtual machine waking it takes longer than
  the commands. Asked alone, a server of Node.js that answers ten fixed bytes, one of ten lines of Python, and swtpm take
  the same: 130 to 430 µs, as the machine pleases. Asked in turns, swtpm takes 50 to 60: with crbscope awake on the other
  core for 0.3 ms after an answer (src/cli/awake.ts), it presumably runs on the client's, where nobody has to be woken.
  Without staying awake crbscope takes twice as long. On one core nobody waits for a core: see the table below.
- *AES* (a nonce of a session, contexts, private parts): the library's tables are 640 kB, presumably more than a core keeps
  close when others run on it. In one warm process Create takes 100 µs and the read in an HMAC session 34.
- *NV writes with a state file*: in memory, the state written whole, in 80 µs. On a disk ours waits until data and name are
  flushed (two flushes a write, so that what was acknowledged outlives a loss of power); swtpm writes and renames
  without waiting. The disk decides, so no ratio is wanted there.
- *ECC*: a multiplication of a point that is not the generator, in big integers of JavaScript; signing uses tables, and so
  does verifying from the third signature of a key on.
- *RSA*: modular exponentiation in big integers of JavaScript, and for keys the luck of the search.
`
  writeFileSync(file, `${before}${section}${after}`)
  console.log('\nwritten: docs/performance.md')
}
const broken =
  tasks.some(t => wanted(t) !== undefined && ratio(t) > wanted(t)) || (plain.length > 0 && mean > MOST_MEAN)
process.exit(broken ? 1 : 0)
