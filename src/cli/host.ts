// Owns one TPM engine and gives it one command after the other: the engine is a value, the host is where it lives.

import { registerMoreCurves } from '../crypto/curves-more.ts'
import type { Bytes } from '../lib/bytes.ts'
import { execute } from '../tpm/execute.ts'
import { PROFILES } from '../tpm/profile.ts'
import { manufacture, powerOn, type Tpm } from '../tpm/tpm.ts'

registerMoreCurves()

/** Entropy of a TPM whose seeds nobody gave: the same in every run, so that a failure can be repeated. */
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i)

const fresh = (): Tpm => powerOn(manufacture(SEED, PROFILES.crbscope))

export class Host {
  private tpm: Tpm = fresh()
  private from = 0

  /** A new TPM, powered on, before any TPM2_Startup. */
  reset(): void {
    this.tpm = fresh()
    this.from = 0
  }

  powerCycle(): void {
    this.tpm = powerOn(this.tpm)
  }

  /** @param locality 0 to 4, of the commands that follow */
  locality(locality: number): void {
    this.from = locality
  }

  command(bytes: Bytes): Bytes {
    const { response, tpm } = execute(this.tpm, bytes, this.from)
    this.tpm = tpm
    return response
  }
}
