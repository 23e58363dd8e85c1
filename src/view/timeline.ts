// The run as lanes: beats, the accesses of each step, what the TPM did, and the levels of three bits. Built step by step,
// so that a run that is still growing is not walked again.

import { CRB } from '../hw/crb.map.ts'
import type { Moment } from '../machine/machine.ts'
import { faceOf } from './face.ts'

export interface Beat {
  readonly name: string
  /** First moment of the beat. */
  readonly from: number
  /** Command that it belongs to, counted from 0; -1 while the driver probes. */
  readonly command: number
}

export interface Tick {
  readonly bus: 'write' | 'read' | undefined
  readonly tpm: 'take' | 'fill' | 'execute' | undefined
  readonly start: number
  readonly nextChunk: boolean
  readonly idle: number
  /** The user acted here. */
  readonly user: boolean
}

export interface Timeline {
  readonly beats: readonly Beat[]
  readonly ticks: readonly Tick[]
}

const NEXT_CHUNK = 2 ** CRB.CTRL_START.fields.nextChunk.low

function tick(m: Moment): Tick {
  let bus: Tick['bus']
  let tpm: Tick['tpm'] = m.machine.backend.pending ? 'execute' : undefined
  let nextChunk = false
  let user = false
  for (const e of m.events) {
    if (e.t === 'mmio') {
      bus = e.dir
      if (e.dir === 'write' && e.offset === CRB.CTRL_START.at && (e.value & NEXT_CHUNK) !== 0) nextChunk = true
    } else if (e.t === 'window') bus = e.dir === 'in' ? 'write' : 'read'
    else if (e.t === 'user' || (e.t === 'platform' && e.what === 'power')) user = true
    else if (e.t === 'submit' || e.t === 'response') tpm = 'execute'
    else if (e.t === 'device' && tpm === undefined) {
      if (e.effect.kind === 'taken' && e.effect.length > 0) tpm = 'take'
      if (e.effect.kind === 'filled' || (e.effect.kind === 'tis' && e.effect.what === 'given')) tpm = 'fill'
    }
  }
  return { bus, tpm, nextChunk, user, ...faceOf(m.machine.config).levels(m.machine) }
}

/** Appends the moments from `from` on to what was built before; what lies behind `from` in it is dropped. */
export function grow(old: Timeline, from: number, length: number, at: (k: number) => Moment): Timeline {
  if (from >= length && old.ticks.length === length) return old
  const beats = old.beats.filter(b => b.from < from)
  const ticks = old.ticks.slice(0, from)
  let name = beats.at(-1)?.name ?? ''
  let command = beats.at(-1)?.command ?? -1
  for (let k = from; k < length; k++) {
    const m = at(k)
    ticks.push(tick(m))
    const begins = m.events.some(e => e.t === 'task' && e.state === 'begin')
    if (begins) command += 1
    const beat = m.machine.guest.beat
    if (begins || beat !== name) {
      name = begins ? 'Get ready' : beat
      beats.push({ name, from: k, command })
    }
  }
  return { beats, ticks }
}

const NUMBERED = /^(.* chunk) (\d+)$/

/** Beats for a picture: chunks of one message that are shorter than `least` steps stand under one name. */
export function foldChunks(beats: readonly Beat[], length: number, least: number): readonly Beat[] {
  const out: Beat[] = []
  let first = ''
  beats.forEach((b, n) => {
    const [, stem, number] = NUMBERED.exec(b.name) ?? []
    const last = out.at(-1)
    const short = (beats[n + 1]?.from ?? length) - b.from < least
    if (stem && short && last?.command === b.command && last.name.startsWith(stem)) {
      out[out.length - 1] = { ...last, name: `${stem}s ${first}–${number}` }
    } else {
      first = number ?? ''
      out.push(b)
    }
  })
  return out
}

export const NO_TIMELINE: Timeline = { beats: [], ticks: [] }

/** The beat that moment `k` lies in. */
export const beatAt = (t: Timeline, k: number): Beat | undefined => t.beats.findLast(b => b.from <= k)
