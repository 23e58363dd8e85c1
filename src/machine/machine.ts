// The machine: guest, interface device, backend with its TPM, and virtual time, wired together. A plain readonly value.

import type { Backend, JobResult } from '../backend/backend.ts'
import type { BackendConfig, HostAct, Transmitted } from '../backend/behind.ts'
import type { Guest, Task } from '../guest/guest.ts'
import type { Effect } from '../hw/device.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Tpm } from '../tpm/tpm.ts'
import type { Damage } from './damage.ts'
import type { Device, InterfaceChoice } from './device.ts'
import type { Event } from './events.ts'
import type { Host } from './host.ts'
import type { Platform, PlatformAct, Scheduled } from './platform.ts'

export type WindowSize = 3968 | 1024 | 256 | 64
export const WINDOW_SIZES: readonly WindowSize[] = [3968, 1024, 256, 64]

/** Everything that a run depends on, besides its inputs. JSON. */
export interface MachineConfig extends InterfaceChoice {
  readonly device: 'qemu'
  readonly capChunk: boolean
  /** Bytes; 4096 or 8192 for the TPMs of today. */
  readonly backendBufferSize: number
  /** The CRB's; a TIS has a buffer of its own. */
  readonly window: WindowSize
  readonly profile: 'crbscope'
  /** Seeds the TPM's entropy: hexadecimal, 32 bytes. */
  readonly seed: string
  /** Commands run on the TPM before the first step (the firmware's share: Startup, keys that are there already). */
  readonly prepare: readonly Task[]
  readonly tasks: readonly Task[]
  /** The program that the guest begins with; without it the firmware's share is `prepare`. */
  readonly firmware?: 'seabios' | 'uefi'
  /** What happens to the platform, in this order, each at its moment. */
  readonly schedule?: readonly Scheduled[]
  /** A TPM that was kept, powered off, instead of a fresh one: its image in hexadecimal. Needs installImages(). */
  readonly image?: string
  /** 2.0 where it is left out. */
  readonly tpmVersion?: '1.2'
  /** The emulator with a TPM 2.0 where it is left out. */
  readonly backend?: BackendConfig
  /** What happens to the host and its guests, each once the guest has nothing more to do. Passthrough only. */
  readonly stages?: readonly Stage[]
}

/** `tasks` are those of the guest that is there afterwards. */
export interface Stage {
  readonly act: HostAct
  readonly tasks: readonly Task[]
}

/** The last write to a register: QEMU's request bits never read back as 1, so what was written is kept apart. */
export interface LastWrite {
  readonly value: number
  readonly step: number
  readonly effects: readonly Effect[]
}

/** The last command that the device handed to the TPM, and its answer once there is one. */
export interface Exchange {
  readonly command: Bytes
  /** Number of the step that started it. */
  readonly step: number
  readonly response: Bytes | undefined
}

/** What the window was last filled with: a part of a command by the guest, or of an answer by the device. */
export interface WindowContent {
  readonly kind: 'nothing' | 'command' | 'answer'
  /** The message whose part it is. */
  readonly message: Bytes
  /** Offset of the part in the message, and its length; bytes of the window behind it are older. */
  readonly part: number
  readonly length: number
}

export interface Machine {
  readonly config: MachineConfig
  /** Steps since power-on; 0 before the first. */
  readonly step: number
  /** Virtual microseconds since power-on. */
  readonly time: number
  readonly guest: Guest
  readonly device: Device
  readonly backend: Backend
  /** By register offset, that of other localities counted from the head of locality 0. */
  readonly writes: { readonly [offset: number]: LastWrite }
  readonly exchange: Exchange | undefined
  readonly content: WindowContent
  /** How many of the configuration's stages are over. */
  readonly stage?: number
  /** Absent before the first act of its kind. */
  readonly migration?: Migration
  /** There once the machine has firmware, or something was done to its power. */
  readonly platform?: Platform | undefined
}

/** The TPM is shared with software outside: what happened there, and the command that it sends, if it does. */
export interface Outside {
  readonly kind: 'outside'
  /** A full sentence. */
  readonly label: string
  /** The TPM as it was left there; undefined when it is the one that was left here. */
  readonly tpm: Tpm | undefined
  /** Microseconds that its clock ran since then. */
  readonly elapsed: number
  /** That of the commands that follow, whatever the interface has assigned: 0 to 4. */
  readonly locality: number
  /** The platform was reset: the interface starts anew, and the driver probes again. */
  readonly reset: boolean
  readonly task: Task | undefined
}

/** Something happens to the host, or to its guests. */
export interface HostUserAct {
  readonly kind: 'host'
  /** In words, for the branch that begins with it. */
  readonly label: string
  readonly act: HostAct
}

/** The machine goes to another host. Both are told in full: what the source may be depends on nothing that happened. */
export interface Migrate {
  readonly kind: 'migrate'
  /** Carried out by code that comes late: acts.ts. */
  readonly late: true
  readonly label: string
  readonly from: Host
  readonly to: Host
  /** Something happens to the stream on its way: damage.ts. */
  readonly damage?: Damage
}

/** The machine is saved where it is. */
export interface Snapshot {
  readonly kind: 'snapshot'
  readonly late: true
  readonly label: string
}
/** It becomes again what was saved last. */
export interface Restore {
  readonly kind: 'restore'
  readonly late: true
  readonly label: string
}

/** Where a machine came to, what was saved of it, and what waits for a running command. */
export interface Migration {
  readonly host?: Host
  readonly saved?: { readonly step: number; readonly host: Host; readonly stream: Bytes }
  /** `since`: when the command began. */
  readonly waiting?: { readonly act: Migrate | Snapshot; readonly since: number }
}

export type UserAct =
  | Outside
  | HostUserAct
  | Migrate
  | Snapshot
  | Restore
  | PlatformAct
  /** The application sends one more command, after those that wait. */
  | { readonly kind: 'enqueue'; readonly task: Task }
  /** The driver is told to cancel the running command: it writes CTRL_CANCEL at its next line. */
  | { readonly kind: 'cancel' }

export type Input =
  | { readonly t: 'step' }
  | { readonly t: 'user'; readonly act: UserAct }
  /** The shell did what the machine had asked for. */
  | { readonly t: 'answer'; readonly result: JobResult | Transmitted }

/** One step: what came in, the machine after it, and what happened. */
export interface Moment {
  readonly input: Input | undefined
  readonly machine: Machine
  readonly events: readonly Event[]
}
