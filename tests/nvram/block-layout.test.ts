// The block layout of 2011, held field by field against its description as tables of numbers, and what is refused.

import { describe, expect, it } from 'vitest'
import { concat, fromHex, readBe16, readBe32, toHex } from '../../src/lib/bytes.ts'
import { crc32 } from '../../src/lib/crc32.ts'
import {
  directoryBytes,
  explainDirectory,
  freshDirectory,
  patchBlocks,
  readBlocks,
  readDirectory,
  SECTOR,
  writeBlocks,
} from '../../src/nvram/block-layout.ts'
import { type Blobs, toBlobs } from '../../src/nvram/blobs.ts'
import { OURS, TEXT } from '../../src/nvram/origin.ts'
import { patched } from '../../src/nvram/patch.ts'
import type { StateError } from '../../src/nvram/state-error.ts'
import { partition } from '../support/codecs.ts'
import { shutDown } from '../support/states.ts'

const BLOBS: Blobs = {
  permanent: Uint8Array.from({ length: 700 }, (_, i) => i & 255),
  volatile: new Uint8Array(33).fill(5),
  'save-state': new Uint8Array(512).fill(9),
}
const KEY = fromHex('2b7e151628aed2a6abf7158809cf4f3c')
const reasonOf = (f: () => unknown): string => {
  try {
    f()
  } catch (e) {
    return (e as StateError).reason
  }
  return 'nothing thrown'
}
const u64 = (b: Uint8Array, at: number): bigint => new DataView(b.buffer, b.byteOffset).getBigUint64(at)

describe('the directory, as it is described', () => {
  /** Offset, size, name, origin: the table of the description. */
  const HEAD_2 = [
    [0, 2, 'rev', TEXT],
    [2, 4, 'checksum', TEXT],
    [6, 4, 'num_entries', TEXT],
    [10, 1, 'enctype', TEXT],
    [11, 3, 'reserved1', TEXT],
    [14, 32, 'reserved', TEXT],
  ] as const
  const HEAD_1 = [...HEAD_2.slice(0, 3), [10, 40, 'reserved', TEXT]] as const
  const ENTRY = [
    [0, 4, 'type', OURS],
    [4, 8, 'offset', TEXT],
    [12, 4, 'space', OURS],
    [16, 4, 'blobsize', TEXT],
    [20, 4, 'blobcrc32', TEXT],
    [24, 4, 'reserved', OURS],
  ] as const

  it.each([
    [2, HEAD_2, 46],
    [1, HEAD_1, 50],
  ] as const)(
    'of revision %i has every field where and as long as it should, and says where it is from',
    (rev, head, at) => {
      const image = writeBlocks(BLOBS, { rev })
      const { spans, error } = explainDirectory(image.slice(0, SECTOR))
      expect(error).toBeUndefined()
      expect(partition(spans, 0)).toBe(SECTOR)
      const flat = spans.map(s => [s.at, s.length, s.name, s.codec.source])
      expect(flat.slice(0, head.length)).toEqual(head.map(f => [...f]))
      for (let i = 0; i < 3; i++) {
        const entry = spans[head.length + i]
        expect([entry?.at, entry?.length, entry?.name]).toEqual([at + 28 * i, 28, `entries[${i}]`])
        expect(entry?.children.map(s => [s.at - at - 28 * i, s.length, s.name, s.codec.source])).toEqual(
          ENTRY.map(f => [...f]),
        )
      }
      for (const s of spans.flatMap(x => (x.children.length > 0 ? x.children : [x])))
        expect(s.codec.doc, s.name).toBeTruthy()
    },
  )

  it('holds what it should, read with nothing but offsets', () => {
    const image = Uint8Array.from(writeBlocks(BLOBS, { key: KEY }) as Uint8Array)
    expect(readBe16(image, 0)).toBe(2)
    expect(readBe32(image, 6)).toBe(3)
    expect(image[10]).toBe(1)
    const used = image.slice(0, 46 + 3 * 28)
    used.fill(0, 2, 6)
    expect(readBe32(image, 2)).toBe(crc32(used))
    let offset = 512
    for (const [i, blob] of [BLOBS.permanent, BLOBS.volatile, BLOBS['save-state']].entries()) {
      const at = 46 + 28 * i
      expect(readBe32(image, at)).toBe(i + 1)
      expect(u64(image, at + 4)).toBe(BigInt(offset))
      expect(readBe32(image, at + 12) % 512).toBe(0)
      expect(readBe32(image, at + 16)).toBe(blob?.length)
      expect(readBe32(image, at + 20)).toBe(crc32(blob as Uint8Array))
      offset += readBe32(image, at + 12)
    }
    expect(image.length).toBe(offset)
  })
})

describe('blobs in blocks', () => {
  it.each([
    ['in clear, revision 1', { rev: 1 as const }, undefined],
    ['in clear, revision 2', {}, undefined],
    ['under 128 bits', { key: KEY }, KEY],
    ['under 192 bits', { key: concat(KEY, KEY.slice(0, 8)) }, concat(KEY, KEY.slice(0, 8))],
    ['under 256 bits', { key: concat(KEY, KEY) }, concat(KEY, KEY)],
  ])('come back: %s', (_, options, key) => {
    expect(readBlocks(writeBlocks(BLOBS, options), key)).toEqual(BLOBS)
    const tpm = toBlobs(shutDown(), true)
    expect(readBlocks(writeBlocks(tpm, options), key)).toEqual(tpm)
  })

  it('are encrypted with AES-CBC as published: NIST SP 800-38A, F.2.1, under a vector that is the type', () => {
    // The vector of the type goes into the first block: XORed in, the published ciphertext must come out.
    const plain = Uint8Array.from(
      fromHex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51') as Uint8Array,
    )
    const iv = Uint8Array.from({ length: 16 }, (_, i) => i)
    const type = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 16; i++) plain[i] = (plain[i] as number) ^ (iv[i] as number) ^ (type[i] as number)
    const image = writeBlocks({ permanent: plain }, { key: KEY })
    expect(toHex(image.slice(512, 544))).toBe('7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2')
  })

  it('are rewritten in place, the directory with them', () => {
    const image = writeBlocks(BLOBS, { key: KEY })
    const plain = new Uint8Array(801).fill(3)
    const next = patched(image, patchBlocks(image, 'permanent', plain, KEY))
    expect(next.length).toBe(image.length)
    expect(readBlocks(next, KEY)).toEqual({ ...BLOBS, permanent: plain })
    expect(reasonOf(() => patchBlocks(image, 'permanent', new Uint8Array(5000), KEY))).toBe('no-room')
    expect(reasonOf(() => patchBlocks(freshDirectory(KEY), 'permanent', plain, KEY))).toBe('no-room')
  })
})

describe('errors of start-up are kept apart', () => {
  const plain = writeBlocks(BLOBS)
  const sealed = writeBlocks(BLOBS, { key: KEY })
  const d = readDirectory(plain)
  const first = d.entries[0]
  if (!first) throw new Error('no entry')
  const withEntry = (change: object) =>
    concat(directoryBytes({ ...d, entries: [{ ...first, ...change }, ...d.entries.slice(1)] }), plain.slice(SECTOR))
  const flipped = (image: typeof plain, at: number): Uint8Array => {
    const out = Uint8Array.from(image as Uint8Array)
    out[at] = (out[at] as number) ^ 1
    return out
  }

  it.each([
    ['missing-key', sealed, undefined, 'is encrypted (AES-CBC), and no key was given'],
    ['needless-key', plain, KEY, 'is in clear, and a key was given'],
    ['needless-key', writeBlocks(BLOBS, { rev: 1 }), KEY, 'is in clear'],
    ['unsupported', directoryBytes({ ...d, enctype: 2 }), KEY, 'type 2 at offset 10'],
    ['wrong-key', sealed, KEY.slice(0, 16).map(() => 1) as Uint8Array, 'is this the wrong key'],
    [
      'wrong-key',
      flipped(sealed, 600),
      KEY,
      'is this the wrong key, or are the data damaged? (blob "permanent" at offset 512)',
    ],
    ['checksum', flipped(plain, 600), undefined, 'blob "permanent" at offset 512'],
    ['checksum', flipped(plain, 5), undefined, 'the directory has checksum'],
    ['checksum', flipped(plain, 60), undefined, 'the directory has checksum'],
    ['newer', concat(Uint8Array.of(0, 3), plain.slice(2)), undefined, 'revision 3 at offset 0, at most 2'],
    ['empty', new Uint8Array(0), undefined, 'empty: 0 bytes'],
    ['empty', new Uint8Array(4096), undefined, 'empty: 4096 bytes without a directory'],
    ['empty', freshDirectory(undefined), undefined, 'its directory has no permanent state'],
    ['truncated', plain.slice(0, 300), undefined, 'ends at offset 300'],
    ['outside', plain.slice(0, 1000), undefined, 'lies outside the image'],
    ['outside', withEntry({ offset: 2n ** 60n }), undefined, 'lies outside the image'],
    ['outside', withEntry({ blobsize: 4000 }), undefined, 'has 4000 bytes, its place'],
    ['overlap', withEntry({ space: first.space + 512 }), undefined, 'inside what comes before it'],
    ['damaged', withEntry({ type: 7 }), undefined, 'entry 0 is of type 7'],
    ['damaged', withEntry({ type: 2 }), undefined, 'entry 1 is a second one of type 2'],
    ['damaged', withEntry({ offset: 513n }), undefined, 'not on sectors'],
    ['damaged', concat(plain, new Uint8Array(1)), undefined, '1 bytes too many'],
    ['damaged', flipped(plain, 300), undefined, 'reserved bytes are not zero'],
    ['damaged', concat(Uint8Array.of(0, 0, 1), plain.slice(3)), undefined, 'revision 0'],
  ] as const)('%s', (reason, image, key, what) => {
    const read = () => readBlocks(image, key)
    expect(read).toThrow(what)
    expect(reasonOf(read)).toBe(reason)
  })

  it('no room, and no encryption in revision 1', () => {
    expect(reasonOf(() => writeBlocks(BLOBS, { room: 2048 }))).toBe('no-room')
    expect(reasonOf(() => writeBlocks(BLOBS, { rev: 1, key: KEY }))).toBe('unsupported')
  })

  it('an empty image gets a fresh directory, which is read as one', () => {
    for (const key of [undefined, KEY]) {
      const image = freshDirectory(key)
      expect(image.length).toBe(512)
      expect(readDirectory(image)).toMatchObject({ rev: 2, enctype: key ? 1 : 0, entries: [] })
    }
  })
})
