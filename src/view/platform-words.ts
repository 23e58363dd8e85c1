// What is said of power, firmware, programs of the operating system, and jobs of the shell, as full sentences. It comes with
// the machine that has them; where it has nothing to say, the words of sentences.ts stand.

import { functionOf } from '../guest/drivers.ts'
import type { Event } from '../machine/events.ts'
import type { Moment } from '../machine/machine.ts'
import { count } from './format.ts'
import { addWords, type LateWords, sentence } from './sentences.ts'

/** Whose driver it is that runs: what the firmware begins with is no driver of the operating system. */
const FIRMWARE = /^(seabios|uefi|firmware)_/
const byWhom = (text: string, m: Moment): string =>
  FIRMWARE.test(m.machine.guest.entry ?? '') ? text.replaceAll('The driver', 'The firmware') : text

function event(e: Event, m: Moment): string | undefined {
  if (e.t === 'platform') return e.say
  if (e.t === 'job') {
    const primes = `two primes of ${count(e.keyBits / 2)} bits`
    return e.state === 'asked'
      ? `The TPM looks for ${primes}. Its clock, and the driver's, stand still meanwhile.`
      : `The TPM found ${primes}.`
  }
  // A program of the operating system, which sends no command of the task's.
  if (e.t !== 'task' || e.length !== 0) return undefined
  const { label } = m.machine.guest.tasks.find(t => t.id === e.id) ?? { label: '' }
  return `The operating system ${e.state === 'begin' ? 'begins' : 'is done'}: ${label}.`
}

function now(m: Moment): string | undefined {
  if (m.machine.step === 0 && m.events.length === 0) {
    return m.machine.guest.entry && 'Power is on. The firmware has not run yet.'
  }
  const said = m.events.filter(e => e.t === 'platform')
  return said.length > 0 ? said.map(e => sentence(e, m)).join(' ') : undefined
}

function next(m: Moment): string | undefined {
  const first = m.events.find(e => e.t === 'user' || e.t === 'platform')
  if (first?.t !== 'platform') return undefined
  const line = m.events.find(e => e.t === 'line')
  if (line?.t !== 'line') return sentence(first, m)
  const { text } = functionOf(m.machine.guest, line.fn)?.lines[line.n - 1] ?? { text: '' }
  return `The driver executes ${text.replace(/;$/, '')}.`
}

const words: LateWords = (what, m, early, e) => {
  const own = e ? event(e, m) : what === 'now' ? now(m) : next(m)
  return byWhom(own ?? early(), m)
}

/** To be called with the rest of the engine. Again does no harm. */
export const installPlatformWords = (): void => addWords(words)
