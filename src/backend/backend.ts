// What answers a command: here the emulator, our own TPM with a modelled latency. `advance` runs the command at its due
// virtual time, so a command that was cancelled before has had no effect that would have to be undone.

import type { Job, JobResult, Results } from '../crypto/jobs.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Tpm } from '../tpm/tpm.ts'
import type { Behind, Transmit } from './behind.ts'

/** The command needs the result of a job, which only the shell has time for. Virtual time stands still. */
export interface Waiting {
  readonly job: Job
  /** Of earlier jobs of the same command. */
  readonly results: Results
  /** The driver is about to cancel: time goes on, and a result comes too late. */
  readonly abandoned: boolean
}

export interface Pending {
  readonly command: Bytes
  /** Room for the response, in bytes. */
  readonly room: number
  readonly locality: number
  /** Virtual microseconds: when it was handed over, and when the answer is due. */
  readonly since: number
  readonly due: number
  readonly cancelled: boolean
  readonly waiting?: Waiting
  /** The command left for a TPM outside: its answer is awaited, and virtual time stands still. */
  readonly transmit?: Transmit
}

export interface Backend {
  readonly tpm: Tpm
  readonly pending: Pending | undefined
  /** Virtual time up to which the TPM's own clock has run, in microseconds; undefined when it is wound from outside. */
  readonly clock: number | undefined
  /** Of all commands, told by the platform instead of the bus. */
  readonly locality?: number
  /** What is not an emulated TPM 2.0: behind.ts. `tpm` is then the host's, or one that is never started. */
  readonly behind?: Behind
}

export type { Job, JobResult }
