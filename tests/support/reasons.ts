// Every word with which the declarations of spec/ and the codec can refuse input, read from their sources.

import { filesIn, textOf } from './sources.ts'

/** Reasons given to malformed(…), as the last text argument of choices, or as `reason:` of a variant. */
export function codecReasons(): string[] {
  const found = new Set<string>()
  for (const path of [...filesIn('src/codec', /\.ts$/), ...filesIn('src/spec', /\.ts$/)]) {
    const text = textOf(path)
    for (const m of text.matchAll(/malformed\(\s*'([a-z ]+)'/g)) found.add(m[1] as string)
    for (const m of text.matchAll(/reason: '([a-z ]+)'/g)) found.add(m[1] as string)
    for (const m of text.matchAll(/^\s*'([a-z ]+)',\n\s*(?:'Part 2|\d+,)/gm)) found.add(m[1] as string)
  }
  return [...found]
}
