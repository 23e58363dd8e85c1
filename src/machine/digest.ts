// The digest of a machine: SHA-256 over a canonical text of all its state, whatever the order in which objects were built.

import { hash } from '../crypto/hash.ts'
import { toHex, utf8 } from '../lib/bytes.ts'
import type { Machine } from './machine.ts'

const SHA256 = 0x000b

/** JSON with sorted keys, bytes as hexadecimal, big integers with an n; undefined members are left out. */
export function canonical(v: unknown): string {
  if (v instanceof Uint8Array) return `"x${toHex(v)}"`
  if (typeof v === 'bigint') return `${v}n`
  if (Array.isArray(v)) return `[${v.map(canonical).join(',')}]`
  if (v instanceof Map) return canonical(Object.fromEntries(v))
  if (typeof v === 'object' && v !== null) {
    const o = v as Record<string, unknown>
    const keys = Object.keys(o)
      .filter(k => o[k] !== undefined)
      .sort()
    return `{${keys.map(k => `${JSON.stringify(k)}:${canonical(o[k])}`).join(',')}}`
  }
  return JSON.stringify(v) ?? 'null'
}

/** 64 hexadecimal digits; equal for equal machines. */
export const digest = (m: Machine): string => toHex(hash(SHA256, utf8(canonical(m))))
