// The command line as it is shipped, built once before the unit tests: from its sources every one of hundreds of processes
// would compile it anew.

import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** What node is given before the arguments of `crbscope`. */
export const CLI = join(root, 'dist-cli', 'main.js')

/** Vitest's, before all tests. */
export default async function setup(): Promise<void> {
  const { build } = await import('vite')
  await build({ root, logLevel: 'warn', build: { ssr: 'src/cli/main.ts', outDir: 'dist-cli' } })
}
