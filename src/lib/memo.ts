// One-slot memo by reference: a selector over a moment is computed once, however many panels ask.

export function memo<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  let last: A | undefined
  let result: R
  return (...args) => {
    if (!last || last.length !== args.length || args.some((a, i) => !Object.is(a, (last as A)[i]))) {
      result = f(...args)
      last = args
    }
    return result
  }
}
