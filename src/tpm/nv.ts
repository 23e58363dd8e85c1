// NV memory of a TPM: finding an Index, and whether it may authorize. What commands do with one: nv-access.ts. Part 3, 31.1; Part 1, 34.

import { be32, concat, readBe32 } from '../lib/bytes.ts'
import { CC } from '../spec/codes.ts'
import { NT, NV, nvType } from '../spec/nv.ts'
import { RC } from '../spec/return-codes.ts'
import { fail } from './errors.ts'
import { hasNv, isWritten, type NvIndex } from './nv-memory.ts'
import type { Tpm } from './tpm.ts'
import { amend } from './amend.ts'

export const nvIndexOf = (tpm: Tpm, handle: number): NvIndex | undefined =>
  tpm.nv.indexes.find(i => i.publicArea.nvIndex === handle)

/** Octets of bookkeeping beside the data of an Index: public area and authValue at their largest. */
export const OVERHEAD = 128
export const nvUsed = (tpm: Tpm): number => tpm.nv.indexes.reduce((sum, i) => sum + OVERHEAD + i.publicArea.dataSize, 0)

const WRITES: ReadonlySet<number> = new Set([
  CC.NV_Write,
  CC.NV_Increment,
  CC.NV_SetBits,
  CC.NV_Extend,
  CC.NV_WriteLock,
])
const READS: ReadonlySet<number> = new Set([
  ...[CC.NV_Read, CC.NV_ReadLock, CC.NV_Certify, CC.PolicyNV, CC.PolicyAuthorizeNV],
])

const CHANGES: ReadonlySet<number> = new Set([CC.NV_Write, CC.NV_Increment, CC.NV_SetBits, CC.NV_Extend])

/**
 * What must be found out before an authValue is looked at: a guess at an Index that cannot be used does not count.
 * Part 3, 5.4, 2 and 31.1; Part 1, 13. Policies about an Index look for themselves: a trial session may name any.
 * @throws TPM_RC_NV_LOCKED, TPM_RC_NV_UNINITIALIZED
 */
export function checkNvReady(tpm: Tpm, code: number, handle: number | undefined): void {
  const reads = code === CC.NV_Read || code === CC.NV_Certify
  const index = handle === undefined || (!reads && !CHANGES.has(code)) ? undefined : nvIndexOf(tpm, handle)
  if (!index) return
  if (hasNv(index, reads ? NV.READLOCKED : NV.WRITELOCKED)) throw fail(RC.NV_LOCKED)
  if (reads && !isWritten(index)) throw fail(RC.NV_UNINITIALIZED)
}

const pinOf = (index: NvIndex): { count: number; limit: number } => ({
  count: readBe32(index.data, 0),
  limit: readBe32(index.data, 4),
})
export const isPin = (index: NvIndex): boolean => nvType(index.publicArea.attributes) >= NT.PIN_FAIL

/** What authorizes: an authValue alone, a policy, or a policy that needs the authValue too. */
export type Means = 'value' | 'policy' | 'both'

/** Whether authValue or policy of an Index may authorize this command. Part 3, 5.6, 7.2 and 23.4; Part 1, 34.2.8 (PIN). */
export function nvAuthAvailable({ profile }: Tpm, index: NvIndex, code: number, by: Means): boolean {
  const secret = code === CC.PolicySecret && profile.peculiar.has('policyread-for-secret')
  const reads = READS.has(code) || (secret && (by !== 'value' || !isPin(index)))
  if (WRITES.has(code) && !hasNv(index, by === 'value' ? NV.AUTHWRITE : NV.POLICYWRITE)) return false
  if (reads && !hasNv(index, by === 'value' ? NV.AUTHREAD : NV.POLICYREAD)) return false
  if (!isPin(index)) return code !== CC.PolicySecret || hasNv(index, NV.AUTHREAD)
  if (by === 'policy') return true
  // Before the first write there is no limit, and at the limit no authValue.
  const { count, limit } = pinOf(index)
  return isWritten(index) && count < limit
}

/** A PIN Index counts: PIN Pass what succeeds, PIN Fail what fails, until it succeeds. Part 1, 34.2.7. */
export function countPin(tpm: Tpm, handle: number, ok: boolean): Tpm {
  const index = nvIndexOf(tpm, handle)
  if (!index || !isPin(index) || !isWritten(index)) return tpm
  const { count, limit } = pinOf(index)
  const pass = nvType(index.publicArea.attributes) === NT.PIN_PASS
  const next = pass ? (ok ? count + 1 : count) : ok ? 0 : count + 1
  if (next === count) return tpm
  const changed = { ...index, data: concat(be32(next), be32(limit)) }
  return amend(tpm, { nv: { ...tpm.nv, indexes: tpm.nv.indexes.map(i => (i === index ? changed : i)) } })
}
