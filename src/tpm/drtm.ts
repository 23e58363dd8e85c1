// _TPM_Hash_Start, _TPM_Hash_Data and _TPM_Hash_End: the platform's own measurement, which no software can fake. Before
// TPM2_Startup it goes to PCR 0 (H-CRTM), after it to PCR 17 (D-RTM). Part 1, 31; Part 3, 22.9 to 22.11.

import { NO_RESULTS } from '../crypto/jobs.ts'
import { hash } from '../crypto/hash.ts'
import type { Bytes } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { Context } from './command.ts'
import type { TpmEvent } from './events.ts'
import { extend } from './pcr.ts'
import { NO_MESSAGE, wholeOf } from './sequence.ts'
import type { Tpm } from './tpm.ts'
import { amend } from './amend.ts'

/** The PCR that a dynamic launch measures into: PC Client Platform TPM Profile. */
const DRTM_PCR = 17

/** Opens an event sequence. It has memory of its own, so no object is flushed for it. */
export const hashStart = (tpm: Tpm): Tpm => amend(tpm, { hashSequence: NO_MESSAGE })

/** Adds to the open sequence. Discarded when there is none, or when it would become longer than the profile allows. */
export function hashData(tpm: Tpm, data: Bytes): Tpm {
  const { hashSequence: s, profile } = tpm
  if (!s || s.length + data.length > profile.maxSequence) return tpm
  return amend(tpm, { hashSequence: { parts: [...s.parts, data], length: s.length + data.length } })
}

/** A command, or any other indication, in between: the sequence is abandoned and no PCR changes. Part 1, 31.1. */
export const abandonHash = (tpm: Tpm): Tpm => (tpm.hashSequence ? amend(tpm, { hashSequence: undefined }) : tpm)

/** Measures what the sequence was given. Discarded when there is none. */
export function hashEnd(tpm: Tpm): { readonly tpm: Tpm; readonly events: readonly TpmEvent[] } {
  if (!tpm.hashSequence || tpm.power === 'failure') return { tpm: abandonHash(tpm), events: [] }
  const data = wholeOf(tpm.hashSequence)
  const digests = tpm.pcrs.banks.map(b => ({ hashAlg: b.hash, digest: hash(b.hash, data) }))
  // TPM2_Startup completes it: PCR 0 gets its value there.
  if (tpm.power === 'init') return { tpm: amend(tpm, { hashSequence: undefined, hcrtm: digests }), events: [] }
  const { profile, pcrs, clock } = tpm
  const banks = pcrs.banks.map(b => {
    const zero: Bytes = new Uint8Array(digestSize(b.hash))
    return { ...b, values: b.values.map((value, n) => (profile.pcrs[n]?.drtm && value.length > 0 ? zero : value)) }
  })
  const c = new Context(
    amend(tpm, {
      hashSequence: undefined,
      pcrs: { ...pcrs, banks },
      clock: { ...clock, restartCount: clock.restartCount + 1 },
      // What TPM2_Shutdown saved is no longer what there is.
      shutdown: { type: 'none' },
    }),
    4,
    NO_RESULTS,
  )
  extend(c, DRTM_PCR, digests)
  return { tpm: c.tpm, events: c.events }
}
