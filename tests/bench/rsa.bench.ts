// RSA: the private operation by key size, and how long the search for a key takes. Two primes are found after a number of
// candidates that differs from seed to seed, hence the median.

import '../support/whole.ts'
import { drbg } from '../../src/crypto/drbg.ts'
import { type JobResult } from '../../src/crypto/jobs.ts'
import { runJob } from '../../src/crypto/run-job.ts'
import { rsaPrivate } from '../../src/crypto/rsa.ts'
import { median, report, time } from '../support/bench.ts'

const exponent = 65_537
const search = (keyBits: number, i: number): JobResult =>
  runJob({ kind: 'rsa-key', keyBits, exponent, drbg: drbg(Uint8Array.of(keyBits >> 8, i)) })

for (const [keyBits, keys, operation, found] of [
  [2048, 15, 10, 1_500],
  [3072, 5, 30, 6_000],
  [4096, 3, 80, 15_000],
] as const) {
  let key: JobResult | undefined
  const searches = Array.from({ length: keys }, (_, i) =>
    time(() => {
      key = search(keyBits, i)
    }),
  )
  const { n, p } = key as JobResult
  const input = n.slice().fill(1)
  const operations = Array.from({ length: 60 }, () => time(() => rsaPrivate({ n, e: exponent }, p, input)))
  report({
    name: `crypto: RSA-${keyBits}, private operation`,
    figure: median(operations),
    unit: 'ms',
    atMost: operation,
  })
  report({ name: `crypto: RSA-${keyBits}, search for a key`, figure: median(searches), unit: 'ms', atMost: found })
}
