// Power-on: a machine from its configuration. The commands of `prepare` (the firmware's share) run on the TPM before the
// first step; their answers can be referred to by the tasks that follow.

import { start } from '../backend/emulator.ts'
import { boot } from '../guest/advance.ts'
import { build } from '../guest/task.ts'
import type { TaskResult } from '../guest/guest.ts'
import { qemuCrb } from '../hw/crb.ts'
import { fromHex, readBe32 } from '../lib/bytes.ts'
import { execute } from '../tpm/execute.ts'
import { PROFILES } from '../tpm/profile.ts'
import { manufacture, powerOn as tpmInit } from '../tpm/tpm.ts'
import type { Machine, MachineConfig } from './machine.ts'

/** The machine before its first step. Deterministic: the same configuration gives an equal machine. */
export function powerOn(config: MachineConfig): Machine {
  let tpm = tpmInit(manufacture(fromHex(config.seed), PROFILES[config.profile]))
  const results: TaskResult[] = []
  for (const task of config.prepare) {
    const command = build(task, results)
    const done = execute(tpm, command, 0)
    tpm = done.tpm
    results.push({ id: task.id, command, rc: readBe32(done.response, 6), response: done.response })
  }
  const device = qemuCrb.create({
    capChunk: config.capChunk,
    backendBufferSize: config.backendBufferSize,
    allowChunkMigration: true,
    established: false,
    windowSize: config.window,
  })
  return {
    config,
    step: 0,
    time: 0,
    guest: { ...boot(config.tasks), results },
    device,
    backend: start(tpm),
    writes: {},
    exchange: undefined,
  }
}
