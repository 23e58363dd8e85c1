// TPM2_HashSequenceStart, TPM2_SequenceUpdate, TPM2_SequenceComplete. Part 3, 17.4, 17.7, 17.8.

import { hash } from '../../crypto/hash.ts'
import { EMPTY } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { HashSequenceStart, SequenceComplete, SequenceUpdate } from '../../spec/commands/sequence.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, fail } from '../errors.ts'
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
    if (slot.kind !== 'hash') throw fail(atHandle(1, RC.MODE))
    const message = append(slot.message, buffer, c.tpm.profile)
    const whole = wholeOf(message)
    const result = hash(slot.hashAlg, whole)
    const validation = hashCheckTicket(c.tpm, hierarchy, result, isSafeStart(message.parts[0] ?? EMPTY))
    c.emit({ kind: 'hash', hash: slot.hashAlg, length: whole.length, digest: result })
    c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: whole.length })
    c.flush(sequenceHandle)
    return { result, validation }
  }),
]
