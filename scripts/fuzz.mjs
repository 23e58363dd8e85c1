// npm run fuzz: a million made-up commands against the engine, by the rules of tests/fuzz/rules.ts, in processes of their
// own. Options: --commands N, --seed FIRST. A round that says nothing for five minutes hangs, and is an error.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './serve.mjs'

const { values } = parseArgs({ options: { commands: { type: 'string' }, seed: { type: 'string' } } })
const SILENCE = 300_000

const child = spawn(
  process.execPath,
  [
    ...['--expose-gc', '--import', 'tsx', join(root, 'tests', 'fuzz', 'main.ts')],
    ...[values.commands ?? '1000000', values.seed ?? '1'],
  ],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
)
const hangs = () => {
  console.error('crbscope: a round of the fuzz hangs')
  child.kill('SIGKILL')
}
let watch = setTimeout(hangs, SILENCE)
child.stdout.on('data', d => {
  clearTimeout(watch)
  watch = setTimeout(hangs, SILENCE)
  process.stdout.write(d)
})
child.on('exit', code => {
  clearTimeout(watch)
  process.exitCode = code ?? 1
})
