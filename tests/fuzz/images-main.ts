// npm run fuzz:images: corrupted images by seed, with a table of why they were refused. Arguments: how many, the first seed.

import { bases, check, corrupted } from './images.ts'

const [count = '100000', first = '1'] = process.argv.slice(2)
const all = bases()
const refused = new Map<string, number>()
const kinds = new Map<string, number>()
const failures: string[] = []
const start = performance.now()
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const c = corrupted(all, seed)
  kinds.set(c.kind, (kinds.get(c.kind) ?? 0) + 1)
  try {
    const reason = check(c, seed)
    refused.set(reason, (refused.get(reason) ?? 0) + 1)
  } catch (e) {
    failures.push((e as Error).message)
    process.stderr.write(`${(e as Error).message}\n`)
    if (failures.length >= 20) break
  }
}
const table = (m: ReadonlyMap<string, number>): string =>
  [...m]
    .sort((a, b) => b[1] - a[1])
    .map(([k, n]) => `${k} ${n.toLocaleString('en')}`)
    .join(', ')
const total = [...refused.values()].reduce((a, b) => a + b, 0)
process.stdout.write(`corrupted by: ${table(kinds)}\n`)
process.stdout.write(`refused as: ${table(refused)}\n`)
process.stdout.write(
  `${total.toLocaleString('en')} of ${Number(count).toLocaleString('en')} refused for the right reason, ` +
    `${failures.length} failures, ${((performance.now() - start) / 1000).toFixed(0)} s\n`,
)
process.exit(failures.length === 0 ? 0 : 1)
