// The worker that does a job of the TPM away from the page: it gets the job and gives back the result.

import { type Job } from '../crypto/jobs.ts'
import { runJob } from '../crypto/run-job.ts'

addEventListener('message', (e: MessageEvent<Job>) => postMessage(runJob(e.data)))
