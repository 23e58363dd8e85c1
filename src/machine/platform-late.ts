// What a machine needs that has firmware, or whose power somebody turns off: it comes after the page's first step, so it
// registers itself (platform-acts.ts).

import type { Io } from '../guest/advance.ts'
import type { Bytes } from '../lib/bytes.ts'
import { later } from '../lib/later.ts'
import type { Event } from './events.ts'
import type { Machine } from './machine.ts'
import type { PlatformAct } from './platform.ts'

interface Step {
  readonly machine: Machine
  readonly events: readonly Event[]
}
type Writable = { -readonly [K in keyof Machine]: Machine[K] }
type PlatformIo = Extract<Io, { kind: 'platform' | 'presence' }>

export interface PlatformParts {
  /** A machine whose configuration has firmware or a schedule, before its first step. */
  begin(m: Machine): Machine
  act(m: Machine, act: PlatformAct): Step
  /** What happens instead of the guest's next line; undefined when nothing does. */
  instead(m: Machine): Step | undefined
  /** Whether anything is to come although the guest has nothing to do; or nothing, although it has. */
  ended(m: Machine, guestDone: boolean): boolean
  /** An access of the guest: replaces the parts that it changes. */
  access(parts: Pick<Writable, 'platform' | 'backend'>, io: PlatformIo): { value: number; data: Bytes }
}

export const [addPlatformParts, platformParts] = later<PlatformParts>('a platform before its parts are there')
