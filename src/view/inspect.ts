// The explanation of what is selected: what it is for, what it is now, why, and where it is specified. With nothing
// selected, what the step was about.

import { NOTES } from '../guest/driver-notes.ts'
import { DRIVER } from '../guest/driver.ts'
import { CRB } from '../hw/crb.map.ts'
import { proseOf } from '../hw/crb.prose.ts'
import type { RegisterMap } from '../hw/registers.ts'
import type { Moment } from '../machine/machine.ts'
import { describeEffect } from '../machine/describe.ts'
import { WHY_IGNORED } from '../machine/ignored.ts'
import type { LastWrite } from '../machine/machine.ts'
import { ATTRIBUTE_MEANINGS } from '../spec/attribute-meanings.ts'
import type { Slot } from '../tpm/tpm.ts'
import { count, hex, plural, short, word } from './format.ts'
import { contentLeaves, type Leaf, leafAt } from './packets.ts'
import { registersOf } from './registers.ts'
import { slotText } from './tpm.ts'
import type { Selection } from './selection.ts'
import { windowBytes } from './window.ts'

export interface Explanation {
  readonly title: string
  /** Where it stands: "bit 2 of 4c". */
  readonly place: string
  readonly purpose: string
  readonly now: string
  readonly why: string
  readonly source: string
  readonly history: readonly { readonly step: number; readonly text: string }[]
}

const MAP: RegisterMap = CRB

/** What became of a write, in words. */
const became = (w: LastWrite): string =>
  w.effects
    .map(e => {
      if (e.kind === 'ignored') return `ignored: ${WHY_IGNORED[e.why]}`
      if (e.kind === 'submit') return `handed ${count(e.command.length)} bytes to the TPM`
      return e.kind === 'cancel' ? 'asked the TPM to cancel' : describeEffect(e)
    })
    .join('; ')

const history = (write: LastWrite | undefined): Explanation['history'] =>
  write ? [{ step: write.step, text: `written ${hex(write.value, 8)} by the guest, ${became(write)}` }] : []

function register(name: string, m: Moment, before: Moment | undefined): Explanation | undefined {
  const r = registersOf(m, before).find(x => x.name === name)
  const declared = MAP[name]
  if (!r || !declared) return undefined
  const on = r.cells.filter(c => c.reads !== 0).map(c => (c.field.width === 1 ? c.name : `${c.name} ${c.reads}`))
  return {
    title: declared.full,
    place: `offset ${hex(r.at, 2)}`,
    purpose: `${declared.doc}.`,
    now: `Reads ${hex(r.reads, 8)}${on.length > 0 ? `: ${on.join(', ')}` : ''}.`,
    why: proseOf(name)?.qemu ?? '',
    source: declared.source,
    history: history(r.write),
  }
}

function bitOf(registerName: string, field: string, m: Moment, before: Moment | undefined): Explanation | undefined {
  const r = registersOf(m, before).find(x => x.name === registerName)
  const cell = r?.cells.find(c => c.name === field)
  const declared = MAP[registerName]
  if (!r || !cell || !declared) return undefined
  const { low, width, doc } = cell.field
  const { purpose, qemu, values } = proseOf(registerName)?.fields?.[field] ?? {}
  const meaning = values?.[cell.reads]
  const written = cell.written === undefined ? '' : ` Last written ${cell.written}, at step ${r.write?.step}.`
  return {
    title: field,
    place: `${width === 1 ? `bit ${low}` : `bits ${low + width - 1} to ${low}`} of ${hex(r.at, 2)}`,
    purpose: purpose ? `${doc}. ${purpose}` : `${doc}.`,
    now: `Reads ${cell.reads}${meaning ? `: ${meaning}` : ''}.${written}`,
    why: qemu ?? '',
    source: `${declared.source}; ${declared.full}.${field}`,
    history: history(r.write),
  }
}

/** The line that was executed, and why it is there. */
export function lineNote(m: Moment): { readonly text: string; readonly note: string } | undefined {
  const e = m.events.find(x => x.t === 'line')
  const text = e?.t === 'line' ? DRIVER[e.fn]?.lines[e.n - 1]?.text : undefined
  const note = e?.t === 'line' && text ? NOTES[e.fn]?.[text] : undefined
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

function byte(at: number, m: Moment): Explanation {
  const { content, config } = m.machine
  const value = windowBytes(m.machine)[at] ?? 0
  const place = `byte ${hex(at, 3)} of the window, offset ${hex(0x80 + at, 3)}`
  const now = `${hex(value, 2)} hex, ${value} decimal.`
  if (content.kind === 'nothing' || at >= content.length) {
    const stale = content.kind !== 'nothing' && value !== 0
    return {
      title: stale ? 'A stale byte' : 'An unused byte',
      place,
      purpose: 'The window is plain memory: writing it has no effect by itself.',
      now,
      why: stale ? 'Left over from before; the size field says that nobody reads it.' : '',
      source: `PTP 1.07, data buffer; window of ${count(config.window)} bytes`,
      history: [],
    }
  }
  const leaf = leafAt(contentLeaves(m.machine), content.part + at)
  return {
    title: leaf?.name ?? 'A byte of no field',
    place,
    purpose: leaf?.doc ?? (leaf ? `${leaf.type}, ${plural(leaf.length, 'byte')}, in the ${content.kind}.` : ''),
    now: leaf?.text ? `${leaf.text}. This byte: ${now}` : now,
    why: leaf?.error ?? attributes(leaf),
    source: leaf?.source ?? 'Part 1, 18: command and response format',
    history: [],
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
      history: [],
    }
  }
  const base = { place: `handle ${word(handle)}`, history: [], why: '' }
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
    source: 'Part 1, 22; Part 2, 12.2',
  }
}

export function inspect(s: Selection | undefined, m: Moment, before: Moment | undefined): Explanation | undefined {
  if (!s) {
    const touched = registersOf(m, before).find(r => r.touched) ?? registersOf(m, before).find(r => r.changed)
    return touched ? register(touched.name, m, before) : undefined
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
