// The loop: a TPM of a scene, a made-up command, the rules. Everything follows from the seed of a round, so that
// a failure names a round and happens again.

import { randomFrom } from '../../src/codec/arbitrary.ts'
import { NO_RESULTS, type Results } from '../../src/crypto/jobs.ts'
import { type Bytes, EMPTY, equal, fromHex, readBe32, toHex } from '../../src/lib/bytes.ts'
import { returnCodeName } from '../../src/spec/return-codes.ts'
import { execute, type Outcome, withResult } from '../../src/tpm/execute.ts'
import { elapse, powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { recordedLines } from '../support/recorded.ts'
import { below, codeOf, generated, mutated, pick } from './mutate.ts'
import { changedByFailure, image, wrongAnswer } from './rules.ts'
import { rsaKey, scenes } from './scenes.ts'
import type { Step } from './recorder.ts'
import { walks } from './walks.ts'
import { countWork, measured } from './work.ts'

const RECORDINGS = ['tpm2-swtpm/raw.jsonl', 'tpm2-swtpm/tools.jsonl', 'tpm2-swtpm/external-rsa.jsonl'].concat(
  ['caps', 'extmu', 'labeled-kem', 'mlkem', 'mldsa', 'hashmldsa'].map(n => `tpm185-wolftpm/${n}.jsonl`),
)
/** Commands of a round; each round begins with a prepared TPM. */
export const ROUND = 250
/** Bytes that a TPM as a value may have: the largest state there can be is slots full of sequences. */
const LARGEST_TPM = 12 << 20
/** Commands kept because nothing like them was answered before. */
const MOST_KEPT = 3000

export interface Totals {
  commands: number
  succeeded: number
  /** Jobs that were answered as if they had been cancelled. */
  cancelled: number
  /** Jobs that got a recorded key for a result. */
  supplied: number
  mostWork: number
  largest: number
  readonly codes: Set<number>
  readonly successes: Set<number>
  readonly answers: Set<string>
}

export class Failure extends Error {
  constructor(seed: number, n: number, command: Bytes, what: string) {
    super(`round ${seed}, command ${n}, ${toHex(command)}: ${what}`)
    this.name = 'Failure'
  }
}

function recordedCommands(): Bytes[] {
  const all = new Set<string>()
  for (const file of RECORDINGS) for (const l of recordedLines(file)) if (l.cmdHex) all.add(l.cmdHex)
  return [...all].map(fromHex)
}

function examplesOf(all: readonly (readonly Step[])[]): readonly Step[] {
  const found = new Map<number, Step>()
  for (const step of all.flat()) {
    const code = codeOf(step.bytes)
    if (found.has(code)) continue
    const { response, job } = execute(step.tpm, step.bytes, 0)
    if (!job && readBe32(response, 6) === 0) found.set(code, step)
  }
  return [...found.values()]
}

export class Fuzz {
  readonly totals: Totals = {
    ...{ commands: 0, succeeded: 0, cancelled: 0, supplied: 0, mostWork: 0, largest: 0 },
    ...{ codes: new Set(), successes: new Set(), answers: new Set() },
  }
  private readonly recorded = recordedCommands()
  private readonly scenes = scenes()
  private readonly walks = walks()
  /** For each command one that succeeds as it is. */
  private readonly examples = examplesOf(this.walks)

  constructor() {
    countWork()
  }

  /** @throws Failure */
  round(seed: number): void {
    const random = randomFrom(seed)
    const walk = below(random, 2) === 0 ? pick(random, this.walks) : undefined
    let next = walk ? below(random, walk.length) : 0
    const start = walk ? (walk[next] as Step).tpm : pick(random, this.scenes)
    let tpm = start
    // Kept within the round only: what a round does depends on its seed alone.
    const kept: Bytes[] = []
    const seen = new Set<string>()
    let at = below(random, this.recorded.length)
    for (let n = 0; n < ROUND; n++) {
      // A walk goes on now and then with the TPM that its commands are for.
      if (walk && n % 10 === 9) {
        next = (next + 1) % walk.length
        tpm = (walk[next] as Step).tpm
      }
      // Twice a round a command that succeeds; what follows is made up about the same TPM. All come in turn.
      const example =
        n % (ROUND / 2) === 0 ? this.examples[(2 * seed + n / (ROUND / 2)) % this.examples.length] : undefined
      if (example) tpm = example.tpm
      const own = walk?.[(next + below(random, 3)) % walk.length]?.bytes
      const way = below(random, 16)
      let bytes: Bytes
      if (example) bytes = example.bytes
      else if (own && way < 8) bytes = way < 2 ? own : mutated(random, tpm, own, this.recorded)
      else if (way < 6) bytes = generated(random, tpm)
      else if (way < 9 && kept.length > 0) bytes = mutated(random, tpm, pick(random, kept), this.recorded)
      else if (way < 13) bytes = mutated(random, tpm, generated(random, tpm), kept.length > 0 ? kept : this.recorded)
      else bytes = mutated(random, tpm, this.recorded[at++ % this.recorded.length] as Bytes, this.recorded)
      const locality = below(random, 8) === 0 ? below(random, 5) : 0
      const after = this.command(seed, n, tpm, bytes, locality, random)
      const rc = readBe32(after.response, 6)
      const signature = `${codeOf(bytes)} ${rc}`
      if (!seen.has(signature) && kept.length < MOST_KEPT) {
        seen.add(signature)
        kept.push(bytes)
      }
      // What succeeds mostly stands; not what closes the door to everything after it.
      if (rc !== 0 || below(random, 4) > 0) tpm = after.tpm
      if (tpm.power !== 'on' && start.power === 'on') tpm = start
      if (below(random, 60) === 0) tpm = elapse(tpm, below(random, 1 << 30))
      if (below(random, 400) === 0) tpm = execute(powerOn(tpm), STARTUP, 0).tpm
    }
    const { length } = image(tpm)
    this.totals.largest = Math.max(this.totals.largest, length)
    if (length > LARGEST_TPM) throw new Failure(seed, ROUND, EMPTY, `the TPM has grown to ${length} bytes`)
  }

  private command(seed: number, n: number, tpm: Tpm, bytes: Bytes, locality: number, random: () => number): Outcome {
    const { totals } = this
    const wrong = (what: string): never => {
      throw new Failure(seed, n, bytes, what)
    }
    const thorough = below(random, 50) === 0
    const before = thorough ? image(tpm) : EMPTY
    const sent = bytes.slice()
    let results = NO_RESULTS
    let outcome: Outcome
    for (;;) {
      try {
        const [made, steps] = measured(() => execute(tpm, bytes, locality, results))
        totals.mostWork = Math.max(totals.mostWork, steps)
        outcome = made
      } catch (e) {
        return wrong((e as Error).stack ?? String(e))
      }
      const { job } = outcome
      if (!job) break
      if (outcome.tpm !== tpm || outcome.response.length > 0) wrong('a command that waits has done something')
      const more: Results = below(random, 2) === 0 ? withResult(results, job, rsaKey(job.drbg)) : results
      if (more === results) {
        // What a cancelled search answers: nothing has happened.
        totals.cancelled++
        return { response: CANCELED, tpm, events: [] }
      }
      totals.supplied++
      results = more
    }
    const rc = readBe32(outcome.response, 6)
    const answer = wrongAnswer(bytes, outcome.response, tpm)
    if (answer) wrong(answer)
    const change = rc === 0 ? undefined : changedByFailure(tpm, outcome.tpm, rc)
    if (change) wrong(`${returnCodeName(rc)}, and ${change}`)
    if (!equal(sent, bytes)) wrong('the command was written to')
    if (thorough) {
      if (!equal(before, image(tpm))) wrong('the TPM of before was written to')
      const again = execute(tpm, bytes, locality, results)
      if (!equal(again.response, outcome.response)) wrong('another answer the second time')
      if (!equal(image(again.tpm), image(outcome.tpm))) wrong('another TPM the second time')
    }
    totals.commands++
    totals.codes.add(codeOf(bytes))
    totals.answers.add(`${codeOf(bytes)} ${rc}`)
    if (rc === 0) {
      totals.succeeded++
      totals.successes.add(codeOf(bytes))
    }
    return outcome
  }
}

const STARTUP = fromHex('80010000000c000001440000')
const CANCELED = fromHex('80010000000a00000909')
