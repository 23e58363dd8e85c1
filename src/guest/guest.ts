// State of the simulated guest: a call stack over numbered lines, locals, timers, and the queue of commands that the
// application wants sent. Plain data.

import type { Bytes } from '../lib/bytes.ts'
import type { DriverName } from './drivers.ts'

export type Vars = { readonly [name: string]: number }

export interface Frame {
  /** Name of the function, a key of DRIVER. */
  readonly fn: string
  /** Index into its lines: the line that the next step executes. */
  readonly pc: number
  readonly vars: Vars
  /** Local of the caller that takes the return value. */
  readonly into: string | undefined
}

/** A wait of the driver. Times in microseconds of virtual time. */
export interface Timer {
  readonly name: string
  readonly limit: number
  readonly since: number
  readonly reads: number
  readonly state: 'waiting' | 'met' | 'expired'
  readonly took: number
}

/** A piece of a command: given bytes, or bytes of an earlier answer of the same run (its handle, its signature). */
export type Part =
  | { readonly hex: string }
  | { readonly from: string; readonly at: number; readonly length: number }
  /** A pattern of `fill` bytes: byte i is (seed + i·37) mod 256; for long messages. */
  | { readonly fill: number; readonly seed: number }

/** One command that the application hands to the driver. */
export interface Task {
  readonly id: string
  /** What the application wants, in words: "Ask for 16 random bytes". */
  readonly label: string
  readonly parts: readonly Part[]
  /** Leave the header's size field as the parts have it; otherwise it is set to the length. */
  readonly keepSize?: boolean
  /** Size of the caller's buffer for the answer, in bytes (TPM_BUFSIZE of the driver's caller; 8192 by default). */
  readonly room?: number
  /** TIS only: while the command executes, code at this locality seizes the interface. */
  readonly rival?: 1 | 2 | 3
  /** A program of the operating system that runs instead of the driver's transmission: its name and its arguments. */
  readonly call?: { readonly fn: string; readonly args: Vars }
}

/** What the firmware of a boot knows, shows and has left behind. Part of the guest's memory. */
export interface Boot {
  readonly kind: 'seabios' | 'uefi'
  /** It was the firmware that started the TPM, in this boot. */
  readonly started: boolean
  /** Algorithms of the PCR banks in use. */
  readonly banks: readonly number[]
  /** The event log, as bytes. */
  readonly log: Bytes
  /** That of the boot before, which a verifier has kept. */
  readonly previous: Bytes
  readonly console: readonly string[]
  /** The key that is waited for, and what for. */
  readonly asks: 'menu' | 'choice' | 'confirm' | undefined
  /** Keys that were pressed and not read yet. */
  readonly keys: readonly string[]
  /** A setting that the firmware keeps over boots: the owner and endorsement hierarchies are switched off. */
  readonly hidden: boolean
  /** The firmware wants the platform to be reset. */
  readonly reset: boolean
  /** Names of measured components that somebody changed: not memory but disk and flash. */
  readonly changed: readonly string[]
  /** What the driver knew when the machine went to sleep. */
  readonly kept: Vars
}

export interface TaskResult {
  readonly id: string
  readonly command: Bytes
  /** What the driver returned: length of the answer, or a negative errno. */
  readonly rc: number
  readonly response: Bytes
}

export interface Guest {
  /** Innermost frame last. Empty: between two commands, or done. */
  readonly stack: readonly Frame[]
  /** What the probe found: win (bytes), cap_chunk, probed. */
  readonly globals: Vars
  readonly tx: Bytes
  readonly rx: Bytes
  readonly tasks: readonly Task[]
  /** Index of the task that is running or comes next. */
  readonly next: number
  /** The latest results, and before them those that are never forgotten. */
  readonly results: readonly TaskResult[]
  /** How many of the results are never forgotten: those of the firmware's commands. */
  readonly kept: number
  readonly timers: readonly Timer[]
  /** Story beat: what this stretch of lines is for. */
  readonly beat: string
  /** The user asked for a cancel; the driver does it at its next line. */
  readonly cancel: boolean
  /** A program that runs before anything else does: that of the firmware, or what precedes sleep. */
  readonly entry?: string | undefined
  readonly boot?: Boot
  /** Which driver it is; the CRB's when absent. */
  readonly driver?: DriverName
}

/** What happens on the guest's side in a step. Part of the machine's event union. */
export type GuestEvent =
  /** The guest executed a source line (1-based number within its function). */
  | { readonly t: 'line'; readonly fn: string; readonly n: number }
  | { readonly t: 'call'; readonly fn: string }
  | { readonly t: 'return'; readonly fn: string; readonly rc: number }
  /** A local or global got a new value. */
  | { readonly t: 'var'; readonly name: string; readonly from: number | undefined; readonly to: number }
  | { readonly t: 'wait'; readonly timer: string; readonly state: 'waiting' | 'met' | 'expired'; readonly took: number }
  /** The application handed a command to the driver, or got its answer (length, or a negative errno). */
  | { readonly t: 'task'; readonly id: string; readonly state: 'begin' | 'end'; readonly length: number }
  | { readonly t: 'beat'; readonly name: string }
  /** Power, firmware, and the memory between firmware and operating system; `say` is a full sentence. */
  | {
      readonly t: 'platform'
      readonly what: 'power' | 'command' | 'log' | 'memory' | 'screen' | 'key'
      readonly say: string
    }

/** Where events go: the machine's list takes more kinds than the guest makes. */
export interface Sink {
  push(event: GuestEvent): unknown
}
