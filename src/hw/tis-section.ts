// The TIS section of a saved stream as bytes: what facts say QEMU's has (one fixed array for the buffer, the position, who
// is active, aborting and next, and each locality), big-endian. The layout is our completion, the fields are QEMU's. The
// array is as long as the sender's buffer, so a larger buffer is another layout and needs another version number.

import { choice, opaque, struct, u16, u32, u8 } from '../codec/combinators.ts'
import { type Codec, decode, doc, encode, Malformed } from '../codec/codec.ts'
import { explain, type Explanation } from '../codec/explain.ts'
import { type Bytes, readBe32 } from '../lib/bytes.ts'
import { LOCALITIES } from './tis.map.ts'
import type { SavedTis } from './tis.ts'

/** The version of a section with the buffer of 4,096 bytes, and that with 8,192. */
const VERSION_OF = { 4096: 1, 8192: 2 } as const
type BufferSize = keyof typeof VERSION_OF
/** In the stream, for nobody: -1 in the device. */
const NOBODY = 0xff

const WHO = choice(
  'locality',
  1,
  { 0: 'locality 0', 1: 'locality 1', 2: 'locality 2', 3: 'locality 3', 4: 'locality 4', [NOBODY]: 'nobody' },
  'value',
)
const STATE = choice('state', 4, { 0: 'idle', 1: 'ready', 2: 'completion', 3: 'execution', 4: 'reception' }, 'value')

const LOCALITY = struct('locality', {
  state: doc('what the locality does', STATE),
  intEnable: doc('INT_ENABLE', u32),
  intStatus: doc('INT_STATUS', u32),
  access: doc('ACCESS, with a seize that waits and without what reads compute', u8),
  sts: doc('STS, without burstCount', u32),
  ifaceId: doc('INTERFACE_ID', u32),
})

const sectionOf = (size: number) =>
  struct('tpm-tis', {
    version: doc('1: a buffer of 4,096 bytes; 2: of 8,192', u32),
    buffer: doc('the whole buffer, whatever part of it is used', opaque('buffer', size)),
    offset: doc('position in the buffer: received or read so far', u16),
    active: doc('who may use the interface', WHO),
    aborting: doc('whose command is being aborted', WHO),
    next: doc('who is active after that', WHO),
    locality0: LOCALITY,
    locality1: LOCALITY,
    locality2: LOCALITY,
    locality3: LOCALITY,
    locality4: LOCALITY,
  })
const SECTIONS = { 4096: sectionOf(4096), 8192: sectionOf(8192) } as const
type Section = ReturnType<typeof sectionOf> extends Codec<infer T> ? T : never

const outward = (n: number): number => (n < 0 ? NOBODY : n)
const inward = (n: number): number => (n === NOBODY ? -1 : n)

/** The section that a device leaves. Its version says how long its buffer is. */
export function writeTisSection(saved: SavedTis): Bytes {
  const size = saved.buffer.length as BufferSize
  const [locality0, locality1, locality2, locality3, locality4] = saved.loc as never as Section['locality0'][]
  return encode(SECTIONS[size] as never as Codec<object>, {
    version: VERSION_OF[size],
    buffer: saved.buffer,
    offset: saved.offset,
    active: outward(saved.active),
    aborting: outward(saved.aborting),
    next: outward(saved.next),
    ...{ locality0, locality1, locality2, locality3, locality4 },
  })
}

/** A section that a receiver does not load: why, in a sentence. */
export class SectionRefused extends Error {
  override readonly name = 'SectionRefused'
}

/**
 * The section as a receiver with a buffer of `size` bytes reads it.
 * @param careless the receiver does not look at the version: it takes the bytes for its own layout
 * @throws SectionRefused in words
 */
export function readTisSection(bytes: Bytes, size: BufferSize, careless = false): SavedTis {
  const known = VERSION_OF[size]
  const version = readBe32(bytes, 0)
  if (!careless && bytes.length >= 4 && version !== known) {
    throw new SectionRefused(
      version > known
        ? `section tpm-tis has version ${version}, newer than this receiver knows (${known})`
        : `section tpm-tis has version ${version}; this receiver's buffer of ${size} bytes needs ${known}`,
    )
  }
  let s: Section
  try {
    s = decode(SECTIONS[size], bytes)
  } catch (e) {
    if (!(e instanceof Malformed)) throw e
    throw new SectionRefused(`section tpm-tis, ${bytes.length} bytes: ${e.message}`)
  }
  if (s.offset > size) throw new SectionRefused(`section tpm-tis: position ${s.offset} is beyond the buffer of ${size}`)
  return {
    buffer: s.buffer,
    offset: s.offset,
    active: inward(s.active),
    aborting: inward(s.aborting),
    next: inward(s.next),
    loc: [s.locality0, s.locality1, s.locality2, s.locality3, s.locality4].slice(
      0,
      LOCALITIES,
    ) as never as SavedTis['loc'],
  }
}

/** The bytes field by field, as a device with a buffer of `size` bytes reads them; errors stand on their field. */
export const explainTisSection = (bytes: Bytes, size: BufferSize): Explanation<unknown> =>
  explain(SECTIONS[size] as Codec<unknown>, bytes)
