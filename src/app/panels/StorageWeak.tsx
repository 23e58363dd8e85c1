// AES-CBC under a vector that never changes beside authenticated encryption: two versions of one blob, and a flipped bit.

import { useMemo, useState } from 'react'
import { type Bytes, toHex } from '../../lib/bytes.ts'
import { compareVersions, flipBit, otherVersion } from '../../nvram/compare.ts'
import { count } from '../../view/format.ts'
import { freshNonces } from '../seal.ts'

const PERMANENT = 1
/** Blocks that are drawn. */
const MOST = 160

function Blocks({ label, equal, said }: { label: string; equal: readonly boolean[]; said: string }) {
  const same = equal.filter(Boolean).length
  return (
    <div className="compared" data-compared={label} data-equal={same}>
      <span className="label">{label}</span>
      <span className="cells" aria-hidden="true">
        {equal.slice(0, MOST).map((e, i) => (
          <i key={i} className={e ? 'same' : 'other'} />
        ))}
      </span>
      <span>
        {count(same)} of {count(equal.length)} blocks equal{said}
      </span>
    </div>
  )
}

export function StorageWeak({ plain, keyBytes }: { plain: Bytes; keyBytes: Bytes }) {
  const [at, setAt] = useState(Math.min(40, plain.length - 1))
  const nonces = useMemo(() => freshNonces(), [])
  const middle = Math.floor(plain.length / 2)
  const versions = useMemo(
    () =>
      compareVersions(plain, otherVersion(plain, middle), {
        key: keyBytes,
        type: PERMANENT,
        nonces: [nonces.slice(0, 24), nonces.slice(24, 48)],
      }),
    [plain, keyBytes, nonces, middle],
  )
  const place = Math.max(0, Math.min(at, plain.length - 1))
  const flipped = useMemo(
    () => flipBit(plain, place, 0, { key: keyBytes, type: PERMANENT, nonce: nonces.slice(48) }),
    [plain, place, keyBytes, nonces],
  )
  return (
    <>
      <p>
        Two versions of the permanent state that differ in byte {count(middle)}, under one key. The vector of AES-CBC is
        the type of the blob, always.
      </p>
      <Blocks label="plain" equal={versions.plain} said="" />
      <Blocks label="AES-CBC" equal={versions.cbc} said=": up to the change, everybody sees that nothing changed" />
      <Blocks label="XChaCha20-Poly1305" equal={versions.aead} said=": a fresh nonce a write" />
      <label className="flip">
        Flip bit 0 of stored byte{' '}
        <input
          type="number"
          min={0}
          max={plain.length - 1}
          value={at}
          onChange={e => setAt(Math.round(Number(e.target.value)) || 0)}
        />
      </label>
      <dl className="facts flipped">
        <div>
          <dt>AES-CBC, block {flipped.block}</dt>
          <dd className="mono">
            {toHex(flipped.before)} → {toHex(flipped.after)}
          </dd>
        </div>
        <div data-flipped-next>
          <dt>AES-CBC, the block after it</dt>
          <dd>
            {flipped.next
              ? `plain byte ${count(flipped.next.at)} is ${toHex(Uint8Array.of(flipped.next.after))} instead of ${toHex(Uint8Array.of(flipped.next.before))}: the same bit, as whoever flipped it wished`
              : 'there is none'}
          </dd>
        </div>
        <div>
          <dt>CRC-32 of the plain blob</dt>
          <dd>{flipped.crcTells ? 'tells this one; it is made for accidents, not for people' : 'does not tell'}</dd>
        </div>
        <div data-flipped-aead>
          <dt>XChaCha20-Poly1305</dt>
          <dd>{flipped.refused ? 'refused: no byte is given out' : 'accepted'}</dd>
        </div>
      </dl>
    </>
  )
}
