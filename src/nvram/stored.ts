// What was stored, whichever way: the plain image of one value, the DER sequence of blobs, or the blocks of 2011. Told
// apart by their first bytes.

import type { Bytes } from '../lib/bytes.ts'
import { utf8 } from '../lib/bytes.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { looksLikeBlocks, readBlocks } from './block-layout.ts'
import { fromBlobs } from './blobs.ts'
import { type Kdf, looksLikeDer, readDer } from './der-layout.ts'
import { ImageError, readImage } from './image.ts'
import { type Key, open, type Sealed, sealedOf } from './sealed.ts'
import { StateError } from './state-error.ts'

export type Layout = 'plain' | 'der' | 'blocks'

const MAGIC = utf8('crbscope')

export function layoutOf(image: Bytes): Layout | undefined {
  if (image.length > 0 && MAGIC.every((b, i) => i >= image.length || image[i] === b)) return 'plain'
  if (looksLikeDer(image)) return 'der'
  return looksLikeBlocks(image) ? 'blocks' : undefined
}

/** How the key comes from a passphrase; undefined when the image does not ask for one. @throws StateError */
export const kdfOf = (image: Bytes): Kdf | undefined => (layoutOf(image) === 'der' ? readDer(image).kdf : undefined)

export interface Opened {
  readonly layout: Layout
  readonly tpm: Tpm
  /** What the next image is made from; of the DER layout only. */
  readonly sealed: Sealed | undefined
}

/**
 * The TPM of an image of any layout.
 * @param fresh a fresh TPM of the profile with this id; undefined when there is no such profile
 * @throws StateError
 */
export function openStored(image: Bytes, key: Key | undefined, fresh: (profile: string) => Tpm | undefined): Opened {
  const layout = layoutOf(image)
  if (image.length === 0) throw new StateError('empty', 'empty: 0 bytes')
  if (!layout) throw new StateError('foreign', 'no state of crbscope: wrong first bytes at offset 0')
  if (layout === 'der') {
    const state = readDer(image)
    const plain = open(state, key)
    return { layout, tpm: fromBlobs(plain, fresh), sealed: sealedOf(image, state, plain) }
  }
  if (layout === 'blocks') {
    if (key?.kdf) throw new StateError('key-kind', 'is in the layout of 2011, which takes a key and no passphrase')
    return { layout, tpm: fromBlobs(readBlocks(image, key?.bytes), fresh), sealed: undefined }
  }
  if (key) throw new StateError('needless-key', 'is in clear, and a key was given')
  try {
    return { layout, tpm: readImage(image, fresh), sealed: undefined }
  } catch (e) {
    if (e instanceof ImageError) throw new StateError('damaged', e.message)
    throw e
  }
}
