// Sequences that sign or verify a message given in parts. Part 3, 17.5, 17.6, 20.3 and 20.6 (version 1.85).

import { type Bytes, equal, readBe32 } from '../../lib/bytes.ts'
import { encode } from '../../codec/codec.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { GENERATED_VALUE, ST } from '../../spec/codes.ts'
import { SignSequenceStart, VerifySequenceStart } from '../../spec/commands/sequence.ts'
import { SignSequenceComplete, VerifySequenceComplete } from '../../spec/commands/signing.ts'
import { TPMT_SIGNATURE } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'
import { COUNTER_CONTEXT, withCommit, withCounter } from '../anonymous.ts'
import { isAnonymous, isOfScheme, isSigning, keyScheme, type Scheme, signMessage, verifyMessage } from '../schemes.ts'
import { append, NO_MESSAGE, wholeOf } from '../sequence.ts'
import { verifiedTicket } from '../tickets.ts'
import type { LoadedObject, SignatureSequence } from '../tpm.ts'

/** The key of a sequence and its scheme; `n` is the number of its handle. */
function keyOf(c: Context, handle: number, n: number): { key: LoadedObject; scheme: Scheme } {
  const key = c.object(handle, atHandle(n, RC.KEY))
  if (!isSigning(key.publicArea)) throw badHandle(n, RC.KEY)
  const scheme = keyScheme(key.publicArea)
  if (!scheme) throw badHandle(n, RC.SCHEME)
  return { key, scheme }
}

const takesContext = (key: LoadedObject): boolean =>
  key.publicArea.type === ALG.MLDSA || key.publicArea.type === ALG.HASH_MLDSA

/** @param context the n-th parameter */
function startOf(
  c: Context,
  kind: 'sign' | 'verify',
  keyHandle: number,
  auth: Bytes,
  context: Bytes,
  n: number,
): { handle: number } {
  const { key, scheme } = keyOf(c, keyHandle, 1)
  const fits = isAnonymous(scheme) ? context.length === COUNTER_CONTEXT : context.length === 0 || takesContext(key)
  if (!fits) throw badParameter(n, RC.SIZE)
  const handle = c.load({ kind, auth, keyHandle, keyName: key.name, context, message: NO_MESSAGE })
  c.emit({ kind: 'sequence-start', handle, sequence: kind })
  return { handle }
}

/** The sequence and the key that it was started with. */
function both(c: Context, kind: 'sign' | 'verify', sequenceHandle: number, keyHandle: number) {
  const slot = c.sequence(sequenceHandle, atHandle(1, RC.MODE))
  if (slot.kind !== kind) throw badHandle(1, RC.MODE)
  const sequence = slot as SignatureSequence
  const { name } = c.object(keyHandle, atHandle(2, RC.KEY))
  // The same key may have come back under another handle; without a Name only the handle tells.
  const same = name.length > 0 ? equal(name, sequence.keyName) : keyHandle === sequence.keyHandle
  if (!same) throw badHandle(2, RC.SIGN_CONTEXT_KEY)
  return { sequence, ...keyOf(c, keyHandle, 2) }
}

export const signSequence = [
  implement(SignSequenceStart, (c, { keyHandle }, { auth, context }) =>
    startOf(c, 'sign', keyHandle, auth, context, 2),
  ),

  implement(VerifySequenceStart, (c, { keyHandle }, { auth, hint, context }) => {
    // A hint is for EdDSA, which this TPM does not have.
    if (hint.length > 0) throw badParameter(2, RC.SIZE)
    return startOf(c, 'verify', keyHandle, auth, context, 3)
  }),

  implement(SignSequenceComplete, (c, { sequenceHandle, keyHandle }, { buffer }) => {
    const { sequence, key, scheme } = both(c, 'sign', sequenceHandle, keyHandle)
    const p = key.publicArea
    if (p.objectAttributes & OBJECT.x509sign) throw badHandle(2, RC.ATTRIBUTES)
    if (!key.sensitive) throw badHandle(2, RC.KEY)
    const whole = append(sequence.message, buffer, c.tpm.profile)
    const message = wholeOf(whole)
    if (p.objectAttributes & OBJECT.restricted) {
      // Restricted HMAC keys sign digests that come with a ticket, and there is none here.
      if (p.type === ALG.KEYEDHASH) throw badHandle(2, RC.ATTRIBUTES)
      if (message.length >= 4 && readBe32(message, 0) === GENERATED_VALUE) throw badParameter(1, RC.VALUE)
    }

    const { sensitive } = key
    const signature = withCommit(c, key, withCounter(scheme, sequence.context), 1, s =>
      signMessage(p, sensitive, s, sequence.context, message, n => c.random(n)),
    )
    c.emit({ kind: 'sign', handle: keyHandle, scheme: scheme.alg, signature: encode(TPMT_SIGNATURE, signature).length })
    c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: message.length })
    c.flush(sequenceHandle)

    return { signature }
  }),

  implement(VerifySequenceComplete, (c, { sequenceHandle, keyHandle }, { signature }) => {
    const { sequence, key, scheme } = both(c, 'verify', sequenceHandle, keyHandle)
    if (!isOfScheme(signature, scheme)) throw badParameter(1, RC.SCHEME)
    if (key.publicArea.type === ALG.KEYEDHASH && !key.sensitive) throw badHandle(2, RC.HANDLE)
    const message = wholeOf(sequence.message)
    const ok = verifyMessage(key.publicArea, key.sensitive, scheme, sequence.context, message, signature)
    c.emit({ kind: 'verify', handle: keyHandle, scheme: scheme.alg, ok })
    if (!ok) throw badParameter(1, RC.SIGNATURE)

    const validation = verifiedTicket(c.tpm, ST.MESSAGE_VERIFIED, key, message, ALG.NULL)
    c.emit({ kind: 'sequence-complete', handle: sequenceHandle, total: message.length })
    c.flush(sequenceHandle)

    return { validation }
  }),
]
