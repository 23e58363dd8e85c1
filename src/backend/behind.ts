// What may stand behind the interface instead of an emulated TPM 2.0: a TPM 1.2, or the host's TPM (passthrough), simulated
// or real. Here is only what a configuration says of it and what a machine keeps; what it does comes late (others.ts) and
// registers itself.

import type { Results } from '../crypto/jobs.ts'
import type { Bytes } from '../lib/bytes.ts'
import type { Tpm12 } from '../tpm12/tpm.ts'
import type { Backend, Pending } from './backend.ts'
import type { Advance } from './emulator.ts'

/** What a bridge said of the TPM behind it, when the page was opened. */
export interface BridgeConfig {
  /** "swtpm at 127.0.0.1:2321" */
  readonly where: string
  readonly bufferSize: number
}

/** Of MachineConfig; JSON. */
export interface BackendConfig {
  readonly kind: 'emulator' | 'passthrough'
  /** Passthrough to a TPM outside this program; otherwise the host's TPM is simulated. */
  readonly bridge?: BridgeConfig
  /** Of a TPM 1.2: as new, with an owner since before, or disabled and deactivated. */
  readonly tpm?: 'new' | 'owned' | 'off'
  /** Command codes that passthrough lets nobody send. */
  readonly filter?: readonly number[]
  /** The filter looks into transport sessions, too. */
  readonly unwraps?: boolean
}

/** What else happens to a host and its guests, once a guest has nothing more to do. */
export const HOST_ACTS = ['second-guest', 'new-guest', 'reboot-host', 'enable-tpm'] as const
export type HostAct = (typeof HOST_ACTS)[number]

/** A command on its way to a TPM outside. */
export interface Transmit {
  /** Counts the commands of this machine. */
  readonly id: number
}
/** What came of it. */
export type Transmitted =
  | { readonly id: number; readonly response: Bytes }
  /** Given up: nobody knows whether it was carried out. */
  | { readonly id: number; readonly why: string }

/** The host whose TPM a guest uses. */
export interface Host {
  readonly real: boolean
  /** Guests that have had the TPM, with the one that has it. */
  readonly guests: number
  /** Boots of the host. */
  readonly boots: number
  /** Commands that went out to a real one. */
  readonly sent: number
}

/** One question of the device to its backend at power-on, and the answer. */
export interface Probe {
  readonly what: string
  readonly asked: Bytes
  readonly answered: Bytes
  readonly meaning: string
}

export interface Behind {
  readonly config: BackendConfig
  readonly version: '1.2' | '2.0'
  readonly tpm12?: Tpm12
  readonly host?: Host
  /** Bytes of the largest message, as the backend announced it. */
  readonly bufferSize: number
  readonly probes: readonly Probe[]
}

export interface Others {
  /** @param wanted bytes of the buffer that the device would like */
  create(seed: Bytes, version: '1.2' | '2.0', config: BackendConfig, wanted: number): Backend
  attempt(b: Backend, p: Pending, results: Results): Advance
  answered(b: Backend, result: Transmitted): Advance
  runNow(b: Backend, command: Bytes): { readonly backend: Backend; readonly response: Bytes }
  /** The platform of the guest is reset: its own TPM sees TPM_Init, the host's sees nothing. */
  init(b: Backend): Backend
}

let parts: Others | undefined

export const addOthers = (p: Others): void => {
  parts = p
}

export function others(): Others {
  if (!parts) throw new Error('defect: a backend before its code')
  return parts
}
