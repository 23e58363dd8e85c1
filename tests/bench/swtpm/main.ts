// npm run bench:swtpm: both servers in one run, taking turns. Prints lines of JSON for the script.
// Arguments: rounds of a cheap command, a part of a task's name, rounds of a turn.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, readBe32 } from '../../../src/lib/bytes.ts'
import { FlushContext } from '../../../src/spec/commands/context.ts'
import { encodeCommand } from '../../../src/spec/frame.ts'
import { returnCodeName } from '../../../src/spec/return-codes.ts'
import { median } from '../../support/bench.ts'
import { Server } from './server.ts'
import { type Prepared, type Task, TASKS } from './tasks.ts'

const [rounds = '2000', only = '', turn = '1'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'crbscope-bench-'))
/** State in memory: what a server without a state file is compared with. */
const memory = mkdtempSync('/dev/shm/crbscope-bench-')
const STARTUP = fromHex('80010000000c000001440000')
let port = 24_000 + (process.pid % 2000) * 4

async function timed(p: Prepared, s: Server, task: Task): Promise<number> {
  await p.prepare?.()
  const start = performance.now()
  const answer = await p.round()
  const took = performance.now() - start
  if (answer instanceof Uint8Array && readBe32(answer, 6) !== 0) {
    throw new Error(`${s.name}: ${task.name}: ${returnCodeName(readBe32(answer, 6))}`)
  }
  await p.after?.()
  return took
}

/** Where ours keeps its state; swtpm always keeps its own in files. */
type State = 'none' | 'memory' | 'disk'
interface Pair {
  readonly ours: Server
  readonly theirs: Server
  readonly state: State
}
const SAID = { none: '', memory: ', --state in memory', disk: ', --state on a disk' } as const

async function open(state: State): Promise<Pair> {
  port += 4
  const place = state === 'disk' ? folder : memory
  const ours = await Server.crbscope(port, state === 'none' ? undefined : join(place, 'state'))
  const theirs = await Server.swtpm(port + 2, join(place, `swtpm-${state}`))
  for (const s of [ours, theirs]) await s.ask(STARTUP)
  return { ours, theirs, state }
}

/** Takes away what tasks left in the slots, which are few. */
async function empty(s: Server): Promise<void> {
  for (const first of [0x80000000, 0x02000000, 0x03000000]) {
    for (let n = 0; n < 3; n++) await s.ask(encodeCommand(FlushContext, {}, { flushHandle: first + n }))
  }
}

/** Rounds that one server gets before it is the other's turn. */
const block = Number(turn)

async function measure(task: Task, { ours, theirs, state }: Pair): Promise<void> {
  const turns = [
    { server: ours, prepared: await task.on(ours), times: [] as number[] },
    { server: theirs, prepared: await task.on(theirs), times: [] as number[] },
  ] as const
  const n = Math.min(task.rounds ?? Number(rounds), Number(rounds))
  // A program that is compiled while it runs needs some rounds to become what it is from then on.
  const warm = n
  for (let done = 0; done < warm + n; done += block) {
    for (const { server, prepared, times } of (done / block) % 2 === 0 ? turns : [turns[1], turns[0]]) {
      for (let k = 0; k < block; k++) {
        const took = await timed(prepared, server, task)
        if (done >= warm) times.push(took)
      }
    }
  }
  for (const s of [ours, theirs]) await empty(s)
  const name = `${task.name}${SAID[state]}`
  const row = { name, kind: state === 'none' ? task.kind : state, atMost: task.atMost, rounds: n }
  const [a, b] = turns.map(t => median(t.times))
  process.stdout.write(`${JSON.stringify({ task: { ...row, ours: a, theirs: b } })}\n`)
}

const pairs: Pair[] = []
try {
  for (const state of ['none', 'memory', 'disk'] as const) {
    const pair = await open(state)
    pairs.push(pair)
    for (const task of TASKS) {
      if (task.name.includes(only) && (state === 'none' || task.kind === 'nv')) await measure(task, pair)
    }
  }
} finally {
  await Promise.all(pairs.flatMap(p => [p.ours.close(), p.theirs.close()]))
  for (const f of [folder, memory]) rmSync(f, { recursive: true })
}
