// The acts of migrate.ts in a recording: read and checked, each fault with the name of the member.

import { DAMAGES, type Damage } from './damage.ts'
import { DEVICES, type Host } from './host.ts'
import type { Migrate, Restore, Snapshot } from './machine.ts'
import { fail, flag, int, type Json, MOST_BYTES, object, text } from './recording-checks.ts'

/** What only a tpm-tis may have. */
function tis({ device, tisBuffer, careless }: Json, where: string): Pick<Host, 'tisBuffer' | 'careless'> {
  if (tisBuffer === undefined && careless === undefined) return {}
  if (device !== 'tpm-tis') fail(`${where}.device`, 'must be tpm-tis where there is tisBuffer or careless')
  if (tisBuffer !== undefined && tisBuffer !== 8192) fail(`${where}.tisBuffer`, 'must be 8192, or absent for 4096')
  if (careless !== undefined && careless !== true) fail(`${where}.careless`, 'must be true, or absent')
  return {
    ...(tisBuffer === undefined ? {} : { tisBuffer: 8192 }),
    ...(careless === undefined ? {} : { careless: true }),
  }
}

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
    ...tis(o, where),
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
