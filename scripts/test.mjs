// npm test: types, format, lint, unused code, unit tests, build, browser tests, in this order. Stops at the first step
// that fails. The runners report into test-results/, from where the totals are counted.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './serve.mjs'
import { e2eTotals, unitTotals } from './totals.mjs'

const bin = name => join(root, 'node_modules', '.bin', name)
const results = join(root, 'test-results')
rmSync(results, { recursive: true, force: true })
mkdirSync(results)

const unit = ['run', '--reporter=default', '--silent', '--reporter=json', '--outputFile.json=test-results/unit.json']
const STEPS = [
  ['types', 'tsc', ['--noEmit']],
  ['format', 'biome', ['format', '.']],
  ['lint', 'oxlint', ['--deny-warnings']],
  ['unused code', 'knip', []],
  ['unit tests', 'vitest', unit, unitTotals],
  ['build', 'npm', ['run', '--silent', 'build']],
  ['browser tests', 'playwright', ['test'], e2eTotals],
]

const words = t =>
  t ? `${t.passed} passed, ${t.failed} failed${t.skipped ? `, ${t.skipped} skipped` : ''}` : 'no report'
const seconds = ms => `${(ms / 1000).toFixed(1)} s`
const done = []
let code = 0
for (const [name, program, args, count] of STEPS) {
  console.log(`\n== ${name}`)
  const start = performance.now()
  const command = program === 'npm' ? 'npm' : bin(program)
  const r = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const ok = r.status === 0
  const took = seconds(performance.now() - start)
  done.push(
    `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(14)} ${took.padStart(8)}  ${count ? words(count()) : ''}`.trimEnd(),
  )
  if (!ok) {
    code = r.status || 1
    break
  }
}
console.log(`\n${done.join('\n')}`)
if (code !== 0 && done.length < STEPS.length) {
  console.log(
    `not run: ${STEPS.slice(done.length)
      .map(s => s[0])
      .join(', ')}`,
  )
}
process.exit(code)
