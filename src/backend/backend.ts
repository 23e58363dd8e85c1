// What answers a command: here the emulator, our own TPM with a modelled latency. `advance` runs the command at its due
// virtual time, so a command that was cancelled before has had no effect that would have to be undone.

import type { Bytes } from '../lib/bytes.ts'
import type { Tpm } from '../tpm/tpm.ts'

export interface Pending {
  readonly command: Bytes
  /** Room for the response, in bytes. */
  readonly room: number
  readonly locality: number
  /** Virtual microseconds: when it was handed over, and when the answer is due. */
  readonly since: number
  readonly due: number
  readonly cancelled: boolean
}

export interface Backend {
  readonly tpm: Tpm
  readonly pending: Pending | undefined
  /** Virtual time up to which the TPM's own clock has run, in microseconds. */
  readonly clock: number
}
