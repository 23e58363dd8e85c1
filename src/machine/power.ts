// Power-on: a machine from its configuration. The commands of `prepare` (the firmware's share) run on the TPM before the
// first step; their answers can be referred to by the tasks that follow.

import { fresh, runNow } from '../backend/emulator.ts'
import { boot } from '../guest/advance.ts'
import { build } from '../guest/task.ts'
import type { TaskResult } from '../guest/guest.ts'
import { qemuCrb } from '../hw/crb.ts'
import { EMPTY, fromHex, readBe32 } from '../lib/bytes.ts'
import type { Machine, MachineConfig } from './machine.ts'
import { platformParts } from './platform-late.ts'

/** The machine before its first step. Deterministic: the same configuration gives an equal machine. */
export function powerOn(config: MachineConfig): Machine {
  let backend = fresh(fromHex(config.seed), config.profile)
  const results: TaskResult[] = []
  for (const task of config.prepare) {
    const command = build(task, results)
    const done = runNow(backend, command)
    backend = done.backend
    const rc = readBe32(done.response, 6)
    results.push({ id: task.id, command, rc: rc === 0 ? done.response.length : -rc, response: done.response })
  }
  const device = qemuCrb.create({
    capChunk: config.capChunk,
    backendBufferSize: config.backendBufferSize,
    allowChunkMigration: true,
    established: false,
    windowSize: config.window,
  })
  const machine: Machine = {
    config,
    step: 0,
    time: 0,
    guest: { ...boot(config.tasks), results, kept: results.length },
    device,
    backend,
    writes: {},
    exchange: undefined,
    content: { kind: 'nothing', message: EMPTY, part: 0, length: 0 },
  }
  return config.firmware || config.schedule ? platformParts().begin(machine) : machine
}
