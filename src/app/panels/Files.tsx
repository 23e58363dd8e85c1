// Opening and saving recordings: a file that cannot be used is said in a sentence, and the machine stays as it is.

import { useState } from 'react'
import { RecordingError } from '../../machine/recording.ts'
import { openRecording, record } from '../runner.ts'
import { download } from '../storage.ts'
import { get, set } from '../store.ts'

export function Files() {
  const [problem, setProblem] = useState('')
  const open = async (file: File | undefined): Promise<void> => {
    if (!file) return
    try {
      await openRecording(await file.text())
      set({ dialog: undefined })
    } catch (e) {
      if (!(e instanceof RecordingError)) throw e
      setProblem(`${file.name}: ${e.message}.`)
    }
  }
  const save = async (): Promise<void> => {
    const { scenario, cursor } = get()
    download(`${scenario ?? 'recording'}-${cursor}.crbscope.json`, JSON.stringify(await record()))
  }
  return (
    <div className="files-body">
      <p>A recording holds the configuration and what happened up to the step on stage: a few kilobytes of JSON.</p>
      <p>
        <button type="button" className="button main" onClick={() => void save()}>
          Save this run
        </button>
      </p>
      <p>
        <label>
          Open a recording{' '}
          <input
            type="file"
            accept=".json,application/json"
            onChange={e => {
              void open(e.target.files?.[0])
              e.target.value = ''
            }}
          />
        </label>
      </p>
      {problem && (
        <p className="wrong" role="alert">
          {problem} The machine on stage is untouched.
        </p>
      )}
    </div>
  )
}
