// The TPM's side of a moment: who holds the bytes of command and answer, and the state that the engine really has.

import { CRB } from '../hw/crb.map.ts'
import { driverFor } from '../guest/drivers.ts'
import { readBe32 } from '../lib/bytes.ts'
import { modelOf } from '../machine/device.ts'
import type { Machine } from '../machine/machine.ts'
import { ALG, algName } from '../spec/algorithms.ts'
import { commandName } from '../spec/codes.ts'
import { returnCodeName } from '../spec/return-codes.ts'
import type { Slot } from '../tpm/tpm.ts'
import { count, hex, short, word } from './format.ts'

/** Who holds a stretch of bytes: guest, device or TPM; nobody yet for what is still to come. */
export type Holder = 'guest' | 'device' | 'tpm' | 'none'

export interface Tape {
  readonly kind: 'command' | 'answer'
  /** Bytes in all; 0: there is none. */
  readonly total: number
  /** From the first byte up. Their lengths add up to the total. */
  readonly parts: readonly { readonly length: number; readonly holder: Holder }[]
  /** Bytes that have crossed. */
  readonly crossed: number
  readonly note: string
}

const parts = (...list: readonly [number, Holder][]): Tape['parts'] =>
  list.filter(([length]) => length > 0).map(([length, holder]) => ({ length, holder }))

export function commandTape(m: Machine): Tape {
  const inside = modelOf(m.config).inside(m.device)
  const { exchange } = m
  if (inside.busy && exchange) {
    const total = exchange.command.length
    return {
      kind: 'command',
      total,
      parts: parts([total, 'tpm']),
      crossed: total,
      note: 'The TPM has it and executes.',
    }
  }
  const held = inside.command.length
  if (held > 0) {
    const total = Math.max(readBe32(inside.command, 2), held)
    const shown = Math.min(total, 1 << 16)
    return {
      kind: 'command',
      total: shown,
      parts: parts([held, 'device'], [shown - held, 'none']),
      crossed: held,
      note: `Held by the device. Handed over at ${m.config.interface ? 'tpmGo' : 'Start'}.`,
    }
  }
  const sending = m.guest.stack.some(f => f.fn === driverFor(m.guest).transmit) && exchange?.command !== m.guest.tx
  const done = exchange?.response !== undefined && !isNewer(m)
  if (done && exchange) {
    const total = exchange.command.length
    return { kind: 'command', total, parts: parts([total, 'tpm']), crossed: total, note: 'Executed.' }
  }
  if (sending && wasRefused(m)) {
    const total = m.guest.tx.length
    return { kind: 'command', total, parts: parts([total, 'none']), crossed: 0, note: 'Refused: tpmSts is set.' }
  }
  if (sending) {
    const total = m.guest.tx.length
    return { kind: 'command', total, parts: parts([total, 'none']), crossed: 0, note: 'Still with the guest.' }
  }
  return { kind: 'command', total: 0, parts: [], crossed: 0, note: 'None yet.' }
}

/** The guest works on a command that was not handed over yet. */
const isNewer = (m: Machine): boolean =>
  m.guest.stack.some(f => f.fn === driverFor(m.guest).transmit) && !m.guest.timers.some(t => t.name === 'command')

/**
 * The device refused the header of the command that the driver is sending. A write of CTRL_START belongs to this command
 * when the window was filled from it, and CTRL_CANCEL, which the driver clears before it sends, was written earlier.
 */
function wasRefused(m: Machine): boolean {
  const start = m.writes[CRB.CTRL_START.at]
  const cleared = m.writes[CRB.CTRL_CANCEL.at]
  if (!start?.effects.some(e => e.kind === 'fatal') || m.content.message !== m.guest.tx) return false
  return cleared !== undefined && cleared.step < start.step
}

export function answerTape(m: Machine): Tape {
  const { response, responseOffset } = modelOf(m.config).inside(m.device)
  const none = { kind: 'answer', total: 0, parts: [], crossed: 0 } as const
  if (response.length === 0) return { ...none, note: m.backend.pending ? 'Not there yet.' : 'None.' }
  const total = response.length
  const newer = isNewer(m)
  const reading = m.guest.rx.length > 0 && m.exchange?.response !== undefined && !newer
  const read = reading ? Math.min(m.guest.rx.length, total) : 0
  const shown = m.content.kind === 'answer' ? m.content.length : 0
  const hidden = total - responseOffset
  const seen = newer ? 'The device keeps it.' : 'All of it has been shown.'
  const rest = hidden > 0 ? `${count(hidden)} more held by the device.` : seen
  const where = newer
    ? 'Of the command before.'
    : `${count(shown)} bytes in the ${m.config.interface ? 'buffer' : 'window'}.`
  const kept = m.config.interface ? 'Read to the end.' : 'Read to the end. The device keeps it.'
  const note = read === total ? kept : `${where} ${rest}`
  return { kind: 'answer', total, parts: parts([read, 'guest'], [total - read, 'device']), crossed: read, note }
}

export interface ObjectRow {
  readonly handle: number
  readonly handleText: string
  readonly what: string
  readonly name: string
}

const PARAMETER_SETS: { readonly [type: number]: readonly string[] } = {
  [ALG.MLDSA]: ['', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'],
  [ALG.HASH_MLDSA]: ['', 'HashML-DSA-44', 'HashML-DSA-65', 'HashML-DSA-87'],
  [ALG.MLKEM]: ['', 'ML-KEM-512', 'ML-KEM-768', 'ML-KEM-1024'],
}

/** What a slot holds, in a few words: "ML-DSA-87 key", "hash sequence, 512 bytes". */
export function slotText(slot: Slot): string {
  if (slot.kind !== 'object') return `${slot.kind} sequence, ${count(slot.message.length)} bytes`
  const p = slot.publicArea
  const set = 'parameterSet' in p.parameters ? PARAMETER_SETS[p.type]?.[p.parameters.parameterSet] : undefined
  const half = slot.sensitive ? 'key' : 'public key'
  return `${set ?? algName(p.type).replace('TPM_ALG_', '')} ${half}`
}

/** Loaded objects and sequences; `objects` is TPM.objects, so that rows are made only when it changes. */
export const objectRows = (objects: Machine['backend']['tpm']['objects']): readonly ObjectRow[] =>
  objects.flatMap((slot, i) =>
    slot
      ? [
          {
            handle: 0x80000000 + i,
            handleText: word(0x80000000 + i),
            what: slotText(slot),
            name: slot.kind === 'object' ? short(slot.name, 10) : '',
          },
        ]
      : [],
  )

/** What the TPM is doing, in a word or two. */
export function tpmStatus(m: Machine): string {
  if (m.backend.pending) return 'executing'
  if (m.exchange?.response && !isNewer(m)) return 'answered'
  return 'waiting'
}

/** The last command and its answer: "TPM2_GetRandom: TPM_RC_SUCCESS". */
export function lastExchange(m: Machine): { readonly command: string; readonly rc: string } | undefined {
  const { exchange } = m
  if (!exchange) return undefined
  const { command, response } = exchange
  const name = command.length >= 10 ? commandName(readBe32(command, 6)) : 'no command code'
  const rc = response && response.length >= 10 ? readBe32(response, 6) : undefined
  return {
    command: name,
    rc: rc === undefined ? '' : rc === 0 ? 'TPM_RC_SUCCESS' : `${returnCodeName(rc)} (${hex(rc, 3)})`,
  }
}
