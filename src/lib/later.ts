// A part of the program that comes later than the code that calls it: the page has its first step to show before it has all.

/**
 * Two functions: one with which the part registers itself, once or more often, and one by which it is had.
 * @param missing said when it is asked for before it is there, which is a defect of the caller
 */
export function later<T>(missing: string): readonly [add: (part: T) => void, get: () => T] {
  let part: T | undefined
  return [
    p => {
      part = p
    },
    () => {
      if (part === undefined) throw new Error(`defect: ${missing}`)
      return part
    },
  ]
}
