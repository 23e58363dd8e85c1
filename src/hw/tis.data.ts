// The data port of a TIS device, commands in and answers out, and STS, which directs it. Expect and dataAvail follow from
// the size in the header; of a command's size only the lower 16 bits count.

import { type Bytes, raw, readBe16, readBe32 } from '../lib/bytes.ts'
import { get, put } from '../lib/pages.ts'
import { maskOf, setIn } from './registers.ts'
import { drop } from './tis.access.ts'
import type { Dropped } from './tis.effects.ts'
import { TIS } from './tis.map.ts'
import * as S from './tis.state.ts'
import type { Tis, Work } from './tis.state.ts'

const EXPECT = maskOf(TIS.STS, 'Expect')
const VALID = maskOf(TIS.STS, 'stsValid')
const AVAIL = maskOf(TIS.STS, 'dataAvail')
const COMMAND_READY = maskOf(TIS.STS, 'commandReady')
const GO = maskOf(TIS.STS, 'tpmGo')
const RETRY = maskOf(TIS.STS, 'responseRetry')
const CANCEL = maskOf(TIS.STS, 'commandCancel')
const RESET_ESTABLISHMENT = maskOf(TIS.STS, 'resetEstablishmentBit')
/** Bytes of a header up to the end of its size field. */
const SIZE_END = 6
const SIZE_AT = 2

/** What the header of the answer announces, as far as the device has room. */
export const answerLength = (d: Tis): number =>
  Math.min(readBe32(get(d.buffer, 0, SIZE_END), SIZE_AT), S.roomOf(d.config))

/** STS as a read of `size` bytes shows it to the active locality. */
export function statusOf(d: Tis, n: number, size: number): number {
  const { sts } = S.at(d, n)
  const room = S.roomOf(d.config)
  if (sts & AVAIL) return setIn(TIS.STS, sts, { burstCount: answerLength(d) - d.offset })
  // The field is cut to one byte for a driver that reads one byte, but only while there is no answer.
  const free = room - d.offset
  return setIn(TIS.STS, sts, { burstCount: size === 1 ? Math.min(free, 0xff) : free })
}

/** Writes `data` to the port of the active locality, `width` bytes an access. */
export function feed(w: Work, n: number, data: Bytes, width: number): void {
  const { state } = S.at(w, n)
  if (state === S.IDLE) return drop(w, 'not-ready', data.length)
  if (state === S.EXECUTION || state === S.COMPLETION) return drop(w, 'not-receiving', data.length)
  if (state === S.READY && data.length > 0) {
    S.change(w, n, { state: S.RECEPTION })
    S.setStatus(w, n, EXPECT | VALID)
  }
  const from = w.offset
  const room = S.roomOf(w.config)
  // What is in the buffer already of the size field; the rest of it comes from `data`.
  const head = raw(get(w.buffer, 0, SIZE_END)).slice()
  let total = 0
  let ended: 'full' | 'complete' | undefined
  let taken = 0
  let expects = (S.at(w, n).sts & EXPECT) !== 0
  for (let access = 0; access < data.length && expects; access += width) {
    const end = Math.min(access + width, data.length)
    for (; taken < end && expects; ) {
      if (w.offset >= room) {
        expects = false
        ended = 'full'
      } else {
        if (w.offset < SIZE_END) head[w.offset] = data[taken] as number
        w.offset++
        taken++
      }
    }
    if (expects && w.offset >= SIZE_END) {
      total = readBe16(head, SIZE_AT + 2)
      if (total <= w.offset) {
        expects = false
        ended = 'complete'
      }
    }
  }
  if (taken > 0) {
    w.buffer = put(w.buffer, from, data.slice(0, taken))
    const announced = w.offset >= SIZE_END ? readBe32(head, SIZE_AT) : 0
    w.effects.push({ kind: 'taken', offset: from, length: taken, total: announced })
  }
  if (ended) {
    S.setStatus(w, n, VALID)
    w.effects.push({ kind: 'tis', what: ended, length: w.offset, total: readBe32(head, SIZE_AT) })
  }
  if (taken < data.length) drop(w, 'complete', data.length - taken)
}

/** Takes `length` bytes of the answer from the port of the active locality; where there are none, the port reads FF. */
export function drain(w: Work, n: number, length: number): Bytes {
  const out = new Uint8Array(length).fill(0xff)
  if (S.at(w, n).state !== S.COMPLETION || (S.at(w, n).sts & AVAIL) === 0) {
    drop(w, 'no-answer', length)
    return out
  }
  const total = answerLength(w)
  // An announced length of which nothing is left still gives one byte: the end is looked for after a byte was taken.
  const left = Math.min(Math.max(total - w.offset, 1), S.roomOf(w.config) - w.offset, w.buffer.length - w.offset)
  const taken = Math.min(length, Math.max(left, 0))
  out.set(raw(get(w.buffer, w.offset, taken)))
  w.effects.push({ kind: 'tis', what: 'given', offset: w.offset, length: taken, total })
  w.offset += taken
  if (w.offset >= total) {
    S.setStatus(w, n, VALID)
    S.raise(w, n, S.INT_VALID)
  }
  if (taken < length) drop(w, 'no-answer', length - taken)
  return out
}

const command = (w: Work, n: number): void => {
  w.effects.push({
    kind: 'submit',
    command: get(w.buffer, 0, w.offset),
    room: S.roomOf(w.config),
    locality: n,
  })
  S.change(w, n, { state: S.EXECUTION })
}

function becomeReady(w: Work, n: number): void {
  const { state, sts } = S.at(w, n)
  if (state === S.RECEPTION || state === S.EXECUTION) return S.abort(w, n, n)
  if (state === S.READY || state === S.COMPLETION) w.offset = 0
  w.effects.push({ kind: 'tis', what: 'ready' })
  if (state === S.READY) return
  S.change(w, n, { state: S.READY })
  // A completed locality that says commandReady already is not told again.
  if (state === S.COMPLETION && (sts & COMMAND_READY) !== 0) S.change(w, n, { sts: sts & ~AVAIL })
  else {
    S.setStatus(w, n, COMMAND_READY)
    S.raise(w, n, S.INT_READY)
  }
}

const WHY_NOT_GO: readonly Dropped[] = [
  'not-receiving',
  'not-receiving',
  'not-receiving',
  'not-receiving',
  'still-expects',
]

export function writeStatus(w: Work, n: number, value: number): void {
  const before = w.effects.length
  const { state, sts } = S.at(w, n)
  if (w.config.tpmVersion === '2.0') {
    if (value & CANCEL) {
      if (state === S.EXECUTION) w.effects.push({ kind: 'cancel' })
      else drop(w, 'not-executing')
    }
    if (value & RESET_ESTABLISHMENT) {
      if (n === 3 || n === 4) {
        w.config = { ...w.config, established: false }
        w.effects.push({ kind: 'tis', what: 'reset-establishment' })
      } else drop(w, 'only-3-and-4')
    }
  }
  const asked = value & (COMMAND_READY | GO | RETRY)
  if (asked === COMMAND_READY) return becomeReady(w, n)
  if (asked === GO) {
    if (state === S.RECEPTION && (sts & EXPECT) === 0) return command(w, n)
    return drop(w, WHY_NOT_GO[state] as Dropped)
  }
  if (asked === RETRY) {
    if (state !== S.COMPLETION) return drop(w, 'no-answer')
    w.offset = 0
    S.setStatus(w, n, VALID | AVAIL)
    w.effects.push({ kind: 'tis', what: 'retry' })
    return
  }
  if (asked !== 0) drop(w, 'two-bits')
  else if (w.effects.length === before) drop(w, 'asks-nothing')
}

/** The status of a locality whose command was answered. */
export function answered(w: Work, n: number, length: number): void {
  S.setStatus(w, n, VALID | AVAIL)
  S.change(w, n, { state: S.COMPLETION })
  w.offset = 0
  w.effects.push({ kind: 'tis', what: 'completed', length })
  if (w.next !== S.NOBODY) S.abortNow(w)
  S.raise(w, n, S.INT_DATA | S.INT_VALID)
}
