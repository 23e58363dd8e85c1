// PCRs and random numbers. TPM Main Specification 1.2, Part 3, 13.6, 13.7 and 16.

import { condense, update } from '../../crypto/drbg.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { Extend, GetRandom, PcrRead, PcrReset, StirRandom } from '../../spec12/commands.ts'
import { sha1 } from '../authorize.ts'
import { ACTIVE, type Command12, command12, NONE } from '../command.ts'
import { type Context12, stop } from '../context.ts'
import { PCRS, resetValue, rightsOf } from '../tpm.ts'

const ZERO: Bytes = new Uint8Array(20)
/** Octets of randomness in one answer. */
const MOST = 2048

function pcr(c: Context12, index: number): Bytes {
  return c.tpm.pcrs[index] ?? stop('BADINDEX')
}

function setPcr(c: Context12, index: number, value: Bytes): void {
  c.tpm = { ...c.tpm, pcrs: c.tpm.pcrs.map((v, i) => (i === index ? value : v)) }
  c.events.push({ kind: 'pcr12', pcr: index })
}

const may = (c: Context12, localities: number): boolean => (localities & (1 << c.locality)) !== 0

const selected = (select: readonly number[]): number[] =>
  Array.from({ length: select.length * 8 }, (_, i) => i).filter(i => ((select[i >> 3] ?? 0) >> (i & 7)) & 1)

export const PLAIN12: readonly Command12[] = [
  command12(Extend, {}, (c, { params: { pcrNum, inDigest } }) => {
    const old = pcr(c, pcrNum)
    if (!may(c, rightsOf(pcrNum).extend)) stop('BAD_LOCALITY')
    const value = sha1(old, inDigest)
    setPcr(c, pcrNum, value)
    // The firmware measures whether or not the TPM is on; only the value is kept to itself then.
    const quiet = c.tpm.permanent.flags.disable || c.tpm.stclear.deactivated
    return { returns: { outDigest: quiet ? ZERO : value } }
  }),
  command12(PcrRead, ACTIVE, (c, { params }) => ({ returns: { outDigest: pcr(c, params.pcrIndex) } })),
  command12(PcrReset, {}, (c, { params }) => {
    const { pcrSelect } = params.pcrSelection
    const pcrs = selected(pcrSelect)
    if (pcrs.length === 0) stop('INVALID_PCR_INFO')
    for (const i of pcrs) {
      if (i >= PCRS) stop('INVALID_PCR_INFO')
      if (rightsOf(i).reset === 0) stop('NOTRESETABLE')
      if (!may(c, rightsOf(i).reset)) stop('NOTLOCAL')
    }
    // Who may reset 17 to 22 is the launched environment, which sees zeros.
    for (const i of pcrs) setPcr(c, i, resetValue(i, true))
    return NONE
  }),
  command12(GetRandom, ACTIVE, (c, { params }) => ({
    returns: { randomBytes: c.random(Math.min(params.bytesRequested, MOST)) },
  })),
  command12(StirRandom, ACTIVE, (c, { params }) => {
    c.tpm = { ...c.tpm, drbg: update(c.tpm.drbg, condense(params.inData)) }
    return NONE
  }),
]
