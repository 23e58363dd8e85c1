// What the migration panel shows: where the machine is in a command, the choices of a host, the stream as a tree of fields,
// and the table of all outcomes with its filter.

import { explain, type Span } from '../codec/explain.ts'
import { CASES, type Case, HOSTS } from '../lessons/migration-table.ts'
import { POINTS } from '../lessons/when.ts'
import { qemuCrb } from '../hw/crb.ts'
import { type Bytes, readBe32 } from '../lib/bytes.ts'
import { qemuTis, type Tis } from '../hw/tis.ts'
import { crbOf, tisOf } from '../machine/device.ts'
import { type Host, propertiesOf, qemuOf } from '../machine/host.ts'
import type { Machine } from '../machine/machine.ts'
import { knownOf } from '../machine/migration.ts'
import { OUTCOMES } from '../machine/outcome.ts'
import { streamFor } from '../machine/stream.ts'
import { count } from './format.ts'

/** Of the buffer all is saved; this is what of it means anything. */
function tisPhase(d: Tis): string {
  const { command, response, responseOffset, busy } = qemuTis.inside(d)
  if (busy) return `The TPM executes a command of ${count(command.length)} bytes: saving will wait for its answer.`
  const all = `All ${count(d.buffer.length)} bytes of the buffer will be saved`
  if (command.length > 0) {
    const total = command.length >= SIZE_END ? ` of ${count(readBe32(command, 2))}` : ''
    return `${all}: they hold ${count(command.length)}${total} bytes of a command.`
  }
  if (response.length === 0) return `${all}, though nothing in it is waited for.`
  const rest = response.length - responseOffset
  const unread = rest > 0 ? `${count(rest)} of them not yet read` : 'all of them read'
  return `${all}: they hold an answer of ${count(response.length)} bytes, ${unread}.`
}
/** Bytes of a header up to the end of its size field. */
const SIZE_END = 6

/** Where the device is in a command, and what it holds that the window does not show. */
export function phaseOf(m: Machine): string {
  const tis = tisOf(m)
  if (tis) return tisPhase(tis)
  const { command, response, responseOffset, busy } = qemuCrb.inside(crbOf(m))
  if (busy) return `The TPM executes a command of ${count(command.length)} bytes: saving will wait for its answer.`
  const parts: string[] = []
  if (command.length > 0) {
    parts.push(`half sent: ${count(command.length)} of ${count(readBe32(command, 2))} bytes of a command are held`)
  }
  if (response.length > 0) {
    const rest = response.length - responseOffset
    const unread = rest > 0 ? `${count(rest)} of them not yet in the window` : 'all of them were in the window'
    parts.push(`an answer of ${count(response.length)} bytes is held, ${unread}`)
  }
  const text = parts.join('; ')
  if (text === '') return 'Nothing is held: the subsection will not be needed.'
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

/** The host with another version, machine type or device, and what these set where nobody says otherwise. */
export function changed(host: Host, change: Partial<Host>): Host {
  const { tisBuffer, careless, ...next } = { ...host, ...change }
  const qemu = qemuOf(next)
  const machine = qemu.machines.includes(next.machine) ? next.machine : (qemu.machines.at(-1) as string)
  if (next.device === 'tpm-tis') {
    const large = tisBuffer !== undefined && qemu.largeTis
    return {
      ...next,
      machine,
      capChunk: false,
      allowChunkMigration: false,
      ...(large ? { tisBuffer } : {}),
      ...(careless ? { careless } : {}),
    }
  }
  const anew = [change.qemu, change.machine, change.device].some(c => c !== undefined)
  return { ...next, machine, ...(anew ? propertiesOf(qemu, machine) : {}) }
}

/** The same, where `undefined` takes an option away. */
export const resized = (host: Host, tisBuffer: 8192 | undefined): Host => {
  const { tisBuffer: _, ...rest } = host
  return tisBuffer ? { ...rest, tisBuffer } : rest
}
export const looking = (host: Host, looks: boolean): Host => {
  const { careless: _, ...rest } = host
  return looks ? rest : { ...rest, careless: true }
}

/** A source as changed: what the machine was started with cannot be chosen any more. */
export function changedSource(host: Host, change: Partial<Host>, m: Machine): Host {
  const next = changed(host, change)
  const tis = tisOf(m)
  if (tis) return resized(next, tis.config.bufferSize === 8192 ? 8192 : undefined)
  return { ...next, capChunk: crbOf(m).config.capChunk }
}

/** What matters of a host's version here, in a sentence. */
export function aboutHost(host: Host): string {
  if (host.device === 'tpm-crb') return qemuOf(host).about
  if (host.tisBuffer) {
    return 'A buffer of 8,192 bytes is in no QEMU: our completion. As the array is longer, its section has version 1.'
  }
  const about = 'tpm-tis saves its buffer as one array of 4,096 bytes: version 0 of its section.'
  return host.careless ? `${about} That it does not look at the version is our completion: QEMU looks.` : about
}

export interface StreamTree {
  readonly spans: readonly Span[]
  /** Why the rest is not explained. */
  readonly error: { readonly at: number; readonly message: string } | undefined
  readonly covered: number
}

/** @param reader the host that reads it, with what it knows; without it everything that is known is explained */
export function explainStream(stream: Bytes, reader?: Host): StreamTree {
  const { spans, error, covered } = explain(streamFor(reader && knownOf(reader)), stream)
  return { spans, covered, error: error && { at: error.at, message: error.message } }
}

/** The fields on the way to the innermost one that covers an offset, as a path of their places among their like. */
export function pathTo(spans: readonly Span[], at: number): readonly number[] {
  const i = spans.findIndex(s => at >= s.at && at < s.at + s.length)
  return i < 0 ? [] : [i, ...pathTo((spans[i] as Span).children, at)]
}

export interface TableFilter {
  readonly from: string
  readonly to: string
  readonly at: string
  readonly outcome: string
}
export const NO_TABLE_FILTER: TableFilter = { from: '', to: '', at: '', outcome: '' }

export const filtered = (f: TableFilter): readonly Case[] =>
  CASES.filter(
    c =>
      (f.from === '' || c.from === f.from) &&
      (f.to === '' || c.to === f.to) &&
      (f.at === '' || c.at === f.at) &&
      (f.outcome === '' || c.outcome === f.outcome),
  )

const used = (names: readonly string[]): readonly string[] => Object.keys(HOSTS).filter(n => names.includes(n))
export const TABLE_CHOICES = {
  from: used(CASES.map(c => c.from)).map(n => [n, n] as const),
  to: used(CASES.map(c => c.to)).map(n => [n, n] as const),
  at: Object.entries(POINTS),
  outcome: Object.entries(OUTCOMES)
    .filter(([id]) => CASES.some(c => c.outcome === id))
    .map(([id, o]) => [id, o.title] as const),
}

/** What the guest gets afterwards, in words. */
export const guestText = (c: Case): string =>
  c.same === undefined
    ? 'stays at home, as if nothing had been tried'
    : c.same
      ? 'answers as without it'
      : 'gets something else'
