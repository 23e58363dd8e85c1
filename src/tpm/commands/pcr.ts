// TPM2_PCR_Extend, TPM2_PCR_Event, TPM2_PCR_Read, TPM2_PCR_Reset. Part 3, 22.

import type { Bytes } from '../../lib/bytes.ts'
import { pcrsOf, selectOf } from '../../spec/base.ts'
import { PCR_Event, PCR_Extend, PCR_Read, PCR_Reset } from '../../spec/commands/pcr.ts'
import { RH } from '../../spec/handles.ts'
import { implement } from '../command.ts'
import { digestsOf, extend, mayExtend, pcrValue, resetPcr } from '../pcr.ts'

/** TPML_DIGEST holds no more; Part 2, 10.8.5. */
const MOST_DIGESTS = 8

export const pcr = [
  implement(PCR_Extend, (c, { pcrHandle }, { digests }) => {
    if (pcrHandle === RH.NULL) return
    mayExtend(c, pcrHandle)
    extend(c, pcrHandle, digests)
  }),

  implement(PCR_Event, (c, { pcrHandle }, { eventData }) => {
    if (pcrHandle !== RH.NULL) mayExtend(c, pcrHandle)
    const digests = digestsOf(c.tpm.profile, eventData)
    if (pcrHandle !== RH.NULL) extend(c, pcrHandle, digests)
    return { digests }
  }),

  implement(PCR_Read, (c, _, { pcrSelectionIn }) => {
    const pcrValues: Bytes[] = []
    const pcrSelectionOut = pcrSelectionIn.map(({ hash: bank, pcrSelect }) => {
      const found: number[] = []
      for (const n of pcrsOf(pcrSelect)) {
        const value = pcrValue(c.tpm, bank, n)
        if (!value || pcrValues.length === MOST_DIGESTS) continue
        pcrValues.push(value)
        found.push(n)
      }
      return { hash: bank, pcrSelect: selectOf(found, pcrSelect.length) }
    })
    return { pcrUpdateCounter: c.tpm.pcrs.updateCounter, pcrSelectionOut, pcrValues }
  }),

  implement(PCR_Reset, (c, { pcrHandle }) => resetPcr(c, pcrHandle)),
]
