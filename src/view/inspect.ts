// The explanation of what is selected: what it is for, what it is now, why, and where it is specified. With nothing
// selected, what the step was about.

import { NOTES } from '../guest/driver-notes.ts'
import { FIRMWARE_NOTES } from '../guest/firmware-notes.ts'
import { TIS_NOTES } from '../guest/tis-driver-notes.ts'
import { functionOf } from '../guest/drivers.ts'
import { proseOf } from '../hw/crb.prose.ts'
import { tisProseOf } from '../hw/tis.prose.ts'
import type { RegisterMap } from '../hw/registers.ts'
import { modelOf } from '../machine/device.ts'
import type { Moment } from '../machine/machine.ts'
import { type Actor, describeEffect } from '../machine/describe.ts'
import { WHY_IGNORED } from '../machine/ignored.ts'
import type { LastWrite } from '../machine/machine.ts'
import { ATTRIBUTE_MEANINGS } from '../spec/attribute-meanings.ts'
import type { Slot } from '../tpm/tpm.ts'
import { faceOf } from './face.ts'
import { count, hex, plural, short, word } from './format.ts'
import { contentLeaves, type Leaf, leafAt } from './packets.ts'
import { registersOf } from './registers.ts'
import { slotText } from './tpm.ts'
import type { Selection } from './selection.ts'
import { summary, windowBytes } from './window.ts'

export interface Explanation {
  readonly title: string
  /** Where it stands: "bit 2 of 4c". */
  readonly place: string
  readonly purpose: string
  readonly now: string
  readonly why: string
  readonly source: string
  /** What it is called in the reference. */
  readonly term?: string
  /** The register whose last changes are worth telling. */
  readonly register?: string
  /** The fields of a register, from the highest bit. */
  readonly fields?: readonly FieldNote[]
}

export interface FieldNote {
  readonly name: string
  /** "2" or "19–17". */
  readonly bits: string
  readonly reads: number
  readonly meaning: string
}

export interface Change {
  /** Number of the moment. */
  readonly step: number
  readonly actor: Actor
  readonly text: string
}

const mapOf = (m: Moment): RegisterMap => faceOf(m.machine.config).map
const prose = (name: string, m: Moment) => (m.machine.config.interface ? tisProseOf : proseOf)(name)

/** What became of a write, in words. */
const became = (w: LastWrite): string =>
  w.effects
    .map(e => {
      if (e.kind === 'ignored') return `ignored: ${WHY_IGNORED[e.why]}`
      if (e.kind === 'submit') return `handed ${count(e.command.length)} bytes to the TPM`
      return e.kind === 'cancel' ? 'asked the TPM to cancel' : describeEffect(e)
    })
    .join('; ')

/** How far back changes are looked for, in moments. */
const REACH = 512

/** The last changes of a register before and at moment `k`, newest first: who wrote it, or made it read another value. */
export function changesOf(name: string, k: number, at: (k: number) => Moment, most = 5): readonly Change[] {
  const face = faceOf(at(k).machine.config)
  const register = face.map[name]?.at
  if (register === undefined) return []
  const offset = face.base(at(k)) + register
  const out: Change[] = []
  const model = modelOf(at(k).machine.config)
  for (let step = k; step > Math.max(0, k - REACH) && out.length < most; step--) {
    const { events, machine } = at(step)
    const write = machine.writes[offset]
    const reads = model.read(machine.device, offset, 4)
    const was = model.read(at(step - 1).machine.device, offset, 4)
    if (write && events.some(e => e.t === 'mmio' && e.dir === 'write' && write.step === step)) {
      out.push({ step, actor: 'G', text: `written ${hex(write.value, 8)}: ${became(write)}` })
    } else if (reads !== was) {
      const actor = events.some(e => e.t === 'response') ? 'T' : 'D'
      out.push({ step, actor, text: `reads ${hex(reads, 8)}, was ${hex(was, 8)}` })
    }
  }
  return out
}

const upper = (s: string): string => s.slice(0, 1).toUpperCase() + s.slice(1)

function register(name: string, m: Moment, before: Moment | undefined): Explanation | undefined {
  const r = registersOf(m, before).find(x => x.name === name)
  const declared = mapOf(m)[name]
  if (!r || !declared) return undefined
  const on = r.cells.filter(c => c.reads !== 0).map(c => (c.field.width === 1 ? c.name : `${c.name} ${c.reads}`))
  return {
    title: declared.full,
    place: `offset ${hex(r.at, 2)}`,
    purpose: `${declared.doc}.`,
    now: `Reads ${hex(r.reads, 8)}${on.length > 0 ? `: ${on.join(', ')}` : ''}.`,
    why: prose(name, m)?.qemu ?? '',
    source: declared.source,
    term: name,
    register: name,
    fields: r.cells.map(c => ({
      name: c.name,
      bits: c.field.width === 1 ? `${c.field.low}` : `${c.field.low + c.field.width - 1}–${c.field.low}`,
      reads: c.reads,
      meaning: prose(name, m)?.fields?.[c.name]?.values?.[c.reads] ?? '',
    })),
  }
}

/** nextChunk means two things; which one QEMU's device would take it for now. */
function direction(m: Moment): string {
  const { response, responseOffset, busy } = modelOf(m.machine.config).inside(m.machine.device)
  if (busy) return ' Written now it would be ignored: a command runs.'
  return responseOffset < response.length
    ? ' Written now it would mean: show the next chunk of the answer.'
    : ' Written now it would mean: take the chunk in the window.'
}

function bitOf(registerName: string, field: string, m: Moment, before: Moment | undefined): Explanation | undefined {
  const r = registersOf(m, before).find(x => x.name === registerName)
  const cell = r?.cells.find(c => c.name === field)
  const declared = mapOf(m)[registerName]
  if (!r || !cell || !declared) return undefined
  const { low, width, doc } = cell.field
  const { purpose, qemu, values } = prose(registerName, m)?.fields?.[field] ?? {}
  const meaning = values?.[cell.reads]
  const written = cell.written === undefined ? '' : ` Last written ${cell.written}, at step ${r.write?.step}.`
  return {
    title: field,
    place: `${width === 1 ? `bit ${low}` : `bits ${low + width - 1} to ${low}`} of ${hex(r.at, 2)}`,
    purpose: purpose ? `${doc}. ${purpose}` : `${doc}.`,
    now: `Reads ${cell.reads}${meaning ? `: ${meaning}` : ''}.${written}${field === 'nextChunk' ? direction(m) : ''}`,
    why: qemu ?? '',
    source: `${declared.source}; ${declared.full}.${field}`,
    term: registerName,
    register: registerName,
  }
}

/** The line that was executed, and why it is there. */
export function lineNote(m: Moment): { readonly text: string; readonly note: string } | undefined {
  const e = m.events.find(x => x.t === 'line')
  const text = e?.t === 'line' ? functionOf(m.machine.guest, e.fn)?.lines[e.n - 1]?.text : undefined
  const notes = m.machine.config.interface ? TIS_NOTES : NOTES
  const note = e?.t === 'line' && text ? (notes[e.fn]?.[text] ?? FIRMWARE_NOTES[text]) : undefined
  return text && note ? { text, note } : undefined
}

/** What the bits that are set mean, for a field that is an attribute word. */
function attributes(leaf: Leaf | undefined): string {
  const meanings = leaf && ATTRIBUTE_MEANINGS[leaf.type]
  if (!meanings || !leaf.text) return ''
  return leaf.text
    .split(' ')
    .filter(name => meanings[name])
    .map(name => `${name}: ${meanings[name]}.`)
    .join(' ')
}

const BUFFER = 'The buffer of the device is reached through the data port alone, one byte after the other.'

function byte(at: number, m: Moment): Explanation {
  const { content, config } = m.machine
  const value = windowBytes(m.machine)[at] ?? 0
  const place = `byte ${hex(at, 3)}`
  const now = `${hex(value, 2)} hex, ${value} decimal.`
  if (content.kind === 'nothing' || at >= content.length) {
    const stale = content.kind !== 'nothing' && value !== 0
    return {
      title: stale ? 'A stale byte' : 'An unused byte',
      place,
      purpose: config.interface ? BUFFER : 'The window is plain memory: writing it has no effect by itself.',
      now,
      why: stale ? 'Left over from before; the size field says that nobody reads it.' : '',
      source: config.interface
        ? 'PTP 1.07, FIFO interface'
        : `PTP 1.07, data buffer; window of ${count(config.window)} bytes`,
    }
  }
  const leaf = leafAt(contentLeaves(m.machine), content.part + at)
  return {
    title: leaf?.name ?? 'A byte of no field',
    place,
    purpose: leaf?.doc
      ? `${upper(leaf.doc)}.`
      : leaf
        ? `${leaf.type}, ${plural(leaf.length, 'byte')}, in the ${content.kind}.`
        : '',
    now: leaf?.text ? `${leaf.text}. This byte: ${now}` : now,
    why: leaf?.error ?? attributes(leaf),
    source: leaf?.source ?? 'Part 1, 18: command and response format',
    ...(leaf ? { term: leaf.type } : {}),
  }
}

function object(handle: number, m: Moment): Explanation {
  const slot: Slot | undefined = m.machine.backend.tpm.objects[handle - 0x80000000]
  if (!slot) {
    return {
      title: word(handle),
      place: 'transient slot',
      purpose: 'Nothing is loaded under this handle now.',
      now: 'Empty.',
      why: '',
      source: 'Part 1, 22',
    }
  }
  const base = { place: `handle ${word(handle)}`, why: '' }
  if (slot.kind !== 'object') {
    return {
      ...base,
      title: slotText(slot),
      purpose: 'A message that comes in parts is collected here.',
      now: `${plural(slot.message.length, 'byte')} so far.`,
      source: 'Part 3, 17',
    }
  }
  return {
    ...base,
    title: slotText(slot),
    purpose: 'A loaded object: its public area, and its private part where that was loaded too.',
    now: `Name ${short(slot.name, 34)}. Attributes ${hex(slot.publicArea.objectAttributes, 8)}.`,
    term: 'TPMT_PUBLIC',
    source: 'Part 1, 22; Part 2, 12.2',
  }
}

/** A step that copied bytes into the window or out of it. */
const windowNote = (m: Moment): Explanation => ({
  title: 'The data window',
  place: 'offset 80',
  purpose: 'One buffer for commands and answers. It is plain memory: copying alone makes nothing happen.',
  now: `${upper(summary(m.machine))}.`,
  why: 'It can be read and written at any time, and keeps its bytes over reset, goIdle and relinquish.',
  source: 'PTP 1.07, data buffer',
})

export function inspect(s: Selection | undefined, m: Moment, before: Moment | undefined): Explanation | undefined {
  if (!s) {
    const touched = registersOf(m, before).find(r => r.touched) ?? registersOf(m, before).find(r => r.changed)
    if (touched) return register(touched.name, m, before)
    return m.events.some(e => e.t === 'window') ? windowNote(m) : undefined
  }
  switch (s.kind) {
    case 'register':
      return register(s.name, m, before)
    case 'bit':
      return bitOf(s.register, s.field, m, before)
    case 'byte':
      return byte(s.at, m)
    case 'object':
      return object(s.handle, m)
  }
}
