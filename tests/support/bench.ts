// Measuring: medians, two things interleaved in one run, and a row of the table that `npm run bench` prints.

export interface Row {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** The budget: the figure must be at most, or at least this. */
  readonly atMost?: number
  readonly atLeast?: number
}

/** Hands a row to scripts/bench.mjs, which reads it from standard output. */
export const report = (row: Row): void => {
  process.stdout.write(`${JSON.stringify({ bench: row })}\n`)
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** The value below which the share `p` of `values` lies (nearest rank). */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(Math.max(Math.ceil(p * sorted.length) - 1, 0), sorted.length - 1)] ?? Number.NaN
}

/** Milliseconds that `f` takes. */
export function time(f: () => void): number {
  const start = performance.now()
  f()
  return performance.now() - start
}

/**
 * Runs `a` and `b` in turn on the same input numbers, the first of each round changing, after `warm` rounds that do not
 * count. @returns the medians in milliseconds, and the median of the ratios of a to b, round by round
 */
export function interleaved(
  rounds: number,
  warm: number,
  a: (round: number) => void,
  b: (round: number) => void,
): { readonly a: number; readonly b: number; readonly ratio: number } {
  const as: number[] = []
  const bs: number[] = []
  for (let i = 0; i < warm + rounds; i++) {
    let ta: number
    let tb: number
    if (i % 2 === 0) {
      ta = time(() => a(i))
      tb = time(() => b(i))
    } else {
      tb = time(() => b(i))
      ta = time(() => a(i))
    }
    if (i >= warm) {
      as.push(ta)
      bs.push(tb)
    }
  }
  return { a: median(as), b: median(bs), ratio: median(as.map((a, i) => a / (bs[i] as number))) }
}
