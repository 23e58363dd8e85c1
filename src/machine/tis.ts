// The TIS as a part of the machine that comes late: a configuration with `interface: 'tis'` needs it before power-on.

import { addDriver } from '../guest/drivers.ts'
import { HABITS, tisDriver } from '../guest/tis-driver.ts'
import { qemuTis } from '../hw/tis.ts'
import { readBe32 } from '../lib/bytes.ts'
import { addTisParts, type TisParts } from './device.ts'
import { describeTis } from './tis-words.ts'

type Port = NonNullable<typeof qemuTis.port>

/** Registers tell which TPM is behind them: TPM_STS.tpmFamily, TPM_INTF_CAPABILITY and TPM_INTERFACE_ID. */
const create: TisParts['create'] = config =>
  qemuTis.create({
    bufferSize: config.tis?.buffer ?? 4096,
    backendBufferSize: config.backendBufferSize,
    tpmVersion: config.tpmVersion ?? '2.0',
    established: false,
  })

const move: TisParts['move'] = (device, io, command) => {
  const port = qemuTis.port as Port
  const { offset, part } = io
  if (io.kind === 'feed') {
    const { data, total } = io
    const done = port.feed(device, offset, data)
    const held = qemuTis.inside(done.device).command.length
    return {
      ...done,
      data,
      event: { t: 'window', dir: 'in', offset, length: data.length, part, total },
      content: { kind: 'command', message: command, part: 0, length: held },
    }
  }
  const { length } = io
  const total = readBe32(qemuTis.inside(device).response, 2)
  const event = { t: 'window', dir: 'out', offset, length, part, total } as const
  return { ...port.drain(device, offset, length), event, content: undefined }
}

/** From here on machines may have a TIS. Once is enough; again does no harm. */
export function withTis(): void {
  addTisParts({ model: qemuTis, create, describe: describeTis, move })
  addDriver('tis', tisDriver())
  for (const habit of HABITS) addDriver(`tis-${habit}`, tisDriver(habit))
}
