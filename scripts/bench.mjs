// npm run bench: runs every tests/bench/*.bench.ts by itself and prints one table of figures and budgets.
// Options: a part of a name runs only those; --write puts the table into docs/performance.md. Exit code 1 when a budget
// does not hold.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { root } from './serve.mjs'

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true })
const folder = join(root, 'tests', 'bench')
const files = readdirSync(folder)
  .filter(f => f.endsWith('.bench.ts') && (positionals.length === 0 || positionals.some(p => f.includes(p))))
  .sort()
if (files.length === 0) {
  console.error('crbscope: no bench of that name, tests/bench')
  process.exit(2)
}

const number = n =>
  n >= 10_000 ? Math.round(n).toLocaleString('en') : n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2)
const withUnit = (n, unit) => `${number(n)}${unit === '' ? '' : ` ${unit}`}`
const holds = r =>
  (r.atMost === undefined || r.figure <= r.atMost) && (r.atLeast === undefined || r.figure >= r.atLeast)
const budget = r =>
  r.atMost !== undefined
    ? `at most ${withUnit(r.atMost, r.unit)}`
    : r.atLeast !== undefined
      ? `at least ${withUnit(r.atLeast, r.unit)}`
      : ''

// The engine as it is shipped: the loader of the development names every closure, which takes up to a sixth of a short
// command. The others look for files beside their own, or measure the built page.
const SHIPPED = ['engine.bench.ts', 'machine.bench.ts', 'rsa.bench.ts']
const built = join(root, 'dist-bench')
const shipped = files.filter(f => SHIPPED.includes(f))
for (const file of shipped) {
  await build({
    root,
    logLevel: 'warn',
    build: {
      ssr: join('tests', 'bench', file),
      outDir: join(built, file),
      minify: false,
      // What a module does when it is loaded stays.
      rolldownOptions: { treeshake: false },
    },
  })
}
const lineOf = file =>
  SHIPPED.includes(file) ? [join(built, file, file.replace('.ts', '.js'))] : ['--import', 'tsx', join(folder, file)]

const rows = []
let broken = 0
for (const file of files) {
  process.stderr.write(`${file} …\n`)
  const r = spawnSync(process.execPath, ['--expose-gc', ...lineOf(file)], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
  for (const line of r.stdout.split('\n')) {
    if (line.startsWith('{"bench":')) rows.push(JSON.parse(line).bench)
    else if (line !== '') process.stderr.write(`${line}\n`)
  }
  if (r.status !== 0) {
    console.error(`crbscope: the bench failed, tests/bench/${file}`)
    broken++
  }
}

const cells = [
  ['what', 'figure', 'budget', 'holds'],
  ...rows.map(r => [r.name, withUnit(r.figure, r.unit), budget(r), budget(r) === '' ? '' : holds(r) ? 'yes' : 'NO']),
]
const widths = cells[0].map((_, i) => Math.max(...cells.map(c => c[i].length)))
const line = c => `| ${c.map((text, i) => (i === 1 ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join(' | ')} |`
const rule = `|${widths.map((w, i) => (i === 1 ? `${'-'.repeat(w + 1)}:` : '-'.repeat(w + 2))).join('|')}|`
const table = [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')
console.log(table)

if (values.write && broken === 0) {
  const cpu = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`
  const file = join(root, 'docs', 'performance.md')
  // The sections of other benches stay.
  const sections = readFileSync(file, 'utf8')
    .split(/^(?=## )/m)
    .slice(1)
    .join('')
  writeFileSync(
    file,
    `# Performance

Measured by \`npm run bench -- --write\` on ${cpu}, Node ${process.version}, nothing else running. Ratios compare
two things in one run, on the same inputs, taking turns; figures of time and speed depend on the machine.

${table}

${sections}`,
  )
  console.log('\nwritten: docs/performance.md')
}
process.exit(broken > 0 || !rows.every(holds) ? 1 : 0)
