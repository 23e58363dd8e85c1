// What the migration panel shows: where the machine is in a command, the choices of a host, the stream as a tree of fields,
// and the table of all outcomes with its filter.

import { explain, type Span } from '../codec/explain.ts'
import { CASES, type Case, HOSTS } from '../lessons/migration-table.ts'
import { POINTS } from '../lessons/when.ts'
import { qemuCrb } from '../hw/crb.ts'
import { type Bytes, readBe32 } from '../lib/bytes.ts'
import { crbOf } from '../machine/device.ts'
import { type Host, propertiesOf, qemuOf } from '../machine/host.ts'
import type { Machine } from '../machine/machine.ts'
import { OUTCOMES } from '../machine/outcome.ts'
import { streamFor } from '../machine/stream.ts'
import { count } from './format.ts'

/** Where the device is in a command, and what it holds that the window does not show. */
export function phaseOf(m: Machine): string {
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

/** The host with another version or machine type, and what these set where nobody says otherwise. */
export function changed(host: Host, change: Partial<Host>): Host {
  const next = { ...host, ...change }
  const qemu = qemuOf(next)
  const machine = qemu.machines.includes(next.machine) ? next.machine : (qemu.machines.at(-1) as string)
  const defaults = change.qemu !== undefined || change.machine !== undefined ? propertiesOf(qemu, machine) : {}
  return { ...next, machine, ...defaults }
}

/** A source as changed: what the machine was started with cannot be chosen any more. */
export function changedSource(host: Host, change: Partial<Host>, m: Machine): Host {
  const { capChunk } = crbOf(m).config
  return { ...changed(host, change), capChunk }
}

export interface StreamTree {
  readonly spans: readonly Span[]
  /** Why the rest is not explained. */
  readonly error: { readonly at: number; readonly message: string } | undefined
  readonly covered: number
}

export function explainStream(stream: Bytes): StreamTree {
  const { spans, error, covered } = explain(streamFor(), stream)
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
