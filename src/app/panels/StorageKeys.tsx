// A key option as the parser of the patch of 2011 read it, as its author meant it, and as it is read here.

import { useState } from 'react'
import { toHex } from '../../lib/bytes.ts'
import { KeyError, type Made, MODES_2011, parse2011, readKeyOptions, wipeKeys } from '../../nvram/key-options.ts'

const madeOf = ({ bits, key, ignored }: Made): string =>
  `AES-${bits}, ${toHex(key)}${ignored === '' ? '' : `; "${ignored}" ignored`}`

/** What the strict reading makes of an option line. */
function strict(line: string): string {
  try {
    const { mode, format, key, file } = readKeyOptions(line, MODES_2011)
    return `${mode}, ${format}: ${key ? `a key of ${key.length * 8} bits` : `the key in ${file}`}`
  } catch (e) {
    if (!(e instanceof KeyError)) throw e
    return `refused: ${e.message}`
  }
}

export function StorageKeys({ example }: { example: string }) {
  const [value, setValue] = useState(example)
  const [line, setLine] = useState(`enc_mode=aes-cbc,key_format=hex,key=${example.slice('aes-cbc:'.length)}`)
  const parsed = parse2011(value)
  return (
    <>
      <label className="old-key">
        As the patch had it: key=
        <input
          className="mono"
          aria-label="Value of key="
          value={value}
          spellCheck={false}
          autoComplete="off"
          onChange={e => setValue(e.target.value)}
        />
      </label>
      <dl className="facts old" data-old-key>
        {parsed ? (
          <>
            <div>
              <dt>As the code was posted</dt>
              <dd className="mono" data-old-posted>
                {madeOf(parsed.posted)}
              </dd>
            </div>
            <div>
              <dt>As it was meant [text]</dt>
              <dd className="mono">{madeOf(parsed.meant)}</dd>
            </div>
          </>
        ) : (
          <div>
            <dt>As the code was posted</dt>
            <dd>refused: an unknown encryption, only aes-cbc is known</dd>
          </div>
        )}
      </dl>
      {parsed && parsed.traps.length > 0 && (
        <ul className="warned">
          {parsed.traps.map(t => (
            <li key={t}>{t}</li>
          ))}
        </ul>
      )}
      <label className="old-key">
        As the review agreed, and as it is read here: options
        <input
          className="mono"
          aria-label="Options"
          value={line}
          spellCheck={false}
          autoComplete="off"
          onChange={e => setLine(e.target.value)}
        />
      </label>
      <dl className="facts old">
        <div>
          <dt>Read strictly</dt>
          <dd data-old-now>{strict(line)}</dd>
        </div>
        <div>
          <dt>As a list of processes shows it afterwards</dt>
          <dd className="mono">{wipeKeys(line)}</dd>
        </div>
      </dl>
    </>
  )
}
