// Owns one TPM engine and gives it one command after the other: the engine is a value, the host is where it lives.
// runCommand is the one way in which the servers run a command.

import { type JobResult, NO_RESULTS, type Results } from '../crypto/jobs.ts'
import { continueJob, isDone, startJob, type Work } from '../crypto/run-job.ts'
import { type Bytes, readBe32 } from '../lib/bytes.ts'
import { CC } from '../spec/codes.ts'
import { errorResponse } from '../spec/frame.ts'
import { RC } from '../spec/return-codes.ts'
import { wholeEngine } from '../tpm/commands/all.ts'
import { execute, type Outcome, withResult } from '../tpm/execute.ts'
import { executeNow } from '../tpm/execute-now.ts'
import type { Profile } from '../tpm/profile.ts'
import { PROFILES } from '../tpm/profiles/index.ts'
import { elapse, manufacture, powerOn, type Tpm } from '../tpm/tpm.ts'
import { type Seeds, withSeeds } from './seeds.ts'

wholeEngine()

/** Entropy of a TPM whose seeds nobody gave: the same in every run, so that a failure can be repeated. */
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i)

/** Microseconds. */
const COMMAND_TIME = 1000

/** For replays: every fresh TPM is the same. */
export class Host {
  private tpm: Tpm
  private readonly made: Tpm
  private from = 0

  constructor(profile: Profile = PROFILES.crbscope, seeds: Seeds = []) {
    this.made = withSeeds(manufacture(SEED, profile), seeds)
    this.tpm = powerOn(this.made)
  }

  /** A new TPM, powered on, before any TPM2_Startup. */
  reset(): void {
    this.tpm = powerOn(this.made)
    this.from = 0
  }

  powerCycle(): void {
    this.tpm = powerOn(this.tpm)
  }

  /** @param locality 0 to 4, of the commands that follow */
  locality(locality: number): void {
    this.from = locality
  }

  command(bytes: Bytes): Bytes {
    // A command takes its time, and clocks must not stand still.
    const { response, tpm } = executeNow(elapse(this.tpm, COMMAND_TIME), bytes, this.from)
    this.tpm = tpm
    return response
  }
}

/** Commands that make keys take long on a real TPM, and look at the cancel signal. */
const LONG: ReadonlySet<number> = new Set([CC.Create, CC.CreatePrimary, CC.CreateLoaded])

/** Whether the cancel signal could end this command. */
export const looksAtCancel = (command: Bytes): boolean => command.length >= 10 && LONG.has(readBe32(command, 6))

/**
 * Runs one command: at once, unless it needs a job.
 * @param cancelled the cancel signal, asked whenever the command could stop
 */
export function runCommand(
  tpm: Tpm,
  command: Bytes,
  locality: number,
  cancelled: () => boolean,
): Outcome | Promise<Outcome> {
  if (cancelled() && looksAtCancel(command)) {
    return { response: errorResponse(RC.CANCELED), tpm, events: [] }
  }
  const outcome = execute(tpm, command, locality)
  return outcome.job ? withJobs(tpm, command, locality, cancelled, outcome) : outcome
}

async function withJobs(
  tpm: Tpm,
  command: Bytes,
  locality: number,
  cancelled: () => boolean,
  first: Outcome,
): Promise<Outcome> {
  let outcome = first
  let results: Results = NO_RESULTS
  while (outcome.job) {
    let work: Work | JobResult = startJob(outcome.job)
    while (!isDone(work)) {
      work = continueJob(work, SLICE)
      // Between two slices the other port is heard, and with it the cancel signal.
      await new Promise(resolve => setImmediate(resolve))
      if (cancelled()) return { response: errorResponse(RC.CANCELED), tpm, events: [] }
    }
    results = withResult(results, outcome.job, work)
    outcome = execute(tpm, command, locality, results)
  }
  return outcome
}

/** Candidates of a search between two looks at the cancel signal. */
const SLICE = 1
