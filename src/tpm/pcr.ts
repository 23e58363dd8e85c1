// Extending and resetting PCRs: values, the update counter, and which locality may. Part 1, 14; Part 3, 22.1.

import type { Of } from '../codec/codec.ts'
import { hash } from '../crypto/hash.ts'
import { type Bytes, concat } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import type { TPMT_HA } from '../spec/base.ts'
import { RC } from '../spec/return-codes.ts'
import type { Context } from './command.ts'
import { fail } from './errors.ts'
import { amend } from './amend.ts'
import { hashesOf, type Profile } from './profile.ts'
import type { Allocation, Bank, Tpm } from './tpm.ts'

/** The value of a PCR that is not allocated is empty. */
const allocated = (value: Bytes | undefined): Bytes | undefined => (value?.length === 0 ? undefined : value)

/** The value of a PCR; undefined when the bank is not allocated or has no such PCR. */
export const pcrValue = (tpm: Tpm, bank: number, pcr: number): Bytes | undefined =>
  allocated(tpm.pcrs.banks.find(b => b.hash === bank)?.values[pcr])

/** The PCRs of a bank. */
export const pcrsIn = (allocation: Allocation, bank: number): readonly number[] =>
  allocation.find(b => b.hash === bank)?.pcrs ?? []

/** Data of an event, hashed for each bank, with PCRs or without: Part 3, 17.9 and, there as one option, 22.3. */
export const digestsOf = (profile: Profile, data: Bytes): readonly Of<typeof TPMT_HA>[] =>
  hashesOf(profile).map(hashAlg => ({ hashAlg, digest: hash(hashAlg, data) }) as Of<typeof TPMT_HA>)

/** @throws TPM_RC_LOCALITY when the locality of the command may not extend the PCR */
export function mayExtend(c: Context, pcr: number): void {
  if (!(((c.tpm.profile.pcrs[pcr]?.extend ?? 0) >>> c.locality) & 1)) throw fail(RC.LOCALITY)
}

/** New value = H(old value, digest), in each bank that a digest is for. The update counter counts banks. */
export function extend(c: Context, pcr: number, digests: readonly { hashAlg: number; digest: Bytes }[]): void {
  let { banks, updateCounter } = c.tpm.pcrs
  const counts = c.tpm.profile.pcrs[pcr]?.noIncrement ? 0 : 1
  for (const { hashAlg, digest } of digests) {
    const at = banks.findIndex(b => b.hash === hashAlg)
    const old = banks[at]?.values[pcr]
    if (!old || old.length === 0) continue
    const value = hash(hashAlg, concat(old, digest))
    banks = replaceAt(banks, at, withValue(banks[at] as Bank, pcr, value))
    updateCounter = (updateCounter + counts) >>> 0
    c.emit({ kind: 'pcr-extend', pcr, bank: hashAlg, old, new: value, digest })
  }
  c.tpm = amend(c.tpm, { pcrs: { banks, updateCounter } })
}

/** Sets a PCR to zero in all banks. @throws TPM_RC_LOCALITY when the locality may not, or nobody may */
export function resetPcr(c: Context, pcr: number): void {
  const { profile, pcrs } = c.tpm
  const attributes = profile.pcrs[pcr]
  // Locality 4 resets them by a dynamic launch, not by a command.
  const launch = attributes?.drtm && c.locality === 4
  if (launch || !(((attributes?.reset ?? 0) >>> c.locality) & 1)) throw fail(RC.LOCALITY)
  c.tpm = amend(c.tpm, {
    pcrs: {
      banks: pcrs.banks.map(b =>
        pcrValue(c.tpm, b.hash, pcr) ? withValue(b, pcr, new Uint8Array(digestSize(b.hash))) : b,
      ),
      updateCounter: (pcrs.updateCounter + (attributes?.noIncrement ? 0 : 1)) >>> 0,
    },
  })
  c.emit({ kind: 'pcr-reset', pcr })
}

function replaceAt<T>(items: readonly T[], at: number, item: T): readonly T[] {
  const copy = items.slice()
  copy[at] = item
  return copy
}

const withValue = (bank: Bank, pcr: number, value: Bytes): Bank => ({
  ...bank,
  values: replaceAt(bank.values, pcr, value),
})
