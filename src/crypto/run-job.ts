// Doing a job, in slices or at once.

import type { Job, JobResult } from './jobs.ts'
import { advance, isFound, type PrimeSearch, startSearch } from './primes.ts'

/** A job under way. */
export type Work = PrimeSearch

export const startJob = (job: Job): Work => startSearch(job.keyBits, job.exponent, job.drbg)

/** A slice of the work: a few candidates. @returns the work to go on with, or the result */
export const continueJob = (work: Work, budget: number): Work | JobResult => advance(work, budget)

export const isDone = (work: Work | JobResult): work is JobResult => isFound(work)

/** The whole job. */
export function runJob(job: Job): JobResult {
  let work: Work | JobResult = startJob(job)
  while (!isDone(work)) work = continueJob(work, 64)
  return work
}
