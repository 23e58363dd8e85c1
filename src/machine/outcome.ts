// What becomes of a migration, by name: found by saving, loading and asking the device on the other side. The names, their
// words and where each is from; which pair of hosts has which outcome is a table of its own (lessons/migration-table.ts).

import { CRB } from '../hw/crb.map.ts'
import { qemuCrb } from '../hw/crb.ts'
import { getIn } from '../hw/registers.ts'
import { readBe32 } from '../lib/bytes.ts'
import { qemuTis, type Tis } from '../hw/tis.ts'
import { crbOf, tisOf } from './device.ts'
import type { Damage } from './damage.ts'
import type { Host } from './host.ts'
import type { Machine, Migrate } from './machine.ts'
import { type Trip, trip } from './migrate.ts'
import type { RefusalKind } from './migration.ts'

export type OutcomeId = 'runs-on' | RefusalKind | 'loses' | 'stale' | 'cut' | 'shrunk'

export interface OutcomeWords {
  readonly title: string
  readonly family: 'runs on' | 'refused' | 'loads, but'
  readonly why: string
  readonly source: string
}

const SERIES = 'the series that brings chunks to tpm-crb, cover letter of version 7 (May 2026)'

export const OUTCOMES: { readonly [K in OutcomeId]: OutcomeWords } = {
  'runs-on': {
    title: 'runs on',
    family: 'runs on',
    why: 'Registers, window and TPM arrive, and with the subsection whatever the device still held.',
    source: 'QEMU 11.1, hw/tpm/tpm_crb.c',
  },
  blocked: {
    title: 'refused by the source',
    family: 'refused',
    why: 'The device offers chunks, but x-allow-chunk-migration is off: what it holds could not be sent, so it sets a blocker as soon as it is made, whatever the guest does.',
    source: `QEMU 11.1, hw/tpm/tpm_crb.c; added in version 5 of ${SERIES}`,
  },
  'no-host': {
    title: 'there is no such host',
    family: 'refused',
    why: 'A host that this QEMU version cannot start, or that the machine on stage cannot come from.',
    source: 'QEMU, machine types and device properties of each version',
  },
  'machine-type': {
    title: 'refused: another machine type',
    family: 'refused',
    why: 'The configuration section names the machine type, and the destination was started with another.',
    source: 'QEMU, migration/savevm.c, configuration section',
  },
  'ram-block': {
    title: 'refused: no such device',
    family: 'refused',
    why: 'The window migrates as a RAM block, before any device. Without a tpm-crb the destination has no such block.',
    source: 'QEMU, migration/ram.c',
  },
  'no-section': {
    title: 'refused: no such section',
    family: 'refused',
    why: 'Each interface saves itself under a name of its own, tpm-tis and tpm-crb. The destination has no device of that name.',
    source: 'QEMU, migration/savevm.c',
  },
  version: {
    title: 'refused: another version',
    family: 'refused',
    why: 'The buffer of a tpm-tis is one array without a length, so its size is part of the layout. The version of the section says which layout it is, and the destination has another.',
    source:
      'QEMU, hw/tpm/tpm_tis_isa.c (version 0, 4,096 bytes) and migration/savevm.c; version 1 with 8,192 bytes is our completion',
  },
  misread: {
    title: 'refused: misread',
    family: 'refused',
    why: 'The destination does not look at the version, and takes the bytes for its own layout: position and localities come from where its own array would end. Only the missing footer of the section tells.',
    source:
      'crbscope: our completion, to show what the version is for. QEMU looks, and has footers: migration/savevm.c',
  },
  'host-tpm': {
    title: 'refused: the TPM is the host’s',
    family: 'refused',
    why: 'Passthrough shares the TPM of the host. What it holds stays there, so the guest stays, too.',
    source: 'crbscope: what passes through cannot be saved',
  },
  subsection: {
    title: 'refused: unknown subsection',
    family: 'refused',
    why: 'The source sends tpm-crb/chunk because something is held, which is nearly always so after the first command. The destination is older than the subsection.',
    source: 'QEMU, migration/vmstate.c; hw/tpm/tpm_crb.c, tpm-crb/chunk',
  },
  buffer: {
    title: 'refused: buffer too small',
    family: 'refused',
    why: 'After loading the subsection the destination compares its buffers with what its backend takes.',
    source: 'QEMU 11.1, hw/tpm/tpm_crb.c, check after loading tpm-crb/chunk',
  },
  'tpm-state': {
    title: 'refused by the TPM',
    family: 'refused',
    why: 'The state of the TPM comes from one that can do more, or is damaged.',
    source: 'crbscope: as swtpm refuses a state that is newer than its library',
  },
  damaged: {
    title: 'refused: damaged',
    family: 'refused',
    why: 'The bytes are no stream of this machine. Nothing of it was taken over.',
    source: 'crbscope, section by section; QEMU is more forgiving about their order',
  },
  loses: {
    title: 'loads and loses what was held',
    family: 'loads, but',
    why: 'The chunks are not part of the stream: the command half sent, or the answer not yet read, is gone. The window, which is RAM, still shows its last part.',
    source: 'QEMU before the migration patch: "not supported" in version 1 of the series (March 2026)',
  },
  stale: {
    title: 'loads with a stale capability',
    family: 'loads, but',
    why: 'INTF_ID migrates with the registers, cap-chunk is a property of the destination: the guest reads CapCRBChunk = 1 and the device ignores nextChunk.',
    source: 'QEMU 11.1, hw/tpm/tpm_crb.c: nothing compares the two',
  },
  cut: {
    title: 'loads and cuts the command',
    family: 'loads, but',
    why: 'What is held fits, so the check passes; the size that the half-sent command announces is larger than the new backend takes, and is silently cut to it.',
    source: 'QEMU 11.1, hw/tpm/tpm_crb.c: only what is held is checked',
  },
  shrunk: {
    title: 'loads over a smaller backend',
    family: 'loads, but',
    why: 'The array is of the same size everywhere, so it loads; nothing compares what it holds with what the new backend takes. burstCount and the end of an answer are computed from the smaller size.',
    source: 'QEMU, hw/tpm/tpm_tis_common.c: there is no check after loading',
  },
}

/** A TIS has neither window nor subsection. */
const TIS_RUNS_ON: OutcomeWords = {
  ...OUTCOMES['runs-on'],
  why: 'The whole buffer, the position in it, who is active and the registers of five localities arrive, and the TPM.',
  source: 'QEMU, hw/tpm/tpm_tis_isa.c',
}

/** The words for an outcome of a machine that came from there. */
export const wordsOf = (id: OutcomeId, { device }: Host): OutcomeWords =>
  id === 'runs-on' && device === 'tpm-tis' ? TIS_RUNS_ON : OUTCOMES[id]

/** Bytes of a header up to the end of its size field. */
const SIZE_END = 6

export interface Outcome {
  readonly id: OutcomeId
  readonly trip: Trip
  readonly act: Migrate
}

const staleOf = (m: Machine, device = crbOf(m)): boolean =>
  getIn(CRB.INTF_ID, qemuCrb.read(device, CRB.INTF_ID.at, 4), 'CapCRBChunk') === 1 && !device.config.capChunk

/** Bytes that the transfer under way is about: announced by the command or the answer in the buffer, or held already. */
const underWay = (d: Tis): number => {
  const { command, response } = qemuTis.inside(d)
  const announced = command.length >= SIZE_END ? readBe32(command, 2) : 0
  return Math.max(announced, command.length, response.length)
}

function loadedTis(before: Tis, after: Tis): OutcomeId {
  const [a, b] = [before, after].map(d => Math.min(d.config.bufferSize, d.config.backendBufferSize)) as [number, number]
  return b < a && underWay(before) > b ? 'shrunk' : 'runs-on'
}

function loaded(before: Machine, after: Machine): OutcomeId {
  const [tisBefore, tisAfter] = [tisOf(before), tisOf(after)]
  if (tisBefore && tisAfter) return loadedTis(tisBefore, tisAfter)
  const [a, b] = [qemuCrb.inside(crbOf(before)), qemuCrb.inside(crbOf(after))]
  // Without chunks nothing can ask for what is held behind the window: that it is gone makes no difference.
  const asked = crbOf(before).config.capChunk
  if (asked && (b.command.length < a.command.length || b.response.length < a.response.length)) return 'loses'
  if (staleOf(after)) return 'stale'
  const announced = readBe32(b.command, 2)
  const room = crbOf(after).config.backendBufferSize
  if (b.command.length > 0 && announced > room && announced <= crbOf(before).config.backendBufferSize) return 'cut'
  return 'runs-on'
}

/** What a migration of this machine would come to. Undefined while a job is awaited: its answer decides. */
export function judge(m: Machine, from: Host, to: Host, damage?: Damage): Outcome | undefined {
  const label = `migrate to QEMU ${to.qemu}`
  const act: Migrate = { kind: 'migrate', late: true, label, from, to, ...(damage ? { damage } : {}) }
  const gone = trip(m, act)
  if (gone.refusal) return { id: gone.refusal.kind, trip: gone, act }
  if (!gone.arrived) return undefined
  return { id: loaded(gone.source, gone.arrived), trip: gone, act }
}
