// What can happen in a step: a closed union, each kind with its line in words. Adding a kind without words does not compile.

import type { GuestEvent } from '../guest/guest.ts'
import type { Effect } from '../hw/device.ts'
import type { TpmEvent } from '../tpm/events.ts'
import type { UserAct } from './machine.ts'

export type Event =
  | GuestEvent
  /** A register access; offset within the locality-0 page. */
  | {
      readonly t: 'mmio'
      readonly dir: 'read' | 'write'
      readonly offset: number
      readonly size: 1 | 2 | 4 | 8
      readonly value: number
      readonly locality: number
    }
  /** A copy into or out of the data window: `offset` from the head of the page, `part` the offset in the message. */
  | {
      readonly t: 'window'
      readonly dir: 'in' | 'out'
      readonly offset: number
      readonly length: number
      readonly part: number
      readonly total: number
    }
  /** What the device did with a write, or on completion. */
  | { readonly t: 'device'; readonly effect: Exclude<Effect, { kind: 'submit' | 'cancel' }> }
  /** Start: the device handed the collected command to the TPM. `code` is undefined below ten bytes. */
  | { readonly t: 'submit'; readonly code: number | undefined; readonly length: number }
  | { readonly t: 'cancel' }
  /** The TPM answered. */
  | {
      readonly t: 'response'
      readonly rc: number | undefined
      readonly length: number
      readonly code: number | undefined
    }
  /** A command needs long work: the shell is asked to do it, and did it. Virtual time stands still in between. */
  | { readonly t: 'job'; readonly state: 'asked' | 'done'; readonly job: 'rsa-key'; readonly keyBits: number }
  | { readonly t: 'tpm'; readonly event: TpmEvent }
  /** `label` is a full sentence where somebody else than the application acts. */
  | { readonly t: 'user'; readonly act: UserAct['kind']; readonly label: string }
