// One line in words for every kind of event. The switch is closed: a new kind does not compile without its line.

import { ERRNO } from '../guest/driver.ts'
import type { Effect } from '../hw/device.ts'
import { never } from '../lib/assert.ts'
import { count as n } from '../lib/count.ts'
import { tisParts } from './device.ts'
import type { Event } from './events.ts'
import { WHY_IGNORED } from './ignored.ts'

/** Who acts: the guest driver, the CRB device, or the TPM. */
export type Actor = 'G' | 'D' | 'T'

const hex = (v: number, digits: number): string => v.toString(16).padStart(digits, '0')
const ms = (us: number): string => (us < 1000 ? `${us} µs` : `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`)

export const returned = (rc: number): string => (rc < 0 ? (ERRNO[rc] ?? String(rc)) : String(rc))

export function actorOf(e: Event): Actor {
  switch (e.t) {
    case 'device':
    case 'submit':
    case 'cancel':
      return 'D'
    case 'response':
    case 'job':
    case 'tpm':
      return 'T'
    default:
      return 'G'
  }
}

/** What the device did, in words. */
export function describeEffect(e: Exclude<Effect, { kind: 'submit' | 'cancel' }>): string {
  switch (e.kind) {
    case 'granted':
      return 'locality 0 granted'
    case 'relinquished':
      return 'locality 0 free'
    case 'ready':
      return 'tpmIdle cleared: ready'
    case 'idle':
      return 'tpmIdle set: idle'
    case 'taken':
      return `took ${n(e.length)} bytes: ${n(e.offset + e.length)} of ${n(e.total)} held`
    case 'filled':
      return `put ${n(e.length)} bytes of the answer into the window: ${n(e.offset + e.length)} of ${n(e.total)}${
        e.retry ? ', from the first chunk again' : ''
      }`
    case 'completed':
      return `Start cleared: an answer of ${n(e.length)} bytes is held`
    case 'fatal':
      return `tpmSts set: ${e.reason}`
    case 'ignored':
      return `ignored: ${WHY_IGNORED[e.why]}`
    case 'tis':
      return tisParts().describe(e)
    default:
      return never(e)
  }
}

export function describe(e: Event): string {
  switch (e.t) {
    case 'line':
      return `${e.fn} line ${e.n}`
    case 'call':
      return `calls ${e.fn}`
    case 'return':
      return `${e.fn} returns ${returned(e.rc)}`
    case 'var':
      return e.from === undefined ? `${e.name} = ${n(e.to)}` : `${e.name}: ${n(e.from)} → ${n(e.to)}`
    case 'wait':
      return e.state === 'waiting'
        ? `${e.timer}: still waiting after ${ms(e.took)}`
        : e.state === 'met'
          ? `${e.timer}: done after ${ms(e.took)}`
          : `${e.timer}: out of time after ${ms(e.took)}`
    case 'task':
      return e.state === 'begin'
        ? `the application hands over ${n(e.length)} bytes`
        : e.length < 0
          ? `the application gets ${returned(e.length)}`
          : `the application gets an answer of ${n(e.length)} bytes`
    case 'beat':
      return e.name
    case 'mmio':
      return `${e.dir} ${hex(e.offset, 2)}: ${hex(e.value, 2 * e.size)}`
    case 'window':
      return e.dir === 'in'
        ? `copies ${n(e.length)} bytes into the window`
        : `copies ${n(e.length)} bytes out of the window`
    case 'device':
      return describeEffect(e.effect)
    case 'submit':
      return `hands ${n(e.length)} bytes to the TPM`
    case 'cancel':
      return 'asks the TPM to cancel'
    case 'response':
      return `answers ${n(e.length)} bytes, response code ${e.rc === undefined ? 'missing' : hex(e.rc, 3)}`
    case 'job':
      return e.state === 'asked'
        ? `looks for two primes of ${n(e.keyBits / 2)} bits; the clock stands still`
        : `found two primes of ${n(e.keyBits / 2)} bits`
    case 'tpm':
      return e.event.kind
    case 'platform':
      return e.say
    case 'user':
      if (e.act === 'cancel') return 'you ask the driver to cancel'
      return e.act === 'enqueue' ? `you send: ${e.label}` : e.label
    default:
      return never(e)
  }
}
