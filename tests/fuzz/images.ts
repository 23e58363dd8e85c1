// Corrupted images of a stored TPM, made from fixed seeds: each with the reasons for which it may be refused. None may be
// accepted, none may end in anything but a sentence, and a reason that fits something else is a failure too.

import { type Random, randomFrom } from '../../src/codec/arbitrary.ts'
import type { Span } from '../../src/codec/explain.ts'
import { type Bytes, concat, equal, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { crc32 } from '../../src/lib/crc32.ts'
import { directoryBytes, readDirectory, SECTOR, writeBlocks } from '../../src/nvram/block-layout.ts'
import { type Blobs, toBlobs } from '../../src/nvram/blobs.ts'
import { type DerBlob, explainDer, readDer, writeDer } from '../../src/nvram/der-layout.ts'
import { writeImage } from '../../src/nvram/image.ts'
import { type Key, seal } from '../../src/nvram/sealed.ts'
import { StateError, type StateReason } from '../../src/nvram/state-error.ts'
import { type Layout, openStored } from '../../src/nvram/stored.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'
import { fresh, keyOf, shutDown, withIndex } from '../support/states.ts'

export interface Base {
  readonly what: string
  readonly layout: Layout
  readonly image: Bytes
  readonly key: Key | undefined
  readonly sealed: boolean
  /** The same TPM, another version: for parts that are put together. */
  readonly other: Bytes
}
export interface Corrupted {
  readonly kind: string
  readonly base: Base
  readonly image: Bytes
  readonly key: Key | undefined
  readonly reasons: readonly StateReason[]
}

const KDF = { name: 'scrypt', salt: new Uint8Array(16).fill(9), n: 1 << 17, r: 8, p: 1 }
const nonces = (random: Random): Uint8Array => Uint8Array.from({ length: 72 }, () => random() >>> 24)

/** One image of every layout and encryption, of two versions of two TPMs. */
export function bases(): readonly Base[] {
  const random = randomFrom(1)
  const pairs: readonly (readonly [Tpm, Tpm])[] = [
    [withIndex('one').tpm, withIndex('two').tpm],
    [shutDown(), withIndex('three', 700).tpm],
  ]
  return pairs.flatMap(([a, b], i): Base[] => {
    const [x, y] = [toBlobs(a, i === 1), toBlobs(b, i === 1)]
    const der = (key: Key | undefined): Pick<Base, 'image' | 'other' | 'key'> => {
      const first = seal(x, key, nonces(random))
      return { image: first.image, other: seal(y, key, nonces(random), first).image, key }
    }
    const blocks = (blobs: Blobs, rev: 1 | 2, key?: Key): Bytes => writeBlocks(blobs, { rev, key: key?.bytes })
    const rows: readonly (readonly [string, Layout, Pick<Base, 'image' | 'other' | 'key'>])[] = [
      ['plain', 'plain', { image: writeImage(a), other: writeImage(b), key: undefined }],
      ['DER in clear', 'der', der(undefined)],
      ['DER, XChaCha20-Poly1305', 'der', der(keyOf(256))],
      ['DER, passphrase', 'der', der({ bytes: keyOf(256, 5).bytes, kdf: KDF })],
      ['DER, key of 128 bits', 'der', der(keyOf(128))],
      ['blocks, revision 1', 'blocks', { image: blocks(x, 1), other: blocks(y, 1), key: undefined }],
      ['blocks, revision 2', 'blocks', { image: blocks(x, 2), other: blocks(y, 2), key: undefined }],
      [
        'blocks, AES-CBC',
        'blocks',
        { image: blocks(x, 2, keyOf(128)), other: blocks(y, 2, keyOf(128)), key: keyOf(128) },
      ],
    ]
    return rows.map(([what, layout, r]) => ({ what: `${what} ${i}`, layout, sealed: r.key !== undefined, ...r }))
  })
}

const STRUCTURE: readonly StateReason[] = ['damaged', 'truncated']
/** What a structure whose fields no longer mean what they did may be refused for. */
const ANY: readonly StateReason[] = [
  'damaged',
  'truncated',
  'foreign',
  'empty',
  'newer',
  'unsupported',
  'checksum',
  'outside',
  'overlap',
  'needless-key',
  'missing-key',
  'key-kind',
  'wrong-key',
]

/** Names of the fields around a byte, from the outside in. */
function pathAt(spans: readonly Span[], at: number): readonly string[] {
  const s = spans.find(x => at >= x.at && at < x.at + x.length)
  return s ? [s.name, ...pathAt(s.children, at)] : []
}

const EXPLAINED = new Map<Base, readonly Span[]>()
function spansOf(base: Base): readonly Span[] {
  let spans = EXPLAINED.get(base)
  if (!spans) {
    spans = explainDer(base.image).spans
    EXPLAINED.set(base, spans)
  }
  return spans
}

function derReasons(base: Base, at: number): readonly StateReason[] {
  const path = pathAt(spansOf(base), at)
  if (at === 0) return ['foreign']
  const field = path.findLast(n => n !== 'content' && n !== 'tag' && n !== 'length') ?? ''
  // The form of the sequence itself: what follows is read as something else.
  if (path.at(-1) !== 'content') {
    // A word of another length is another word.
    return [
      ...STRUCTURE,
      'checksum',
      'outside',
      ...(field === 'encryption' || field === 'name' ? (['unsupported'] as const) : []),
    ]
  }
  switch (field) {
    case 'version':
      return ['newer', 'damaged']
    case 'encryption':
      return ['unsupported', 'damaged']
    case 'salt':
      return ['wrong-key']
    case 'n':
    case 'r':
    case 'p':
      return ['wrong-key', 'damaged']
    case 'size':
      return ['outside', 'checksum', 'damaged']
    case 'crc32':
      return ['checksum', 'damaged']
    case 'data': {
      const span = spansOf(base)
        .find(s => s.name === 'blobs')
        ?.children.find(b => at >= b.at && at < b.at + b.length)
      const size = (span?.value as { size: number } | undefined)?.size ?? 0
      const data = span?.children.at(-1)?.children.at(-1)
      return at - (data?.at ?? 0) < size ? ['checksum'] : ['damaged']
    }
    default:
      return path[0] === 'kdf' ? ['unsupported', 'damaged'] : ['damaged']
  }
}

function blockReasons(base: Base, at: number): readonly StateReason[] {
  const d = readDirectory(base.image)
  const used = (d.rev === 1 ? 50 : 46) + 28 * d.entries.length
  if (at < 2) return ['foreign', 'newer', 'checksum', 'damaged']
  // The encryption type is read after the checksum; a count or reserved bytes before it.
  if (at < SECTOR) return at < used ? ['checksum', 'damaged'] : ['damaged']
  const entry = d.entries.find(e => at >= Number(e.offset) && at < Number(e.offset) + e.space)
  const blob = entry ? Math.ceil(entry.blobsize / (base.key ? 16 : 1)) * (base.key ? 16 : 1) : 0
  if (at - Number(entry?.offset ?? 0) >= blob) return ['damaged']
  return [base.key ? 'wrong-key' : 'checksum']
}

const reasonsAt = (base: Base, at: number): readonly StateReason[] =>
  base.layout === 'der'
    ? derReasons(base, at)
    : base.layout === 'blocks'
      ? blockReasons(base, at)
      : at < 8
        ? ['foreign']
        : ['damaged']

/** One way to spoil an image; undefined where it is none for this base. */
type Way = (
  base: Base,
  random: Random,
) => (Omit<Corrupted, 'base' | 'kind' | 'key'> & { readonly key?: Key | undefined }) | undefined

const copy = (b: Bytes): Uint8Array<ArrayBuffer> => raw(b).slice()
const below = (random: Random, n: number): number => random() % n
/** Often in what is small and matters: the head of the image. */
const place = (random: Random, length: number): number =>
  random() % 2 ? below(random, Math.min(length, 300)) : below(random, length)

const WAYS: { readonly [kind: string]: Way } = {
  'a bit flipped': (base, random) => {
    const image = copy(base.image)
    const at = place(random, image.length)
    image[at] = (image[at] as number) ^ (1 << below(random, 8))
    return { image, reasons: reasonsAt(base, at) }
  },
  cut: (base, random) => {
    const length = place(random, base.image.length)
    const image = base.image.slice(0, length)
    if (length === 0) return { image, reasons: ['empty'] }
    if (base.layout === 'plain') return { image, reasons: ['damaged'] }
    if (base.layout === 'der') return { image, reasons: ['truncated'] }
    return { image, reasons: length < SECTOR ? ['foreign'] : ['outside'] }
  },
  'bytes overwritten': (base, random) => {
    const image = copy(base.image)
    const at = place(random, image.length)
    for (let n = 1 + below(random, 64); n > 0; n--) if (at + n <= image.length) image[at + n - 1] = random()
    return { image, reasons: ANY }
  },
  'bytes of zero': (base, random) => {
    const image = copy(base.image)
    const at = place(random, image.length)
    image.fill(0, at, at + 1 + below(random, 600))
    return { image, reasons: ANY }
  },
  'bytes left out': (base, random) => {
    const at = place(random, base.image.length)
    return { image: concat(base.image.slice(0, at), base.image.slice(at + 1 + below(random, 40))), reasons: ANY }
  },
  'bytes put in': (base, random) => {
    const at = place(random, base.image.length)
    const more = Uint8Array.from({ length: 1 + below(random, 40) }, () => random())
    return { image: concat(base.image.slice(0, at), more, base.image.slice(at)), reasons: ANY }
  },
  'bytes appended': (base, random) => ({
    image: concat(
      base.image,
      Uint8Array.from({ length: 1 + below(random, 700) }, () => random()),
    ),
    reasons: ['damaged'],
  }),
  'another key': (base, random) => {
    if (!base.key) return undefined
    const bytes = copy(base.key.bytes)
    bytes[below(random, bytes.length)] = random()
    return equal(bytes, base.key.bytes)
      ? undefined
      : { image: base.image, key: { ...base.key, bytes }, reasons: ['wrong-key'] }
  },
  'no key': base => (base.key ? { image: base.image, key: undefined, reasons: ['missing-key'] } : undefined),
  'a needless key': (base, random) =>
    base.key
      ? undefined
      : { image: base.image, key: keyOf([128, 192, 256][below(random, 3)] as number), reasons: ['needless-key'] },
  'a key of another kind': base => {
    if (!base.key || base.layout !== 'der') return undefined
    const key = { bytes: base.key.bytes, kdf: base.key.kdf ? undefined : KDF }
    return { image: base.image, key, reasons: ['key-kind'] }
  },
  'a newer version': (base, random) => {
    const image = copy(base.image)
    if (base.layout === 'der') image[6] = 2 + below(random, 120)
    else if (base.layout === 'blocks') image[1] = 3 + below(random, 250)
    else image[9] = 2 + below(random, 250)
    return { image, reasons: base.layout === 'plain' ? ['damaged'] : ['newer'] }
  },
  'changed, with a right checksum': (base, random) => {
    if (base.layout !== 'der' || !base.sealed) return undefined
    const state = readDer(base.image)
    const there = state.blobs.filter(b => b.bytes.length > 0)
    const victim = there[below(random, there.length)] as DerBlob
    const bytes = copy(victim.bytes)
    bytes[below(random, bytes.length)] = (bytes[0] as number) ^ (1 + below(random, 255))
    if (crc32(bytes) === crc32(victim.bytes)) return undefined
    return {
      image: writeDer({ ...state, blobs: state.blobs.map(b => (b === victim ? { ...b, bytes } : b)) }),
      reasons: ['wrong-key'],
    }
  },
  'blobs of two versions': (base, random) => {
    if (base.layout !== 'der' || !base.sealed) return undefined
    const [a, b] = [readDer(base.image), readDer(base.other)]
    const differ = a.blobs.flatMap((x, i) => (equal(x.bytes, b.blobs[i]?.bytes ?? x.bytes) ? [] : [i]))
    if (differ.length < 2) return undefined
    const taken = differ[below(random, differ.length)]
    return {
      image: writeDer({ ...a, blobs: a.blobs.map((x, i) => (i === taken ? (b.blobs[i] as DerBlob) : x)) }),
      reasons: ['wrong-key'],
    }
  },
  'blobs exchanged': base => {
    if (base.layout !== 'der') return undefined
    const a = readDer(base.image)
    return { image: writeDer({ ...a, blobs: [...a.blobs].reverse() }), reasons: ['damaged'] }
  },
  'a directory that lies': (base, random) => {
    if (base.layout !== 'blocks') return undefined
    const d = readDirectory(base.image)
    const i = below(random, d.entries.length)
    const entry = d.entries[i]
    if (!entry) return undefined
    const lies: readonly (readonly [object, readonly StateReason[]])[] = [
      [{ offset: BigInt(base.image.length) + 512n * BigInt(below(random, 1000)) }, ['outside']],
      [{ offset: 0n }, ['outside']],
      [{ offset: entry.offset + 1n + BigInt(below(random, 511)) }, ['damaged']],
      [{ space: entry.space + 512 }, ['overlap', 'outside']],
      [{ blobsize: entry.space + 1 + below(random, 1000) }, ['outside']],
      [{ type: 4 + below(random, 1000) }, ['damaged']],
      [{ blobcrc32: (entry.blobcrc32 ^ (1 + below(random, 1000))) >>> 0 }, [base.key ? 'wrong-key' : 'checksum']],
    ]
    const [change, reasons] = lies[below(random, lies.length)] as (typeof lies)[number]
    const entries = d.entries.map((e, n) => (n === i ? { ...e, ...change } : e))
    return { image: concat(directoryBytes({ ...d, entries }), base.image.slice(SECTOR)), reasons }
  },
  'an encryption that nobody knows': (base, random) => {
    if (base.layout !== 'blocks') return undefined
    const d = readDirectory(base.image)
    if (d.rev === 1) return undefined
    const image = concat(directoryBytes({ ...d, enctype: 2 + below(random, 254) }), base.image.slice(SECTOR))
    return { image, reasons: ['unsupported'] }
  },
  'of another product': (base, random) => {
    const starts = ['\u0089PNG', '{"swtpm": 1}', 'SQLite format 3', 'QFI\u00fb', '-----BEGIN']
    const start = utf8(starts[below(random, starts.length)] as string)
    return { image: concat(start, base.image.slice(start.length)), reasons: ['foreign'] }
  },
}
export const KINDS = Object.keys(WAYS)

/** The corrupted image of a seed. */
export function corrupted(all: readonly Base[], seed: number): Corrupted {
  const random = randomFrom(seed)
  for (;;) {
    const base = all[below(random, all.length)] as Base
    const kind = KINDS[below(random, KINDS.length)] as string
    const made = WAYS[kind]?.(base, random)
    if (!made) continue
    const key = 'key' in made ? made.key : base.key
    // By chance as it was: no corruption.
    if (equal(made.image, base.image) && key === base.key) continue
    return { kind, base, image: made.image, key, reasons: made.reasons }
  }
}

/** @returns the reason for which it was refused @throws Error when it was accepted, or refused for a wrong one */
export function check(c: Corrupted, seed: number): StateReason {
  const where = `seed ${seed}, ${c.base.what}, ${c.kind}`
  try {
    openStored(c.image, c.key, fresh)
  } catch (e) {
    if (!(e instanceof StateError)) throw new Error(`${where}: no sentence but ${(e as Error).stack}`, { cause: e })
    if (c.reasons.includes(e.reason) && e.message.length > 10) return e.reason
    throw new Error(`${where}: refused as "${e.reason}" (${e.message}), not as ${c.reasons.join(' or ')}`, { cause: e })
  }
  throw new Error(`${where}: accepted; its first bytes are ${toHex(c.image.slice(0, 64))}`)
}
