// The whole of the recordings of the reference TPM, as a person checks them on the command line: what agrees, and what is
// excluded for a reason that stands in a file. A line that begins to agree must leave that file.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { crbscope } from './run.ts'

const path = (name: string): string => fileURLToPath(new URL(`../vectors/${name}`, import.meta.url))
const EXCLUSIONS = path('tpm2-swtpm/exclusions.txt')

it.each([
  ['tpm2-swtpm/raw.jsonl', 2672, 27],
  ['tpm2-primary-seeds/vectors.jsonl', 511, 3],
  ['tpm2-swtpm/tdes.jsonl', 25, 0],
  ['tpm2-swtpm/untested.jsonl', 5, 0],
])(
  '%s: %i agree, %i are excluded',
  (file, passed, excluded) => {
    const { code, out } = crbscope(['check', '--exclude', EXCLUSIONS, path(file)])
    expect(out.trimEnd().split('\n').at(-1)).toBe(`${passed} passed, 0 failed, ${excluded} excluded`)
    expect(code).toBe(0)
  },
  120_000,
)

it('excludes nothing but lines of the test "errors" that Part 3 explains, and what needs algorithms that are not there', () => {
  const lines = readFileSync(EXCLUSIONS, 'utf8').split('\n')
  const reasons = lines.filter(l => l !== '' && !l.startsWith('#')).map(l => l.slice(l.indexOf(' ') + 1))
  const missing = reasons.filter(r => /^(SM2|BN P-638)$/.test(r))
  expect(missing).toHaveLength(6)
  expect(reasons.length - missing.length).toBe(24)
})
