// Scenarios as data: a machine, what its TPM went through before the first step, and the commands that the guest sends.
// Commands are put together from the structure declarations; answers of earlier commands are referred to, not copied.

import { type Codec, encode } from '../codec/codec.ts'
import type { Part, Task } from '../guest/guest.ts'
import { be16, be32, concat, toHex } from '../lib/bytes.ts'
import type { MachineConfig } from '../machine/machine.ts'
import { CC, ST } from '../spec/codes.ts'
import { RH } from '../spec/handles.ts'
import type { ScriptedAct } from './when.ts'

export interface Scenario {
  readonly id: string
  readonly title: string
  /** What one sees, in a sentence. */
  readonly summary: string
  readonly config: MachineConfig
  /** What happens to the machine, and when. */
  readonly acts?: readonly ScriptedAct[]
}

export const value = <T>(codec: Codec<T>, v: T): Part => ({ hex: toHex(encode(codec, v)) })

/** The bytes `at` … `at + length` of an earlier answer. */
export const from = (id: string, at: number, length: number): Part => ({ from: id, at, length })

export interface Request {
  readonly handles?: readonly number[]
  /** How many of the handles are authorised, each by a password session with an empty password. */
  readonly auths?: number
  readonly params?: readonly Part[]
  readonly room?: number
}

/** Part 2, 10.13.2, TPMS_AUTH_COMMAND: TPM_RS_PW, no nonce, continueSession, empty password. */
const PASSWORD = concat(be32(RH.PW), be16(0), Uint8Array.of(1), be16(0))

/** One command of the application. Its size field is set when it is built. */
export function command(id: string, label: string, code: keyof typeof CC, request: Request = {}): Task {
  const auths = request.auths ?? 0
  const header = concat(be16(auths > 0 ? ST.SESSIONS : ST.NO_SESSIONS), be32(0), be32(CC[code]))
  const area = auths > 0 ? [be32(auths * PASSWORD.length), ...Array.from({ length: auths }, () => PASSWORD)] : []
  const head = concat(header, ...(request.handles ?? []).map(be32), ...area)
  return {
    id,
    label,
    parts: [{ hex: toHex(head) }, ...(request.params ?? [])],
    ...(request.room === undefined ? {} : { room: request.room }),
  }
}

export const STARTUP: Task = command('startup', 'Start the TPM', 'Startup', { params: [{ hex: '0000' }] })

/** A fixed seed, so that everybody sees the same bytes: 32 characters of text. */
const SEED = '63726273636f7065206578616d706c652073656564206e6f7420736563726574'

export const scenario = (
  id: string,
  title: string,
  summary: string,
  prepare: readonly Task[],
  tasks: readonly Task[],
  more: Partial<MachineConfig> = {},
): Scenario => ({
  id,
  title,
  summary,
  config: {
    device: 'qemu',
    profile: 'crbscope',
    capChunk: true,
    backendBufferSize: 8192,
    window: 3968,
    seed: SEED,
    prepare: [STARTUP, ...prepare],
    tasks,
    ...more,
  },
})
