// The parameter sets of ML-KEM (FIPS 203, 8).

import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { registerSet } from './mlkem.ts'

export function registerMlkem(): void {
  registerSet(1, ml_kem512)
  registerSet(2, ml_kem768)
  registerSet(3, ml_kem1024)
}
