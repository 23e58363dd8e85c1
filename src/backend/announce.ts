// What a device asks its backend at power-on, as bytes, and what it is told: an emulator over its control channel, as swtpm
// answers (capabilities, buffer size, information); a passed-through TPM with commands, since it has no such channel.

import { be16, be32, type Bytes, concat, EMPTY, readBe32 } from '../lib/bytes.ts'
import { ByteQueue } from '../lib/queue.ts'
import { CAP, CAP_PROP } from '../spec12/codes.ts'
import { GetCapability } from '../spec12/commands.ts'
import { request12 } from '../spec12/frame.ts'
import type { Backend } from './backend.ts'
import type { Behind, Probe } from './behind.ts'
import type { AsHost } from './host-firmware.ts'
import { type Blobs, control, platform } from './platform.ts'
import { bufferSizeAnswer, CONTROL, infoAnswer, nextControlRequest } from './swtpm.ts'

/** A TPM 1.2 takes messages of this size, and of no other. */
const SIZE12 = 4096
/** No state is asked for. */
const NO_BLOBS: Blobs = {
  write: () => EMPTY,
  read() {
    throw new Error('no state')
  },
}

/** INFO_TPMSPECIFICATION and INFO_TPMATTRIBUTES. */
const INFO_FLAGS = 3
const INFO12 = {
  TPMSpecification: { family: '1.2', level: 2, revision: 116 },
  TPMAttributes: { manufacturer: 'id:43524253', version: 'id:00010002', model: 'swtpm' },
}

function controlAnswer(b: Backend, asked: Bytes, size: number): Bytes {
  const queue = new ByteQueue()
  queue.push(asked)
  const request = nextControlRequest(queue)
  if (request?.kind === 'answer') return request.bytes
  if (b.behind?.version === '1.2') {
    return request?.kind === 'info' ? infoAnswer(JSON.stringify(INFO12), 0) : bufferSizeAnswer(SIZE12, SIZE12, SIZE12)
  }
  // The buffer is agreed upon before the TPM is started.
  const off = { ...platform(b.tpm), powered: false, bufferSize: size }
  if (request?.kind !== 'buffer-size' && request?.kind !== 'info') throw new Error('defect: no such question')
  return control(off, request, NO_BLOBS).answer
}

function byControl(b: Backend, wanted: number): readonly Probe[] {
  const info = concat(be32(CONTROL.GET_INFO), be32(0), be32(INFO_FLAGS), be32(0), be32(0))
  const ask = (what: string, asked: Bytes, meaning: (answered: Bytes) => string): Probe => {
    const answered = controlAnswer(b, asked, wanted)
    return { what, asked, answered, meaning: meaning(answered) }
  }
  return [
    ask('GET_CAPABILITY', be32(CONTROL.GET_CAPABILITY), a => `capability bits ${readBe32(a, 4).toString(16)} hex`),
    ask(
      'SET_BUFFERSIZE',
      concat(be32(CONTROL.SET_BUFFERSIZE), be32(wanted)),
      a => `${readBe32(a, 4)} bytes in use, ${readBe32(a, 8)} to ${readBe32(a, 12)} possible`,
    ),
    ask('GET_INFO', info, a => new TextDecoder().decode(Uint8Array.from(a as Uint8Array).slice(12, -1))),
  ]
}

/** TPM_PT_MAX_COMMAND_SIZE and the property after it, TPM_PT_MAX_RESPONSE_SIZE: Part 2, 6.13. */
const MAX_COMMAND = 0x11e

function byCommand(b: Backend, run: AsHost): readonly Probe[] {
  const old = (b.behind as Behind).version === '1.2'
  const asked = old
    ? request12(GetCapability, { capArea: CAP.PROPERTY, subCap: be32(CAP_PROP.INPUT_BUFFER) })
    : concat(be16(0x8001), be32(22), be32(0x17a), be32(6), be32(MAX_COMMAND), be32(2))
  const answered = run(b, asked).response
  const size = old ? readBe32(answered, 14) : readBe32(answered, 23)
  return [{ what: old ? 'TPM_GetCapability' : 'TPM2_GetCapability', asked, answered, meaning: `${size} bytes` }]
}

/** All of it. @param wanted bytes of the buffer that the device would like */
export function probes(b: Backend, wanted: number, run: AsHost): readonly Probe[] {
  const { host } = b.behind as Behind
  if (host?.real) return []
  return host ? byCommand(b, run) : byControl(b, wanted)
}

/** The size of buffer that comes of it. */
export function sizeOf(asked: readonly Probe[], b: Backend): number {
  const { config, version } = b.behind as Behind
  if (config.bridge) return config.bridge.bufferSize
  const [first] = asked
  if (first?.what === 'TPM_GetCapability') return readBe32(first.answered, 14)
  if (first?.what === 'TPM2_GetCapability') return readBe32(first.answered, 23)
  const size = asked.find(p => p.what === 'SET_BUFFERSIZE')
  return size ? readBe32(size.answered, 4) : version === '1.2' ? SIZE12 : 8192
}
