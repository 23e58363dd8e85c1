// A whole TPM as a file: a header with version and length, the state as one value, a SHA-256 digest of all of it. Read
// strictly: an image that is cut, changed or newer is refused in words, with the offset.
//
// 0 "crbscope" | 8 version u16 | 10 sealing u16, 0: in clear | 12 length of the value u32 | 16 value | digest, 32 bytes

import { hash } from '../crypto/hash.ts'
import { be16, be32, type Bytes, concat, equal, raw, readBe16, readBe32, utf8 } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { read, ValueError } from '../codec/value.ts'
import { wholeState } from './members.ts'

const MAGIC = utf8('crbscope')
const VERSION = 1
const IN_CLEAR = 0
const HEADER = 16
const DIGEST = 32
const NO_DIGEST = new Uint8Array(DIGEST)

/** An image that is refused. The message says what is wrong and at which offset. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
}

const digestOf = (b: Bytes): Bytes => hash(ALG.SHA256, b)

/** What an image ends with: equal states have equal digests. */
export const imageDigest = (tpm: Tpm): Bytes => writeImage(tpm).slice(-DIGEST)

/** @param sha256 another implementation of it, where there is a faster one */
export function writeImage(tpm: Tpm, sha256: (b: Bytes) => Bytes = digestOf): Bytes {
  const value = wholeState(tpm)
  const end = HEADER + value.length
  const image = raw(concat(MAGIC, be16(VERSION), be16(IN_CLEAR), be32(value.length), value, NO_DIGEST))
  image.set(raw(sha256(image.subarray(0, end))), end)
  return image
}

function checkFrame(image: Bytes): void {
  const start = image.slice(0, Math.min(image.length, MAGIC.length))
  if (!equal(start, MAGIC.slice(0, start.length)))
    throw new ImageError('no state of crbscope: wrong first bytes at offset 0')
  if (image.length < HEADER + DIGEST) {
    throw new ImageError(`truncated: ends at offset ${image.length}, inside its header`)
  }
  const version = readBe16(image, 8)
  if (version > VERSION) {
    throw new ImageError(`newer than this program knows: version ${version} at offset 8, at most ${VERSION}`)
  }
  if (version === 0) throw new ImageError('damaged: version 0 at offset 8')
  if (readBe16(image, 10) !== IN_CLEAR)
    throw new ImageError('sealed in a way that this program does not know, at offset 10')
  const length = readBe32(image, 12)
  const wanted = HEADER + length + DIGEST
  if (image.length < wanted) {
    throw new ImageError(`truncated: ends at offset ${image.length}, should end at ${wanted}`)
  }
  if (image.length > wanted)
    throw new ImageError(`damaged: ${image.length - wanted} bytes too many at offset ${wanted}`)
  const end = HEADER + length
  if (!equal(digestOf(image.slice(0, end)), image.slice(end))) {
    throw new ImageError(`damaged: the digest at offset ${end} is not that of the bytes before it`)
  }
}

type Members = { readonly [member: string]: unknown }

const kindOf = (v: unknown): string =>
  v instanceof Uint8Array
    ? 'bytes'
    : Array.isArray(v)
      ? 'a list'
      : v instanceof Map
        ? 'a map'
        : v === null
          ? 'null'
          : typeof v === 'object'
            ? 'members'
            : typeof v

/** Members of a union: which of them is there tells `kind` or `type`, so a fresh TPM's is no model of them. */
const isUnion = (v: Members): boolean => typeof v['kind'] === 'string' || typeof v['type'] === 'string'

/** Whether `v` has the shape of `model`, the same member of a fresh TPM. What is absent there may be anything. @throws ImageError */
export function checkShape(v: unknown, model: unknown, path: string): void {
  if (model === undefined) return
  if (v === undefined || kindOf(v) !== kindOf(model)) {
    throw new ImageError(`no state of this TPM: ${path} is ${kindOf(v)}, not ${kindOf(model)}`)
  }
  if (kindOf(model) !== 'members' || isUnion(model as Members)) return
  for (const [name, inner] of Object.entries(model as Members)) {
    checkShape((v as Members)[name], inner, `${path}.${name}`)
  }
}

/**
 * The TPM of an image. What a fresh TPM has and the image lacks came after it was written and starts fresh.
 * @param fresh a fresh TPM of the profile with this id; undefined when there is no such profile
 * @throws ImageError
 */
export function readImage(image: Bytes, fresh: (profile: string) => Tpm | undefined): Tpm {
  checkFrame(image)
  let value: unknown
  try {
    value = read(image, HEADER, image.length - DIGEST)
  } catch (e) {
    if (e instanceof ValueError) throw new ImageError(`damaged: ${e.message}`)
    throw e
  }
  if (kindOf(value) !== 'members') throw new ImageError(`no state of a TPM: ${kindOf(value)} at offset ${HEADER}`)
  const { profile, ...members } = value as Members
  const model = typeof profile === 'string' ? fresh(profile) : undefined
  if (!model) throw new ImageError(`of an unknown profile, ${JSON.stringify(profile) ?? 'undefined'}`)
  for (const name of Object.keys(members)) {
    if (!(name in model)) throw new ImageError(`newer than this program knows: it has a member "${name}"`)
  }
  for (const [name, inner] of Object.entries(model)) {
    if (name !== 'profile' && name in members) checkShape(members[name], inner, name)
  }
  return { ...model, ...(members as Partial<Tpm>) }
}
