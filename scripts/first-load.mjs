// Which modules the page needs before the first step: those that its entry imports at once, and what they import. What
// comes with import() is not among them. Read by the build, so that no list has to be kept.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Specifiers of imports that are there at run time: not `import type`, not lists of types only. */
function importsOf(source) {
  const found = []
  for (const [, clause = '', from] of source.matchAll(
    /^(?:import|export)\s+(?:([^'";]*?)\s+from\s+)?['"]([^'"]+)['"]/gm,
  )) {
    if (/^type\b/.test(clause)) continue
    const names = /^\{([\s\S]*)\}$/.exec(clause.trim())?.[1]
    const list = names
      ?.split(',')
      .map(n => n.trim())
      .filter(n => n !== '')
    if (list && list.length > 0 && list.every(n => n.startsWith('type '))) continue
    found.push(from)
  }
  return found
}

const resolveFrom = (root, file, specifier) => {
  if (specifier.startsWith('.')) return resolve(dirname(file), specifier)
  if (specifier.startsWith('@noble/')) return join(root, 'node_modules', specifier)
  return undefined
}

/** @param {string} root of the project @param {string} entry @returns {Set<string>} absolute paths */
export function firstModules(root, entry) {
  const seen = new Set()
  const walk = file => {
    if (seen.has(file) || !/\.(?:tsx?|js)$/.test(file) || !existsSync(file)) return
    seen.add(file)
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      const next = resolveFrom(root, file, specifier)
      if (next) walk(next)
    }
  }
  walk(join(root, entry))
  return seen
}
