// From one host to another: what blocks it, what is saved, what the destination makes of the bytes. Everything that the
// machine has on the other side came through the stream; what is refused leaves the old machine as it was.

import { modelOf } from '../backend/emulator.ts'
import { decode, encode, Malformed } from '../codec/codec.ts'
import { tooLarge } from '../hw/crb-section.ts'
import { qemuCrb } from '../hw/crb.ts'
import { sound, TIS_SECTION, TIS_VERSION } from '../hw/tis-section.ts'
import type { Bytes } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import { crbOf, tisOf, tisParts } from './device.ts'
import { deviceConfigOf, type Host, impossible, qemuOf, roomOf, tisBufferOf, tisConfigOf } from './host.ts'
import type { Machine } from './machine.ts'
import { type Known, pageOf, type Stream, streamFor } from './stream.ts'

/** Who refuses, and what is wrong. */
export type RefusalKind =
  | 'blocked'
  | 'no-host'
  | 'machine-type'
  | 'ram-block'
  | 'no-section'
  | 'version'
  | 'misread'
  | 'host-tpm'
  | 'subsection'
  | 'buffer'
  | 'tpm-state'
  | 'damaged'

export interface Refusal {
  readonly by: 'source' | 'destination'
  readonly kind: RefusalKind
  /** A sentence, without its full stop. With the offset in the stream where there is one. */
  readonly message: string
  /** What QEMU prints, where it has words of its own. */
  readonly qemu: string | undefined
  /** Offset in the stream. */
  readonly at: number | undefined
}

const refusal = (
  by: Refusal['by'],
  kind: RefusalKind,
  message: string,
  more: { qemu?: string | undefined; at?: number } = {},
): Refusal => ({ by, kind, message, qemu: more.qemu, at: more.at })

/** QEMU's words, hw/tpm/tpm_crb.c: set as a blocker when the device is made, so no phase of a command matters. */
const BLOCKER = 'The tpm-crb device does not support chunk migration with machine version less than 11.1'

/** What the machine was started with, in words where the host has something else. */
function startedWith(m: Machine, from: Host): string | undefined {
  const tis = tisOf(m)?.config
  if (tis) {
    const { bufferSize, backendBufferSize } = tis
    const alike = from.device === 'tpm-tis' && tisBufferOf(from) === bufferSize
    if (alike && from.backendBufferSize === backendBufferSize) return undefined
    return `a tpm-tis with a buffer of ${count(bufferSize)} bytes and a backend of ${count(backendBufferSize)} bytes`
  }
  const { capChunk, backendBufferSize, windowSize } = crbOf(m).config
  const alike = from.device === 'tpm-crb' && from.capChunk === capChunk
  if (alike && roomOf(from, windowSize) === backendBufferSize) return undefined
  return `cap-chunk=${capChunk ? 'on' : 'off'} and a backend of ${count(backendBufferSize)} bytes`
}

/** Why nothing of this machine may be saved on this host, whatever it does. */
export function blocker(m: Machine, from: Host): Refusal | undefined {
  if (m.backend.behind?.host) {
    const message = 'the TPM is the host’s, and its owner, keys and PCRs cannot go along with the guest'
    return refusal('source', 'host-tpm', message)
  }
  const cannot = impossible(from)
  if (cannot) return refusal('source', 'no-host', cannot)
  const is = startedWith(m, from)
  if (is) {
    return refusal(
      'source',
      'no-host',
      `the machine on stage was started with ${is}, and cannot come from another host`,
    )
  }
  if (from.device === 'tpm-crb' && from.capChunk && qemuOf(from).subsection && !from.allowChunkMigration) {
    const message = 'migration is blocked: the device offers chunks, and the machine type does not let them migrate'
    return refusal('source', 'blocked', message, { qemu: BLOCKER })
  }
  return undefined
}

/** Why the destination cannot even be started. */
export function cannotStart(to: Host): Refusal | undefined {
  const why = impossible(to)
  if (!why) return undefined
  const known = qemuOf(to).machines.includes(to.machine)
  return refusal('destination', 'no-host', why, known ? {} : { qemu: `unsupported machine type: "${to.machine}"` })
}

/** What a machine is besides its device and its TPM: all of it crosses, as guest memory and processors would. */
const around = ({
  config: _c,
  device: _d,
  backend: _b,
  migration: _m,
  ...rest
}: Machine): Omit<Machine, 'config' | 'device' | 'backend' | 'migration'> => rest

/** What the device leaves: a TIS its section, a CRB its window besides. */
function sectionsOf(
  m: Machine,
  from: Host,
): Pick<Stream, 'tis'> | Pick<Exclude<Stream, { tis: object }>, 'page' | 'device'> {
  const tis = tisOf(m)
  if (tis) {
    const saved = tisParts().model.save(tis)
    if (saved === 'blocked') throw new Error('defect: a TIS blocks nothing')
    return { tis: saved }
  }
  const { config } = crbOf(m)
  // A device from before the subsection neither sends nor blocks: to it, there is nothing to send.
  const { subsection } = qemuOf(from)
  const device = {
    ...crbOf(m),
    config: {
      ...config,
      capChunk: config.capChunk && subsection,
      allowChunkMigration: subsection && from.allowChunkMigration,
    },
  }
  const saved = qemuCrb.save(device)
  if (saved === 'blocked') throw new Error('defect: saved what may not be saved')
  const { window, ...registers } = saved
  return { page: pageOf(window), device: registers }
}

/** The stream of a machine that may be saved and has no running command. */
export function save(m: Machine, from: Host): Bytes {
  if (m.backend.pending) throw new Error('defect: saved with a command running')
  const { tpm, pending: _, ...rest } = m.backend
  return encode(streamFor(), {
    machine: from.machine,
    ...sectionsOf(m, from),
    tpm: { image: writeImage(tpm), backend: rest },
    guest: around(m),
  } as Stream)
}

const KINDS: { readonly [reason: string]: RefusalKind } = {
  machine: 'machine-type',
  subsection: 'subsection',
  'tis-version': 'version',
  misread: 'misread',
}

/** Whether another interface than the destination's has sent this. */
function foreign({ reason, message }: Malformed, to: Host): RefusalKind | undefined {
  if (reason === 'ram' && to.device === 'tpm-tis') return 'ram-block'
  return reason === 'unknown' && message.includes(`'${TIS_SECTION}'`) ? 'no-section' : undefined
}

/** What QEMU says of the version of a section, migration/savevm.c. To a receiver with more than QEMU has, nothing. */
function versionWords(to: Host): string | undefined {
  const [other, own] = [TIS_VERSION[8192], TIS_VERSION[tisBufferOf(to)]]
  return own < other ? `savevm: unsupported version ${other} for '${TIS_SECTION}' v${own}` : undefined
}

function words(e: Malformed, to: Host): Refusal {
  const cut = e.reason === 'insufficient'
  const message = cut ? `the stream is cut: ${e.message}` : `${e.message}, at offset ${e.at}`
  const kind = foreign(e, to) ?? KINDS[e.reason] ?? 'damaged'
  const quoted = /'([^']*)'/.exec(e.message)?.[1]
  const QEMU: { readonly [K in RefusalKind]?: string | undefined } = {
    'machine-type': `Machine type received is '${quoted}' and local is '${to.machine}'`,
    'ram-block': 'Unknown ramblock "tpm-crb-cmd", cannot accept migration',
    subsection: `VM subsection '${quoted}' in 'tpm-crb' does not exist`,
    'no-section': `Unknown section or instance '${TIS_SECTION}' 0. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices`,
    version: versionWords(to),
    misread: `Missing section footer for ${TIS_SECTION}`,
  }
  return refusal('destination', kind, message, { qemu: QEMU[kind], at: e.at })
}

/** A state with what the destination's TPM does not have is refused by it, not by QEMU. */
const takes = (host: string, state: string): boolean => host === state || host === 'crbscope'

const isObject = (v: unknown): v is { readonly [k: string]: unknown } =>
  typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Uint8Array)

/** What the sections of ours hold is of the shape that a machine has. */
function wellFormed(guest: unknown, rest: unknown): guest is ReturnType<typeof around> {
  if (!isObject(guest) || !isObject(rest) || !isObject(guest['guest']) || !isObject(guest['content'])) return false
  const { stack, tasks, results, timers, tx, rx } = guest['guest']
  const lists = [stack, tasks, results, timers].every(Array.isArray)
  const bytes = [tx, rx].every(b => b instanceof Uint8Array)
  const numbers = [guest['time'], guest['step']].every(n => typeof n === 'number')
  return lists && bytes && numbers && isObject(guest['writes']) && wellBooted(guest['guest'], guest['platform'])
}

/** What only a machine has whose power or firmware did something. */
function wellBooted({ boot }: { readonly [k: string]: unknown }, platform: unknown): boolean {
  if (platform !== undefined && !(isObject(platform) && platform['shared'] instanceof Uint8Array)) return false
  if (boot === undefined) return true
  return isObject(boot) && boot['log'] instanceof Uint8Array && [boot['keys'], boot['console']].every(Array.isArray)
}

/** A host as far as the reader of a stream is concerned. */
export const knownOf = (to: Host): Known => ({
  machine: to.machine,
  device: to.device,
  chunkSection: qemuOf(to).subsection,
  buffer: tisBufferOf(to),
  careless: to.careless === true,
})

/** The device of the destination, with what came for it. The stream has the sections of its interface: streamFor saw to it. */
function arrived(m: Machine, sections: Stream, to: Host): Machine['device'] | Refusal {
  const damaged = (message: string): Refusal => refusal('destination', 'damaged', message)
  const tis = tisOf(m)
  if (sections.tis) {
    if (!tis) return damaged('the guest’s driver is not one for a TIS')
    if (!sound(sections.tis)) return damaged(`section ${TIS_SECTION} holds what no device has`)
    // Nothing compares what the buffer holds with what the new backend takes: QEMU does not either.
    const loaded = tisParts().model.load(tisConfigOf(to, tis.config), sections.tis)
    return loaded === 'loadfail' ? damaged('the localities are not those of this device') : loaded
  }
  if (tis) return damaged('the guest’s driver is not one for a CRB')
  const { device, page } = sections
  const config = deviceConfigOf(to, m.config.window, crbOf(m).config.established)
  const over = device.chunk && tooLarge(device.chunk, config.backendBufferSize)
  if (over) {
    const message = `${over.name} holds ${count(over.length)} bytes, the backend here takes ${count(config.backendBufferSize)}`
    return refusal('destination', 'buffer', message, { qemu: 'tpm-crb: Buffer sizes exceed backend capacity' })
  }
  const loaded = qemuCrb.load(config, { ...device, window: page.slice(0, m.config.window) })
  return loaded === 'loadfail' ? damaged('the registers are not those of this device') : loaded
}

/** The machine at the destination, or why there is none. */
export function load(m: Machine, stream: Bytes, to: Host): Machine | Refusal {
  const damaged = (message: string): Refusal => refusal('destination', 'damaged', message)
  try {
    const sections = decode(streamFor(knownOf(to)), stream)
    const { tpm, guest } = sections
    const device = arrived(m, sections, to)
    if ('by' in device) return device
    const state = readImage(tpm.image, modelOf)
    if (!takes(to.profile, state.profile.id)) {
      const message = `the state is that of a TPM "${state.profile.id}"; the TPM here is "${to.profile}" and cannot have all of it`
      return refusal('destination', 'tpm-state', message)
    }
    if (!wellFormed(guest, tpm.backend)) return damaged('section crbscope/guest does not hold a guest')
    const backend = { ...(tpm.backend as Omit<Machine['backend'], 'tpm' | 'pending'>), tpm: state, pending: undefined }
    return { ...guest, config: m.config, device, backend }
  } catch (e) {
    if (e instanceof Malformed) return words(e, to)
    if (e instanceof ImageError)
      return refusal('destination', 'tpm-state', `the state of the TPM is refused: ${e.message}`)
    throw e
  }
}

export const isRefusal = (v: Machine | Refusal): v is Refusal => 'by' in v
