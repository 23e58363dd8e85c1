// One line in words for everything that a TIS device does; closed, like describe.ts.

import type { Dropped, TisEffect } from '../hw/tis.effects.ts'
import { never } from '../lib/assert.ts'
import { count as n } from '../lib/count.ts'

export const WHY_DROPPED: { readonly [W in Dropped]: string } = {
  'not-active': 'the locality is not active',
  'locality-4': 'software cannot write to locality 4',
  'startup-error': 'the TPM could not be started',
  'not-a-register': 'there is no register',
  'read-only': 'the register is read-only',
  'asks-nothing': 'the value asks for nothing',
  'two-bits': 'of commandReady, tpmGo and responseRetry only one may be set',
  'not-owner': 'the locality neither owns the interface nor asks for it',
  'owned-already': 'the locality is active already',
  'not-higher': 'a seize needs a higher locality than the active one',
  'higher-seizes': 'a higher locality is seizing',
  'seize-pending': 'the locality is seizing already',
  'still-expects': 'Expect is 1: the command is not complete',
  'not-receiving': 'no command is being sent',
  'not-executing': 'no command is running',
  'no-answer': 'there is nothing to read',
  'not-ready': 'commandReady was not written before',
  complete: 'nothing more is expected',
  'only-3-and-4': 'only localities 3 and 4 may',
}

const SOURCES: readonly (readonly [bit: number, words: string])[] = [
  [1, 'dataAvail'],
  [2, 'stsValid'],
  [4, 'localityChange'],
  [128, 'commandReady'],
]
const sources = (bits: number): string =>
  SOURCES.filter(([bit]) => bits & bit)
    .map(([, words]) => words)
    .join(' and ')

export function describeTis(e: TisEffect): string {
  switch (e.what) {
    case 'active': {
      if (e.locality < 0) return `locality ${e.from} gave the interface back: nobody is active`
      if (e.seized) return `locality ${e.locality} is active: it has seized the interface from locality ${e.from}`
      return e.from < 0
        ? `locality ${e.locality} is active`
        : `locality ${e.locality} is active after locality ${e.from}`
    }
    case 'waits':
      return `locality ${e.locality} waits: another one is active`
    case 'withdraws':
      return `locality ${e.locality} no longer waits`
    case 'acknowledges':
      return `beenSeized of locality ${e.locality} cleared`
    case 'aborting':
      return e.next === e.locality
        ? 'a command runs: the abort waits for its end'
        : `a command runs: locality ${e.next} is active after its end`
    case 'aborted':
      return 'aborted: what was held is dropped, commandReady is set'
    case 'ready':
      return 'commandReady set: the buffer is empty'
    case 'full':
      return `Expect cleared: the buffer is full with ${n(e.length)} of ${n(e.total)} announced bytes`
    case 'complete':
      return `Expect cleared: all ${n(e.length)} bytes are there`
    case 'completed':
      return `dataAvail set: an answer of ${n(e.length)} bytes is there`
    case 'given':
      return `gave ${n(e.length)} bytes of the answer: ${n(e.offset + e.length)} of ${n(e.total)} read`
    case 'retry':
      return 'the answer begins again at its first byte'
    case 'interrupts':
      return `interrupts enabled: ${e.enabled & 0x8000_0000 ? sources(e.enabled) || 'none' : 'none'}`
    case 'raises':
      return `raises the interrupt line: ${sources(e.source)}`
    case 'lowers':
      return 'the interrupt line falls'
    case 'reset-establishment':
      return 'tpmEstablishment reset'
    case 'locked':
      return 'IntfSelLock set in all localities'
    case 'dropped':
      return `${e.length > 0 ? `${n(e.length)} bytes lost` : 'ignored'}: ${WHY_DROPPED[e.why]}`
    default:
      return never(e)
  }
}
