// Power-on: a machine from its configuration. The commands of `prepare` (the firmware's share) run on the TPM before the
// first step; their answers can be referred to by the tasks that follow.

import type { Backend } from '../backend/backend.ts'
import { others } from '../backend/behind.ts'
import { fresh, runNow } from '../backend/emulator.ts'
import { boot } from '../guest/advance.ts'
import { build } from '../guest/task.ts'
import type { TaskResult } from '../guest/guest.ts'
import { EMPTY, fromHex, readBe32 } from '../lib/bytes.ts'
import { later } from '../lib/later.ts'
import { createDevice, driverOf } from './device.ts'
import type { Machine, MachineConfig } from './machine.ts'
import { platformParts } from './platform-late.ts'

/** Of a configuration with an image; it comes with images.ts, which the page loads late. */
export const [installRestored, restored] = later<(image: string) => Backend>('an image before its reader was installed')

/** The machine before its first step. Deterministic: the same configuration gives an equal machine. */
export function powerOn(config: MachineConfig): Machine {
  const { image, tpmVersion: version = '2.0', backend: behind } = config
  let backend =
    image !== undefined
      ? restored()(image)
      : behind || config.tpmVersion
        ? others().create(fromHex(config.seed), version, behind ?? { kind: 'emulator' }, config.backendBufferSize)
        : fresh(fromHex(config.seed))
  const results: TaskResult[] = []
  for (const task of config.prepare) {
    const command = build(task, results)
    const done = runNow(backend, command)
    backend = done.backend
    const rc = readBe32(done.response, 6)
    results.push({ id: task.id, command, rc: rc === 0 ? done.response.length : -rc, response: done.response })
  }
  const machine: Machine = {
    config,
    step: 0,
    time: 0,
    guest: { ...boot(config.tasks, driverOf(config)), results, kept: results.length },
    device: createDevice({ ...config, backendBufferSize: backend.behind?.bufferSize ?? config.backendBufferSize }),
    backend,
    writes: {},
    exchange: undefined,
    content: { kind: 'nothing', message: EMPTY, part: 0, length: 0 },
  }
  return config.firmware || config.schedule ? platformParts().begin(machine) : machine
}
