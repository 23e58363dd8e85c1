// Reads the source files and what the architecture test needs to know of each: imports, names used, lines, header.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export interface Import {
  /** A path from the root of the project for relative imports ("src/lib/bytes.ts"), else the specifier as written. */
  readonly target: string
  readonly relative: boolean
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
  readonly line: number
}

export interface Source {
  /** From the root of the project, with forward slashes: "src/lib/bytes.ts". */
  readonly path: string
  readonly lines: number
  readonly opensWithComment: boolean
  readonly imports: readonly Import[]
  /** Free use of a name that could be a global: not a property, not a key. */
  readonly names: readonly { readonly name: string; readonly line: number }[]
  /** Members read by a fixed name, as "Math.random" and ".getRandomValues". */
  readonly members: readonly { readonly name: string; readonly line: number }[]
  readonly asyncAt: readonly number[]
  readonly anyAt: readonly number[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

const isNode = (v: unknown): v is Node => typeof v === 'object' && v !== null && typeof (v as Node).type === 'string'

/** Paths of the files below `folder` (from the root) whose name matches. */
export function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(e => e.isFile() && name.test(e.name))
    .map(e => relative(ROOT, join(e.parentPath, e.name)).replaceAll('\\', '/'))
    .sort()
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

export const readSource = (path: string): Source => parseSource(path, textOf(path))

const allTypes = (specifiers: unknown, kind: 'importKind' | 'exportKind'): boolean =>
  Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every(s => (s as Node)[kind] === 'type')

/** @throws Error when `text` is not TypeScript. */
export function parseSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  const lineOf = (offset: number): number => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  const imports: Import[] = []
  const names: { name: string; line: number }[] = []
  const members: { name: string; line: number }[] = []
  const asyncAt: number[] = []
  const anyAt: number[] = []

  const addImport = (source: unknown, typeOnly: boolean): void => {
    if (!isNode(source) || typeof source['value'] !== 'string') return
    const specifier = source['value'].replace(/\?.*$/, '')
    const isRelative = specifier.startsWith('.')
    const target = isRelative ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier
    imports.push({ target, relative: isRelative, typeOnly, line: lineOf(source.start) })
  }

  const visit = (node: Node, parent: Node | undefined, key: string): void => {
    switch (node.type) {
      case 'ImportDeclaration':
        addImport(node['source'], node['importKind'] === 'type' || allTypes(node['specifiers'], 'importKind'))
        return
      case 'ExportAllDeclaration':
        addImport(node['source'], node['exportKind'] === 'type')
        return
      case 'ExportNamedDeclaration':
        if (node['source']) {
          addImport(node['source'], node['exportKind'] === 'type' || allTypes(node['specifiers'], 'exportKind'))
        }
        break
      case 'ImportExpression':
        addImport(node['source'], false)
        break
      case 'TSImportType':
        addImport(node['source'] ?? node['argument'], true)
        break
      case 'TSAnyKeyword':
        anyAt.push(lineOf(node.start))
        break
      case 'AwaitExpression':
        asyncAt.push(lineOf(node.start))
        break
      case 'MemberExpression': {
        const property = node['property'] as Node
        const object = node['object'] as Node
        const name = node['computed'] ? property['value'] : property['name']
        if (typeof name === 'string') {
          const line = lineOf(node.start)
          members.push({ name: `.${name}`, line })
          if (object.type === 'Identifier') members.push({ name: `${object['name']}.${name}`, line })
        }
        break
      }
      case 'Identifier': {
        const isProperty = parent?.type === 'MemberExpression' && key === 'property' && !parent['computed']
        const isKey = key === 'key' && parent !== undefined && !parent['computed'] && !parent['shorthand']
        if (!isProperty && !isKey) names.push({ name: node['name'] as string, line: lineOf(node.start) })
        break
      }
      default:
        break
    }
    if (node['async'] === true || (node.type === 'ForOfStatement' && node['await'] === true)) {
      asyncAt.push(lineOf(node.start))
    }
    for (const [k, value] of Object.entries(node)) {
      if (Array.isArray(value)) for (const v of value.filter(isNode)) visit(v, node, k)
      else if (isNode(value)) visit(value, node, k)
    }
  }
  visit(program as unknown as Node, undefined, '')

  const head = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0
  return {
    path,
    lines: text.endsWith('\n') ? starts.length - 1 : starts.length,
    opensWithComment: comments[0] !== undefined && text.slice(head, comments[0].start).trim() === '',
    imports,
    names,
    members,
    asyncAt,
    anyAt,
  }
}
