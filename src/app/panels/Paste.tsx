// Any command, as hexadecimal: explained field by field while it is typed, and sent through driver and device. What is
// wrong with it is said, and it can be sent all the same: that is what people come to see.

import { useMemo, useState } from 'react'
import { type Bytes, readBe32, toHex } from '../../lib/bytes.ts'
import { HexInputError, parseHexInput } from '../../lib/hexinput.ts'
import { COMMAND_MEANINGS } from '../../spec/command-meanings.ts'
import { explainCommand } from '../../spec/frame.ts'
import { count, hex, short } from '../../view/format.ts'
import { leaves } from '../../view/packets.ts'
import { send } from '../runner.ts'
import { get, set } from '../store.ts'

const EXAMPLE = '80 01 00 00 00 0c 00 00 01 7b 00 14'
const HEADER = 10

interface Read {
  readonly bytes: Bytes | undefined
  readonly error: string
}

function read(text: string): Read {
  if (text.trim() === '') return { bytes: undefined, error: '' }
  try {
    return { bytes: parseHexInput(text, HEADER), error: '' }
  } catch (e) {
    if (!(e instanceof HexInputError)) throw e
    return { bytes: undefined, error: e.message }
  }
}

/** What the device and the TPM will stumble over. */
function warnings(bytes: Bytes): string[] {
  const out: string[] = []
  const announced = readBe32(bytes, 2)
  const room = get().config?.backendBufferSize ?? 0
  if (announced !== bytes.length) {
    out.push(`The header says ${count(announced)} bytes, there are ${count(bytes.length)}.`)
  }
  if (announced > room || bytes.length > room)
    out.push(`The TPM's buffer takes ${count(room)} bytes: the device cuts it.`)
  return out
}

export function Paste() {
  const [text, setText] = useState('')
  const { bytes, error } = useMemo(() => read(text), [text])
  const explained = useMemo(() => (bytes ? explainCommand(bytes) : undefined), [bytes])
  const said = bytes ? [...new Set([...warnings(bytes), ...(explained?.problems ?? [])])] : []
  const submit = (): void => {
    if (!bytes) return
    const name = explained?.row?.name ?? 'a command'
    send({ id: `sent-${get().cursor}`, label: name, parts: [{ hex: toHex(bytes) }], keepSize: true })
    set({ dialog: undefined })
  }
  return (
    <div className="paste-body">
      <label>
        Bytes of a command, in hexadecimal; spaces, 0x and the offsets of a hex dump are taken out.
        <textarea
          rows={5}
          value={text}
          spellCheck={false}
          placeholder={EXAMPLE}
          onChange={e => setText(e.target.value)}
          aria-invalid={error !== ''}
        />
      </label>
      {error && (
        <p className="wrong" role="alert">
          {error.replace(/^./, c => c.toUpperCase())}.
        </p>
      )}
      {said.length > 0 && (
        <ul className="warned" role="status">
          {said.map(w => (
            <li key={w}>{w}</li>
          ))}
        </ul>
      )}
      {bytes && explained && (
        <div className="explained-bytes">
          <h3>
            {explained.row?.name ?? 'Not a command of this TPM'} <span className="mut">{explained.row?.section}</span>
          </h3>
          {explained.row && <p>{COMMAND_MEANINGS[explained.row.name]}</p>}
          <table>
            <thead>
              <tr>
                <th scope="col">at</th>
                <th scope="col">bytes</th>
                <th scope="col">field</th>
                <th scope="col">value</th>
              </tr>
            </thead>
            <tbody>
              {leaves(explained.spans).map(l => (
                <tr key={`${l.at}${l.path}`} className={l.error ? 'wrong' : ''}>
                  <td className="mono">{hex(l.at, 4)}</td>
                  <td className="mono">{short(bytes.slice(l.at, l.at + l.length), 8)}</td>
                  <td title={l.source}>{l.name}</td>
                  <td>{l.error ?? l.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p>
        <button type="button" className="button main" disabled={!bytes} onClick={submit}>
          {said.length > 0 ? 'Send it all the same' : 'Send it'}
        </button>{' '}
        <span className="mut">
          It is sent after the commands that wait; from a step in the past a new future begins.
        </span>
      </p>
    </div>
  )
}
