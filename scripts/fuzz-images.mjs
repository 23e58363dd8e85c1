// npm run fuzz:images: 100,000 corrupted images of a stored TPM, each of which must be refused for the right reason.
// Options: --images N, --seed FIRST.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './serve.mjs'

const { values } = parseArgs({ options: { images: { type: 'string' }, seed: { type: 'string' } } })
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', join(root, 'tests', 'fuzz', 'images-main.ts'), values.images ?? '100000', values.seed ?? '1'],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
)
process.exitCode = status ?? 1
