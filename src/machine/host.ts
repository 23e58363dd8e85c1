// A host as far as its TPM device is concerned: which QEMU, which machine type, the properties of tpm-crb, and the backend.
// What each version has is QEMU's (hw/tpm/tpm_crb.c of 11.0 and 11.1, and the series that brought chunks in between);
// hw_compat_11_0 is known second hand only: older machine types switch both properties off. A tpm-tis with a larger buffer,
// and one that does not look at versions, are in no QEMU: they are our completion, and are called so wherever they show.

import type { DeviceConfig } from '../hw/device.ts'
import type { TisConfig } from '../hw/tis.ts'
import { crbOf, tisOf } from './device.ts'
import type { Machine } from './machine.ts'

export interface QemuVersion {
  readonly id: string
  /** In a sentence, what matters of it here. */
  readonly about: string
  /** Machine types that it can start. */
  readonly machines: readonly string[]
  /** tpm-crb has chunks: the property cap-chunk, and buffers behind the window. */
  readonly chunks: boolean
  /** It can save and load the subsection with those buffers: the property x-allow-chunk-migration. */
  readonly subsection: boolean
  /** Here a tpm-tis may have a buffer of 8,192 bytes. Ours: as a later version of the device might. */
  readonly largeTis: boolean
}

const OLD = ['pc-q35-10.2'] as const
const OLDER_THAN_11_1 = [...OLD, 'pc-q35-11.0'] as const
const ALL = [...OLDER_THAN_11_1, 'pc-q35-11.1'] as const

export const QEMU_VERSIONS: readonly QemuVersion[] = [
  {
    id: '10.2',
    about: 'No chunks: what does not fit the window cannot cross it.',
    machines: OLD,
    chunks: false,
    subsection: false,
    largeTis: false,
  },
  {
    id: '11.0',
    about: 'No chunks: what does not fit the window cannot cross it.',
    machines: OLDER_THAN_11_1,
    chunks: false,
    subsection: false,
    largeTis: false,
  },
  {
    id: '11.1-rfc',
    about:
      'The chunk series as first posted (March 2026): chunks, but nothing of them is migrated, and nothing blocks it.',
    machines: ALL,
    chunks: true,
    subsection: false,
    largeTis: false,
  },
  {
    id: '11.1',
    about:
      'Chunks; half-sent commands and half-read answers travel in a subsection. Later versions are expected to agree.',
    machines: ALL,
    chunks: true,
    subsection: true,
    largeTis: true,
  },
]
export const MACHINE_TYPES: readonly string[] = ALL
/** What a host's TPM may be: profiles of the backend. One that lacks algorithms cannot take in a state that uses them. */
export const HOST_PROFILES = ['crbscope', 'no-pqc'] as const
/** Largest command and answer of a backend. */
export const BUFFER_SIZES: readonly number[] = [8192, 4096, 2048]
export const DEVICES = ['tpm-crb', 'tpm-tis'] as const

export interface Host {
  /** Id of a QemuVersion. */
  readonly qemu: string
  readonly machine: string
  readonly device: (typeof DEVICES)[number]
  readonly capChunk: boolean
  readonly allowChunkMigration: boolean
  /** Largest command and answer of the backend, in bytes. */
  readonly backendBufferSize: number
  readonly profile: string
  /** Of a tpm-tis: another size of its buffer than QEMU's 4,096 bytes. Our completion. */
  readonly tisBuffer?: 8192
  /** A tpm-tis that reads its section without a look at the version. Our completion: QEMU looks. */
  readonly careless?: true
}

export const tisBufferOf = (host: Pick<Host, 'tisBuffer'>): 4096 | 8192 => host.tisBuffer ?? 4096

export const qemuOf = (host: Pick<Host, 'qemu'>): QemuVersion =>
  QEMU_VERSIONS.find(q => q.id === host.qemu) ?? (QEMU_VERSIONS.at(-1) as QemuVersion)

/** What the machine type sets where nobody says otherwise. */
export const propertiesOf = (qemu: QemuVersion, machine: string): Pick<Host, 'capChunk' | 'allowChunkMigration'> => {
  const on = machine === 'pc-q35-11.1'
  return { capChunk: on && qemu.chunks, allowChunkMigration: on && qemu.subsection }
}

/** Without chunks the window is all the room there is: QEMU takes the smaller of the two. */
export const roomOf = (host: Host, windowSize: number): number =>
  qemuOf(host).chunks ? host.backendBufferSize : Math.min(host.backendBufferSize, windowSize)

export const deviceConfigOf = (host: Host, windowSize: number, established: boolean): DeviceConfig => ({
  capChunk: host.capChunk && qemuOf(host).chunks,
  allowChunkMigration: host.allowChunkMigration && qemuOf(host).subsection,
  backendBufferSize: roomOf(host, windowSize),
  established,
  windowSize,
})

/** The device reads the TPM's version and the backend's flag from the backend, which comes along. */
export const tisConfigOf = (host: Host, { tpmVersion, established }: TisConfig): TisConfig => ({
  bufferSize: tisBufferOf(host),
  backendBufferSize: host.backendBufferSize,
  tpmVersion,
  established,
})

/** The host that a machine runs on: where it came to, or the one that its configuration stands for. */
export function hostOf(m: Machine): Host {
  if (m.migration?.host) return m.migration.host
  const tis = tisOf(m)?.config
  if (tis) {
    return {
      qemu: '11.1',
      machine: 'pc-q35-11.1',
      device: 'tpm-tis',
      capChunk: false,
      allowChunkMigration: false,
      backendBufferSize: tis.backendBufferSize,
      profile: m.config.profile,
      ...(tis.bufferSize === 8192 ? { tisBuffer: 8192 } : {}),
    }
  }
  const { capChunk, backendBufferSize, allowChunkMigration } = crbOf(m).config
  return {
    qemu: '11.1',
    machine: 'pc-q35-11.1',
    device: 'tpm-crb',
    capChunk,
    allowChunkMigration,
    backendBufferSize,
    profile: m.config.profile,
  }
}

const flag = (v: boolean): string => (v ? 'on' : 'off')

/** "QEMU 11.1 (pc-q35-11.1, cap-chunk=on, x-allow-chunk-migration=on, backend 8192)" */
export const hostText = (h: Host): string => {
  const { chunks, subsection } = qemuOf(h)
  const tis = h.device === 'tpm-tis'
  const properties = [
    h.machine,
    ...(tis ? [h.device, ...(h.tisBuffer ? [`its buffer ${h.tisBuffer}`] : [])] : []),
    ...(tis && h.careless ? ['versions not looked at'] : []),
    ...(chunks && !tis ? [`cap-chunk=${flag(h.capChunk)}`] : []),
    ...(subsection && !tis ? [`x-allow-chunk-migration=${flag(h.allowChunkMigration)}`] : []),
    `backend ${h.backendBufferSize}`,
    ...(h.profile === 'crbscope' ? [] : [`TPM ${h.profile}`]),
  ]
  return `QEMU ${h.qemu} (${properties.join(', ')})`
}

/** Why a host cannot be: in QEMU's words where it has some. */
export function impossible(h: Host): string | undefined {
  const qemu = qemuOf(h)
  if (qemu.id !== h.qemu) return `no QEMU ${h.qemu} is known here`
  if (!qemu.machines.includes(h.machine)) return `QEMU ${h.qemu} has no machine type "${h.machine}"`
  if (h.device === 'tpm-tis') {
    return h.tisBuffer && !qemu.largeTis ? `the tpm-tis of QEMU ${h.qemu} has a buffer of 4,096 bytes` : undefined
  }
  if (h.capChunk && !qemu.chunks) return `QEMU ${h.qemu} has no property tpm-crb.cap-chunk`
  if (h.allowChunkMigration && !qemu.subsection) return `QEMU ${h.qemu} has no property tpm-crb.x-allow-chunk-migration`
  return undefined
}
