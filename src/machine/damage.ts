// What may happen to a stream on its way, on purpose: to see that each is found, and where. Works on the bytes, with the
// places that the explanation of the stream names.

import { explain, type Span } from '../codec/explain.ts'
import { type Bytes, be32, bytes, concat, readBe32, utf8 } from '../lib/bytes.ts'
import { PART, streamFor } from './stream.ts'

export const DAMAGES = {
  magic: 'another magic at its head',
  version: 'a newer stream version',
  cut: 'cut in the middle of the device',
  order: 'two sections change places',
  repeated: 'a section comes twice',
  unknown: 'a section of a device that nobody has',
  newer: 'the section of the device in a newer version',
  flipped: 'one bit of the guest flips',
} as const
export type Damage = keyof typeof DAMAGES

const put = (b: Bytes, at: number, part: Bytes): Bytes => concat(b.slice(0, at), part, b.slice(at + part.length))

/** A section that no TPM machine has, complete with its footer. */
const FOREIGN = concat(
  bytes(PART.FULL),
  be32(9),
  bytes(6),
  utf8('serial'),
  be32(0),
  be32(3),
  bytes(PART.FOOTER),
  be32(9),
)

export function damaged(stream: Bytes, damage: Damage): Bytes {
  const { spans } = explain(streamFor(), stream)
  const find = (list: readonly Span[], name: string): Span => {
    const found = list.find(s => s.name === name)
    if (!found) throw new Error(`defect: a stream without ${name}`)
    return found
  }
  const device = spans.find(s => s.name === 'section tpm-tis') ?? find(spans, 'section tpm-crb')
  const tpm = find(spans, 'section crbscope/tpm')
  const guest = find(spans, 'section crbscope/guest')
  const part = (s: Span): Bytes => stream.slice(s.at, s.at + s.length)
  const before = stream.slice(0, device.at)
  const after = stream.slice(tpm.at + tpm.length)
  const newer = (at: number): Bytes => put(stream, at, be32(readBe32(stream, at) + 1))
  switch (damage) {
    case 'magic':
      return put(stream, 0, utf8('QEVN'))
    case 'version':
      return put(stream, 4, be32(4))
    case 'cut':
      return stream.slice(
        0,
        (device.children.find(s => s.name === 'registers') ?? find(device.children, 'buffer')).at + 50,
      )
    case 'order':
      return concat(before, part(tpm), part(device), after)
    case 'repeated':
      return concat(before, part(device), part(device), part(tpm), after)
    case 'unknown':
      return concat(before, FOREIGN, part(device), part(tpm), after)
    case 'newer':
      return newer(find(device.children, 'version').at)
    case 'flipped': {
      const at = find(find(guest.children, 'guest').children, 'content').at + 100
      return put(stream, at, bytes((stream[at] as number) ^ 1))
    }
  }
}
