// What is stored of the TPM on stage, as bytes: three blobs in the layout of 2011 or as a DER sequence, in clear or sealed,
// explained field by field; why the encryption of 2011 is weak; what its parser made of keys; and opening an image.

import './Storage.css'
import { type ReactNode, useMemo, useState } from 'react'
import { type Bytes, fromHex, toHex } from '../../lib/bytes.ts'
import { explainDirectory, SECTOR, writeBlocks } from '../../nvram/block-layout.ts'
import { membersOf, toBlobs } from '../../nvram/blobs.ts'
import { explainDer } from '../../nvram/der-layout.ts'
import { KeyError, readHexKey } from '../../nvram/key-options.ts'
import { BLOB_NAMES } from '../../nvram/members.ts'
import { seal } from '../../nvram/sealed.ts'
import { count, hex, short } from '../../view/format.ts'
import { leaves } from '../../view/packets.ts'
import { useMoment } from '../hooks.ts'
import { freshNonces } from '../seal.ts'
import { StorageKeys } from './StorageKeys.tsx'
import { StorageOpen } from './StorageOpen.tsx'
import { StorageWeak } from './StorageWeak.tsx'

/** For looking only: a key that everybody knows. */
const EXAMPLE_KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

const WAYS = {
  'blocks-1': '2011, revision 1, in clear',
  'blocks-2': '2011, revision 2, in clear',
  'blocks-cbc': '2011, revision 2, AES-CBC',
  'der-none': 'DER, in clear',
  'der-sealed': 'DER, XChaCha20-Poly1305 (what is stored by default)',
} as const
type Way = keyof typeof WAYS

interface Shown {
  readonly image: Bytes
  readonly rows: ReturnType<typeof leaves>
}

function show(way: Way, blobs: ReturnType<typeof toBlobs>, key: Bytes): Shown {
  if (way.startsWith('blocks')) {
    const image = writeBlocks(blobs, way === 'blocks-1' ? { rev: 1 } : way === 'blocks-cbc' ? { key } : {})
    return { image, rows: leaves(explainDirectory(image.slice(0, SECTOR)).spans) }
  }
  const { image } = seal(blobs, way === 'der-none' ? undefined : { bytes: key, kdf: undefined }, freshNonces())
  return { image, rows: leaves(explainDer(image).spans) }
}

/** "[text]" or "[ours]", and the rest of where a field is from. */
function Origin({ source }: { source: string | undefined }) {
  const kind = source?.startsWith('[text]') ? 'text' : source?.startsWith('[ours]') ? 'ours' : undefined
  if (!kind) return <span className="mut">{source}</span>
  return (
    <b className={`origin ${kind}`} title={source}>
      [{kind}]
    </b>
  )
}

function keyProblem(text: string): { readonly key?: Bytes; readonly problem: string } {
  try {
    const key = readHexKey(text)
    if (key.length !== 32) return { problem: `has ${key.length * 8} bits; this panel shows keys of 256` }
    return { key, problem: '' }
  } catch (e) {
    if (!(e instanceof KeyError)) throw e
    return { problem: e.message }
  }
}

function AsBytes({
  blobs,
  typed,
  setTyped,
}: {
  blobs: ReturnType<typeof toBlobs>
  typed: string
  setTyped(v: string): void
}) {
  const [way, setWay] = useState<Way>('der-sealed')
  const { key, problem } = keyProblem(typed)
  const shown = useMemo(() => show(way, blobs, key ?? fromHex(EXAMPLE_KEY)), [way, blobs, key])
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([Uint8Array.from(shown.image as unknown as Uint8Array)]))
    const a = document.createElement('a')
    a.href = url
    a.download = way.startsWith('der') ? 'tpm-state.der' : 'tpm-state.img'
    a.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }
  return (
    <>
      <div className="row">
        <label>
          Layout and encryption
          <select value={way} onChange={e => setWay(e.target.value as Way)} data-storage-way>
            {(Object.keys(WAYS) as Way[]).map(w => (
              <option key={w} value={w}>
                {WAYS[w]}
              </option>
            ))}
          </select>
        </label>
        <label className="wide">
          Key, 64 hexadecimal digits
          <input
            className="mono"
            value={typed}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={problem !== ''}
            onChange={e => setTyped(e.target.value)}
          />
        </label>
        <button type="button" className="button" onClick={save} disabled={problem !== ''}>
          Save the image
        </button>
      </div>
      {problem && (
        <p className="wrong" role="alert">
          The key {problem}. The example key is used.
        </p>
      )}
      <p data-storage-size>
        {count(shown.image.length)} bytes.{' '}
        <span className="mut">
          <Origin source="[text]" /> is said in the texts of 2011, <Origin source="[ours]" /> is this project&rsquo;s
          completion.
        </span>
      </p>
      <div className="explained-bytes" tabIndex={0} role="region" aria-label="Fields of the image">
        <table>
          <thead>
            <tr>
              <th scope="col">at</th>
              <th scope="col">bytes</th>
              <th scope="col">field</th>
              <th scope="col">value</th>
              <th scope="col">origin</th>
              <th scope="col">what it is</th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map(l => (
              <tr key={`${l.at}${l.path}`} data-storage-field={l.path}>
                <td className="mono">{hex(l.at, 4)}</td>
                <td className="mono">{short(shown.image.slice(l.at, l.at + l.length), 8)}</td>
                <td>{l.path.replace(/\.content$/, '').replace(/^blobs\.(\d)/, 'blob $1')}</td>
                <td className="value">{l.text}</td>
                <td>
                  <Origin source={l.source} />
                </td>
                <td>{l.doc}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="blob-list">
        {BLOB_NAMES.map(name => (
          <li key={name}>
            <b>{name}</b>: {blobs[name] ? `${count(blobs[name].length)} bytes` : 'none'}{' '}
            <span className="mut">({membersOf(name).join(', ')})</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}

export function Storage() {
  const { tpm } = useMoment().machine.backend
  const blobs = useMemo(() => toBlobs(tpm, true), [tpm])
  const [typed, setTyped] = useState(EXAMPLE_KEY)
  const { key } = keyProblem(typed)
  return (
    <div className="storage-body">
      <Part title="The blobs of the TPM on stage">
        <AsBytes blobs={blobs} typed={typed} setTyped={setTyped} />
      </Part>
      <Part title="Why AES-CBC as of 2011 is weak">
        <StorageWeak plain={blobs.permanent} keyBytes={key ?? fromHex(EXAMPLE_KEY)} />
      </Part>
      <Part title="What the parser of 2011 made of a key">
        <StorageKeys example={`aes-cbc:0x${toHex(fromHex(EXAMPLE_KEY)).slice(0, 30)}O1`} />
      </Part>
      <Part title="Open an image">
        <StorageOpen />
      </Part>
    </div>
  )
}
