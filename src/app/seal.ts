// Keys of passphrases, made in a worker, or here where there is none.

import { scryptKey } from '../crypto/seal.ts'
import { type Bytes, raw, utf8 } from '../lib/bytes.ts'
import { type Kdf, SALT_SIZE } from '../nvram/der-layout.ts'
import { type Key, NONCES, SCRYPT } from '../nvram/sealed.ts'

const random = (n: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(n))

/** Octets for `seal`. */
export const freshNonces = (): Bytes => random(NONCES)
export const freshEntropy = (): Bytes => random(48)

/** @param kdf how an image makes its key; undefined for one that is about to be made */
export function keyFromPassphrase(passphrase: string, kdf?: Kdf): Promise<Key> {
  const how: Kdf = kdf ?? { name: 'scrypt', salt: random(SALT_SIZE), ...SCRYPT }
  const words = utf8(passphrase.normalize('NFC'))
  const here = (): Key => ({ bytes: scryptKey(words, how.salt, how), kdf: how })
  if (typeof Worker === 'undefined') return Promise.resolve().then(here)
  return new Promise((done, fail) => {
    const worker = new Worker(new URL('./seal.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', (e: MessageEvent<Uint8Array>) => {
      worker.terminate()
      done({ bytes: e.data, kdf: how })
    })
    worker.addEventListener('error', () => {
      worker.terminate()
      try {
        done(here())
      } catch (e) {
        fail(e as Error)
      }
    })
    const cost = { n: how.n, r: how.r, p: how.p }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    worker.postMessage({ passphrase: raw(words), salt: raw(how.salt), cost })
  })
}
