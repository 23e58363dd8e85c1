// The replay of an event log: what each PCR must be if the log tells the truth, as a verifier computes it. Where it does not,
// the event that is wrong is named. TCG PC Client Platform Firmware Profile, 10; Part 1, 14.2.

import { type Codec, decode, Malformed } from '../codec/codec.ts'
import { explain, type Span } from '../codec/explain.ts'
import { hash } from '../crypto/hash.ts'
import { type Bytes, concat, equal, utf8 } from '../lib/bytes.ts'
import { algName, digestSize } from '../spec/algorithms.ts'
import {
  EV,
  type LogEvent,
  type LogHeader,
  SPEC_ID_EVENT,
  SPEC_ID_SIGNATURE,
  type SpecId,
  TCG_PCR_EVENT,
  TCG_PCR_EVENT2,
} from '../spec/event-log.ts'

/** The whole log: the header event, and events to its end. */
export const EVENT_LOG: Codec<{ readonly header: LogHeader; readonly events: readonly LogEvent[] }> = {
  name: 'event log',
  shape: { kind: 'rest' },
  source: 'Platform Firmware Profile, 10.2',
  read(r) {
    const header = r.field('event 0', TCG_PCR_EVENT)
    const events: LogEvent[] = []
    while (r.left > 0) events.push(r.field(`event ${events.length + 1}`, TCG_PCR_EVENT2))
    return { header, events }
  },
  write(w, v) {
    TCG_PCR_EVENT.write(w, v.header)
    for (const e of v.events) TCG_PCR_EVENT2.write(w, e)
  },
}

/** The firmware measures into these. */
export const FIRMWARE_PCRS = 8
const PCRS = 24

export interface Replay {
  /** By number, from 1; 0 is the header. */
  readonly events: readonly LogEvent[]
  readonly specId: SpecId
  /** For each bank that the header names, the value of every PCR after each event; index 0 is before the first. */
  readonly banks: readonly { readonly hash: number; readonly after: readonly (readonly Bytes[])[] }[]
}

/** What is wrong with a log, in a sentence, and at which event; 0 is the header. */
export class LogError extends Error {
  readonly event: number
  constructor(event: number, message: string) {
    super(message)
    this.name = 'LogError'
    this.event = event
  }
}

/** Their digest is that of the event data, so that one can be held against the other. 10.4.1 */
const SELF: ReadonlySet<number> = new Set<number>([
  ...[EV.SEPARATOR, EV.S_CRTM_VERSION, EV.ACTION, EV.EFI_ACTION, EV.EFI_GPT_EVENT],
  ...[EV.EFI_VARIABLE_DRIVER_CONFIG, EV.EFI_VARIABLE_BOOT],
])

const bankName = (alg: number): string => algName(alg).replace('TPM_ALG_', '')

function parse(log: Bytes): { specId: SpecId; events: readonly LogEvent[] } {
  try {
    const { header, events } = decode(EVENT_LOG, log)
    if (header.eventType !== EV.NO_ACTION) throw new LogError(0, 'the log does not begin with EV_NO_ACTION')
    const specId = decode(SPEC_ID_EVENT, header.event)
    if (!equal(specId.signature, utf8(SPEC_ID_SIGNATURE))) throw new LogError(0, 'the header is no Spec ID Event03')
    return { specId, events }
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    const number = Number(/^event (\d+)$/.exec(e.path[0] ?? '')?.[1] ?? 0)
    throw new LogError(number, `event ${number} is malformed: ${e.message}`)
  }
}

/** @throws LogError when the log cannot be read, or an event has not the digests that the header announces */
export function replay(log: Bytes): Replay {
  const { specId, events } = parse(log)
  const banks = specId.digestSizes.map(({ algorithmId, digestSize: size }) => {
    if (size !== digestSize(algorithmId)) {
      throw new LogError(0, `the header says that ${bankName(algorithmId)} has ${size} octets`)
    }
    const start: readonly Bytes[] = Array.from({ length: PCRS }, () => new Uint8Array(size))
    const after = [start]
    events.forEach((e, i) => {
      const values = after[i] as readonly Bytes[]
      if (e.eventType === EV.NO_ACTION) return void after.push(values)
      const found = e.digests.find(d => d.hashAlg === algorithmId)
      if (!found) throw new LogError(i + 1, `event ${i + 1} has no digest for ${bankName(algorithmId)}`)
      if (e.pcrIndex >= PCRS) throw new LogError(i + 1, `event ${i + 1} is for PCR ${e.pcrIndex}, which is none`)
      const value = hash(algorithmId, concat(values[e.pcrIndex] as Bytes, found.digest))
      after.push(values.map((v, n) => (n === e.pcrIndex ? value : v)))
    })
    return { hash: algorithmId, after }
  })
  return { specId, events, banks }
}

/** The values at the end of the log. */
export const expected = (r: Replay, bank: number): readonly Bytes[] =>
  r.banks.find(b => b.hash === bank)?.after.at(-1) ?? []

/** Something that does not fit; `event` counts from 1 and is undefined where no event can be blamed. */
export interface Mismatch {
  readonly event: number | undefined
  readonly pcr: number
  readonly bank: number
  readonly say: string
}

/** Events whose data is not what was measured. */
function falseData(r: Replay): readonly Mismatch[] {
  return r.events.flatMap((e, i) => {
    if (!SELF.has(e.eventType)) return []
    const wrong = e.digests.find(d => !equal(d.digest, hash(d.hashAlg, e.event)))
    if (!wrong) return []
    const say = `Event ${i + 1}: its data is not what its ${bankName(wrong.hashAlg)} digest was made of.`
    return [{ event: i + 1, pcr: e.pcrIndex, bank: wrong.hashAlg, say }]
  })
}

/**
 * Holds a log against the PCRs of a TPM, as far as the firmware extends them.
 * @param values of a bank's PCRs
 */
export function check(r: Replay, values: (bank: number) => readonly Bytes[]): readonly Mismatch[] {
  const out = [...falseData(r)]
  for (const { hash: bank, after } of r.banks) {
    const live = values(bank)
    for (let pcr = 0; pcr < FIRMWARE_PCRS; pcr++) {
      const is = live[pcr]
      const end = after.at(-1)?.[pcr]
      if (!is || !end || equal(is, end)) continue
      // A value that the log passes through: what follows in the log has not been extended.
      const at = after.findLastIndex(v => equal(v[pcr] as Bytes, is))
      const next = at < 0 ? -1 : r.events.findIndex((e, i) => i >= at && e.pcrIndex === pcr)
      const event = next < 0 ? undefined : next + 1
      const why =
        event === undefined
          ? 'no event of the log leads to its value'
          : `it has the value before event ${event}, which was not extended`
      out.push({ event, pcr, bank, say: `PCR ${pcr} in bank ${bankName(bank)}: ${why}.` })
    }
  }
  return out
}

const sameEvent = (a: LogEvent, b: LogEvent): boolean =>
  a.pcrIndex === b.pcrIndex &&
  a.eventType === b.eventType &&
  a.digests.length === b.digests.length &&
  a.digests.every((d, n) => equal(d.digest, (b.digests[n] as typeof d).digest))

/** The first event of a log that differs from the same one of another boot; undefined when none does. */
export function difference(r: Replay, other: Replay): number | undefined {
  const most = Math.max(r.events.length, other.events.length)
  for (let i = 0; i < most; i++) {
    const [a, b] = [r.events[i], other.events[i]]
    if (!a || !b || !sameEvent(a, b)) return i + 1
  }
  return undefined
}

/** Every field of a log, with the structure in the header's event data below it. */
export function explainLog(log: Bytes): readonly Span[] {
  const { spans } = explain(EVENT_LOG, log)
  return spans.map(s => {
    if (s.name !== 'event 0') return s
    const children = s.children.map(c => {
      if (c.name !== 'event') return c
      return {
        ...c,
        children: c.children.map(b =>
          b.name === 'buffer'
            ? { ...b, children: moved(explain(SPEC_ID_EVENT, log.slice(b.at, b.at + b.length)).spans, b.at) }
            : b,
        ),
      }
    })
    return { ...s, children }
  })
}

const moved = (spans: readonly Span[], by: number): Span[] =>
  spans.map(s => ({ ...s, at: s.at + by, children: moved(s.children, by) }))
