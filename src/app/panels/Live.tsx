// What a live TPM is doing, beside the sentence: which command a tool waits for, and whether commands are held.

import './Live.css'
import type { Live } from '../store.ts'

export default function LiveStrip({ live }: { live: Live }) {
  const { where, command, hold, trouble } = live
  return (
    <div className="live" data-live-command={command ?? ''}>
      <span className="where">Live on {where}</span>
      <span className="what" role="status" title={command}>
        {trouble ? (
          <strong>{trouble}</strong>
        ) : command ? (
          <>
            <strong>{command.replace('TPM2_', '')}</strong>: the tool waits
          </>
        ) : (
          'waiting for a command'
        )}
      </span>
      <label>
        <input type="checkbox" checked={hold} onChange={e => live.setHold(e.target.checked)} /> Hold each command
      </label>
    </div>
  )
}
