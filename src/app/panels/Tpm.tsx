// The TPM: command and answer as standing tapes that fill as bytes cross, coloured by who holds them now, and the state
// that the engine has. QEMU's device collects a command, so before Start the TPM has seen nothing of it.

import './Tpm.css'
import { memo, Suspense } from 'react'
import { memo as memoise } from '../../lib/memo.ts'
import { count } from '../../view/format.ts'
import { answerTape, commandTape, lastExchange, objectRows, type Tape, tpmStatus } from '../../view/tpm.ts'
import { memorySize } from '../../view/window.ts'
import { toggleDrawer } from '../actions.ts'
import { useMoment, useWide } from '../hooks.ts'
import { TpmState } from './lazy.ts'
import { Head } from './Parts.tsx'

const rows = memoise(objectRows)

const WHO = {
  guest: 'read by the guest',
  device: 'held by the device',
  tpm: 'with the TPM',
  none: 'still to come',
} as const

interface TapeProps {
  readonly tape: Tape
  readonly window: number
}

/** The same bytes with the same holders. */
const sameTape = (a: TapeProps, b: TapeProps): boolean =>
  a.window === b.window &&
  a.tape.total === b.tape.total &&
  a.tape.crossed === b.tape.crossed &&
  a.tape.parts.length === b.tape.parts.length &&
  a.tape.parts.every((p, i) => p.holder === b.tape.parts[i]?.holder && p.length === b.tape.parts[i]?.length)

const TapeView = memo(({ tape, window }: TapeProps) => {
  const { total, kind } = tape
  const marks = Array.from({ length: Math.max(Math.ceil(total / window) - 1, 0) }, (_, i) => (i + 1) * window)
  const shown = marks.length > 6 ? [] : marks
  // Two numbers one above the other cannot be read.
  const clear = (at: number): boolean => total - at > total * 0.07
  const spoken =
    total === 0
      ? `${kind}: none`
      : `${kind} ${count(total)} bytes: ${tape.parts.map(p => `${count(p.length)} ${WHO[p.holder]}`).join(', ')}`
  return (
    <div
      className={`standing ${kind}`}
      role="img"
      aria-label={spoken}
      data-tape={kind}
      data-taken={tape.crossed}
      data-total={total}
    >
      <h3>{kind === 'command' ? 'Command' : total > 0 ? 'Answer' : 'Answer: none'}</h3>
      <div className="tube">
        <div className={total > 0 ? 'frame' : 'frame none'} data-wire={`tape-${kind}`}>
          {tape.parts.map((p, i) => (
            <span key={i} className={`fill ${p.holder}`} style={{ height: `${(100 * p.length) / total}%` }} />
          ))}
          {shown.map((at, i) => (
            <b key={at} style={{ bottom: `${(100 * (at - window / 2)) / total}%` }}>
              {i + 1}
            </b>
          ))}
          {shown.length > 0 && (
            <b style={{ bottom: `${(100 * ((shown.at(-1) ?? 0) + total)) / 2 / total}%` }}>{shown.length + 1}</b>
          )}
        </div>
        {total > 0 && <i style={{ bottom: '100%' }}>{count(total)}</i>}
        {marks.length > shown.length && tape.crossed > 0 && tape.crossed < total && (
          <i className="strong" style={{ bottom: `${(100 * tape.crossed) / total}%` }}>
            {count(tape.crossed)}
          </i>
        )}
        {shown.filter(clear).map(at => (
          <i key={at} className="strong" style={{ bottom: `${(100 * at) / total}%` }}>
            {count(at)}
          </i>
        ))}
        <i style={{ bottom: 0 }}>0</i>
      </div>
    </div>
  )
}, sameTape)

export function Tpm() {
  const m = useMoment()
  const wide = useWide()
  const command = commandTape(m.machine)
  const answer = answerTape(m.machine)
  const last = lastExchange(m.machine)
  const objects = rows(m.machine.backend.tpm.objects)
  const window = memorySize(m.machine)
  return (
    <section className="panel tpm" id="tpm" tabIndex={-1} aria-label="TPM">
      <Head actor="T" title="TPM" status={tpmStatus(m.machine)} />
      {wide && (
        <Suspense>
          <TpmState />
        </Suspense>
      )}
      <div className="tapes">
        <TapeView tape={command} window={window} />
        <TapeView tape={answer} window={window} />
      </div>
      <p className="tape-note">
        {answer.total > 0 && command.total === 0
          ? answer.note
          : answer.total > 0 && m.machine.backend.pending === undefined
            ? answer.note
            : command.note}
      </p>
      {last?.rc && (
        <p className="rc" data-rc>
          {last.rc}
        </p>
      )}
      {!wide && (
        <button type="button" className="objects" onClick={() => toggleDrawer('tpm')}>
          {objects.length === 0
            ? 'No objects loaded'
            : objects.length === 1
              ? `${objects[0]?.handleText} ${objects[0]?.what}`
              : `${objects.length} objects loaded`}
        </button>
      )}
    </section>
  )
}
