// A driver that keeps each command with the TPM as it was before it.

import { NO_RESULTS } from '../../src/crypto/jobs.ts'
import type { Bytes } from '../../src/lib/bytes.ts'
import { execute, withResult } from '../../src/tpm/execute.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { rsaKey } from './scenes.ts'

export interface Step {
  readonly tpm: Tpm
  readonly bytes: Bytes
}

/** Keeps what it is given. */
export class Recorder extends Driver {
  readonly steps: Step[] = []
  override command(sent: Bytes): Bytes {
    const before = this.tpm
    let results = NO_RESULTS
    for (;;) {
      const { response, tpm, job } = execute(before, sent, 0, results)
      if (job) {
        const more = withResult(results, job, rsaKey(job.drbg))
        if (more === results) return response
        results = more
        continue
      }
      this.tpm = tpm
      this.steps.push({ tpm: before, bytes: sent })
      return response
    }
  }
}
