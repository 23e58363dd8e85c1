// Execution for callers that can wait: jobs are done on the spot.

import { NO_RESULTS } from '../crypto/jobs.ts'
import { runJob } from '../crypto/run-job.ts'
import type { Bytes } from '../lib/bytes.ts'
import { execute, type Outcome, withResult } from './execute.ts'
import type { Tpm } from './tpm.ts'

/** The same, with jobs done on the spot: for callers that can wait for seconds. */
export function executeNow(tpm: Tpm, bytes: Bytes, locality: number): Outcome {
  let results = NO_RESULTS
  for (;;) {
    const outcome = execute(tpm, bytes, locality, results)
    if (!outcome.job) return outcome
    results = withResult(results, outcome.job, runJob(outcome.job))
  }
}
