// What happened in a step, and what comes next, as full sentences. Every kind of event has its words; the sentence of a
// step is that of its weightiest event, with what followed from it.

import { ERRNO } from '../guest/driver.ts'
import { functionOf } from '../guest/drivers.ts'
import type { Effect } from '../hw/device.ts'
import { registerAt } from '../hw/registers.ts'
import { never } from '../lib/assert.ts'
import { WHY_IGNORED } from '../machine/ignored.ts'
import { modelOf, tisParts } from '../machine/device.ts'
import type { Event } from '../machine/events.ts'
import type { Moment } from '../machine/machine.ts'
import { ended, request } from '../machine/reduce.ts'
import { commandName } from '../spec/codes.ts'
import { returnCodeName } from '../spec/return-codes.ts'
import type { TpmEvent } from '../tpm/events.ts'
import { faceOf } from './face.ts'
import { count, duration, hex } from './format.ts'
import { memorySize } from './window.ts'

const nameAt = (offset: number, m: Moment): string =>
  registerAt(faceOf(m.machine.config).map, offset)?.name ?? `offset ${hex(offset, 2)}`

/** The names of the bits that are 1 in a value written to a register. */
export function bitNames(offset: number, value: number, m?: Moment): string {
  const found = registerAt(faceOf(m?.machine.config).map, offset)
  if (!found) return hex(value, 8)
  const names = Object.entries(found.register.fields)
    .filter(([, f]) => Math.floor(value / 2 ** f.low) % 2 ** f.width !== 0)
    .map(([name]) => name)
  return names.length > 0 ? names.join(' and ') : '0'
}

/** Words of the TIS as a sentence. */
const tisSentence = (words: string): string => {
  const said = `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`
  return words.startsWith('ignored') ? `${said} It looks like success.` : said
}

function effectSentence(e: Exclude<Effect, { kind: 'submit' | 'cancel' }>, m: Moment): string {
  const window = memorySize(m.machine)
  switch (e.kind) {
    case 'granted':
      return 'The device granted locality 0.'
    case 'relinquished':
      return 'Locality 0 is free again.'
    case 'ready':
      return 'The device left idle: it expects a command.'
    case 'idle':
      return 'The device is idle.'
    case 'taken': {
      const own = faceOf(m.machine.config).took?.(e)
      if (own) return own
      if (e.length === 0) {
        return e.offset < e.total
          ? `The device took nothing: its buffer of ${count(e.offset)} bytes is full.`
          : `The device took nothing: it holds all ${count(e.offset)} bytes that the header announces.`
      }
      return e.total > window
        ? `The device took chunk ${Math.floor(e.offset / window) + 1}: ${count(e.offset + e.length)} of ${count(e.total)} bytes.`
        : `The device took the command: ${count(e.length)} bytes.`
    }
    case 'filled': {
      const chunk = e.total > window ? `chunk ${Math.floor(e.offset / window) + 1} of the answer` : 'the answer'
      const again = e.retry ? ' again' : ''
      return `The device put ${chunk} into the window${again}: ${count(e.offset + e.length)} of ${count(e.total)} bytes.`
    }
    case 'completed':
      return `The device cleared Start: an answer of ${count(e.length)} bytes is there.`
    case 'fatal':
      return `The device set tpmSts: ${e.reason}.`
    case 'ignored':
      if (e.why === 'no-such-value') return 'The device did nothing: that value asks for nothing.'
      return `The device ignored it: ${WHY_IGNORED[e.why]}. It looks like success.`
    case 'tis':
      return tisSentence(tisParts().describe(e))
    default:
      return never(e)
  }
}

/** What the TPM does in the opening scenario; the words for the rest come with the rest of the engine. */
let tpmSentence = (e: TpmEvent): string => {
  if (e.kind === 'object-loaded') return `The TPM holds a new object as ${hex(e.handle, 8)}.`
  return e.kind === 'sign' ? `The TPM signed with key ${hex(e.handle, 8)}.` : ''
}
export const addTpmSentences = (words: (e: TpmEvent) => string): void => {
  tpmSentence = words
}

/** Who makes an access: code at another locality is not the driver. */
const who = (locality: number): string => (locality === 0 ? 'The driver' : `Code at locality ${locality}`)

/** One event in a full sentence. */
export const sentence = (e: Event, m: Moment): string => late('event', m, () => words(e, m), e)

/** Words for firmware, power and jobs come late, with the machine that has them: platform-words.ts. */
export type LateWords = (what: 'event' | 'now' | 'next', m: Moment, early: () => string, e?: Event) => string
let late: LateWords = (_, _m, early) => early()
export const addWords = (words: LateWords): void => {
  late = words
}

function words(e: Event, m: Moment): string {
  switch (e.t) {
    case 'line':
      return `The driver executed ${e.fn}, line ${e.n}.`
    case 'call':
      return `The driver enters ${e.fn}().`
    case 'return':
      return e.rc < 0 ? `${e.fn}() gives up with ${ERRNO[e.rc] ?? e.rc}.` : `${e.fn}() returns ${count(e.rc)}.`
    case 'var':
      return e.from === undefined
        ? `The driver set ${e.name} to ${count(e.to)}.`
        : `The driver changed ${e.name} from ${count(e.from)} to ${count(e.to)}.`
    case 'wait': {
      const { waits, provesNothing } = faceOf(m.machine.config)
      const w = waits[e.timer]
      if (e.state === 'waiting') return `The driver waits ${w?.what ?? e.timer}: ${duration(e.took)} so far.`
      if (e.state === 'expired') return `The driver gave up waiting after ${duration(e.took)}.`
      if (provesNothing.has(e.timer)) return `${w?.met ?? e.timer}, so the wait ends at once. On QEMU it never reads 1.`
      if (e.timer === 'command') {
        const held = modelOf(m.machine.config).inside(m.machine.device).response.length > 0
        return `${w?.met}, after ${duration(e.took)}: ${held ? 'the answer is there' : 'but there is no answer'}.`
      }
      return `${w?.met ?? e.timer}, after ${duration(e.took)}.`
    }
    case 'task':
      if (e.state === 'begin') return `The application hands over a command of ${count(e.length)} bytes.`
      return e.length < 0
        ? `The application gets ${ERRNO[e.length] ?? e.length} instead of an answer.`
        : `The application has its answer: ${count(e.length)} bytes.`
    case 'beat':
      return `${e.name}.`
    case 'mmio':
      return e.dir === 'write'
        ? `${who(e.locality)} wrote ${bitNames(e.offset, e.value, m)} to ${nameAt(e.offset, m)}.`
        : `The driver read ${nameAt(e.offset, m)}: ${hex(e.value, 2 * e.size)}.`
    case 'window': {
      const window = memorySize(m.machine)
      const own = faceOf(m.machine.config).copies?.(e, true)
      if (own) return own
      if (e.dir === 'out' && e.length < 8) return `The driver looked at the size field of the answer.`
      if (e.dir === 'out') return `The driver copied ${count(e.length)} bytes out of the window.`
      const chunk = e.total > window ? `chunk ${Math.floor(e.part / window) + 1}` : 'the command'
      return `The driver copied ${chunk} into the window: ${count(e.length)} bytes.`
    }
    case 'device':
      return effectSentence(e.effect, m)
    case 'submit':
      return `The device handed ${count(e.length)} bytes to the TPM${e.code === undefined ? '' : `: ${commandName(e.code)}`}.`
    case 'cancel':
      return 'The device asked the TPM to cancel.'
    case 'response':
      return e.rc === 0
        ? `The TPM answered with ${count(e.length)} bytes.`
        : `The TPM refused: ${e.rc === undefined ? 'no response code' : returnCodeName(e.rc)}.`
    case 'tpm':
      return tpmSentence(e.event)
    case 'job':
    case 'platform':
      // Not before the words for them are there.
      return ''
    case 'user':
      if (e.act === 'cancel') return 'You asked the driver to cancel.'
      return e.act === 'enqueue' ? `You sent a command: ${e.label}.` : e.label
    default:
      return never(e)
  }
}

/** From heavy to light: what a step is about. */
const WEIGHT: readonly Event['t'][] = [
  ...(['response', 'job', 'submit', 'cancel', 'task', 'mmio', 'window', 'var', 'return', 'call', 'line'] as const),
]

/** What happened in the step that led to `m`. */
export const now = (m: Moment): string => late('now', m, () => happened(m))

function happened(m: Moment): string {
  const { events } = m
  if (m.machine.step === 0 && events.length === 0) {
    const started = m.machine.config.prepare.length > 0 ? ' The firmware has started the TPM;' : ''
    return `Power is on.${started} ${started ? 't' : 'T'}he driver has not run yet.`
  }
  const write = events.find(e => e.t === 'mmio' && e.dir === 'write')
  const effects = events.filter(e => e.t === 'device')
  const wait = events.find(e => e.t === 'wait')
  const response = events.find(e => e.t === 'response')
  const submit = events.find(e => e.t === 'submit')
  const task = events.find(e => e.t === 'task')
  const out: string[] = []
  // Of an act with consequences, what came of it in the end.
  const act = events.findLast(e => e.t === 'user')
  if (act) return sentence(act, m)
  if (response) {
    if (wait) out.push('While the driver waited, the TPM finished.')
    const did = events.find(e => e.t === 'tpm' && e.event.kind !== 'object-flushed')
    out.push(did ? sentence(did, m) : sentence(response, m))
    const filled = effects.find(
      e => e.t === 'device' && (e.effect.kind === 'filled' || e.effect.kind === 'fatal' || e.effect.kind === 'tis'),
    )
    if (response.t === 'response' && response.rc !== 0 && did) out.push(sentence(response, m))
    if (filled) out.push(sentence(filled, m))
    return out.join(' ')
  }
  const job = events.find(e => e.t === 'job')
  if (job) return sentence(job, m)
  if (submit) return `${write ? sentence(write, m) : ''} ${sentence(submit, m)}`.trim()
  if (write) {
    const last = effects.find(e => e.t === 'device' && e.effect.kind !== 'completed')
    const cancelled = events.find(e => e.t === 'cancel')
    return [write, ...(last ? [last] : []), ...(cancelled ? [cancelled] : [])].map(e => sentence(e, m)).join(' ')
  }
  const copied = events.find(e => e.t === 'window')
  if (copied && effects.length > 0) return [copied, ...effects].map(e => sentence(e, m)).join(' ')
  if (wait) return sentence(wait, m)
  if (task) return sentence(task, m)
  const main = WEIGHT.map(t => events.find(e => e.t === t)).find(e => e !== undefined)
  const line = events.find(e => e.t === 'line')
  if (main?.t === 'line' && line?.t === 'line') return test(line.fn, line.n, m)
  return main ? sentence(main, m) : ''
}

/** A line that only decided where to go on: what it asked, and whether it held. */
function test(fn: string, n: number, m: Moment): string {
  const line = functionOf(m.machine.guest, fn)?.lines[n - 1]
  const frame = m.machine.guest.stack.at(-1)
  if (!line || frame?.fn !== fn) return `The driver left ${fn}.`
  if (line.op?.kind !== 'test') return `The driver executed ${line.text.replace(/;$/, '')}.`
  return `The driver checked ${line.text.replace(/ \{$/, '')}: ${frame.pc === line.next ? 'yes' : 'no'}.`
}

/** What there is to say where no moment follows `m`: the run is over, or it has not been computed further. */
function atTheEnd(m: Moment | undefined): string {
  if (m && request(m.machine)) return 'The driver goes on when the TPM has found its primes.'
  if (!m || !ended(m.machine)) return 'The driver goes on.'
  const { tasks, results, kept } = m.machine.guest
  const answered = results.length - kept >= tasks.length && results.every(r => r.rc >= 0)
  return answered ? 'Nothing more to do: the application has all its answers.' : 'Nothing more to do.'
}

/** What the step to `m` is going to be; `m` is the moment that follows, and `here` the one on stage. */
export const upcoming = (m: Moment | undefined, here?: Moment): string =>
  m ? late('next', m, () => coming(m)) : atTheEnd(here)

function coming(m: Moment): string {
  const { events } = m
  const access = events.find(e => e.t === 'mmio' || e.t === 'window')
  const line = events.find(e => e.t === 'line')
  const wait = events.find(e => e.t === 'wait')
  const user = events.find(e => e.t === 'user')
  if (user) return sentence(user, m)
  if (wait?.t === 'wait') {
    const reg = access?.t === 'mmio' ? nameAt(access.offset, m) : ''
    if (wait.state === 'waiting') return `The driver reads ${reg} and goes on waiting.`
    return faceOf(m.machine.config).provesNothing.has(wait.timer)
      ? `The driver polls ${reg}. The bit already reads 0, so the wait ends at once.`
      : `The driver reads ${reg} and finds what it waits for.`
  }
  if (access?.t === 'mmio') {
    const reg = nameAt(access.offset, m)
    return access.dir === 'write'
      ? `${who(access.locality)} writes ${bitNames(access.offset, access.value, m)} to ${reg}.`
      : `The driver reads ${reg}.`
  }
  if (access?.t === 'window') {
    const own = faceOf(m.machine.config).copies?.(access, false)
    if (own) return own
    return access.dir === 'in'
      ? `The driver copies ${count(access.length)} bytes into the window.`
      : `The driver copies ${count(access.length)} bytes out of the window.`
  }
  const task = events.find(e => e.t === 'task')
  if (task?.t === 'task')
    return task.state === 'begin'
      ? 'The application hands over the next command.'
      : 'The driver returns to the application.'
  const named = events.find(e => e.t === 'call' || e.t === 'return' || e.t === 'var')
  if (named?.t === 'call') return `The driver calls ${named.fn}().`
  if (named?.t === 'return') return `${named.fn}() returns.`
  if (named?.t === 'var') return `The driver works out ${named.name}.`
  return line?.t === 'line' ? `The driver goes on in ${line.fn}.` : ''
}
