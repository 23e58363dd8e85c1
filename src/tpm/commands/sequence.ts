// TPM2_HashSequenceStart, TPM2_SequenceUpdate, TPM2_SequenceComplete, TPM2_EventSequenceComplete. Part 3, 17.4, 17.7 to
// 17.9.

import { hash } from '../../crypto/hash.ts'
import { EMPTY } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import {
  EventSequenceComplete,
  HashSequenceStart,
  SequenceComplete,
  SequenceUpdate,
} from '../../spec/commands/sequence.ts'
import { RH } from '../../spec/handles.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, fail } from '../errors.ts'
import { macOf } from '../mac.ts'
import { digestsOf, extend, mayExtend } from '../pcr.ts'
import { append, isSafeStart, NO_MESSAGE, wholeOf } from '../sequence.ts'
import { hashCheckTicket } from '../tickets.ts'

export const sequence = [
  implement(HashSequenceStart, (c, _, { auth, hashAlg }) => {
    const event = hashAlg === ALG.NULL
    const handle = c.load(
      event ? { kind: 'event', auth, message: NO_MESSAGE } : { kind: 'hash', auth, hashAlg, message: NO_MESSAGE },
    )
    c.emit({ kind: 'sequence-start', handle, sequence: event ? 'event' : 'hash' })
    return { handle }
  }),

  implement(SequenceUpdate, (c, { sequenceHandle }, { buffer }) => {
    const slot = c.sequence(sequenceHandle, atHandle(1, RC.MODE))
    const message = append(slot.message, buffer, c.tpm.profile)
    c.replace(sequenceHandle, { ...slot, message })
    c.emit({ kind: 'sequence-update', handle: sequenceHandle, length: buffer.length, total: message.length })
  }),

  implement(SequenceComplete, (c, { sequenceHandle }, { buffer, hierarchy }) => {
    const slot = c.sequence(sequenceHandle, atHandle(1, RC.MODE))
    if (slot.kind !== 'hash' && slot.kind !== 'mac') throw fail(atHandle(1, RC.MODE))
    const message = append(slot.message, buffer, c.tpm.profile)
    const whole = wholeOf(message)
    if (slot.kind === 'mac') {
      const result = macOf(slot.scheme, slot.key, whole, slot.cipher)
      c.emit({ kind: 'mac', alg: slot.scheme, length: whole.length })
      c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: whole.length })
      c.flush(sequenceHandle)
      return { result, validation: hashCheckTicket(c.tpm, hierarchy, ALG.NULL, result, false) }
    }
    const result = hash(slot.hashAlg, whole)
    const validation = hashCheckTicket(c.tpm, hierarchy, slot.hashAlg, result, isSafeStart(message.parts[0] ?? EMPTY))
    c.emit({ kind: 'hash', hash: slot.hashAlg, length: whole.length, digest: result })
    c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: whole.length })
    c.flush(sequenceHandle)
    return { result, validation }
  }),

  implement(EventSequenceComplete, (c, { pcrHandle, sequenceHandle }, { buffer }) => {
    const slot = c.sequence(sequenceHandle, atHandle(2, RC.MODE))
    if (slot.kind !== 'event') throw fail(atHandle(2, RC.MODE))
    if (pcrHandle !== RH.NULL) mayExtend(c, pcrHandle)
    const message = append(slot.message, buffer, c.tpm.profile)
    const whole = wholeOf(message)

    const results = digestsOf(c.tpm.profile, whole)
    if (pcrHandle !== RH.NULL) extend(c, pcrHandle, results)
    c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: whole.length })
    c.flush(sequenceHandle)

    return { results }
  }),
]
