// TPM2_PCR_Allocate, TPM2_PCR_SetAuthPolicy and TPM2_PCR_SetAuthValue. Part 3, 22.5 to 22.7.

import { digestSize } from '../../spec/algorithms.ts'
import { pcrsOf } from '../../spec/base.ts'
import { NO, YES } from '../../spec/codes.ts'
import { PCR_Allocate, PCR_SetAuthPolicy, PCR_SetAuthValue } from '../../spec/commands/pcr-admin.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed } from '../authorize.ts'
import { implement } from '../command.ts'
import { badHandle, badParameter, fail } from '../errors.ts'
import { pcrsIn } from '../pcr.ts'
import { hashesOf } from '../profile.ts'
import type { Allocation } from '../tpm.ts'
import { checkAuthPolicy } from './hierarchy-control.ts'
import { amend } from '../amend.ts'

/** The PCR into which a dynamic launch is measured, and that of the H-CRTM: some bank has to have them. */
const DRTM_PCR = 17
const HCRTM_PCR = 0

const octets = (a: Allocation): number => a.reduce((sum, b) => sum + b.pcrs.length * digestSize(b.hash), 0)

export const pcrAdmin = [
  implement(PCR_Allocate, (c, _, { pcrAllocation }) => {
    const { profile, allocation } = c.tpm
    const most = profile.pcrs.length
    const banks = hashesOf(profile).map(hash => {
      const chosen = pcrAllocation.filter(s => s.hash === hash).at(-1)
      return { hash, pcrs: chosen ? pcrsOf(chosen.pcrSelect).filter(n => n < most) : pcrsIn(allocation, hash) }
    })
    const wanted = banks.filter(b => b.pcrs.length > 0)
    for (const n of [DRTM_PCR, HCRTM_PCR]) if (!wanted.some(b => b.pcrs.includes(n))) throw fail(RC.PCR)

    c.tpm = amend(c.tpm, { nextAllocation: wanted })
    const all = hashesOf(profile).map(hash => ({ hash, pcrs: profile.pcrs.map((_, n) => n) }))
    const sizeNeeded = octets(wanted)
    const sizeAvailable = octets(all)
    return { allocationSuccess: sizeNeeded <= sizeAvailable ? YES : NO, maxPCR: most, sizeNeeded, sizeAvailable }
  }),

  implement(PCR_SetAuthPolicy, (c, _, { authPolicy, hashAlg, pcrNum }) => {
    checkAuthPolicy(authPolicy, hashAlg)
    if (!c.tpm.profile.pcrs[pcrNum]?.authGroup) throw badParameter(3, RC.VALUE)

    c.tpm = amend(c.tpm, { pcrAuth: { ...c.tpm.pcrAuth, policyAlg: hashAlg, policy: authPolicy } })
  }),

  implement(PCR_SetAuthValue, (c, { pcrHandle }, { auth }) => {
    if (!c.tpm.profile.pcrs[pcrHandle]?.authGroup) throw badHandle(1, RC.VALUE)

    c.tpm = amend(c.tpm, { pcrAuth: { ...c.tpm.pcrAuth, auth: trimmed(auth) } })
  }),
]
