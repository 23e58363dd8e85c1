// The rules that keep the machine pure and the layers apart, as executable checks. The import table is an allow-list:
// an edge that is not in it fails. Debts go into the dated list at the bottom, which may only shrink.

import { describe, expect, it } from 'vitest'
import { filesIn, parseSource, readSource, type Source } from './support/sources.ts'

/**
 * Layer → what it may import: a layer, a file or pattern of a layer, or a package ("name" or "name/*"). "(types)" allows
 * `import type` only. The own layer is always allowed.
 */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  codec: ['lib'],
  spec: ['codec', 'lib'],
  spec12: ['codec', 'lib'],
  crypto: ['lib', '@noble/*'],
  tpm: ['spec', 'codec', 'crypto', 'lib'],
  tpm12: ['spec12', 'codec', 'crypto', 'lib'],
  hw: ['lib', 'codec'],
  // Firmware and drivers know commands and hash in software; a device they know by its addresses only.
  guest: ['hw/registers.ts', 'hw/*.map.ts', 'spec', 'spec12', 'codec', 'crypto/hash.ts', 'lib'],
  backend: ['tpm', 'tpm12', 'spec', 'spec12', 'codec', 'crypto/jobs.ts', 'lib'],
  machine: [
    'guest',
    'hw',
    'backend',
    'nvram/image.ts',
    'tpm (types)',
    'tpm12 (types)',
    'crypto/hash.ts',
    'codec',
    'lib',
  ],
  nvram: ['tpm (types)', 'spec', 'codec', 'crypto', 'lib'],
  trace: ['machine', 'hw', 'spec', 'codec', 'crypto', 'lib'],
  lessons: ['machine', 'guest', 'backend (types)', 'spec', 'spec12', 'codec', 'lib'],
  view: [
    'machine',
    'lessons',
    'trace',
    'guest',
    'hw',
    'backend',
    'tpm (types)',
    'tpm12 (types)',
    'spec',
    'spec12',
    'codec',
    'lib',
  ],
  app: [
    ...[
      'lib',
      'codec',
      'spec',
      'spec12',
      'crypto',
      'tpm',
      'tpm12',
      'hw',
      'guest',
      'backend',
      'machine',
      'nvram',
      'trace',
      'lessons',
      'view',
    ],
    ...['react', 'react/*', 'react-dom', 'react-dom/*', 'zustand', 'zustand/*'],
    ...['radix-ui', 'lucide-react', '@tanstack/react-virtual', '@fontsource-variable/*'],
  ],
  cli: [
    ...[
      'lib',
      'codec',
      'spec',
      'spec12',
      'crypto',
      'tpm',
      'tpm12',
      'hw',
      'guest',
      'backend',
      'machine',
      'nvram',
      'trace',
      'lessons',
    ],
    'node:*',
  ],
}

const SHELLS = ['app', 'cli']
const BANNED_NAMES = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'],
  ...[
    'fetch',
    'XMLHttpRequest',
    'WebSocket',
    'Promise',
    'localStorage',
    'indexedDB',
    'process',
    'console',
    'globalThis',
  ],
])
const BANNED_MEMBERS = new Set(['Math.random', '.getRandomValues', '.randomUUID'])
const MAX_LINES = 500

const layerOf = (path: string): string => path.split('/')[1] ?? ''

const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)

/** Whether an import of `layer` is allowed by the table. `target` is "layer/file.ts" or a package specifier. */
function allowed(layer: string, target: string, typeOnly: boolean): boolean {
  return (TABLE[layer] ?? []).some(entry => {
    const types = entry.endsWith(' (types)')
    const pattern = types ? entry.slice(0, -' (types)'.length) : entry
    if (types && !typeOnly) return false
    return matches(pattern, target) || target.startsWith(`${pattern}/`)
  })
}

/** Every broken rule of one file, as a line "path:line: what". */
function violations(source: Source): string[] {
  const out: string[] = []
  const layer = layerOf(source.path)
  const inner = source.path.slice('src/'.length)
  const say = (line: number, what: string): number => out.push(`${source.path}:${line}: ${what}`)

  if (!(layer in TABLE)) say(1, `layer "${layer}" is not in the import table`)
  for (const i of source.imports) {
    if (i.relative) {
      // A shell may read the version number; nothing else lies outside src.
      if (i.target === 'package.json' && SHELLS.includes(layer)) continue
      if (!i.target.startsWith('src/')) say(i.line, `imports ${i.target}, outside src`)
      else if (layerOf(i.target) !== layer && !allowed(layer, i.target.slice(4), i.typeOnly)) {
        say(i.line, `${layer} may not import ${i.target}${i.typeOnly ? ' (types)' : ''}`)
      }
      if (!/\.(ts|tsx|css|json|svg)$/.test(i.target)) say(i.line, `import without its ending: ${i.target}`)
    } else if (!allowed(layer, i.target, i.typeOnly)) say(i.line, `${layer} may not import ${i.target}`)
  }
  if (!SHELLS.includes(layer)) {
    for (const n of source.names) if (BANNED_NAMES.has(n.name)) say(n.line, `uses ${n.name}: only the shells may`)
    for (const m of source.members) if (BANNED_MEMBERS.has(m.name)) say(m.line, `uses ${m.name}: only the shells may`)
    for (const line of source.asyncAt) say(line, 'async or await: only the shells may')
  }
  if (layer !== 'codec' && inner !== 'hw/registers.ts') for (const line of source.anyAt) say(line, 'any')
  return out
}

/** One cycle of run-time imports, as its paths in order, or undefined. Type imports leave nothing behind. */
function findCycle(sources: readonly Source[]): string[] | undefined {
  const edges = new Map(
    sources.map(s => [s.path, s.imports.filter(i => i.relative && !i.typeOnly).map(i => i.target)] as const),
  )
  const done = new Set<string>()
  const trail: string[] = []
  const walk = (path: string): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    trail.push(path)
    for (const next of edges.get(path) ?? []) {
      const cycle = walk(next)
      if (cycle) return cycle
    }
    trail.pop()
    done.add(path)
    return undefined
  }
  for (const path of edges.keys()) {
    const cycle = walk(path)
    if (cycle) return cycle
  }
  return undefined
}

const shape = (source: Source): string[] => [
  ...(source.lines > MAX_LINES ? [`${source.path}: ${source.lines} lines, at most ${MAX_LINES}`] : []),
  ...(source.opensWithComment ? [] : [`${source.path}: does not open with a comment that says what it is`]),
]

const src = filesIn('src', /\.tsx?$/).map(readSource)
const tests = filesIn('tests', /\.tsx?$/).map(readSource)

describe('architecture', () => {
  it('imports only along the table, uses no clock, chance or waiting outside the shells, and no any', () => {
    expect(src.length).toBeGreaterThan(10)
    expect(src.flatMap(violations).filter(v => !DEBTS.some(d => v.startsWith(d.where)))).toEqual([])
  })

  it('has no cycle of imports', () => {
    expect(findCycle(src)).toBeUndefined()
  })

  it(`has no file above ${MAX_LINES} lines and none without a header`, () => {
    expect([...src, ...tests].flatMap(shape).filter(v => !DEBTS.some(d => v.startsWith(d.where)))).toEqual([])
  })

  it('has no debt that was paid already', () => {
    const open = [...src.flatMap(violations), ...[...src, ...tests].flatMap(shape)]
    expect(DEBTS.filter(d => !open.some(v => v.startsWith(d.where)))).toEqual([])
  })
})

describe('the checks themselves', () => {
  const check = (path: string, text: string) => violations(parseSource(path, text))

  it.each([
    ['an edge against the layers', 'src/lib/a.ts', "import { x } from '../spec/codes.ts'"],
    ['a value import where only types are allowed', 'src/machine/a.ts', "import { x } from '../tpm/tpm.ts'"],
    ['a re-export', 'src/hw/a.ts', "export * from '../tpm/tpm.ts'"],
    ['a dynamic import', 'src/machine/a.ts', "const x = import('../app/store.ts')"],
    ['an import type', 'src/spec/a.ts', "type T = import('../tpm/tpm.ts').Tpm"],
    ['a file that is not a register map', 'src/guest/a.ts', "import { x } from '../hw/crb.ts'"],
    ['noble outside crypto', 'src/tpm/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'"],
    ['react outside app', 'src/view/a.ts', "import { memo } from 'react'"],
    ['node in the page', 'src/app/a.ts', "import { readFileSync } from 'node:fs'"],
    ['a missing ending', 'src/tpm/a.ts', "import { x } from '../spec/codes'"],
    ['a clock', 'src/tpm/a.ts', 'const t = Date.now()'],
    ['chance', 'src/tpm/a.ts', 'const t = Math.random()'],
    ['chance by another name', 'src/tpm/a.ts', "const t = Math['random']()"],
    ['entropy', 'src/tpm/a.ts', 'const t = crypto.getRandomValues(b)'],
    ['a global by way of globalThis', 'src/tpm/a.ts', 'const t = globalThis'],
    ['a timer', 'src/hw/a.ts', 'setTimeout(f, 1)'],
    ['async', 'src/hw/a.ts', 'export const f = async () => 1'],
    ['printing', 'src/hw/a.ts', "console.log('x')"],
    ['any', 'src/hw/a.ts', 'export const f = (x: any) => x'],
    ['an unknown layer', 'src/extra/a.ts', 'export const x = 1'],
  ])('find %s', (_, path, text) => {
    expect(check(path, text)).toHaveLength(1)
  })

  it.each([
    ['types of the TPM in the machine', 'src/machine/a.ts', "import type { Tpm } from '../tpm/tpm.ts'"],
    ['a register map in the guest', 'src/guest/a.ts', "import { CRB } from '../hw/crb.map.ts'"],
    ['names that only look like globals', 'src/hw/a.ts', 'export const f = (x: { fetch: 1 }) => ({ Date: x.fetch })'],
    ['a member called random', 'src/tpm/a.ts', 'export const f = (x: { random(): 1 }) => x.random()'],
    ['waiting in a shell', 'src/cli/a.ts', "const x = await import('node:fs')"],
    ['words in comments and strings', 'src/hw/a.ts', "// await fetch(Date)\nexport const x = 'import async any'"],
  ])('let pass %s', (_, path, text) => {
    expect(check(path, text)).toEqual([])
  })

  it('find a cycle, and do not count types', () => {
    const a = parseSource('src/lib/a.ts', "import { b } from './b.ts'")
    const b = parseSource('src/lib/b.ts', "import { a } from './a.ts'")
    expect(findCycle([a, b])).toEqual(['src/lib/a.ts', 'src/lib/b.ts', 'src/lib/a.ts'])
    expect(findCycle([a, parseSource('src/lib/b.ts', "import type { a } from './a.ts'")])).toBeUndefined()
  })

  it('find a long file and a missing header', () => {
    expect(shape(parseSource('src/lib/a.ts', '// what\n'.repeat(501)))).toHaveLength(1)
    expect(shape(parseSource('src/lib/a.ts', 'export const x = 1\n// late\n'))).toHaveLength(1)
    expect(shape(parseSource('src/cli/a.ts', '#!/usr/bin/env node\n// what\n'))).toEqual([])
  })
})

/**
 * Known debts: the start of the violation's text, the day it was taken on, and why. This list may only shrink; a debt
 * that no longer exists fails the test until it is struck out.
 */
const DEBTS: readonly { readonly where: string; readonly since: string; readonly why: string }[] = []
