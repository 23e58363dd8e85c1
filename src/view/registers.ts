// The device's registers at a moment: what a read returns, what was last written, and what came of it. On QEMU a request
// bit never reads back as 1, so written and reads are two values.

import { type Field, listRegisters, type NamedRegister, type Register } from '../hw/registers.ts'
import { memo } from '../lib/memo.ts'
import { WHY_IGNORED } from '../machine/ignored.ts'
import { modelOf, tisParts } from '../machine/device.ts'
import type { LastWrite, Moment } from '../machine/machine.ts'
import { type Face, faceOf } from './face.ts'
import { count, hex } from './format.ts'
import { memorySize } from './window.ts'

export interface Cell {
  readonly name: string
  readonly field: Field
  /** Value that a read returns. */
  readonly reads: number
  /** Value of the last write; undefined when the register was never written. */
  readonly written: number | undefined
  /** Its value changed in this step. */
  readonly changed: boolean
}

export interface Outcome {
  /** Undefined: the value asked for nothing, so nothing was done and nothing was ignored. */
  readonly ok: boolean | undefined
  /** "taken", "ignored", … */
  readonly verb: string
  readonly detail: string
}

export interface RegisterView {
  readonly name: string
  readonly at: number
  readonly register: Register
  readonly reads: number
  readonly write: LastWrite | undefined
  /** This step's access. */
  readonly touched: 'read' | 'write' | undefined
  /** The value read changed in this step. */
  readonly changed: boolean
  readonly cells: readonly Cell[]
  readonly outcome: Outcome | undefined
  /** Whether the last write was obeyed, in whatever step; undefined when there was none or it asked for nothing. */
  readonly obeyed: boolean | undefined
  /** Its request bits are never seen set. */
  readonly clearsAtOnce: boolean
  /** A migration left behind what the device held. */
  readonly lost: boolean
  /** Why it reads what it reads, or what happened last; a few words. */
  readonly note: string
}

/** What became of a write, for beside its cells. @param window bytes of the window, for the number of a chunk */
export function outcomeOf({ value, effects }: LastWrite, window: number): Outcome | undefined {
  const last = effects.find(e => e.kind === 'ignored' || e.kind === 'fatal') ?? effects.at(-1)
  if (!last) return undefined
  const part = (e: { offset: number; length: number; total: number }): string =>
    `${e.total > window ? `chunk ${Math.floor(e.offset / window) + 1}, ` : ''}${count(e.length)} bytes`
  switch (last.kind) {
    case 'ignored':
      if (value === 0 && last.why === 'no-such-value')
        return { ok: undefined, verb: 'no effect:', detail: '0 asks nothing' }
      return { ok: false, verb: 'ignored:', detail: WHY_IGNORED[last.why] }
    case 'fatal':
      return { ok: false, verb: 'refused:', detail: 'tpmSts is set' }
    case 'taken':
      if (last.length === 0)
        return { ok: false, verb: 'nothing taken:', detail: `${count(last.offset)} bytes are held` }
      return { ok: true, verb: 'taken:', detail: part(last) }
    case 'filled':
      return { ok: true, verb: last.retry ? 'shown again:' : 'shown:', detail: part(last) }
    case 'submit':
      return { ok: true, verb: 'started:', detail: `${count(last.command.length)} bytes go to the TPM` }
    case 'cancel':
      return { ok: true, verb: 'asked:', detail: 'the TPM is to cancel' }
    case 'granted':
      return { ok: true, verb: 'granted:', detail: 'locality 0' }
    case 'relinquished':
      return { ok: true, verb: 'free:', detail: 'locality 0' }
    case 'ready':
    case 'idle':
      return { ok: true, verb: `${last.kind}:`, detail: `tpmIdle is ${last.kind === 'idle' ? 1 : 0}` }
    case 'completed':
      return { ok: true, verb: 'answered:', detail: `${count(last.length)} bytes` }
    case 'tis':
      return {
        ok: last.what !== 'dropped',
        verb: last.what === 'dropped' ? 'no effect:' : 'done:',
        detail: tisParts().describe(last).replace('ignored: ', ''),
      }
  }
}

function note(r: Omit<RegisterView, 'note'>, says: ((on: (field: string) => boolean) => string) | undefined): string {
  if (says) return says(field => r.cells.some(c => c.name === field && c.reads !== 0))
  if (r.touched === 'read') return `read: ${hex(r.reads, 8)}`
  if (r.write) return `written ${hex(r.write.value, 1)}, step ${r.write.step}`
  const access = Object.values(r.register.fields)[0]?.access
  return access === 'ro' ? 'read only' : 'never written'
}

/** Why a bit that was written last does not read so, or until when it does; empty where there is nothing to say. */
export function whyReads(r: RegisterView): string {
  const written = r.cells.find(c => (c.written ?? 0) !== 0)
  if (!written || written.field.access === 'ro') return ''
  if (!r.clearsAtOnce) return ''
  if (written.name !== 'Start') return written.reads === written.written ? '' : 'never reads 1 on QEMU'
  if (written.reads === 1) return 'until the answer is there'
  if (!r.obeyed) return 'not started'
  return r.lost ? 'cleared: the answer was left behind' : 'cleared: the answer is there'
}

/** All that a view of a register is made from. */
interface Seen {
  readonly reads: number
  readonly was: number
  readonly write: LastWrite | undefined
  readonly touched: 'read' | 'write' | undefined
  /** The last write is of this step. */
  readonly fresh: boolean
  readonly window: number
  readonly lost: boolean
  readonly face: Face
}

type Known = NamedRegister

function viewOf(
  { name, register }: Known,
  { reads, was, write, touched, fresh, window, lost, face }: Seen,
): RegisterView {
  const { at } = register
  const became = write && outcomeOf(write, window)
  const cells = Object.entries(register.fields).map(([fieldName, field]) => {
    const of = (v: number): number => Math.floor(v / 2 ** field.low) % 2 ** field.width
    return {
      name: fieldName,
      field,
      reads: of(reads),
      written: write ? of(write.value) : undefined,
      changed: of(reads) !== of(was),
    }
  })
  const view = {
    name,
    at,
    register,
    reads,
    write,
    touched,
    changed: reads !== was,
    cells: cells.toSorted((a, b) => b.field.low - a.field.low),
    outcome: fresh ? became : undefined,
    obeyed: became?.ok,
    clearsAtOnce: face.clearsAtOnce,
    lost,
  }
  return { ...view, note: note(view, face.says[name]) }
}

const PAGE = 0x1000
const listed = memo(listRegisters)
const COPIED = { in: 'write', out: 'read' } as const

const made = new Map<string, { readonly seen: Seen; readonly view: RegisterView }>()

/** The view made last, as long as all that it is made from is the same: what did not change is not drawn again. */
function kept(known: Known, seen: Seen): RegisterView {
  const last = made.get(known.name)
  if (last && (Object.keys(seen) as (keyof Seen)[]).every(k => last.seen[k] === seen[k])) return last.view
  const view = viewOf(known, seen)
  made.set(known.name, { seen, view })
  return view
}

/** Every register, from the lowest offset. */
export function registersOf(m: Moment, before: Moment | undefined): readonly RegisterView[] {
  const { device, writes, step, config } = m.machine
  const old = before?.machine.device
  const model = modelOf(config)
  const face = faceOf(config)
  const base = face.base(m)
  const lost = m.machine.migration !== undefined && model.inside(device).response.length === 0
  return listed(face.map).map(known => {
    const at = base + known.register.at
    const reads = model.read(device, at, 4)
    const write = writes[at]
    const access = m.events.find(e => (e.t === 'mmio' ? e.offset & ~3 : e.t === 'window' && e.offset) === at % PAGE)
    return kept(known, {
      reads,
      was: old ? model.read(old, at, 4) : reads,
      write,
      touched: access?.t === 'mmio' ? access.dir : access?.t === 'window' ? COPIED[access.dir] : undefined,
      fresh: write !== undefined && write.step === step,
      window: memorySize(m.machine),
      lost,
      face,
    })
  })
}

/** The same, remembered for the moment that was asked for last. */
export const registers = memo(registersOf)

/** The register that the step touched, or that was changed by what happened in it. */
export const focusOf = (all: readonly RegisterView[]): RegisterView | undefined =>
  all.find(r => r.touched) ?? all.find(r => r.changed)

/** The one shown as a pair: where the step touched none, the one written last stays; before any write, CTRL_START. */
export const pairedOf = (all: readonly RegisterView[]): RegisterView | undefined => {
  const first = all.find(r => r.name === 'CTRL_START' || r.name === 'STS')
  const latest = all.reduce((a, r) => ((r.write?.step ?? -1) > (a?.write?.step ?? -1) ? r : a), first)
  return focusOf(all) ?? latest
}

/** Device and locality in a few words: "locality 0, holds 3,968 bytes". */
export function deviceStatus(m: Moment): string {
  const model = modelOf(m.machine.config)
  const inside = model.inside(m.machine.device)
  const held = inside.busy
    ? 'executing'
    : inside.command.length > 0
      ? `holds ${count(inside.command.length)} bytes`
      : inside.response.length > 0
        ? `holds an answer of ${count(inside.response.length)} bytes`
        : 'holds nothing'
  return `${faceOf(m.machine.config).owner(m.machine)}, ${held}`
}
