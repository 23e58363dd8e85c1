// npm run fuzz: rounds one after the other, with a line of figures now and then. Arguments: how many commands, the first
// seed. Heap figures need --expose-gc.

import { returnCodeName } from '../../src/spec/return-codes.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { Failure, Fuzz, ROUND } from './fuzz.ts'

const [commands = '1000000', first = '1', quiet = ''] = process.argv.slice(2)
const rounds = Math.ceil(Number(commands) / ROUND)
const MB = 1 << 20
/** What the heap may grow by after the first tenth. */
const MOST_GROWTH = 32 * MB

const heap = (): number => {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed
}

const fuzz = new Fuzz()
const { totals } = fuzz
const failures: string[] = []
let early = 0
let grown = 0
for (let i = 0; i < rounds; i++) {
  try {
    fuzz.round(Number(first) + i)
  } catch (e) {
    if (!(e instanceof Failure)) throw e
    failures.push(e.message)
    process.stderr.write(`${e.message}\n`)
    if (failures.length >= 20) break
  }
  if (i + 1 === Math.ceil(rounds / 10)) early = heap()
  if ((i + 1) % Math.max(1, Math.floor(rounds / 20)) === 0 || i + 1 === rounds) {
    const used = heap()
    if (early > 0) grown = Math.max(grown, used - early)
    process.stdout.write(
      `${((i + 1) * ROUND).toLocaleString('en')} commands, ${totals.succeeded.toLocaleString('en')} succeeded, ` +
        `${totals.answers.size} kinds of answer, heap ${(used / MB).toFixed(0)} MB, ` +
        `most work ${totals.mostWork.toLocaleString('en')} steps, largest TPM ${(totals.largest / 1024).toFixed(0)} kB\n`,
    )
  }
}
const never = COMMANDS.filter(c => !totals.successes.has(c.code)).map(c => c.name)
if (quiet === '') {
  const codes = new Set([...totals.answers].map(a => Number(a.split(' ')[1])))
  process.stdout.write(`${codes.size} return codes: ${[...codes].slice(0, 8).map(returnCodeName).join(', ')}, …\n`)
  process.stdout.write(`never succeeded: ${never.join(', ') || 'none'}\n`)
  process.stdout.write(`searches for RSA keys: ${totals.supplied} with a recorded key, ${totals.cancelled} cancelled\n`)
}
if (grown > MOST_GROWTH) failures.push(`the heap grew by ${(grown / MB).toFixed(0)} MB after the first tenth`)
process.stdout.write(failures.length === 0 ? 'no failures\n' : `${failures.length} failures\n`)
process.exit(failures.length === 0 ? 0 : 1)
