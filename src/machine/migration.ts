// From one host to another: what blocks it, what is saved, what the destination makes of the bytes. Everything that the
// machine has on the other side came through the stream; what is refused leaves the old machine as it was.

import { modelOf } from '../backend/emulator.ts'
import { decode, encode, Malformed } from '../codec/codec.ts'
import { tooLarge } from '../hw/crb-section.ts'
import { qemuCrb } from '../hw/crb.ts'
import type { Bytes } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import { crbOf, tisOf } from './device.ts'
import { deviceConfigOf, type Host, impossible, qemuOf, roomOf } from './host.ts'
import type { Machine } from './machine.ts'
import { pageOf, streamFor } from './stream.ts'

/** Who refuses, and what is wrong. */
export type RefusalKind =
  | 'blocked'
  | 'no-host'
  | 'machine-type'
  | 'ram-block'
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

/** Why nothing of this machine may be saved on this host, whatever it does. */
export function blocker(m: Machine, from: Host): Refusal | undefined {
  if (tisOf(m)) return refusal('source', 'no-host', 'the state of a TIS is not part of a stream here')
  const { capChunk, backendBufferSize, windowSize } = crbOf(m).config
  const cannot = impossible(from)
  if (cannot) return refusal('source', 'no-host', cannot)
  if (from.capChunk !== capChunk || roomOf(from, windowSize) !== backendBufferSize) {
    const is = `cap-chunk=${capChunk ? 'on' : 'off'} and a backend of ${count(backendBufferSize)} bytes`
    return refusal(
      'source',
      'no-host',
      `the machine on stage was started with ${is}, and cannot come from another host`,
    )
  }
  if (capChunk && qemuOf(from).subsection && !from.allowChunkMigration) {
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

/** The stream of a machine that may be saved and has no running command. */
export function save(m: Machine, from: Host): Bytes {
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
  if (saved === 'blocked' || m.backend.pending) throw new Error('defect: saved what may not be saved')
  const { window, ...registers } = saved
  const { tpm, pending: _, ...rest } = m.backend
  return encode(streamFor(), {
    machine: from.machine,
    page: pageOf(window),
    device: registers,
    tpm: { image: writeImage(tpm), backend: rest },
    guest: around(m),
  })
}

const KINDS: { readonly [reason: string]: RefusalKind } = { machine: 'machine-type', subsection: 'subsection' }

function words(e: Malformed, to: Host): Refusal {
  const cut = e.reason === 'insufficient'
  const message = cut ? `the stream is cut: ${e.message}` : `${e.message}, at offset ${e.at}`
  const foreign = e.reason === 'ram' && to.device !== 'tpm-crb'
  const kind = foreign ? 'ram-block' : (KINDS[e.reason] ?? 'damaged')
  const quoted = /'([^']*)'/.exec(e.message)?.[1]
  const QEMU: { readonly [K in RefusalKind]?: string } = {
    'machine-type': `Machine type received is '${quoted}' and local is '${to.machine}'`,
    'ram-block': 'Unknown ramblock "tpm-crb-cmd", cannot accept migration',
    subsection: `VM subsection '${quoted}' in 'tpm-crb' does not exist`,
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

/** The machine at the destination, or why there is none. */
export function load(m: Machine, stream: Bytes, to: Host): Machine | Refusal {
  const known = { machine: to.machine, ramBlock: to.device === 'tpm-crb', chunkSection: qemuOf(to).subsection }
  const damaged = (message: string): Refusal => refusal('destination', 'damaged', message)
  try {
    const { device, page, tpm, guest } = decode(streamFor(known), stream)
    const config = deviceConfigOf(to, m.config.window, crbOf(m).config.established)
    const over = device.chunk && tooLarge(device.chunk, config.backendBufferSize)
    if (over) {
      const message = `${over.name} holds ${count(over.length)} bytes, the backend here takes ${count(config.backendBufferSize)}`
      return refusal('destination', 'buffer', message, { qemu: 'tpm-crb: Buffer sizes exceed backend capacity' })
    }
    const loaded = qemuCrb.load(config, { ...device, window: page.slice(0, m.config.window) })
    if (loaded === 'loadfail') return damaged('the registers are not those of this device')
    const state = readImage(tpm.image, modelOf)
    if (!takes(to.profile, state.profile.id)) {
      const message = `the state is that of a TPM "${state.profile.id}"; the TPM here is "${to.profile}" and cannot have all of it`
      return refusal('destination', 'tpm-state', message)
    }
    if (!wellFormed(guest, tpm.backend)) return damaged('section crbscope/guest does not hold a guest')
    const backend = { ...(tpm.backend as Omit<Machine['backend'], 'tpm' | 'pending'>), tpm: state, pending: undefined }
    return { ...guest, config: m.config, device: loaded, backend }
  } catch (e) {
    if (e instanceof Malformed) return words(e, to)
    if (e instanceof ImageError)
      return refusal('destination', 'tpm-state', `the state of the TPM is refused: ${e.message}`)
    throw e
  }
}

export const isRefusal = (v: Machine | Refusal): v is Refusal => 'by' in v
