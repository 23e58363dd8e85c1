// npm run coverage-table: writes docs/coverage.md from the command table. A unit test says when it is due.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { coverageTable } from '../src/view/coverage.ts'
import { root } from './serve.mjs'

writeFileSync(join(root, 'docs', 'coverage.md'), coverageTable())
console.log('written: docs/coverage.md')
