// Does jobs of the TPM (a search for the primes of an RSA key takes seconds) in a worker, one at a time, and remembers the
// last results: stepping back and acting again asks for the same. Without workers it is done on the spot.

import { type Job, jobKey, type JobResult } from '../crypto/jobs.ts'

const MOST = 16
const done = new Map<string, JobResult>()
let worker: Worker | undefined
let running = ''
let waiter: (result: JobResult) => void = () => undefined

function keep(key: string, result: JobResult): void {
  if (done.size >= MOST) done.delete(done.keys().next().value as string)
  done.set(key, result)
}

const here = async (job: Job): Promise<JobResult> => (await import('../crypto/run-job.ts')).runJob(job)

/** Stops what is being done: nobody waits for it any more. */
export function stop(): void {
  worker?.terminate()
  worker = undefined
  running = ''
}

/**
 * Asks for the result of a job; whatever else was being done is dropped. Only who asked last is told.
 * @param then called with the result, never before this returns
 */
export function ask(job: Job, then: (result: JobResult) => void): void {
  const key = jobKey(job)
  waiter = then
  if (running === key) return
  stop()
  running = key
  const finish = (result: JobResult): void => {
    if (running !== key) return
    keep(key, result)
    stop()
    waiter(result)
  }
  const known = done.get(key)
  if (known) queueMicrotask(() => finish(known))
  else if (typeof Worker === 'undefined') void here(job).then(finish)
  else {
    worker = new Worker(new URL('./jobs.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', (e: MessageEvent<JobResult>) => finish(e.data))
    worker.addEventListener('error', () => void here(job).then(finish))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    worker.postMessage(job)
  }
}
