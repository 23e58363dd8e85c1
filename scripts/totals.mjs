// Counts what the test runners reported (test-results/*.json). A step that failed without a failed test counts as one
// failure, so that no failing run can read "0 failed".

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './serve.mjs'

const load = name => {
  const path = join(root, 'test-results', name)
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** { passed, failed, skipped } of the unit tests, or undefined when they did not report. */
export function unitTotals() {
  const r = load('unit.json')
  if (!r) return undefined
  return { passed: r.numPassedTests, failed: r.numFailedTests, skipped: r.numPendingTests + r.numTodoTests }
}

/** The same of the browser tests; a test that passed only when repeated counts as failed. */
export function e2eTotals() {
  const r = load('e2e.json')
  if (!r) return undefined
  return { passed: r.stats.expected, failed: r.stats.unexpected + r.stats.flaky, skipped: r.stats.skipped }
}

/** The same of the clients' tasks. */
export function clientsTotals() {
  return load('clients.json')
}

/** All together. `ok` is whether the whole run ended well. */
export function totals(ok) {
  const parts = [unitTotals(), e2eTotals(), clientsTotals()].filter(Boolean)
  const passed = parts.reduce((n, p) => n + p.passed, 0)
  const failed = parts.reduce((n, p) => n + p.failed, 0)
  return { passed, failed: ok ? failed : Math.max(failed, 1) }
}

// As a program: `node scripts/totals.mjs CODE` prints the one line that ends a CI run.
if (process.argv[1]?.endsWith('totals.mjs')) {
  const { passed, failed } = totals(process.argv[2] === '0')
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed > 0 ? 1 : 0)
}
