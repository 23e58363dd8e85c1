// One TPM that changes, for shells that send commands one after the other: what replays transcripts and what serves.

import type { Bytes } from '../lib/bytes.ts'
import { execute, type Outcome } from './execute.ts'
import type { Profile } from './profile.ts'
import { manufacture, powerOn, type Tpm } from './tpm.ts'

export class Host {
  tpm: Tpm
  private readonly make: () => Tpm
  private at = 0

  /** @param seed all the entropy of the TPM */
  constructor(profile: Profile, seed: Bytes = new Uint8Array(32)) {
    this.make = () => powerOn(manufacture(seed, profile))
    this.tpm = this.make()
  }

  /** A fresh TPM, powered on, before any TPM2_Startup. */
  reset(): void {
    this.tpm = this.make()
    this.at = 0
  }

  powerCycle(): void {
    this.tpm = powerOn(this.tpm)
    this.at = 0
  }

  locality(locality: number): void {
    this.at = locality
  }

  run(bytes: Bytes): Outcome {
    const outcome = execute(this.tpm, bytes, this.at)
    this.tpm = outcome.tpm
    return outcome
  }

  command(bytes: Bytes): Bytes {
    return this.run(bytes).response
  }
}
