// What a TIS device did with an access, as data: the machine makes events of it, and the screen words. Kinds that both
// interfaces share (bytes taken, a command submitted, a cancel) are those of device.ts.

/** Why the device did nothing with an access. The guest cannot see that it did nothing. */
export type Dropped =
  | 'not-active'
  | 'locality-4'
  | 'startup-error'
  | 'not-a-register'
  | 'read-only'
  | 'asks-nothing'
  | 'two-bits'
  | 'not-owner'
  | 'owned-already'
  | 'not-higher'
  | 'higher-seizes'
  | 'seize-pending'
  | 'still-expects'
  | 'not-receiving'
  | 'not-executing'
  | 'no-answer'
  | 'not-ready'
  | 'complete'
  | 'only-3-and-4'

export type TisEffect =
  /** The active locality is now `locality`, -1 for none; it was `from`. */
  | {
      readonly kind: 'tis'
      readonly what: 'active'
      readonly locality: number
      readonly from: number
      readonly seized: boolean
    }
  /** Another locality is active: the request waits, or was taken back. */
  | { readonly kind: 'tis'; readonly what: 'waits' | 'withdraws'; readonly locality: number }
  /** The locality no longer says that it was seized. */
  | { readonly kind: 'tis'; readonly what: 'acknowledges'; readonly locality: number }
  /** A command runs: what was asked happens when it has been answered. `next` is the locality that is active then. */
  | { readonly kind: 'tis'; readonly what: 'aborting'; readonly locality: number; readonly next: number }
  /** A half-sent command, or the answer to an aborted one, was dropped. */
  | { readonly kind: 'tis'; readonly what: 'aborted'; readonly locality: number }
  | { readonly kind: 'tis'; readonly what: 'ready' }
  /** The buffer is full before the announced end: the device expects nothing more, and keeps what it has. */
  | { readonly kind: 'tis'; readonly what: 'full'; readonly length: number; readonly total: number }
  /** Expect is off: the size in the header, of which 16 bits count, has been reached. */
  | { readonly kind: 'tis'; readonly what: 'complete'; readonly length: number; readonly total: number }
  | { readonly kind: 'tis'; readonly what: 'completed'; readonly length: number }
  /** Bytes of the answer were read through the port. */
  | {
      readonly kind: 'tis'
      readonly what: 'given'
      readonly offset: number
      readonly length: number
      readonly total: number
    }
  | { readonly kind: 'tis'; readonly what: 'retry' }
  | { readonly kind: 'tis'; readonly what: 'interrupts'; readonly enabled: number }
  | { readonly kind: 'tis'; readonly what: 'raises'; readonly source: number }
  | { readonly kind: 'tis'; readonly what: 'lowers' }
  | { readonly kind: 'tis'; readonly what: 'reset-establishment' }
  | { readonly kind: 'tis'; readonly what: 'locked' }
  | { readonly kind: 'tis'; readonly what: 'dropped'; readonly why: Dropped; readonly length: number }
