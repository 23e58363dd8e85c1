// Starts the command line as `npm run crbscope` does, and hands back what it printed.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { CLI } from '../support/cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Milliseconds. */
  readonly took: number
}

export function crbscope(args: readonly string[], input = ''): Ran {
  const start = performance.now()
  const r = spawnSync(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return { code: r.status, out: r.stdout, err: r.stderr, took: performance.now() - start }
}
