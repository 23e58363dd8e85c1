// The acts of migrate.ts in a recording: read and checked, each fault with the name of the member.

import { DAMAGES, type Damage } from './damage.ts'
import { DEVICES, type Host } from './host.ts'
import type { Migrate, Restore, Snapshot } from './machine.ts'

/** The checks of recording.ts: each throws a RecordingError that names the place. */
interface Checks {
  fail(where: string, what: string): never
  object(v: unknown, where: string): { readonly [k: string]: unknown }
  text(v: unknown, where: string): string
  flag(v: unknown, where: string): boolean
  int(v: unknown, where: string, min: number, max: number): number
}

const MOST_BYTES = 65_536

function host(c: Checks, v: unknown, where: string): Host {
  const o = c.object(v, where)
  const device = DEVICES.find(d => d === o.device)
  if (!device) c.fail(`${where}.device`, `must be one of ${DEVICES.join(', ')}`)
  return {
    qemu: c.text(o.qemu, `${where}.qemu`),
    machine: c.text(o.machine, `${where}.machine`),
    device: device as Host['device'],
    capChunk: c.flag(o.capChunk, `${where}.capChunk`),
    allowChunkMigration: c.flag(o.allowChunkMigration, `${where}.allowChunkMigration`),
    backendBufferSize: c.int(o.backendBufferSize, `${where}.backendBufferSize`, 10, MOST_BYTES),
    profile: c.text(o.profile, `${where}.profile`),
  }
}

/** Undefined for an act of another kind. */
export function hostAct(
  c: Checks,
  o: { readonly [k: string]: unknown },
  where: string,
): Migrate | Snapshot | Restore | undefined {
  if (o.kind === 'snapshot' || o.kind === 'restore') {
    return { kind: o.kind, late: true, label: c.text(o.label, `${where}.label`) }
  }
  if (o.kind !== 'migrate') return undefined
  const { damage } = o
  if (damage !== undefined && !(typeof damage === 'string' && Object.hasOwn(DAMAGES, damage))) {
    c.fail(`${where}.damage`, `must be one of ${Object.keys(DAMAGES).join(', ')}`)
  }
  return {
    kind: 'migrate',
    late: true,
    label: c.text(o.label, `${where}.label`),
    from: host(c, o.from, `${where}.from`),
    to: host(c, o.to, `${where}.to`),
    ...(damage === undefined ? {} : { damage: damage as Damage }),
  }
}
