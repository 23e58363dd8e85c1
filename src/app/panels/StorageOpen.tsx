// An image from a file: opened with a key, a passphrase or neither, and put on stage; or refused in one sentence, with the
// machine on stage as it was.

import { useState } from 'react'
import type { Bytes } from '../../lib/bytes.ts'
import { KeyError, readHexKey } from '../../nvram/key-options.ts'
import type { Key } from '../../nvram/sealed.ts'
import { StateError } from '../../nvram/state-error.ts'
import { kdfOf } from '../../nvram/stored.ts'
import { showImage } from '../kept.ts'
import { keyFromPassphrase } from '../seal.ts'
import { set } from '../store.ts'

/** A key where there are digits, a passphrase where there is one. @throws KeyError, StateError */
async function keyOf(image: Bytes, key: string, passphrase: string): Promise<Key | undefined> {
  if (key !== '' && passphrase !== '') throw new KeyError('A key or a passphrase, not both')
  if (key !== '') {
    try {
      return { bytes: readHexKey(key), kdf: undefined }
    } catch (e) {
      if (e instanceof KeyError) throw new KeyError(`The key: ${e.message}`)
      throw e
    }
  }
  return passphrase === '' ? undefined : keyFromPassphrase(passphrase, kdfOf(image))
}

export function StorageOpen() {
  const [image, setImage] = useState<{ readonly name: string; readonly bytes: Bytes }>()
  const [key, setKey] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [problem, setProblem] = useState('')
  const pick = async (file: File | undefined): Promise<void> => {
    if (!file) return
    setProblem('')
    setImage({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })
  }
  const open = async (): Promise<void> => {
    if (!image) return
    setProblem('')
    try {
      await showImage(image.name, image.bytes, await keyOf(image.bytes, key, passphrase))
      setKey('')
      setPassphrase('')
      set({ dialog: undefined })
    } catch (e) {
      if (e instanceof StateError) setProblem(`${image.name} ${e.message}.`)
      else if (e instanceof KeyError) setProblem(`${e.message}.`)
      else throw e
    }
  }
  return (
    <>
      <div className="row">
        <label>
          Image file <input type="file" onChange={e => void pick(e.target.files?.[0])} />
        </label>
        <label>
          Its key, in hexadecimal
          <input
            className="mono"
            value={key}
            autoComplete="off"
            spellCheck={false}
            onChange={e => setKey(e.target.value)}
          />
        </label>
        <label>
          Or its passphrase
          <input type="password" autoComplete="off" value={passphrase} onChange={e => setPassphrase(e.target.value)} />
        </label>
        <button type="button" className="button main" disabled={!image} onClick={() => void open()}>
          Open the image
        </button>
      </div>
      {problem && (
        <p className="wrong" role="alert">
          {problem} The machine on stage is untouched.
        </p>
      )}
    </>
  )
}
