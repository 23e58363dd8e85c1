// Variants of the full profile: without post-quantum algorithms, and with the buffer of an older TPM.

import { ALG } from '../../spec/algorithms.ts'
import { MLDSA } from '../../spec/pqc.ts'
import type { Profile } from '../profile.ts'
import { crbscope } from './crbscope.ts'

const PQC: readonly number[] = [ALG.MLKEM, ALG.MLDSA, ALG.HASH_MLDSA]

/** A buffer that no post-quantum key would fit into is enough for all others. */
const SMALL = {
  maxCommand: 4096,
  maxResponse: 4096,
  inputBuffer: 1024,
  nvBufferMax: Math.min(1024, crbscope.nvBufferMax),
}

export const noPqc: Profile = {
  ...crbscope,
  ...SMALL,
  id: 'no-pqc',
  algorithms: crbscope.algorithms.filter(a => !PQC.includes(a)),
  mlkem: [],
  mldsa: [],
  externalMu: false,
}

/** A signature of ML-DSA-87 has 4,627 octets, more than one response takes. */
export const buffer4096: Profile = {
  ...crbscope,
  ...SMALL,
  id: 'buffer-4096',
  mldsa: crbscope.mldsa.filter(set => set !== MLDSA[87]),
}
