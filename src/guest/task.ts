// From a task of the application to the bytes of its command. References to earlier answers are resolved here.

import { type Bytes, concat, EMPTY, fromHex, raw } from '../lib/bytes.ts'
import type { Part, Task, TaskResult } from './guest.ts'

const part = (p: Part, results: readonly TaskResult[]): Bytes => {
  if ('hex' in p) return fromHex(p.hex)
  if ('fill' in p) return Uint8Array.from({ length: p.fill }, (_, i) => (p.seed + i * 37) & 255)
  const answer = results.findLast(r => r.id === p.from)?.response ?? EMPTY
  return answer.slice(p.at, p.at + p.length)
}

/** The command's bytes. Its size field becomes the length, unless the task keeps its own. */
export function build(task: Task, results: readonly TaskResult[]): Bytes {
  const all = raw(concat(...task.parts.map(p => part(p, results))))
  if (!task.keepSize && all.length >= 6) new DataView(all.buffer).setUint32(2, all.length)
  return all
}
