// Small configurations for tests of the machine: given commands, no scenario of the product.

import type { Task } from '../../src/guest/guest.ts'
import type { MachineConfig } from '../../src/machine/machine.ts'

export const SEED = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
export const STARTUP: Task = { id: 'startup', label: 'Startup', parts: [{ hex: '80010000000c000001440000' }] }
export const getRandom = (id: string, bytes = 16): Task => ({
  id,
  label: 'random',
  parts: [{ hex: `80010000000c0000017b${bytes.toString(16).padStart(4, '0')}` }],
})

/** TPM2_Hash, SHA-256, owner hierarchy, of `length` pattern bytes: a command of length + 18 bytes. */
export const hashOf = (id: string, length: number): Task => ({
  id,
  label: 'hash',
  parts: [
    { hex: `8001000000000000017d${length.toString(16).padStart(4, '0')}` },
    { fill: length, seed: 3 },
    { hex: '000b40000001' },
  ],
})

export const config = (tasks: readonly Task[], more: Partial<MachineConfig> = {}): MachineConfig => ({
  device: 'qemu',
  profile: 'crbscope',
  capChunk: true,
  backendBufferSize: 8192,
  window: 3968,
  seed: SEED,
  prepare: [STARTUP],
  tasks,
  ...more,
})
