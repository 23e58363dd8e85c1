// Our TPM 1.2 engine as the subject of a story: keeps the state, finds keys on the spot, and remembers what was said.

import { NO_RESULTS } from '../../src/crypto/jobs.ts'
import { jobKey, type Results } from '../../src/crypto/jobs.ts'
import { runJob } from '../../src/crypto/run-job.ts'
import { type Bytes, toHex } from '../../src/lib/bytes.ts'
import { execute12 } from '../../src/tpm12/execute.ts'
import { ENDORSEMENT } from '../../src/tpm12/factory-keys.ts'
import { type Delivered, init12, manufacture12, type Tpm12 } from '../../src/tpm12/tpm.ts'
import type { Subject12, Way } from './stories.ts'

export interface Said {
  readonly name: string
  readonly way: Way
  readonly cmd: string
  readonly rsp: string
}

export class Engine12 implements Subject12 {
  tpm: Tpm12
  readonly said: Said[] = []
  locality = 0

  constructor(delivered: Delivered = { presenceByCommand: false }, seed = 'test') {
    this.tpm = manufacture12(new TextEncoder().encode(seed), ENDORSEMENT, delivered)
  }

  init(): void {
    this.tpm = init12(this.tpm)
    this.said.push({ name: 'TPM_Init', way: 'code', cmd: '', rsp: '' })
  }

  run(request: Bytes): Bytes {
    let results: Results = NO_RESULTS
    for (;;) {
      const done = execute12(this.tpm, request, this.locality, results)
      if (!done.job) {
        this.tpm = done.tpm
        return done.response
      }
      results = new Map([...results, [jobKey(done.job), runJob(done.job)]])
    }
  }

  send(request: Bytes, name: string, way: Way): Bytes {
    const response = this.run(request)
    this.said.push({ name, way, cmd: toHex(request), rsp: toHex(response) })
    return response
  }
}
