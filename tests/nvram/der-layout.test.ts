// The DER sequence of blobs: openssl reads it, one blob is rewritten where it stands, sealing keeps its promises, and every
// refusal has its own reason.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { aeadOpen, aeadSeal, scryptKey } from '../../src/crypto/seal.ts'
import { concat, equal, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { type Blobs, fromBlobs, toBlobs } from '../../src/nvram/blobs.ts'
import { BLOB_NAMES } from '../../src/nvram/members.ts'
import { DER_NAMES, explainDer, patchDer, placesOf, readDer, writeDer } from '../../src/nvram/der-layout.ts'
import { writeImage } from '../../src/nvram/image.ts'
import { writeBlocks } from '../../src/nvram/block-layout.ts'
import { patched } from '../../src/nvram/patch.ts'
import { capacityFor, type Key, open, seal } from '../../src/nvram/sealed.ts'
import { StateError } from '../../src/nvram/state-error.ts'
import { kdfOf, openStored } from '../../src/nvram/stored.ts'
import { partition } from '../support/codecs.ts'
import { fresh, keyOf, noncesOf, shutDown, withIndex } from '../support/states.ts'

const BLOBS = toBlobs(shutDown(), true)
const kdf = { name: 'scrypt', salt: new Uint8Array(16).fill(3), n: 2, r: 8, p: 1 }
const byPassphrase: Key = { bytes: scryptKey(utf8('correct horse'), kdf.salt, kdf), kdf }
const read = (image: Parameters<typeof readDer>[0], key?: Key): Blobs => open(readDer(image), key)
const reasonOf = (f: () => unknown): string => {
  try {
    f()
  } catch (e) {
    return (e as StateError).reason
  }
  return 'nothing thrown'
}

describe('primitives', () => {
  it('seal as published: draft-irtf-cfrg-xchacha-03, A.3.1', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i)
    const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i)
    const plain = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = aeadSeal(key, nonce, fromHex('50515253c0c1c2c3c4c5c6c7'), plain)
    expect(toHex(sealed.slice(0, 16))).toBe('bd6d179d3e83d43b9576579493c0e939')
    expect(toHex(sealed.slice(-16))).toBe('c0875924c1c7987947deafd8780acf49')
  })

  it('derive as published: RFC 7914, 12', () => {
    const key = scryptKey(utf8('password'), utf8('NaCl'), { n: 1024, r: 8, p: 16 })
    expect(toHex(key)).toBe('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162')
  })

  it('opens nothing but what was sealed', () => {
    const key = new Uint8Array(32).fill(1)
    const nonce = new Uint8Array(24)
    const sealed = aeadSeal(key, nonce, utf8('a'), utf8('plain'))
    expect(aeadOpen(key, nonce, utf8('a'), sealed)).toEqual(utf8('plain'))
    expect(aeadOpen(key, nonce, utf8('b'), sealed)).toBeUndefined()
    expect(aeadOpen(key, nonce, utf8('a'), sealed.slice(1))).toBeUndefined()
  })
})

const openssl = spawnSync('openssl', ['version']).status === 0 || installed()
/** As root it may be installed, where there are packages to be had. */
function installed(): boolean {
  if (process.getuid?.() !== 0) return false
  return spawnSync('apt-get', ['install', '-y', '-q', 'openssl'], { timeout: 120_000 }).status === 0
}

describe('an ASN.1 tool of others', () => {
  it.skipIf(!openssl)('openssl asn1parse reads every element of it', () => {
    const image = seal(BLOBS, byPassphrase, noncesOf(1)).image
    const folder = mkdtempSync(join(tmpdir(), 'crbscope-der-'))
    const file = join(folder, 'state.der')
    writeFileSync(file, image as Uint8Array)
    const { status, stdout, stderr } = spawnSync('openssl', ['asn1parse', '-inform', 'DER', '-in', file], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    // Offset, depth, length, kind and value of each line.
    const lines = stdout
      .trim()
      .split('\n')
      .map(l => {
        const m = /^\s*(\d+):d=(\d+)\s+hl=\d+ l=\s*(\d+) (?:cons|prim): (.*?)\s*(?::(.*))?$/.exec(l)
        return {
          depth: Number(m?.[2]),
          length: Number(m?.[3]),
          kind: (m?.[4] ?? '').replace(/\s*\[HEX DUMP\]$/, '').trim(),
          value: m?.[5],
        }
      })
    const int = (n: number): string => {
      const hex = n.toString(16).toUpperCase()
      return hex.length % 2 ? `0${hex}` : hex
    }
    const { blobs } = readDer(image)
    expect(
      lines
        .slice(0, 10)
        .map(l => [
          l.depth,
          l.kind,
          l.kind === 'OCTET STRING' || l.depth === 0 || l.kind === 'cont [ 0 ]' ? l.length > 0 : l.value,
        ]),
    ).toEqual([
      [0, 'SEQUENCE', true],
      [1, 'INTEGER', '01'],
      [1, 'UTF8STRING', 'xchacha20-poly1305'],
      [1, 'cont [ 0 ]', true],
      [2, 'UTF8STRING', 'scrypt'],
      [2, 'OCTET STRING', true],
      [2, 'INTEGER', '02'],
      [2, 'INTEGER', '08'],
      [2, 'INTEGER', '01'],
      [1, 'SEQUENCE', undefined],
    ])
    for (const [i, b] of blobs.entries()) {
      const [head, name, capacity, size, , , data] = lines.slice(10 + 7 * i)
      expect(head).toMatchObject({ depth: 2, kind: 'SEQUENCE' })
      expect(name).toMatchObject({ depth: 3, kind: 'UTF8STRING', value: DER_NAMES[b.name] })
      expect(capacity).toMatchObject({ kind: 'INTEGER', value: int(b.capacity) })
      expect(size).toMatchObject({ kind: 'INTEGER', value: int(b.bytes.length) })
      expect(data).toMatchObject({ kind: 'OCTET STRING', length: b.capacity })
    }
    expect(lines.length).toBe(10 + 7 * 3)
  })
})

describe('the sequence of blobs', () => {
  it('is explained to the last byte', () => {
    for (const key of [undefined, byPassphrase, keyOf(256)]) {
      const { image } = seal(BLOBS, key, noncesOf(1))
      const { spans, error } = explainDer(image)
      expect(error).toBeUndefined()
      expect(partition(spans, 0)).toBe(image.length)
    }
  })

  it.each([
    ['none', undefined],
    ['xchacha20-poly1305', keyOf(128)],
    ['xchacha20-poly1305', keyOf(192)],
    ['xchacha20-poly1305', keyOf(256)],
    ['xchacha20-poly1305', byPassphrase],
  ])('comes back under %s', (encryption, key) => {
    const { image } = seal(BLOBS, key, noncesOf(1))
    expect(readDer(image).encryption).toBe(encryption)
    expect(read(image, key)).toEqual(BLOBS)
    expect(openStored(image, key, fresh).tpm).toEqual(fromBlobs(BLOBS, fresh))
    // A TPM that lost its power has no volatile blob, whose place stays.
    const off = toBlobs(withIndex('off').tpm, false)
    expect(read(seal(off, key, noncesOf(2)).image, key)).toEqual(off)
  })

  it('keeps each blob at its place while it is rewritten, whatever its size and checksum', () => {
    const state = {
      encryption: 'none',
      kdf: undefined,
      blobs: BLOB_NAMES.map(name => ({ name, capacity: 700, bytes: new Uint8Array(1) })),
    }
    let image = writeDer(state)
    const places = placesOf(image)
    const random = randomFrom(7)
    for (let i = 0; i < 300; i++) {
      const name = BLOB_NAMES[random() % 3] as (typeof BLOB_NAMES)[number]
      const bytes = Uint8Array.from({ length: i % 10 === 0 ? 0 : random() % 701 }, () => random())
      const next = patched(image, patchDer(places, name, bytes))
      const blobs = readDer(image).blobs.map(b => (b.name === name ? { ...b, bytes } : b))
      // In place gives the same bytes as writing all of it anew.
      expect(toHex(next)).toBe(toHex(writeDer({ ...state, blobs })))
      expect(placesOf(next)).toEqual(places)
      image = next
    }
    expect(reasonOf(() => patchDer(places, 'volatile', new Uint8Array(701)))).toBe('no-room')
    expect(
      reasonOf(() => writeDer({ ...state, blobs: [{ name: 'volatile', capacity: 4, bytes: new Uint8Array(5) }] })),
    ).toBe('no-room')
  })

  it('seals again what changed, and only that', () => {
    const key = keyOf(256)
    const d = withIndex('one')
    const first = seal(toBlobs(shutDown(), false), key, noncesOf(1))
    const second = seal({ ...first.plain, permanent: toBlobs(d.tpm, false).permanent }, key, noncesOf(2), first)
    expect(second.blobs[2]).toBe(first.blobs[2])
    expect(second.blobs[0]).not.toBe(first.blobs[0])
    expect(read(second.image, key)).toEqual(second.plain)
    // The permanent state vouches for the others, so it is sealed with them.
    const third = seal(toBlobs(d.tpm, false), key, noncesOf(3), second)
    expect(third.blobs[0]).not.toBe(second.blobs[0])
    expect(read(third.image, key)).toEqual(toBlobs(d.tpm, false))
    expect(seal(toBlobs(d.tpm, false), key, noncesOf(4), third).image).toEqual(third.image)
    // A blob that outgrew its place gets a larger one.
    const large = { permanent: new Uint8Array(9000).fill(1) }
    expect(read(seal(large, key, noncesOf(5), third).image, key)).toEqual(large)
    expect(capacityFor(9000)).toBe(16_384)
  })

  it('does not let blobs of two versions be put together', () => {
    const key = keyOf(256)
    const first = seal(toBlobs(shutDown(), false), key, noncesOf(1))
    const second = seal(toBlobs(withIndex('later').tpm, false), key, noncesOf(2), first)
    const mixed = {
      encryption: first.head.encryption,
      kdf: undefined,
      blobs: [second.blobs[0], first.blobs[1], first.blobs[2]],
    }
    expect(reasonOf(() => read(writeDer(mixed as Parameters<typeof writeDer>[0]), key))).toBe('wrong-key')
    const swapped = { ...mixed, blobs: [first.blobs[0], second.blobs[1], second.blobs[2]] }
    expect(reasonOf(() => read(writeDer(swapped as Parameters<typeof writeDer>[0]), key))).toBe('wrong-key')
    expect(read(first.image, key)).toEqual(first.plain)
  })
})

describe('what is refused', () => {
  const clear = seal(BLOBS, undefined, noncesOf(1)).image
  const sealed = seal(BLOBS, keyOf(256), noncesOf(1)).image
  const withPassphrase = seal(BLOBS, byPassphrase, noncesOf(1)).image
  const flipped = (image: typeof clear, at: number): Uint8Array => {
    const out = Uint8Array.from(image as Uint8Array)
    out[at] = (out[at] as number) ^ 0x40
    return out
  }
  const at = (image: typeof clear, text: string): number => Buffer.from(image as Uint8Array).indexOf(text)
  const changed = (image: typeof clear, from: string, to: string): Uint8Array => {
    const out = Buffer.from(image as Uint8Array)
    out.write(to, at(image, from), 'latin1')
    return Uint8Array.from(out)
  }
  const version = (n: number) => concat(clear.slice(0, 6), Uint8Array.of(n), clear.slice(7))

  it.each([
    ['missing-key', sealed, undefined, 'is sealed with a key (xchacha20-poly1305), and none was given'],
    ['missing-key', withPassphrase, undefined, 'is sealed with a passphrase (xchacha20-poly1305), and none was given'],
    ['needless-key', clear, keyOf(256), 'is in clear, and a key was given'],
    ['needless-key', clear, byPassphrase, 'is in clear, and a passphrase was given'],
    ['wrong-key', sealed, keyOf(256, 8), 'cannot be read with this key: it is the wrong one, or the data were changed'],
    ['wrong-key', withPassphrase, { ...byPassphrase, bytes: keyOf(256).bytes }, 'cannot be read with this passphrase'],
    ['key-kind', sealed, byPassphrase, 'is sealed with a key, and a passphrase was given'],
    ['key-kind', withPassphrase, keyOf(256), 'is sealed with a passphrase, and a key was given'],
    ['wrong-key', sealed, keyOf(128), 'cannot be read with this key'],
    ['checksum', flipped(sealed, 500), keyOf(256), 'its bytes as they stand here do not have the checksum'],
    ['checksum', flipped(clear, 500), undefined, 'blob "tpm-permanent-state": its bytes do not have'],
    ['newer', version(2), undefined, 'version 2, at most 1'],
    ['damaged', version(0), undefined, 'version 0'],
    [
      'unsupported',
      changed(sealed, 'xchacha20', 'ychacha20'),
      keyOf(256),
      '"ychacha20-poly1305", which this program does not know',
    ],
    [
      'unsupported',
      changed(withPassphrase, 'scrypt', 'bcrypt'),
      byPassphrase,
      '"bcrypt", which this program does not know',
    ],
    ['damaged', changed(clear, 'tpm-volatile', 'tpm-valotile'), undefined, 'no blob of a TPM has that name'],
    ['truncated', clear.slice(0, 900), undefined, 'truncated: '],
    ['truncated', clear.slice(0, 2), undefined, 'truncated: '],
    ['damaged', concat(clear, Uint8Array.of(0)), undefined, '1 bytes left over'],
    ['empty', new Uint8Array(0), undefined, 'empty: 0 bytes'],
    ['foreign', utf8('{"a": 1}'), undefined, 'no state in DER'],
    ['damaged', flipped(clear, clear.length - 1), undefined, 'bytes behind the'],
  ] as const)('%s', (reason, image, key, what) => {
    expect(() => read(image, key)).toThrow(what)
    expect(reasonOf(() => read(image, key))).toBe(reason)
  })

  it('of any layout, each by its own first bytes', () => {
    const { tpm } = withIndex('plain')
    expect(openStored(writeImage(tpm), undefined, fresh)).toMatchObject({ layout: 'plain', tpm })
    expect(reasonOf(() => openStored(writeImage(tpm), keyOf(256), fresh))).toBe('needless-key')
    const key = keyOf(128)
    expect(openStored(writeBlocks(BLOBS, { key: key.bytes }), key, fresh).layout).toBe('blocks')
    expect(reasonOf(() => openStored(writeBlocks(BLOBS, { key: key.bytes }), byPassphrase, fresh))).toBe('key-kind')
    expect(reasonOf(() => openStored(utf8('hello'), undefined, fresh))).toBe('foreign')
    expect(reasonOf(() => openStored(new Uint8Array(0), undefined, fresh))).toBe('empty')
    expect(kdfOf(withPassphrase)).toEqual(kdf)
    expect(kdfOf(sealed)).toBeUndefined()
  })

  it('when any bit is flipped, and when it is cut anywhere', () => {
    for (const [image, key] of [
      [clear, undefined],
      [withPassphrase, byPassphrase],
    ] as const) {
      for (let n = 0; n < image.length; n += n < 200 ? 1 : 131) {
        expect(() => openStored(flipped(image, n), key, fresh), `bit of byte ${n}`).toThrow(StateError)
        expect(() => openStored(image.slice(0, n), key, fresh), `cut at ${n}`).toThrow(StateError)
      }
    }
    expect(equal(clear, sealed)).toBe(false)
  })
})
