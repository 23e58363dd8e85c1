// Work too long for one step, as data: what is to be done, and a key under which the result is kept. Who starts a job
// decides where it runs (run-job.ts does it); the result is the same everywhere.

import { toHex } from '../lib/bytes.ts'
import type { Drbg } from './drbg.ts'
import { rsaIsPair } from './rsa.ts'
import type { FoundKey } from './primes.ts'

/** The two primes of an RSA key, searched with a generator. */
export interface RsaKeyJob {
  readonly kind: 'rsa-key'
  /** Bits of the modulus. */
  readonly keyBits: number
  readonly exponent: number
  readonly drbg: Drbg
}
export type Job = RsaKeyJob
export type JobResult = FoundKey

/** Results that are there already, by the key of their job. */
export type Results = ReadonlyMap<string, JobResult>
export const NO_RESULTS: Results = new Map()

/** Tells jobs apart: jobs of one key have one result. */
export const jobKey = (job: Job): string =>
  `${job.kind} ${job.keyBits} ${job.exponent} ${toHex(job.drbg.key)} ${toHex(job.drbg.v)}`

/** Whether a result can be that of a job: two factors of the size that was asked for. */
export function fits(job: Job, { p, n, drbg }: JobResult): boolean {
  if (n.length * 8 !== job.keyBits || drbg.key.length !== 32 || drbg.v.length !== 16) return false
  return rsaIsPair({ n, e: job.exponent }, p)
}
