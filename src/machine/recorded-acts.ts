// The acts of migrate.ts in a recording: read and checked, each fault with the name of the member.

import { DAMAGES, type Damage } from './damage.ts'
import { DEVICES, type Host } from './host.ts'
import type { Migrate, Restore, Snapshot } from './machine.ts'
import { fail, flag, int, type Json, MOST_BYTES, object, text } from './recording-checks.ts'

function host(v: unknown, where: string): Host {
  const o = object(v, where)
  const device = DEVICES.find(d => d === o.device)
  if (!device) fail(`${where}.device`, `must be one of ${DEVICES.join(', ')}`)
  return {
    qemu: text(o.qemu, `${where}.qemu`),
    machine: text(o.machine, `${where}.machine`),
    device: device as Host['device'],
    capChunk: flag(o.capChunk, `${where}.capChunk`),
    allowChunkMigration: flag(o.allowChunkMigration, `${where}.allowChunkMigration`),
    backendBufferSize: int(o.backendBufferSize, `${where}.backendBufferSize`, 10, MOST_BYTES),
    profile: text(o.profile, `${where}.profile`),
  }
}

/** Undefined for an act of another kind. */
export function migrationAct(o: Json, where: string): Migrate | Snapshot | Restore | undefined {
  if (o.kind === 'snapshot' || o.kind === 'restore') {
    return { kind: o.kind, late: true, label: text(o.label, `${where}.label`) }
  }
  if (o.kind !== 'migrate') return undefined
  const { damage } = o
  if (damage !== undefined && !(typeof damage === 'string' && Object.hasOwn(DAMAGES, damage))) {
    fail(`${where}.damage`, `must be one of ${Object.keys(DAMAGES).join(', ')}`)
  }
  return {
    kind: 'migrate',
    late: true,
    label: text(o.label, `${where}.label`),
    from: host(o.from, `${where}.from`),
    to: host(o.to, `${where}.to`),
    ...(damage === undefined ? {} : { damage: damage as Damage }),
  }
}
