// How much JavaScript the built page loads before the first step: what index.html names, and what that imports at once.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseSync } from 'oxc-parser'
import { report } from '../support/bench.ts'

const dist = join(import.meta.dirname, '..', '..', 'dist')
const html = readFileSync(join(dist, 'index.html'), 'utf8')
const first = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(m => m[1] as string)
if (first.length === 0) throw new Error('dist/index.html names no script: build first')

const seen = new Set<string>()
const add = (path: string): void => {
  if (seen.has(path)) return
  seen.add(path)
  const { module } = parseSync(path, readFileSync(join(dist, path), 'utf8'))
  for (const { moduleRequest } of module.staticImports) add(join('assets', moduleRequest.value))
}
first.forEach(add)

let total = 0
for (const path of [...seen].sort()) {
  const size = gzipSync(readFileSync(join(dist, path)), { level: 9 }).length
  console.log(`${path} ${(size / 1000).toFixed(1)} kB`)
  total += size
}
report({ name: 'page: JavaScript before the first step, gzip', figure: total / 1000, unit: 'kB', atMost: 160 })
