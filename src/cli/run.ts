// `crbscope run`: plays a scenario or a recording without a screen, and writes its recording and its event table.

import { existsSync, writeFileSync } from 'node:fs'
import { begin } from '../lessons/play.ts'
import type { Scenario } from '../lessons/scenario.ts'
import { scenarioById, SCENARIOS } from '../lessons/scenarios/index.ts'
import { commandCode } from '../backend/emulator.ts'
import { runJob } from '../crypto/run-job.ts'
import { installHost } from '../machine/host-acts.ts'
import { installPlatform } from '../machine/platform-acts.ts'
import { wholeEngine } from '../tpm/commands/all.ts'
import { withTis } from '../machine/tis.ts'
import { returned, actorOf, describe } from '../machine/describe.ts'
import { digest } from '../machine/digest.ts'
import type { History } from '../machine/history.ts'
import { WINDOW_SIZES, type WindowSize } from '../machine/machine.ts'
import {
  parseRecording,
  RecordingError,
  replayRecording,
  saveRecording,
  verifyRecording,
} from '../machine/recording.ts'
import { toHex } from '../lib/bytes.ts'
import { commandName } from '../spec/codes.ts'
import { type Command, readArgs, readInput } from './command.ts'
import { CliError, failure, usage } from './errors.ts'

const MOST_STEPS = 1_000_000
const LATER = ['vcd', 'perfetto', 'pcap']

interface Run {
  readonly title: string
  readonly history: History
}

function readWindow(text: string | undefined): WindowSize | undefined {
  if (text === undefined) return undefined
  const size = WINDOW_SIZES.find(w => String(w) === text)
  if (size === undefined) throw usage(`must be one of ${WINDOW_SIZES.join(', ')}, not "${text}"`, '--window')
  return size
}

function playScenario(scenario: Scenario, window: WindowSize | undefined): Run {
  const history = begin(scenario, window)
  history.extend(MOST_STEPS, runJob)
  return { title: scenario.title, history }
}

/** A recording plays to its last input, and must reach its digest unless the window was changed. */
function playRecording(source: string, window: WindowSize | undefined, where: string): Run {
  try {
    const recording = parseRecording(source)
    if (window === undefined) return { title: recording.title, history: verifyRecording(recording) }
    return {
      title: recording.title,
      history: replayRecording({ ...recording, config: { ...recording.config, window } }, runJob),
    }
  } catch (e) {
    if (e instanceof RecordingError) throw failure(e.message, where)
    throw e
  }
}

function open(what: string, window: WindowSize | undefined): Run {
  const scenario = scenarioById(what)
  if (scenario) return playScenario(scenario, window)
  if (what === '-' || existsSync(what)) {
    return playRecording(readInput(what), window, what === '-' ? 'standard input' : what)
  }
  throw usage('no such scenario or file', `"${what}" (see crbscope run --list)`)
}

const json = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    v instanceof Uint8Array ? toHex(v) : typeof v === 'bigint' ? v.toString() : v,
  )

function eventLines(history: History): string {
  const out: string[] = []
  for (let k = 0; k < history.length; k++) {
    const { machine, events } = history.at(k)
    for (const event of events) {
      out.push(json({ step: machine.step, time: machine.time, actor: actorOf(event), why: describe(event), event }))
    }
  }
  return `${out.join('\n')}\n`
}

function summary(run: Run): string {
  const last = run.history.at(run.history.length - 1).machine
  const lines = [run.title]
  for (const r of last.guest.results.slice(last.config.prepare.length)) {
    const code = commandCode(r.command)
    const name = code === undefined ? 'no command' : commandName(code)
    const answer = r.rc < 0 ? `the driver returns ${returned(r.rc)}` : `${r.rc} bytes back`
    lines.push(`  ${name}: ${r.command.length} bytes, ${answer}`)
  }
  lines.push(`${last.step} steps, ${last.time} µs of virtual time`, `digest ${digest(last)}`)
  return `${lines.join('\n')}\n`
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (e) {
    throw failure(`cannot be written (${(e as NodeJS.ErrnoException).code})`, path)
  }
}

export const run: Command = {
  async run(args) {
    wholeEngine()
    installHost()
    withTis()
    installPlatform()
    const { values, positionals } = readArgs(
      'run',
      args,
      {
        list: { type: 'boolean' },
        json: { type: 'string' },
        events: { type: 'string' },
        device: { type: 'string' },
        window: { type: 'string' },
      },
      LATER,
    )
    if (values.list) {
      const width = Math.max(...SCENARIOS.map(s => s.id.length))
      process.stdout.write(SCENARIOS.map(s => `${s.id.padEnd(width)}  ${s.title}. ${s.summary}\n`).join(''))
      return 0
    }
    if (values.device !== undefined && values.device !== 'qemu') {
      throw usage(`only qemu in this version, not "${values.device}"`, '--device')
    }
    const [what, more] = positionals
    if (what === undefined || more !== undefined) {
      throw usage(what === undefined ? 'nothing to run' : 'one at a time', 'run (see crbscope run --help)')
    }
    const done = open(what, readWindow(values.window))
    if (!done.history.ended && done.history.length > MOST_STEPS) {
      throw new CliError(1, `has not ended after ${MOST_STEPS} steps`, what)
    }
    if (values.json !== undefined) write(values.json, `${JSON.stringify(saveRecording(done.history, done.title))}\n`)
    if (values.events !== undefined) write(values.events, eventLines(done.history))
    process.stdout.write(summary(done))
    return 0
  },
}
