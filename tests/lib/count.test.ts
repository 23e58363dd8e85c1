// Thousands apart, held against the formatter of the runtime.

import { expect, it } from 'vitest'
import { count } from '../../src/lib/count.ts'

it.each([0, 7, 999, 1000, 4096, 3968, 12_345, 100_000, 1_234_567, 2 ** 40, -1, -1000, -123_456])('%i', v => {
  expect(count(v)).toBe(v.toLocaleString('en-US'))
})
