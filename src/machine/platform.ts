// Power, firmware and the memory between them, as data: what one can do to the platform, what a scenario does at which
// moment, and what the machine keeps of it. What it does is in platform-acts.ts, which comes late.

import type { Bytes } from '../lib/bytes.ts'

export const POWER = ['cold-boot', 'warm-reset', 'suspend', 'resume'] as const
export type Power = (typeof POWER)[number]

export type PlatformAct =
  /** `sudden`: the operating system is not asked, so it sends no TPM2_Shutdown. Only for suspend; a reset asks nobody. */
  | { readonly kind: 'power'; readonly what: Power; readonly sudden?: true }
  /** A key of the machine's keyboard, which only the firmware reads. */
  | { readonly kind: 'key'; readonly key: string }
  /** Somebody changes a component that the firmware measures, or changes it back. */
  | { readonly kind: 'change'; readonly what: string }

/** When something of a scenario's schedule happens. */
export type When =
  /** After the task was done; or while the TPM executes it. */
  | { readonly task: string; readonly state: 'done' | 'executing' }
  /** The driver has found the TPM. */
  | { readonly state: 'probed' }
  | { readonly state: 'asleep' }
  /** The firmware waits for a key. */
  | { readonly state: 'asks'; readonly asks: 'menu' | 'choice' | 'confirm' }

export interface Scheduled {
  readonly when: When
  readonly act: PlatformAct
}

/** What there is before a power event, in words; the same facts are read again after it. */
export type Facts = { readonly [name: string]: string }

export interface Platform {
  /** "resetting": the guest stands still while the device waits for the command that runs. */
  readonly state: 'on' | 'suspending' | 'asleep' | 'resetting'
  readonly resetting: Power | undefined
  /** Memory that firmware and operating system share: ppi.map.ts. */
  readonly shared: Bytes
  /** How many entries of the schedule are over. */
  readonly scheduled: number
  readonly last: { readonly what: Power; readonly step: number; readonly before: Facts } | undefined
}
