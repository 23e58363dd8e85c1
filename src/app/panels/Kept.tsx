// Keeping the TPM over reloads, as a choice: what is kept, whether it is sealed, and what to do with it.

import './Kept.css'
import { type FormEvent, useState } from 'react'
import { useStore } from 'zustand'
import { forget, keep, kept, open } from '../kept.ts'
import { useSim } from '../hooks.ts'
import { set, type Store } from '../store.ts'

const selectLive = (s: Store) => s.live !== undefined

interface AskProps {
  readonly label: string
  readonly button: string
  readonly busy: boolean
  readonly fresh: boolean
  readonly then: (passphrase: string) => Promise<void>
}

function Ask({ label, button, busy, fresh, then }: AskProps) {
  const [passphrase, setPassphrase] = useState('')
  const submit = (e: FormEvent): void => {
    e.preventDefault()
    const given = passphrase
    // It is shown nowhere once it was used.
    setPassphrase('')
    void then(given)
  }
  return (
    <form onSubmit={submit}>
      <label>
        {label}
        <input
          type="password"
          autoComplete={fresh ? 'new-password' : 'current-password'}
          value={passphrase}
          onChange={e => setPassphrase(e.target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={busy}>
        {button}
      </button>
    </form>
  )
}

export default function Kept() {
  const { status, sealed, onStage, step, busy, problem } = useStore(kept)
  const live = useSim(selectLive)
  // A live TPM belongs to the server, which keeps it.
  if (live) return null
  const state =
    status === 'none'
      ? 'Nothing of this TPM outlives the page.'
      : status === 'elsewhere'
        ? ''
        : status === 'locked'
          ? sealed
            ? 'A sealed TPM is kept in this browser.'
            : 'A TPM is kept in this browser.'
          : onStage
            ? `This TPM is kept in this browser, ${sealed ? 'sealed' : 'in clear'}: as it is at step ${step ?? 0}.`
            : `Another TPM is kept in this browser, ${sealed ? 'sealed' : 'in clear'}.`
  return (
    <section className="kept" aria-label="Kept TPM" data-kept-status={status} data-kept-on-stage={onStage}>
      <h3>Kept TPM</h3>
      {state && <p data-kept-state>{state}</p>}
      {problem && (
        <p className="wrong" role="alert">
          {problem}
        </p>
      )}
      {busy && <p role="status">One moment…</p>}
      {status === 'none' && <Ask fresh label="Passphrase, or none" button="Keep this TPM" busy={busy} then={keep} />}
      {status === 'locked' && (
        <Ask
          fresh={false}
          label={sealed ? 'Passphrase' : 'Passphrase, or none'}
          button="Put it on stage"
          busy={busy}
          then={open}
        />
      )}
      <div className="row">
        {status === 'open' && !onStage && (
          <button type="button" className="button" disabled={busy} onClick={() => void open()}>
            Put it on stage
          </button>
        )}
        {status === 'elsewhere' && (
          <button type="button" className="button" disabled={busy} onClick={() => void open()}>
            Try again
          </button>
        )}
        {(status === 'open' || status === 'locked') && (
          <button type="button" className="button" disabled={busy} onClick={() => void forget()}>
            Forget it
          </button>
        )}
        <button type="button" className="button" onClick={() => set({ dialog: 'storage' })}>
          Stored state as bytes
        </button>
      </div>
    </section>
  )
}
