// Power, firmware and measured boot as they are shown: what survived the last power event, the event log beside the PCRs that
// it must lead to, and the memory that firmware and operating system share.

import type { Span } from '../codec/explain.ts'
import { MOVV, PPI, PPI_AT, type PpiName, ppiRequest, ppiResult } from '../hw/ppi.map.ts'
import { type Bytes, EMPTY, equal, toHex } from '../lib/bytes.ts'
import { memo } from '../lib/memo.ts'
import type { Machine } from '../machine/machine.ts'
import { factsOf } from '../machine/platform-facts.ts'
import type { Power } from '../machine/platform.ts'
import { algName } from '../spec/algorithms.ts'
import { eventTypeName } from '../spec/event-log.ts'
import { check, difference, expected, explainLog, FIRMWARE_PCRS, LogError, replay } from '../trace/event-log.ts'
import { hex } from './format.ts'

export interface FactRow {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly same: boolean
}

const EVENT_NAME: { readonly [P in Power]: string } = {
  'cold-boot': 'Cold boot',
  'warm-reset': 'Warm reset',
  suspend: 'Sleep',
  resume: 'Wake up',
}

/** What there was before the last power event, and what there is now; undefined when there was none. */
export function powerEvent(m: Machine): { title: string; rows: readonly FactRow[] } | undefined {
  const last = m.platform?.last
  if (!last) return undefined
  const now = factsOf(m)
  const rows = Object.entries(last.before).map(([name, before]) => {
    const after = now[name] ?? ''
    return { name, before, after, same: before === after }
  })
  return { title: `${EVENT_NAME[last.what]} at step ${last.step}`, rows }
}

/** In a few words, what state the platform is in. */
export function platformState(m: Machine): string {
  const { platform, guest } = m
  if (platform?.state === 'asleep') return 'asleep (S3)'
  if (platform?.state === 'resetting') return 'being reset'
  if (platform?.state === 'suspending') return 'going to sleep'
  if (guest.entry !== undefined) return 'on, the firmware runs'
  return guest.globals.probed === 1 ? 'on, the driver is there' : 'on, the driver has not probed'
}

/** Which power events make sense. */
export function possible(m: Machine, what: Power): boolean {
  const state = m.platform?.state ?? 'on'
  if (what === 'resume') return state === 'asleep'
  if (what === 'suspend') return state === 'on' && m.guest.entry === undefined && m.guest.globals.probed === 1
  return state !== 'resetting'
}

export interface LogRow {
  readonly n: number
  readonly pcr: number
  readonly type: string
  readonly text: string
  readonly digest: string
  readonly wrong: boolean
  /** Another than in the boot before. */
  readonly differs: boolean
  readonly fields: readonly Span[]
}
export interface LogPcr {
  readonly pcr: number
  readonly tpm: string
  readonly log: string
  readonly ok: boolean
}
export interface LogView {
  readonly bank: string
  readonly rows: readonly LogRow[]
  readonly header: readonly Span[]
  readonly pcrs: readonly LogPcr[]
  readonly problems: readonly string[]
  /** How the log compares with that of the boot before; empty when there was none. */
  readonly before: string
}

/** Event data as text where it is text, in one or in two octets a letter. */
function dataText(data: Bytes): string {
  const letters = (step: 1 | 2): string | undefined => {
    let text = ''
    for (let i = 0; i < data.length; i += step) {
      const c = data[i] as number
      if (step === 2 && data[i + 1] !== 0) return undefined
      if (c === 0 && i + step >= data.length) break
      if (c < 0x20 || c > 0x7e) return undefined
      text += String.fromCharCode(c)
    }
    return text === '' ? undefined : text
  }
  return letters(1) ?? letters(2) ?? `${toHex(data.slice(0, 8))}${data.length > 8 ? `…, ${data.length} bytes` : ''}`
}

const short = (b: Bytes | undefined): string => (b ? `${toHex(b.slice(0, 6))}…` : 'none')

function viewLog(log: Bytes, previous: Bytes, pcrs: Machine['backend']['tpm']['pcrs']): LogView | undefined {
  if (log.length === 0) return undefined
  try {
    const r = replay(log)
    // The second bank where there is one: SHA-1 is first, and of no use any more.
    const bank = (r.banks[1] ?? r.banks[0])?.hash ?? 0
    const live = (alg: number): readonly Bytes[] => pcrs.banks.find(b => b.hash === alg)?.values ?? []
    const wrong = check(r, live).filter(w => w.bank === bank || !r.banks.some(b => b.hash === bank))
    const other = previous.length > 0 ? difference(r, replay(previous)) : undefined
    const spans = explainLog(log)
    const want = expected(r, bank)
    return {
      bank: algName(bank).replace('TPM_ALG_', ''),
      header: spans[0]?.children ?? [],
      rows: r.events.map((e, i) => ({
        n: i + 1,
        pcr: e.pcrIndex,
        type: eventTypeName(e.eventType),
        text: dataText(e.event),
        digest: short(e.digests.find(d => d.hashAlg === bank)?.digest),
        wrong: wrong.some(w => w.event === i + 1),
        differs: other === i + 1,
        fields: spans[i + 1]?.children ?? [],
      })),
      pcrs: Array.from({ length: FIRMWARE_PCRS }, (_, pcr) => {
        const is = live(bank)[pcr] ?? EMPTY
        return { pcr, tpm: short(is), log: short(want[pcr]), ok: equal(is, want[pcr] ?? EMPTY) }
      }),
      problems: wrong.map(w => w.say),
      before:
        previous.length === 0
          ? ''
          : other === undefined
            ? 'The log is that of the boot before.'
            : `Event ${other} is another than in the boot before.`,
    }
  } catch (e) {
    if (!(e instanceof LogError)) throw e
    return { bank: '', header: [], rows: [], pcrs: [], problems: [e.message], before: '' }
  }
}

/** Made again only when the log or a PCR changed. */
const remembered = memo((boot: NonNullable<Machine['guest']['boot']>, pcrs: Machine['backend']['tpm']['pcrs']) =>
  viewLog(boot.log, boot.previous, pcrs),
)
export const logView = (m: Machine): LogView | undefined =>
  m.guest.boot ? remembered(m.guest.boot, m.backend.tpm.pcrs) : undefined

export interface SharedRow {
  readonly name: PpiName
  readonly at: string
  readonly doc: string
  readonly value: string
}

/** The fields of the shared memory that somebody uses. */
export function sharedRows(m: Machine): readonly SharedRow[] {
  const shared = m.platform?.shared
  if (!shared) return []
  const read = (at: number, size: number): number => {
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (shared[at + i] ?? 0)
    return value
  }
  const text = (name: PpiName): string => {
    const { at, size } = PPI[name]
    if (name === 'func') {
      const known = Array.from({ length: size }, (_, op) => op).filter(op => shared[op] !== 0)
      return known.length === 0 ? 'none' : known.map(op => `${op}: ${shared[op]}`).join(', ')
    }
    const value = read(at, size)
    if (name === 'pprq' || name === 'lppr') return `${value}, ${ppiRequest(value)}`
    if (name === 'pprp') return `${hex(value, 8)}, ${ppiResult(value)}`
    if (name === 'movv') {
      return Object.entries(MOVV)
        .map(([field, { low }]) => `${field} ${(value >> low) & 1}`)
        .join(', ')
    }
    return String(value)
  }
  return (['func', 'pprq', 'pprm', 'lppr', 'pprp', 'movv'] as const).map(name => ({
    name,
    at: `fed4${hex(PPI_AT + PPI[name].at, 4)}`,
    doc: PPI[name].doc,
    value: text(name),
  }))
}
