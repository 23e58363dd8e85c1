// Assertions that narrow. A failed one is a defect of this program, never of its input.

/** @throws Error when `condition` does not hold: a defect, to be caught only by the error boundary. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`defect: ${message}`)
}

/** Proves at compile time that a closed union was handled to the last member. */
export function never(value: never): never {
  throw new Error(`defect: unexpected ${JSON.stringify(value)}`)
}
