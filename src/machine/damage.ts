// What may happen to a stream on its way, on purpose: to see that each is found, and where. Works on the bytes, with the
// places that the explanation of the stream names.

import { explain, type Span } from '../codec/explain.ts'
import { type Bytes, be32, bytes, concat, utf8 } from '../lib/bytes.ts'
import { PART, streamFor } from './stream.ts'

export const DAMAGES = {
  magic: 'another magic at its head',
  version: 'a newer stream version',
  cut: 'cut in the middle of the registers',
  order: 'two sections change places',
  repeated: 'a section comes twice',
  unknown: 'a section of a device that nobody has',
  newer: 'section tpm-crb in a newer version',
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
  const crb = find(spans, 'section tpm-crb')
  const tpm = find(spans, 'section crbscope/tpm')
  const guest = find(spans, 'section crbscope/guest')
  const part = (s: Span): Bytes => stream.slice(s.at, s.at + s.length)
  const before = stream.slice(0, crb.at)
  const after = stream.slice(tpm.at + tpm.length)
  switch (damage) {
    case 'magic':
      return put(stream, 0, utf8('QEVN'))
    case 'version':
      return put(stream, 4, be32(4))
    case 'cut':
      return stream.slice(0, find(crb.children, 'registers').at + 50)
    case 'order':
      return concat(before, part(tpm), part(crb), after)
    case 'repeated':
      return concat(before, part(crb), part(crb), part(tpm), after)
    case 'unknown':
      return concat(before, FOREIGN, part(crb), part(tpm), after)
    case 'newer':
      return put(stream, find(crb.children, 'version').at, be32(1))
    case 'flipped': {
      const at = find(find(guest.children, 'guest').children, 'content').at + 100
      return put(stream, at, bytes((stream[at] as number) ^ 1))
    }
  }
}
