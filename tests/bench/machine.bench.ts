// The machine: driver and device steps a second, bytes of heap a moment, and the time to seek to any of 100,000 steps.

import '../support/whole.ts'
import { History } from '../../src/machine/history.ts'
import { powerOn } from '../../src/machine/power.ts'
import { ended, reduce } from '../../src/machine/reduce.ts'
import { percentile, report } from '../support/bench.ts'
import { config, getRandom } from '../support/machines.ts'

const STEPS = 100_000
const long = config(Array.from({ length: 4_000 }, (_, i) => getRandom(`r${i}`)))

const bare = (steps: number): number => {
  let m = powerOn(long)
  const t = performance.now()
  for (let i = 0; i < steps && !ended(m); i++) m = reduce(m, { t: 'step' }).machine
  return steps / ((performance.now() - t) / 1000)
}
bare(20_000)
report({ name: 'machine: driver and device steps', figure: bare(STEPS), unit: 'steps/s', atLeast: 50_000 })

const collect = (globalThis as { gc?: () => void }).gc
if (!collect) throw new Error('needs node --expose-gc')
const history = History.start(long)
history.extend(100)
collect()
const before = process.memoryUsage().heapUsed
history.extend(STEPS)
collect()
const grown = process.memoryUsage().heapUsed - before
report({ name: 'machine: heap a moment, over 100,000', figure: grown / STEPS, unit: 'B', atMost: 1024 })

let seed = 1
const times: number[] = []
for (let i = 0; i < 20_000; i++) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
  const k = seed % STEPS
  const t = performance.now()
  history.at(k)
  times.push(performance.now() - t)
}
report({
  name: 'machine: seek to any of 100,000 steps, 95th percentile',
  figure: percentile(times, 0.95),
  unit: 'ms',
  atMost: 5,
})
