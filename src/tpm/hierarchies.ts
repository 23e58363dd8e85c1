// What happens to a hierarchy: its objects flushed, its seed and proof replaced. Part 3, 24.2 to 24.6.

import { RH } from '../spec/handles.ts'
import type { Context } from './command.ts'
import { type Hierarchy, type HierarchyName, hierarchyName } from './tpm.ts'
import { amend } from './amend.ts'

export const setHierarchy = (c: Context, name: HierarchyName, change: Partial<Hierarchy>): void => {
  const { hierarchies: h } = c.tpm
  c.tpm = amend(c.tpm, { hierarchies: { ...h, [name]: { ...h[name], ...change } } })
}

const belongs = (hierarchy: number, names: readonly HierarchyName[]): boolean => {
  const name = hierarchyName(hierarchy)
  return name !== undefined && names.includes(name)
}

/** Flushes transient objects of the hierarchies; with `evict` the persistent ones too. */
export function flushHierarchies(c: Context, names: readonly HierarchyName[], evict: boolean): void {
  const objects = c.tpm.objects.map(s => (s?.kind === 'object' && belongs(s.hierarchy, names) ? undefined : s))
  const persistent = evict ? c.tpm.persistent.filter(p => !belongs(p.object.hierarchy, names)) : c.tpm.persistent
  c.tpm = amend(c.tpm, { objects, persistent })
}

/** Owner, endorsement or platform by handle. */
export const baseHierarchy = (handle: number): HierarchyName => hierarchyName(handle) ?? 'owner'

/** Authorities that may switch a hierarchy off: its own and the platform. Part 3, 24.2. */
export const mayDisable = (auth: number, enable: number): boolean =>
  auth === RH.PLATFORM || (auth === enable && (auth === RH.OWNER || auth === RH.ENDORSEMENT))
